"""Days of traffic that never were, played by the real engine under the rules in force, and written as the rows that
such days leave behind: for trying out replay, reports and forecasts on a database that has no past.

Agents have paces and habits of their own, and services take gamma-distributed times, none of which is written down
anywhere: what reads the rows must find out.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import zip_longest

import numpy as np
from django.db import transaction

from customers.models import Customer, Event
from routing.drafts import rules_at
from routing.models import Agent, Decision, Domain, Interaction, Offer
from routing.played import plan_of
from routing.policies import MEMBER, routing_of, skills_asked
from routing.recorded import CHANNELS
from routing.simulation.live import Live
from routing.simulation.record import (
    ACCEPTED,
    AVAILABLE,
    DECLINED,
    MISSED,
    OFFLINE,
    Arrival,
    Record,
    Ring,
    Stay,
    Worker,
)
from tickets.models import Queue, Ticket

DAY, HOUR = 86_400.0, 3_600.0
# Seconds of service and of wrap-up on average; patience; and the share of all work that comes on the channel.
SERVICE = {"voice": 240.0, "chat": 420.0, "email": 300.0}
WRAP_UP = {"voice": 30.0, "chat": 20.0, "email": 5.0}
PATIENCE = {"voice": 120.0, "chat": 240.0}
SHARE = {"voice": 0.5, "chat": 0.3, "email": 0.2}
COSTS = {"voice": 100, "chat": 30, "email": 10}
GAMMA_SHAPE = 2.0
SPREAD_OF_PACE = 0.15
RETURNING = 0.15
ACCEPTS, DECLINES = 0.94, 0.02
ANSWERS_AFTER = 5.0
# The hours of a day and how much comes in each, relative to the others.
HOURS = (1, 2, 3, 3, 2.5, 2, 2.5, 3, 2.5, 2, 1)
OPENS, EARLY, LATE, LASTS, LUNCH, WORKDAYS = 8, 8, 10.5, 8.5, 0.5, 5
OUTCOMES = {ACCEPTED: Offer.Outcome.ACCEPTED, DECLINED: Offer.Outcome.DECLINED, MISSED: Offer.Outcome.EXPIRED}


@dataclass(frozen=True, slots=True)
class Written:
    """What was written: how many interactions and offers, and from when to when."""

    since: datetime
    until: datetime
    interactions: int
    offers: int


def invent(domain: Domain, *, since: datetime, days: int = 7, seed: int = 1, load: float = 0.8) -> Written:
    """Write days of traffic to a domain, from midnight of `since` on, with the agents and queues it has.

    `load` is the work that comes over the work that could be done. Raises ValueError where nobody could work.
    """
    begins = since.replace(hour=0, minute=0, second=0, microsecond=0)
    random = np.random.default_rng(seed)
    workers = tuple(_workers(domain, begins.timestamp(), days))
    queues = list(Queue.objects.filter(routing__domain=domain, is_active=True).order_by("id"))
    if not workers or not queues:
        raise ValueError("There are no agents or no queues in this domain: nobody could work.")
    arrivals = tuple(_arrivals(queues, workers, begins.timestamp(), days, load, random))
    record = Record(begins.timestamp(), begins.timestamp() + days * DAY, arrivals, workers)
    run = Live(record, plan_of(*rules_at(domain, begins)), Invented(record, random), seed=seed, explains=True)
    run.play()
    return _write(domain, record, run, {queue.slug: queue for queue in queues}, begins, days)


class Invented:
    """How the people of the invented days behave."""

    def __init__(self, record: Record, random: np.random.Generator):
        paces = np.exp(random.normal(0.0, SPREAD_OF_PACE, len(record.workers))).tolist()
        self.paces = {worker.id: pace for worker, pace in zip(record.workers, paces, strict=True)}
        self.place = {one.id: at for at, one in enumerate(record.arrivals)}
        number = len(record.arrivals)
        self.service = random.gamma(GAMMA_SHAPE, 1 / GAMMA_SHAPE, number).tolist()
        self.wrap_ups = random.exponential(1.0, number).tolist()
        self.patiences = random.exponential(1.0, number).tolist()
        self.answers = random.random((number, 8)).tolist()
        self.delays = random.gamma(4.0, ANSWERS_AFTER / 4.0, (number, 8)).tolist()

    def patience(self, arrival: Arrival) -> tuple[float, bool]:
        mean = PATIENCE.get(arrival.channel)
        return (mean * self.patiences[self.place[arrival.id]], True) if mean else (float("inf"), False)

    def answer(self, arrival: Arrival, agent: int, turn: int, limit: float) -> tuple[str, float]:
        place, turn = self.place[arrival.id], turn % 8
        share, seconds = self.answers[place][turn], min(limit, self.delays[place][turn])
        if share < ACCEPTS:
            return ACCEPTED, seconds
        return (DECLINED, seconds) if share < ACCEPTS + DECLINES else (MISSED, limit)

    def times(self, arrival: Arrival, agent: int) -> tuple[float, float]:
        place = self.place[arrival.id]
        service = SERVICE[arrival.channel] * self.paces[agent] * self.service[place]
        return max(5.0, service), WRAP_UP[arrival.channel] * self.wrap_ups[place]

    def typical(self, arrival: Arrival) -> float:
        return SERVICE[arrival.channel] + WRAP_UP[arrival.channel]

    def pace(self, agent: int) -> Mapping[str, float]:
        return {}


def _workers(domain: Domain, begins: float, days: int) -> Iterator[Worker]:
    """The agents of the domain in early and late shifts, five days of seven each, with a lunch break."""
    agents = Agent.objects.filter(domain=domain, user__is_active=True).order_by("id").prefetch_related("skills__skill")
    members: dict[int, dict[str, int]] = {}
    for slug, agent in Queue.objects.filter(is_private=True).values_list("slug", "members__agent"):
        members.setdefault(agent, {})[MEMBER + slug] = 1
    for number, agent in enumerate(agents):
        skills = {own.skill.slug: own.level for own in agent.skills.all()} | members.get(agent.pk, {})
        stays = tuple(
            stay for day in range(days) if (day + number) % 7 < WORKDAYS for stay in _shift(begins, day, number)
        )
        yield Worker(
            agent.pk, stays, skills, frozenset(agent.channels) or CHANNELS, agent.budget, dict(agent.costs), str(agent)
        )


def _shift(begins: float, day: int, number: int) -> tuple[Stay, Stay, Stay]:
    starts = begins + day * DAY + HOUR * (EARLY if number % 2 == 0 else LATE)
    lunch = starts + HOUR * (3.5 + number % 4 * LUNCH)
    back, ends = lunch + HOUR * LUNCH, starts + HOUR * LASTS
    return Stay(starts, lunch), Stay(lunch, back, "break"), Stay(back, ends)


def _arrivals(
    queues: Sequence[Queue],
    workers: Sequence[Worker],
    begins: float,
    days: int,
    load: float,
    random: np.random.Generator,
) -> Iterator[Arrival]:
    """Poisson by the hour, so much that it takes `load` of what the agents can hold."""
    room = sum(stay.until - stay.since for one in workers for stay in one.stays if stay.presence == AVAILABLE)
    rows: list[tuple[float, int, str]] = []
    for at in range(len(queues)):
        for channel in sorted(CHANNELS):
            seconds = (SERVICE[channel] + WRAP_UP[channel]) * COSTS[channel] / 100
            expected = load * SHARE[channel] * room / seconds / len(queues)
            rows += [(begins + moment, at, channel) for moment in _moments(expected / days, days, random)]
    asked = [_asked(queue) for queue in queues]
    known = random.random(len(rows)).tolist()
    for number, (moment, at, channel) in enumerate(sorted(rows), 1):
        needs, wants = asked[at]
        knows = workers[number % len(workers)].id if known[number - 1] < RETURNING else None
        yield Arrival(
            number, moment, queues[at].slug, channel, needs, wants, importance=routing_of(queues[at]).importance,
            last_agent=knows, last_agent_days=7.0 if knows else 0.0,
        )  # fmt: skip


def _moments(a_day: float, days: int, random: np.random.Generator) -> Iterator[float]:
    for day in range(days):
        for hour, weight in enumerate(HOURS, OPENS):
            number = random.poisson(a_day * weight / sum(HOURS))
            yield from (day * DAY + (hour + random.random(number)) * HOUR).tolist()


def _asked(queue: Queue) -> tuple[dict[str, int], dict[str, int]]:
    needs, wants = skills_asked(queue, "")
    if queue.is_private:
        needs = {**needs, MEMBER + queue.slug: 1}
    return needs, wants


@transaction.atomic
def _write(
    domain: Domain, record: Record, run: Live, queues: Mapping[str, Queue], begins: datetime, days: int
) -> Written:
    rows = _interactions(record, run, queues)
    asked = [ring for ring in run.rings if ring.arrival in rows]
    decisions = Decision.objects.bulk_create([_decision(ring, rows, domain) for ring in asked], batch_size=2_000)
    offers = Offer.objects.bulk_create(map(_offer, asked, decisions), batch_size=2_000)
    Event.objects.bulk_create(_presence(record.workers), batch_size=2_000)
    return Written(begins, begins + timedelta(days=days), len(rows), len(offers))


def _interactions(record: Record, run: Live, queues: Mapping[str, Queue]) -> dict[int, Interaction]:
    """One ticket and customer for each, solved by whoever served it."""
    ended = [one for one in record.arrivals if one.id in run.passages and _is_over(run, one)]
    customers = Customer.objects.bulk_create([Customer(name=f"Visitor {one.id}") for one in ended], batch_size=2_000)
    users = dict(Agent.objects.values_list("pk", "user"))
    tickets = Ticket.objects.bulk_create(
        [_ticket(one, run, customer, queues, users) for one, customer in zip(ended, customers, strict=True)],
        batch_size=2_000,
    )
    rows = [_interaction(one, run, ticket) for one, ticket in zip(ended, tickets, strict=True)]
    rows = Interaction.objects.bulk_create(rows, batch_size=2_000)
    return {one.id: row for one, row in zip(ended, rows, strict=True)}


def _is_over(run: Live, one: Arrival) -> bool:
    way = run.passages[one.id]
    return way.done_at is not None or way.left_at is not None


def _ticket(
    one: Arrival, run: Live, customer: Customer, queues: Mapping[str, Queue], users: Mapping[int, int]
) -> Ticket:
    came, agent = _moment(one.at), run.passages[one.id].agent
    return Ticket(
        subject=f"Invented {one.channel}", status=Ticket.Status.SOLVED, queue=queues[one.queue], customer=customer,
        channel=one.channel, assignee_id=users.get(agent or 0), created_at=came, last_message_at=came, solved_at=came,
        preview="", is_answered=True,
    )  # fmt: skip


def _interaction(one: Arrival, run: Live, ticket: Ticket) -> Interaction:
    way = run.passages[one.id]
    over = way.done_at if way.done_at is not None else way.left_at
    return Interaction(
        ticket=ticket, queue_id=ticket.queue_id, channel=one.channel, status=Interaction.Status.DONE,
        agent_id=way.agent,
        needs={slug: level for slug, level in one.required.items() if not slug.startswith(MEMBER)}, wants=one.preferred,
        last_agent_id=one.last_agent, last_agent_at=_moment(one.at - 7 * DAY) if one.last_agent else None,
        offer_count=way.rings, waiting_since=_moment(one.at), created_at=_moment(one.at),
        accepted_at=_maybe(way.answered_at), ended_at=_maybe(way.ended_at if way.agent else over),
        done_at=_moment(over),
        end_reason="agent" if way.agent else "abandoned",
    )  # fmt: skip


def _decision(ring: Ring, rows: Mapping[int, Interaction], domain: Domain) -> Decision:
    row = rows[ring.arrival]
    return Decision(
        interaction=row, agent_id=ring.agent, domain=domain, epoch=0, policy_version=ring.why.get("p", 0),
        trigger="invented", explanation={**ring.why, "i": row.pk}, at=_moment(ring.at),
    )  # fmt: skip


def _offer(ring: Ring, decision: Decision) -> Offer:
    answered = _moment(ring.at + ring.seconds)
    return Offer(
        interaction_id=decision.interaction_id, agent_id=ring.agent, decision=decision, made_at=decision.at,
        answered_at=answered, outcome=OUTCOMES.get(ring.outcome, Offer.Outcome.WITHDRAWN), expires_at=answered,
    )  # fmt: skip


def _presence(workers: Sequence[Worker]) -> Iterator[Event]:
    for worker in workers:
        for stay, following in zip_longest(worker.stays, worker.stays[1:]):
            yield _event(worker.id, stay.since, stay.presence)
            if following is None or following.since > stay.until:
                yield _event(worker.id, stay.until, OFFLINE)


def _event(agent: int, at: float, presence: str) -> Event:
    told = {"presence": presence, "reason": ""}
    return Event(
        verb="agent.presence", at=_moment(at), actor="user", subject_kind="agent", subject_id=agent, facts=told
    )


def _moment(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC)


def _maybe(at: float | None) -> datetime | None:
    return None if at is None else _moment(at)
