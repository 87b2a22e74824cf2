"""A stretch of traffic played agent by agent, with everything that happens at a desk.

Desks ring and are answered, declined or missed; a call parks mail, which comes back by itself; chats slow each other
down; agents come and go at times of their own. Whenever something changes and somebody could be asked, the engine is
told everybody and decides, as the live router does. run.py plays scenarios that need none of this, and faster.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from heapq import heappop, heappush
from itertools import count

from routing.engine import Assigned, Policy, State, Waiting
from routing.engine.backlog import Backlog
from routing.engine.crew import Crew
from routing.engine.match import decide
from routing.simulation.changes import Change, changes
from routing.simulation.desks import ACTIVE, PARKED, WRAP_UP, Desk, Job, Visit
from routing.simulation.habits import Behaviour
from routing.simulation.record import ACCEPTED, AVAILABLE, OFFLINE, WITHDRAWN, Arrival, Offering, Passage, Record, Ring

FOREVER = float("inf")
LATELY = 50


@dataclass(frozen=True, slots=True)
class Plan:
    """Rules to play by, and what to call them."""

    policy: Policy
    offering: Offering
    name: str = "live"


class Live:
    """One stretch under way; `play` runs it to its end and returns what became of everybody."""

    def __init__(
        self,
        record: Record,
        plan: Plan,
        behaviour: Behaviour,
        *,
        seed: int = 0,
        drain: bool = False,
        other: Policy | None = None,
        explains: bool = False,
    ):
        self.record, self.plan, self.behaviour = record, plan, behaviour
        self.policy = replace(plan.policy, offers_at_once=1)  # a desk that rings is asked nothing else
        self.seed, self.drain, self.explains = seed, drain, explains
        self.other = other and replace(other, offers_at_once=1)
        self.now = record.since
        self.desks = {one.id: Desk(one, record.since, behaviour.pace(one.id)) for one in record.workers}
        self.visits: dict[int, Visit] = {}
        self.backlog, self.crew = Backlog(), Crew()
        self.events: list[tuple] = []
        self.passages: dict[int, Passage] = {}
        self.changes: list[Change] = []
        self.rings: list[Ring] = []
        self.decisions = 0
        self.due = FOREVER
        self._reserved: set[int] = set()
        self._ties = count()
        self._lately: dict[str, deque[tuple[float, bool]]] = {}
        queues = (*self.policy.queues.values(), self.policy.default_queue)
        self._lends = any(step.add for queue in queues for step in queue.relax)
        is_capped = self.policy.occupancy_cap < 1 and bool(self.policy.weights.occupancy)
        self._by_clock = is_capped or any(queue.hold for queue in queues)
        self._least: dict[str, int] = {}
        for one in self.record.arrivals:
            self._least[one.channel] = min(self._cost(one), self._least.get(one.channel, self._cost(one)))

    def play(self) -> dict[int, Passage]:
        self._plan_stays()
        self._take_over()
        arrivals = sorted((one for one in self.record.arrivals if not self._is_old(one)), key=lambda one: one.at)
        upcoming = 0
        while True:
            due = arrivals[upcoming].at if upcoming < len(arrivals) else FOREVER
            at = min(due, self.events[0][0] if self.events else FOREVER)
            if at == FOREVER or (not self.drain and at > self.record.until):
                return self.passages
            if due == at:
                self.now = max(at, self.now)
                self._arrive(arrivals[upcoming])
                upcoming += 1
            else:
                self.now, _, happens, subject = heappop(self.events)
                happens(*subject)

    # Who is there

    def _plan_stays(self) -> None:
        for desk in self.desks.values():
            for stay in desk.worker.stays:
                self._at(stay.since, self._become, desk, stay.presence)
                self._at(stay.until, self._leave, desk, stay.until)

    def _become(self, desk: Desk, presence: str) -> None:
        if presence == desk.presence:
            return
        desk.presence, desk.fact = presence, None
        if presence == AVAILABLE:
            desk.idle_since = self.now
        self._decide()

    def _leave(self, desk: Desk, until: float) -> None:
        """Nothing follows: they sign out, and what rings there goes back. What they hold they finish."""
        if any(stay.since <= until < stay.until for stay in desk.worker.stays):
            return
        desk.presence, desk.fact = OFFLINE, None
        if desk.ringing:
            self._stop_ringing(desk.ringing[0])
            self._decide()

    def _take_over(self) -> None:
        """Whoever was being served when the stretch began keeps their agent busy for as long as they did."""
        for arrival in self.record.arrivals:
            way = self.record.passages.get(arrival.id)
            if self._is_old(arrival) and way and way.agent in self.desks:
                visit, desk = Visit(arrival), self.desks[way.agent]
                over = (way.done_at if way.done_at is not None else self.record.until) - self.now
                units = desk.units(arrival.channel, self._cost(arrival))
                desk.change(units, self.now)
                self._begin(visit, desk, units, (max(0.0, over), 0.0))

    def _is_old(self, arrival: Arrival) -> bool:
        way = self.record.passages.get(arrival.id)
        return arrival.at < self.record.since and bool(way and way.answered_at and way.answered_at < self.record.since)

    # The line

    def _arrive(self, arrival: Arrival) -> None:
        visit = Visit(arrival)
        self.passages[arrival.id] = visit.passage
        self.visits[arrival.id] = visit
        self._join(visit)
        seconds, gives_up = self.behaviour.patience(arrival)
        if seconds < FOREVER:
            self._at(max(self.now, arrival.at + seconds), self._give_up, visit, gives_up)
        if arrival.taken:
            self._at(max(self.now, arrival.taken[0]), self._take, visit, arrival.taken[1])
        self._decide()

    def _join(self, visit: Visit) -> None:
        visit.state, visit.turn = "waiting", visit.turn + 1
        self.backlog.put(self._told(visit))
        if visit.arrival.reserved_for is not None:
            self._reserved.add(visit.arrival.id)

    def _step_out(self, visit: Visit) -> None:
        self._reserved.discard(visit.arrival.id)
        self.backlog.drop(visit.arrival.id)

    def _give_up(self, visit: Visit, gives_up: bool) -> None:
        if visit.passage.answered_at is not None:
            return
        desk = visit.desk if visit.state == "ringing" else None
        if desk:
            self._stop_ringing(visit)
        self._step_out(visit)
        visit.state, visit.turn = "gone", visit.turn + 1
        visit.passage.left_at, visit.passage.gave_up = self.now, gives_up
        self._note(visit, answered=False)
        if desk:
            self._decide()

    def _take(self, visit: Visit, agent: int) -> None:
        """A person gave it to somebody, past the router and, if need be, beyond their budget."""
        desk = self.desks.get(agent)
        if desk is None or visit.passage.answered_at is not None or visit.state == "gone":
            return
        if visit.state == "ringing":
            self._stop_ringing(visit)
        self._step_out(visit)
        units = desk.units(visit.arrival.channel, self._cost(visit.arrival))
        desk.change(units, self.now)
        self._accept(visit, desk, units)

    # What rings

    def _decide(self) -> None:
        """Ask the engine while it has something to say; what is accepted at once makes room for another question."""
        while self._anybody_could():
            state = self._state()
            self.decisions += 1
            outcome = decide(state, self.policy, self.now, seed=self.seed + self.decisions)
            if self.other is not None:
                theirs = decide(state, self.other, self.now, seed=self.seed + self.decisions)
                self.changes.extend(changes(outcome, theirs, self.now))
            if outcome.next_due is not None and outcome.next_due < self.due:
                self.due = outcome.next_due
                self._at(max(self.now, self.due), self._look_again)
            accepted = [self._offer(self.visits[one.interaction], one) for one in outcome.assigned]
            if not any(accepted):
                return

    def _look_again(self) -> None:
        """The clock has reached a step that asks for less, the end of a hold, or that of a cooldown."""
        self.due = FOREVER
        self._decide()

    def _anybody_could(self) -> bool:
        """Whether any agent could be asked for any of the channels that wait."""
        waiting = [channel for channel, number in self.backlog.by_channel.items() if number]
        return bool(waiting) and any(
            desk.may_be_asked and self._has_room(desk, waiting) for desk in self.desks.values()
        )

    def _has_room(self, desk: Desk, channels: list[str]) -> bool:
        room = desk.room
        for channel in channels:
            if channel in desk.worker.channels:
                units = desk.units(channel, self._least[channel])
                if units <= room or units <= room + sum(job.units for job in self._interruptible(desk, channel)):
                    return True
        return False

    def _interruptible(self, desk: Desk, channel: str) -> list[Job]:
        return [job for kind in self.policy.interrupts.get(channel, ()) for job in desk.held(kind)]

    def _state(self) -> State:
        for pk in self._reserved:  # kept for somebody only while they are there
            self.backlog.put(self._told(self.visits[pk]))
        for desk in self.desks.values():
            if desk.presence == OFFLINE:
                self.crew.drop(desk.id)
            elif (told := desk.as_told(self.now, by_clock=self._by_clock)) is not self.crew.get(desk.id):
                self.crew.put(told)
        service, expected = self._promises() if self._lends else ({}, {})
        return State(self.backlog, self.crew, service=service, expected_wait=expected)

    def _told(self, visit: Visit) -> Waiting:
        one = visit.arrival
        return Waiting(
            id=one.id, queue=one.queue, channel=one.channel, waiting_since=one.at, required=one.required,
            preferred=one.preferred, cost=self._cost(one), importance=one.importance, priority=one.priority,
            last_agent=one.last_agent, last_agent_days=one.last_agent_days, owner=one.owner,
            reserved_for=self._reserved_for(one), cooldown=visit.cooldown, due_at=one.due_at,
        )  # fmt: skip

    def _cost(self, one: Arrival) -> int:
        return self.policy.cost(one.queue, one.channel) if one.cost is None else one.cost

    def _reserved_for(self, one: Arrival) -> int | None:
        """Kept for one person only while they are there."""
        desk = self.desks.get(one.reserved_for) if one.reserved_for is not None else None
        return one.reserved_for if desk and desk.presence not in (OFFLINE, "away") else None

    def _offer(self, visit: Visit, one: Assigned) -> bool:
        """Ring at a desk; True if it was accepted at once."""
        desk, arrival = self.desks[one.agent], visit.arrival
        if one.parks:
            self._park(desk, arrival.channel, one.parks)
        self._step_out(visit)
        desk.change(one.cost, self.now)
        desk.last_offered = self.now
        limit = self.plan.offering.rings(arrival.queue, arrival.channel)
        outcome, seconds = self.behaviour.answer(arrival, desk.id, visit.passage.rings, limit)
        visit.passage.rings += 1
        visit.asked_at, visit.why = self.now, one.explanation.to_json() if self.explains else {}
        if outcome == ACCEPTED and seconds <= 0:
            self._note_ring(visit, desk, outcome)
            self._accept(visit, desk, one.cost)
            return True
        visit.state, visit.desk, desk.ringing = "ringing", desk, (visit, one.cost)
        visit.turn += 1
        self._at(self.now + seconds, self._answered, visit, visit.turn, outcome)
        return False

    def _answered(self, visit: Visit, turn: int, outcome: str) -> None:
        if visit.turn != turn or visit.desk is None or visit.desk.ringing is None:
            return
        desk, units = visit.desk, visit.desk.ringing[1]
        if outcome == ACCEPTED:
            desk.ringing = visit.desk = None
            self._note_ring(visit, desk, outcome)
            self._accept(visit, desk, units)
        else:
            self._stop_ringing(visit, outcome)
            visit.cooldown = {**visit.cooldown, desk.id: self.now + self.plan.offering.cooldown}
            self.backlog.put(self._told(visit))
        self._decide()

    def _stop_ringing(self, visit: Visit, outcome: str = WITHDRAWN) -> None:
        """It waits again with the age it has, and the agent has their room again."""
        desk = visit.desk
        if desk is None or desk.ringing is None:
            return
        _, units = desk.ringing
        desk.ringing = visit.desk = None
        self._note_ring(visit, desk, outcome)
        self._give_back(desk, units)
        self._join(visit)

    def _note_ring(self, visit: Visit, desk: Desk, outcome: str) -> None:
        self.rings.append(
            Ring(visit.arrival.id, desk.id, self.now - visit.asked_at, outcome, visit.asked_at, visit.why)
        )

    # What is held

    def _accept(self, visit: Visit, desk: Desk, units: int) -> None:
        visit.state, visit.turn = "held", visit.turn + 1
        visit.passage.agent, visit.passage.answered_at = desk.id, self.now
        self._note(visit, answered=True)
        self._begin(visit, desk, units, self.behaviour.times(visit.arrival, desk.id))

    def _begin(self, visit: Visit, desk: Desk, units: int, times: tuple[float, float]) -> None:
        desk.occupancy(self.now)
        desk.jobs[visit.arrival.id] = job = Job(visit, units, self.now, times, self.behaviour.typical(visit.arrival))
        desk.fact = None
        self._retime(desk, job.channel)

    def _retime(self, desk: Desk, channel: str) -> None:
        """How many there are of a channel has changed, and with it how fast each of them goes."""
        held = desk.held(channel)
        slower = self.record.slowdown.get(channel, ())
        rate = 1.0 / slower[min(len(held), len(slower)) - 1] if slower and held else 1.0
        for job in held:
            if job.rate != rate or not job.turn:
                job.advance(self.now)
                job.rate, job.turn = rate, job.turn + 1
                self._at(self.now + job.left / rate, self._end, desk, job, job.turn)

    def _end(self, desk: Desk, job: Job, turn: int) -> None:
        """Service is over; wrap-up keeps its room."""
        if job.turn != turn or job.state != ACTIVE:
            return
        job.visit.passage.ended_at = self.now
        job.state = WRAP_UP
        desk.fact = None
        self._retime(desk, job.channel)
        if job.wrap_up > 0:
            self._at(self.now + job.wrap_up, self._done, desk, job)
        else:
            self._done(desk, job)

    def _done(self, desk: Desk, job: Job) -> None:
        job.visit.passage.done_at = self.now
        desk.occupancy(self.now)
        del desk.jobs[job.visit.arrival.id]
        self._give_back(desk, job.units)
        self._decide()

    def _give_back(self, desk: Desk, units: int) -> None:
        desk.change(-units, self.now)
        for job in [job for job in desk.jobs.values() if job.state == PARKED]:
            if desk.used - desk.parked + job.units <= desk.worker.budget:
                desk.parked -= job.units
                job.state, job.since, job.turn = ACTIVE, self.now, job.turn + 1
                job.rate = 0.0
                self._retime(desk, job.channel)

    def _park(self, desk: Desk, channel: str, units: int) -> None:
        """Interrupt work, the oldest first, until so many units are free."""
        for job in self._interruptible(desk, channel):
            if units <= 0:
                return
            job.advance(self.now)
            job.state, job.turn = PARKED, job.turn + 1
            desk.parked += job.units
            units -= job.units
            self._retime(desk, job.channel)

    # What the engine is told of how things go

    def _note(self, visit: Visit, *, answered: bool) -> None:
        if self._lends:
            one = visit.arrival
            waited = self.now - one.at
            lately = self._lately.setdefault(one.queue, deque(maxlen=LATELY))
            lately.append((waited, answered and waited <= one.target))

    def _promises(self) -> tuple[dict[str, float], dict[str, float]]:
        """Service level and expected wait by queue, of those who were answered or left last."""
        service = {queue: sum(kept for _, kept in own) / len(own) for queue, own in self._lately.items()}
        return service, {queue: sum(wait for wait, _ in own) / len(own) for queue, own in self._lately.items()}

    def _at(self, when: float, happens: Callable, *subject: object) -> None:
        heappush(self.events, (max(when, self.now), next(self._ties), happens, subject))
