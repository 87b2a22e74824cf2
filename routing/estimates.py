"""What can be expected of the agents and queues of a domain, learnt from what they did lately.

Read in a handful of grouped queries and kept in the process for KEPT_SECONDS (how fast people are, which changes slowly
and takes more reading, for SLOWLY_KEPT_SECONDS). `warm` does the reading before a dispatch takes its lock, and looks
more often who will be free when, which changes with every contact.
"""

import math
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from customers import clock
from customers.bulk import answers, ask
from routing.models import Domain, Interaction
from routing.service_level import line_figures

KEPT_SECONDS = 60
BRIEFLY_KEPT_SECONDS = 15
SLOWLY_KEPT_SECONDS = 600
LATELY = timedelta(minutes=30)
EXPERIENCE = timedelta(days=28)
# So many of a queue say enough, and are read as fast with a million rows behind them.
MOST_READ = 5_000
# As if everybody had served so many at average speed: few contacts must not make anybody fast or slow.
PRIOR_CONTACTS = 30
SLOWEST, FASTEST = 0.67, 1.5
# Nobody is at one contact for longer; a mail left over night is no measure of its agent.
LONGEST_SECONDS = 4 * 3600
ORDINARY_SECONDS = {"voice": 300.0, "chat": 600.0, "email": 900.0}


@dataclass(frozen=True, slots=True)
class Handling:
    """How long contacts of a kind are in hand, accepted until wrapped up: mean and standard deviation in seconds."""

    mean: float
    deviation: float

    def end(self, begun: float, now: float) -> float:
        """When one that is in hand since `begun` will be over (epoch seconds), given that it is not yet.

        The mean of a log-normal beyond the time it has taken, which is what handle times look like: what is overdue is
        not expected at once, but in a while that grows.
        """
        been = now - begun
        spread = math.log1p((self.deviation / self.mean) ** 2)
        sigma = math.sqrt(spread)
        if been <= 0 or sigma < 0.01:
            return max(now, begun + self.mean)
        middle = math.log(self.mean) - spread / 2
        longer = _above((math.log(been) - middle) / sigma)
        if longer < 1e-6:  # far beyond all experience: as long again
            return now + been
        return begun + self.mean * _above((math.log(been) - middle) / sigma - sigma) / longer


@dataclass(frozen=True, slots=True)
class Estimates:
    """What is expected at the time it was read.

    `occupancy` is by agent id the share (0 to 1) of the last half hour with work in hand; `pace` by agent id and queue
    slug, 1 average and more faster; `free_at` by agent id when the first of what they hold should be over (epoch
    seconds, missing for who holds nothing). `service` (share of today's contacts answered in time, 0 to 1) and
    `expected_wait` (seconds, for who joins the line now) are by queue slug, missing where nothing is known. `handling`
    is by queue slug and channel.
    """

    occupancy: Mapping[int, float] = field(default_factory=dict)
    pace: Mapping[int, Mapping[str, float]] = field(default_factory=dict)
    free_at: Mapping[int, float] = field(default_factory=dict)
    service: Mapping[str, float] = field(default_factory=dict)
    expected_wait: Mapping[str, float] = field(default_factory=dict)
    handling: Mapping[tuple[str, str], Handling] = field(default_factory=dict)

    def handled(self, queue: str, channel: str) -> Handling:
        """How long contacts of this queue and channel take, or an ordinary guess."""
        return self.handling.get((queue, channel)) or _ordinary(channel)


@dataclass(slots=True)
class _Kept:
    estimates: Estimates
    at: datetime
    learnt_at: datetime
    looked_at: datetime


_kept: dict[int, _Kept] = {}


def of(domain: Domain, now: datetime) -> Estimates:
    """What is expected in `domain`, read at most KEPT_SECONDS ago; `now` is the database's time."""
    kept = _kept.get(domain.pk)
    if kept is None or not timedelta(0) <= now - kept.at < timedelta(seconds=KEPT_SECONDS):
        kept = _kept[domain.pk] = _read(domain.pk, now, kept)
    return kept.estimates


def warm(domain_id: int) -> None:
    """Read anew what will soon be too old: called before a dispatch takes its lock, so that none reads under it."""
    now, kept = clock.now(), _kept.get(domain_id)
    if kept is None or abs((now - kept.at).total_seconds()) > KEPT_SECONDS - 15:
        _kept[domain_id] = _read(domain_id, now, kept)
    elif now - kept.looked_at > timedelta(seconds=BRIEFLY_KEPT_SECONDS):
        kept.estimates = replace(kept.estimates, free_at=_free_at(domain_id, now, kept.estimates))
        kept.looked_at = now


def forget() -> None:
    """Keep nothing: the next reader asks the database."""
    _kept.clear()


def _read(domain_id, now, kept) -> _Kept:
    if kept and timedelta(0) <= now - kept.learnt_at < timedelta(seconds=SLOWLY_KEPT_SECONDS):
        known, learnt_at = kept.estimates, kept.learnt_at
    else:
        known, learnt_at = _learnt(domain_id, now), now
    level, wait = line_figures(domain_id)
    estimates = replace(
        known,
        occupancy=_occupancy(domain_id, now),
        free_at=_free_at(domain_id, now, known),
        service=level,
        expected_wait=wait,
    )
    return _Kept(estimates, now, learnt_at, looked_at=now)


