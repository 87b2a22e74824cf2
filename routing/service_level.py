"""How the queues are doing: who waits, how long, and the share answered in time."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Avg, Case, Count, F, FloatField, Min, Q, Value, When
from django.db.models.functions import Extract, Now

from customers import clock
from routing.models import Agent, Interaction, QueueRouting, QueueSkill
from routing.policies import TARGET_SECONDS, targets_of
from tickets.models import Queue

RECENT = timedelta(minutes=30)
# Lost the connection, or left by the button.
GAVE_UP = ("abandoned", "customer")
WAITED = Extract(F("accepted_at") - F("waiting_since"), "epoch", output_field=FloatField())


@dataclass(frozen=True, slots=True)
class QueueStats:
    """One queue now and today. `longest_wait` in seconds; `service_level` 0 to 1, None while nothing was offered."""

    queue_id: int
    waiting: int
    longest_wait: float | None
    offered: int
    answered: int
    service_level: float | None
    available_agents: int
    target: dict


@dataclass(frozen=True, slots=True)
class Place:
    """A place in line, counted from 1, and the wait in seconds one can expect there (None: no experience yet)."""

    position: int
    expected_wait: float | None


def queue_stats(queues) -> list[QueueStats]:
    """The figures of `queues` since midnight UTC, in a fixed number of queries."""
    ids = [queue.pk for queue in queues]
    rows = QueueRouting.objects.filter(queue__in=ids).select_related("queue", "domain")
    tuned = {row.queue_id: row for row in rows}
    targets = dict.fromkeys(ids, TARGET_SECONDS) | targets_of(tuned.values())
    waiting = _waiting(ids)
    today = _today(ids, targets)
    free = _available(tuned, [queue.pk for queue in queues if queue.is_private])
    return [_stats(pk, waiting.get(pk, {}), today.get(pk, {}), free.get(pk, 0), targets[pk]) for pk in ids]


def line_figures(domain_id: int) -> tuple[dict[str, float], dict[str, float]]:
    """Today's service level (0 to 1) and the wait (seconds) to expect, by slug of the domain's queues, where known.

    The wait is that of somebody who joins the line now.
    """
    rows = list(QueueRouting.objects.filter(domain=domain_id).select_related("queue", "domain"))
    slugs = {row.queue_id: row.queue.slug for row in rows}
    today = _today(list(slugs), targets_of(rows))
    levels = {pk: day.get("in_time", 0) / total for pk, day in today.items() if (total := _offered(day))}
    waits = _expected_waits(list(slugs))
    return {slugs[pk]: level for pk, level in levels.items()}, {slugs[pk]: wait for pk, wait in waits.items()}


def place_in_line(interaction: Interaction) -> Place:
    """Where a waiting interaction stands among those of its queue and channel.

    A line moves as fast as it did lately; where hardly anybody comes that says nothing, and one waits no longer for
    each place than those who came lately did.
    """
    ahead = Interaction.objects.waiting().filter(
        queue=interaction.queue_id, channel=interaction.channel, waiting_since__lt=interaction.waiting_since
    )
    position = ahead.count() + 1
    lately = Interaction.objects.filter(
        queue=interaction.queue_id, channel=interaction.channel, accepted_at__gt=Now() - RECENT
    ).aggregate(answered=Count("id"), waited=Avg(WAITED))
    if not lately["answered"]:
        return Place(position, None)
    return Place(position, _wait_at(position, lately))


def _wait_at(position, lately):
    return position * min(RECENT.total_seconds() / lately["answered"], lately["waited"])


def _expected_waits(ids):
    answered = Interaction.objects.filter(queue__in=ids, accepted_at__gt=Now() - RECENT).values("queue")
    waiting = _waiting(ids)
    lately = answered.annotate(answered=Count("id"), waited=Avg(WAITED)).order_by()
    return {row["queue"]: _wait_at(waiting.get(row["queue"], {}).get("count", 0) + 1, row) for row in lately}


def _waiting(ids):
    rows = Interaction.objects.waiting().filter(queue__in=ids).values("queue")
    return {row["queue"]: row for row in rows.annotate(count=Count("id"), since=Min("waiting_since"))}


def _today(ids, targets):
    midnight = clock.now().replace(hour=0, minute=0, second=0, microsecond=0)
    rows = Interaction.objects.filter(queue__in=ids, accepted_at__gte=midnight).alias(waited=WAITED).values("queue")
    answered = rows.annotate(count=Count("id"), in_time=Count("id", filter=Q(waited__lte=_limit(targets))))
    counts = {row["queue"]: row for row in answered} if ids else {}
    gone = Interaction.objects.filter(queue__in=ids, end_reason__in=GAVE_UP, accepted_at=None, done_at__gte=midnight)
    for row in gone.values("queue").annotate(count=Count("id")):
        counts.setdefault(row["queue"], {"count": 0, "in_time": 0})["gone"] = row["count"]
    return counts


def _limit(targets):
    cases = [
        When(queue=pk, channel=channel, then=Value(float(seconds)))
        for pk, by_channel in targets.items()
        for channel, seconds in by_channel.items()
    ]
    return Case(*cases, default=Value(0.0), output_field=FloatField())


def _available(tuned, private):
    """How many agents of its domain are available and may serve each queue: its skills, its members; by queue id."""
    asked = defaultdict(list)
    required = QueueSkill.objects.filter(queue__in=tuned, is_required=True)
    for queue, skill, level in required.values_list("queue", "skill", "level"):
        asked[queue].append((skill, level))
    agents = Agent.objects.filter(presence=Agent.Presence.AVAILABLE, user__is_active=True).prefetch_related("skills")
    members = {pk: set() for pk in private}
    for queue, member in Queue.members.through.objects.filter(queue__in=private).values_list("queue", "user"):
        members[queue].add(member)
    free = [(agent, {skill.skill_id: skill.level for skill in agent.skills.all()}) for agent in agents]
    return {
        pk: sum(
            agent.domain_id == row.domain_id
            and (pk not in members or agent.user_id in members[pk])
            and _can(have, asked[pk])
            for agent, have in free
        )
        for pk, row in tuned.items()
    }


def _can(have, asked):
    return all(have.get(skill, 0) >= level for skill, level in asked)


def _offered(today):
    return today.get("count", 0) + today.get("gone", 0)


def _stats(pk, waiting, today, free, target):
    answered, offered = today.get("count", 0), _offered(today)
    since = waiting.get("since")
    return QueueStats(
        queue_id=pk,
        waiting=waiting.get("count", 0),
        longest_wait=(clock.now() - since).total_seconds() if since else None,
        offered=offered,
        answered=answered,
        service_level=today.get("in_time", 0) / offered if offered else None,
        available_agents=free,
        target=target,
    )
