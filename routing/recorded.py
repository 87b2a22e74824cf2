"""What really happened in a domain between two times, read from the rows as plain facts for replay.

Who was there is read from the events of presence; skills, budgets and queues are as they are today, for their past is
not kept. What was passed on is two interactions: one until it was passed on, one from then on.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from math import inf

from django.db.models import OuterRef, Q, Subquery

from customers.models import Event
from routing.drafts import rules_at
from routing.engine.facts import units_of
from routing.models import Agent, AgentSkill, Domain, Interaction, Offer, QueueRouting
from routing.policies import MEMBER, TARGET_SECONDS
from routing.service_level import GAVE_UP
from routing.simulation.figures import joined, length
from routing.simulation.record import (
    ACCEPTED,
    DECLINED,
    MISSED,
    OFFLINE,
    WITHDRAWN,
    Arrival,
    Passage,
    Record,
    Ring,
    Stay,
    Worker,
)
from tickets.models import Queue

CHANNELS = frozenset(TARGET_SECONDS)
# Queue and channel: what something costs follows from these.
Kind = tuple[str, str]
# Somebody's presence is known from the last time it changed; who changed nothing for so long is taken for offline.
LOOK_BACK = timedelta(days=14)
OUTCOMES = {
    Offer.Outcome.ACCEPTED: ACCEPTED,
    Offer.Outcome.DECLINED: DECLINED,
    Offer.Outcome.EXPIRED: MISSED,
    Offer.Outcome.WITHDRAWN: WITHDRAWN,
}
# A leg of an interaction that was passed on has a number of its own, which no interaction has.
LEGS = 100
COLUMNS = (
    "id", "queue", "channel", "agent", "reserved_for", "last_agent", "last_agent_at", "needs", "wants", "priority",
    "importance", "waiting_since", "created_at", "accepted_at", "ended_at", "done_at", "status", "end_reason", "owner",
)  # fmt: skip


def recorded(domain: Domain, since: datetime, until: datetime) -> Record:
    """The traffic of a domain; who came before `since` and was still there is played along but not counted."""
    return _Reading(domain, since, until).record()


class _Reading:
    """One record in the making."""

    def __init__(self, domain: Domain, since: datetime, until: datetime):
        self.domain, self.since, self.until = domain, since, until
        rows = QueueRouting.objects.filter(domain=domain).select_related("queue")
        self.queues: dict[int, QueueRouting] = {row.queue_id: row for row in rows}
        self.policy, _ = rules_at(domain, since)
        self.arrivals: list[Arrival] = []
        self.passages: dict[int, Passage] = {}
        self._called: dict[int, list] | None = None
        self._parked: dict[tuple[int, Kind], tuple[list[float], list[tuple[float, float]]]] = {}

    def record(self) -> Record:
        rows = list(self._rows())
        ids = [row["id"] for row in rows]
        taken, passed_on = self._events("interaction.taken", ids), self._events("interaction.transferred", ids)
        offers = self._offers(ids)
        for row in rows:
            legs = [at for at in passed_on.get(row["id"], ()) if at < row["waiting_since"] or at <= self.until]
            self._add(row, taken.get(row["id"], ()))
            self._add_legs(row, legs, offers)
        rings = tuple(ring for own in offers.values() for ring in own)
        workers = tuple(self._workers())
        self._count_parked(rings, {worker.id: worker for worker in workers})
        return Record(
            since=self.since.timestamp(),
            until=self.until.timestamp(),
            arrivals=tuple(sorted(self.arrivals, key=lambda one: (one.at, one.id))),
            workers=workers,
            passages=self.passages,
            rings=rings,
        )

    def _rows(self) -> Iterator[dict]:
        """Interactions that were there at any time between the two."""
        earlier = Interaction.objects.filter(
            ticket=OuterRef("ticket"), id__lt=OuterRef("pk"), accepted_at__isnull=False
        )
        there = Interaction.objects.filter(queue__in=self.queues, created_at__lt=self.until)
        there = there.filter(Q(done_at=None) | Q(done_at__gt=self.since))
        owned = there.annotate(owner=Subquery(earlier.order_by("-id").values("agent")[:1]))
        return owned.order_by("id").values(*COLUMNS).iterator(chunk_size=5_000)

    def _add(self, row: Mapping, taken: Sequence[datetime]) -> None:
        if row["waiting_since"] >= self.until:
            return
        queue = self.queues[row["queue"]]
        needs = row["needs"] | ({MEMBER + queue.queue.slug: 1} if queue.queue.is_private else {})
        is_taken = bool(taken) and row["accepted_at"] is not None and taken[-1] <= row["accepted_at"]
        self.arrivals.append(
            Arrival(
                id=row["id"],
                at=row["waiting_since"].timestamp(),
                queue=queue.queue.slug,
                channel=row["channel"],
                required=needs,
                preferred=row["wants"],
                target=self.policy.queue(queue.queue.slug).target(row["channel"]),
                importance=queue.importance * row["importance"],
                priority=row["priority"],
                last_agent=row["last_agent"],
                last_agent_days=_days(row["last_agent_at"], row["waiting_since"]),
                owner=row["owner"],
                reserved_for=row["reserved_for"],
                is_counted=row["waiting_since"] >= self.since,
                taken=(row["accepted_at"].timestamp(), row["agent"]) if is_taken else None,
            )
        )
        self.passages[row["id"]] = self._passage(row)

    def _passage(self, row: Mapping) -> Passage:
        if row["accepted_at"] is not None:
            return Passage(row["id"], row["agent"], *map(_epoch, (row["accepted_at"], row["ended_at"], row["done_at"])))
        left = _epoch(row["ended_at"]) if row["status"] == Interaction.Status.DONE else None
        return Passage(row["id"], left_at=left, gave_up=left is not None and row["end_reason"] in GAVE_UP)

    def _add_legs(self, row: Mapping, passed_on: Sequence[datetime], offers: Mapping[int, list[Ring]]) -> None:
        """What an interaction was before somebody passed it on; its offers move along."""
        begins = row["created_at"]
        for number, ends in enumerate(passed_on, 1):
            own = [ring for ring in offers.get(row["id"], ()) if begins.timestamp() <= ring.at < ends.timestamp()]
            answered = next((ring for ring in own if ring.outcome == ACCEPTED), None)
            if answered and ends > self.since:
                leg = -(row["id"] * LEGS + number)
                self._add({**row, "id": leg, "waiting_since": begins, "accepted_at": None, "reserved_for": None}, ())
                over = ends.timestamp()
                self.passages[leg] = Passage(leg, answered.agent, answered.at + answered.seconds, over, over)
            begins = ends

    def _offers(self, ids: Sequence[int]) -> dict[int, list[Ring]]:
        rows = Offer.objects.filter(interaction__in=ids).exclude(outcome=Offer.Outcome.OPEN).order_by("id")
        found = defaultdict(list)
        columns = rows.values_list("interaction", "agent", "made_at", "answered_at", "outcome")
        for interaction, agent, made_at, answered_at, outcome in columns:
            seconds = ((answered_at or made_at) - made_at).total_seconds()
            found[interaction].append(Ring(interaction, agent, seconds, OUTCOMES[outcome], made_at.timestamp()))
        return found

    def _events(self, verb: str, ids: Sequence[int]) -> dict[int, list[datetime]]:
        known = set(ids)
        rows = Event.objects.filter(verb=verb, at__gte=self.since - LOOK_BACK, at__lte=self.until).order_by("at", "id")
        found = defaultdict(list)
        for interaction, at in rows.values_list("interaction_id", "at"):
            if interaction in known:
                found[interaction].append(at)
        return found

    def _count_parked(self, rings: Sequence[Ring], workers: Mapping[int, Worker]) -> None:
        """While a call rings and lasts, and there is no room for both, the agent's mail is parked: no row says when."""
        kinds = {one.id: (one.queue, one.channel) for one in self.arrivals}
        for pk, way in self.passages.items():
            worker = workers.get(way.agent or 0)
            if worker and way.answered_at is not None and way.ended_at is not None:
                starts, calls = self._over(worker, kinds[pk], rings, kinds)
                first = max(0, bisect_right(starts, way.answered_at) - 1)
                last = bisect_right(starts, way.ended_at)
                way.parked = length(joined(calls[first:last], way.answered_at, way.ended_at))

    def _over(
        self, worker: Worker, kind: Kind, rings: Sequence[Ring], kinds: Mapping[int, Kind]
    ) -> tuple[list[float], list[tuple[float, float]]]:
        """When the agent's work of a kind was parked, if there was any: in order, the beginnings beside."""
        key = (worker.id, kind)
        if key not in self._parked:
            parkers = {over for over, parked in self.policy.interrupts.items() if kind[1] in parked}
            own = [(over, each) for over, each in self._calls(rings, kinds).get(worker.id, ()) if over[1] in parkers]
            tight = {over for over in {over for over, _ in own} if not self._fit(worker, over, kind)}
            calls = joined([each for over, each in own if over in tight], 0.0, inf)
            self._parked[key] = [since for since, _ in calls], calls
        return self._parked[key]

    def _fit(self, worker: Worker, *kinds: Kind) -> bool:
        units = (units_of(channel, self.policy.cost(queue, channel), worker.costs) for queue, channel in kinds)
        return sum(units) <= worker.budget

    def _calls(self, rings: Sequence[Ring], kinds: Mapping[int, Kind]) -> dict[int, list]:
        """By agent when what may interrupt rang or was held, with its kind; found once."""
        if self._called is None:
            self._called = defaultdict(list)
            for ring in rings:
                if ring.arrival in kinds and kinds[ring.arrival][1] in self.policy.interrupts:
                    self._called[ring.agent].append((kinds[ring.arrival], (ring.at, ring.at + ring.seconds)))
            for pk, way in self.passages.items():
                if kinds[pk][1] in self.policy.interrupts and way.agent and way.answered_at is not None:
                    over = way.done_at if way.done_at is not None else self.until.timestamp()
                    self._called[way.agent].append((kinds[pk], (way.answered_at, over)))
        return self._called

    def _workers(self) -> Iterator[Worker]:
        agents = Agent.objects.filter(domain=self.domain).select_related("user").order_by("id")
        skills, stays = self._skills(), self._stays()
        for agent in agents:
            if agent.pk in stays:
                yield Worker(
                    id=agent.pk, stays=tuple(stays[agent.pk]), skills=skills[agent.pk],
                    channels=frozenset(agent.channels) or CHANNELS, budget=agent.budget,
                    costs={channel: int(units) for channel, units in agent.costs.items()}, name=str(agent),
                )  # fmt: skip

    def _skills(self) -> dict[int, dict[str, int]]:
        found: dict[int, dict[str, int]] = defaultdict(dict)
        had = AgentSkill.objects.filter(agent__domain=self.domain)
        for agent, slug, level in had.values_list("agent", "skill__slug", "level"):
            found[agent][slug] = level
        members = Queue.objects.filter(pk__in=self.queues, is_private=True, members__agent__isnull=False)
        for slug, agent in members.values_list("slug", "members__agent"):
            found[agent][MEMBER + slug] = 1
        return found

    def _stays(self) -> dict[int, list[Stay]]:
        """By agent from when to when they were what; without those who were offline all the time."""
        rows = Event.objects.filter(verb="agent.presence", at__gte=self.since - LOOK_BACK, at__lt=self.until)
        turns: dict[int, list[tuple[float, str]]] = defaultdict(list)
        for agent, at, told in rows.order_by("at", "id").values_list("subject_id", "at", "facts"):
            turns[agent].append((max(at, self.since).timestamp(), told.get("presence", OFFLINE)))
        found = {agent: list(_stays_of(own, self.until.timestamp())) for agent, own in turns.items()}
        return {agent: own for agent, own in found.items() if own}


def _stays_of(turns: Sequence[tuple[float, str]], until: float) -> Iterator[Stay]:
    ends = [at for at, _ in turns[1:]] + [until]
    for (since, presence), end in zip(turns, ends, strict=True):
        if presence != OFFLINE and end > since:
            yield Stay(since, end, presence)


def _epoch(moment: datetime | None) -> float | None:
    return moment.timestamp() if moment else None


def _days(earlier: datetime | None, now: datetime) -> float:
    return max(0.0, (now - earlier).total_seconds() / 86_400) if earlier else 0.0