def _learnt(domain_id, now) -> Estimates:
    """How long contacts take, and how fast everybody is against that."""
    rows = _experience(domain_id, now)
    totals = defaultdict(lambda: [0, 0.0, 0.0])
    for _, queue, channel, count, seconds, squares in rows:
        for total in (totals[queue, channel], totals["", channel]):
            total[0], total[1], total[2] = total[0] + count, total[1] + seconds, total[2] + squares
    handling = {kind: _handling(kind[1], *total) for kind, total in totals.items()}
    return Estimates(pace=_pace(rows, handling), handling={kind: one for kind, one in handling.items() if kind[0]})


def _handling(channel, count, seconds, squares) -> Handling:
    """Of few contacts the ordinary guess is part."""
    guess = _ordinary(channel)
    count, seconds = count + 5, seconds + 5 * guess.mean
    squares += 5 * (guess.mean**2 + guess.deviation**2)
    mean = seconds / count
    return Handling(mean, math.sqrt(max(0.0, squares / count - mean**2)))


def _pace(rows, handling):
    """By agent and queue: what the average agent would have needed for the same contacts, over what they needed."""
    needed = defaultdict(lambda: [0, 0.0, 0.0])
    for agent, queue, channel, count, seconds, _ in rows:
        sums = needed[agent, queue]
        sums[0], sums[1], sums[2] = sums[0] + count, sums[1] + seconds, sums[2] + count * handling[queue, channel].mean
    pace = defaultdict(dict)
    for (agent, queue), (count, seconds, average) in needed.items():
        share = (count * seconds / average + PRIOR_CONTACTS) / (count + PRIOR_CONTACTS)
        pace[agent][queue] = min(FASTEST, max(SLOWEST, 1 / share))
    return dict(pace)


def _experience(domain_id, now):
    """(agent, queue slug, channel, contacts, seconds, their squares) of the newest contacts of each queue."""
    query = """
        SELECT agent_id, slug, channel, count(*), sum(s), sum(s * s) FROM (
            SELECT i.agent_id, q.slug, i.channel, least(extract(epoch FROM i.done_at - i.accepted_at), %s)::float8 AS s
            FROM routing_queuerouting r JOIN tickets_queue q ON q.id = r.queue_id CROSS JOIN LATERAL (
                SELECT agent_id, channel, accepted_at, done_at FROM routing_interaction
                WHERE queue_id = q.id AND accepted_at > %s AND done_at <= %s AND agent_id IS NOT NULL
                ORDER BY accepted_at DESC LIMIT %s) i
            WHERE r.domain_id = %s) newest
        GROUP BY agent_id, slug, channel"""
    return answers(ask(query, [LONGEST_SECONDS, now - EXPERIENCE, now, MOST_READ, domain_id]))


def _occupancy(domain_id, now) -> dict[int, float]:
    """Overlapping work counts once."""
    since = now - LATELY
    query = """
        SELECT agent_id, sum(extract(epoch FROM upper(part) - lower(part)))::float8 FROM (
            SELECT agent_id, unnest(range_agg(tstzrange(greatest(accepted_at, %s), until))) AS part FROM (
                SELECT agent_id, accepted_at, done_at AS until FROM routing_interaction
                WHERE done_at > %s AND done_at <= %s AND accepted_at IS NOT NULL
                UNION ALL
                SELECT agent_id, accepted_at, %s FROM routing_interaction
                WHERE status NOT IN ('waiting', 'done') AND accepted_at < %s) spells
            WHERE until > accepted_at GROUP BY agent_id) parts
        JOIN routing_agent a ON a.id = agent_id AND a.domain_id = %s GROUP BY agent_id"""
    rows = answers(ask(query, [since, since, now, now, now, domain_id]))
    return {agent: min(1.0, seconds / LATELY.total_seconds()) for agent, seconds in rows}


def _free_at(domain_id, now, known) -> dict[int, float]:
    """What is being wrapped up is over at its limit at the latest; what is parked gives no room."""
    at_work = (Interaction.Status.ACTIVE, Interaction.Status.WRAP_UP)
    held = Interaction.objects.filter(agent__domain=domain_id, status__in=at_work, accepted_at__isnull=False)
    at, free = now.timestamp(), {}
    for agent, queue, channel, begun, limit in held.values_list(
        "agent", "queue__slug", "channel", "accepted_at", "wrap_up_until"
    ):
        over = known.handled(queue, channel).end(begun.timestamp(), at)
        over = min(over, max(at, limit.timestamp())) if limit else over
        free[agent] = round(min(over, free.get(agent, over)))
    return free


def _ordinary(channel) -> Handling:
    mean = ORDINARY_SECONDS.get(channel, 600.0)
    return Handling(mean, mean)


def _above(deviations) -> float:
    """The share of a normal distribution beyond so many standard deviations."""
    return math.erfc(deviations / math.sqrt(2)) / 2
