"""One simulated day: a heap of events, and the real engine whenever there is something to decide.

The engine is asked only where its answer is open. Between two events everything that could be served is being served,
so when somebody comes, only they and the agents with room matter, and when an agent gets room, only that agent and who
waits. Whether one interaction and one agent fit is asked of the engine once per kind of pair and remembered, which is
right as long as it does not depend on the clock; with relaxation steps it does, and the engine is asked every time.
Where one pair alone fits there is nothing to choose. Else `decide` is told everything its answer can depend on: for
orders that look at one agent and one interaction at a time (longest idle, round robin, spare capacity, best skill,
random) those who fit and the heads of the lines; for the value of a pair, which looks at scarcity, everybody.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from heapq import heappop, heappush
from itertools import count

from routing.engine import Policy, State, Waiting
from routing.engine.facts import units_of
from routing.engine.match import decide
from routing.simulation.day import FOREVER, Day
from routing.simulation.drawn import needs_it, play_drawn
from routing.simulation.floor import Floor, Seat
from routing.simulation.scenario import Kind, Scenario, could_serve, match_of
from routing.simulation.tally import (
    ABANDONED,
    ARRIVED,
    BLOCKED,
    GONE_IN_TARGET,
    HANDLED,
    IN_TARGET,
    LEFT,
    MATCHED,
    RETRIED,
    SERVED,
    WAIT_ALL,
    WAIT_SERVED,
    Tally,
    empty,
)


class Visit:
    """One simulated interaction. `waited` is what earlier attempts cost; `fact` is what the engine is told."""

    __slots__ = ("at", "attempt", "fact", "id", "kind", "number", "patience", "since", "units", "waited", "waiting")

    def __init__(self, number: int, kind: int, draw: int, now: float, patience: float):
        self.id = number
        self.kind = kind
        self.number = draw
        self.at = self.since = now
        self.patience = patience
        self.attempt = 1
        self.waited = 0.0
        self.units = 0
        self.waiting = False
        self.fact: Waiting | None = None


def simulate_day(scenario: Scenario, seed: int, number: int, policy: Policy | None = None) -> Tally:
    """Replication `number` of the scenario under its own policy or another; the same numbers give the same day."""
    rules, day = policy or scenario.policy, Day(scenario, seed, number)
    return play_drawn(scenario, rules, day) if needs_it(scenario, rules) else Run(scenario, rules, day).play()


class Run:
    """One day under way; `play` runs it to its end."""

    def __init__(self, scenario: Scenario, policy: Policy, day: Day):
        self.scenario = scenario
        self.policy = replace(policy, interrupts={})  # what parks is played by live.py
        self.day = day
        self.kinds: Sequence[Kind] = scenario.kinds
        self.tally = empty(len(scenario.kinds), scenario.count, len(scenario.groups))
        self.floor = Floor(scenario, self.tally)
        self.lines: list[dict[int, Visit]] = [{} for _ in scenario.kinds]
        self.second = [day.second_thoughts(at) for at in range(len(scenario.kinds))]
        self.events: list[tuple] = []
        self.now = self.last_done = 0.0
        self.waiting = self.inside = 0
        self.due = FOREVER
        self._ids = count(1)
        self._ties = count()
        self._fits: dict[tuple[int, int, int], bool] = {}
        self._able_groups = [
            [place for place, group in enumerate(scenario.groups) if could_serve(group, kind)]
            for kind in scenario.kinds
        ]
        self.by_clock = any(queue.relax for queue in (*policy.queues.values(), policy.default_queue))
        self.by_value = policy.strategy == "value"

    def play(self) -> Tally:
        self._plan_staff()
        arrivals, at = self.day.order(), 0
        ends = FOREVER if self.scenario.drain else self.scenario.end
        while True:
            upcoming = arrivals[at][0] if at < len(arrivals) else FOREVER
            if self.events and self.events[0][0] <= upcoming:
                self.now, _, happens, subject = heappop(self.events)
                if self.now > ends:
                    break
                happens(subject)
            elif at < len(arrivals):
                self.now, kind, number = arrivals[at]
                at += 1
                self._arrive(Visit(next(self._ids), kind, number, self.now, self._patience(kind, number)))
            else:
                break
        self._close()
        return self.tally

    # What happens

    def _arrive(self, visit: Visit) -> None:
        visit.since = self.now
        if self._is_counted(visit) and (visit.attempt == 1 or not self._counts_once(visit)):
            self._count(visit, ARRIVED)
        if self._is_full(visit.kind):
            self._lose(visit, BLOCKED)
            return
        self.inside += 1
        self.waiting += 1
        visit.waiting = True
        self.lines[visit.kind][visit.id] = visit
        if self.floor.free:
            self._place_new(visit)
        if visit.waiting and visit.patience < FOREVER:
            self._after(visit.patience, self._give_up, visit)

    def _give_up(self, visit: Visit) -> None:
        if not visit.waiting:
            return
        self._leave_line(visit)
        self.inside -= 1
        self._lose(visit, ABANDONED)

    def _finish(self, work: tuple[Visit, Seat, int, float]) -> None:
        """Service and wrap-up are over; the agent has room again."""
        _, seat, units, since = work
        self.last_done = self.now
        self.floor.count_used(seat, units, since, self.now)
        if self.floor.take_back(seat, units, self.now) and self.waiting:
            self._place_waiting([seat])

    def _hang_up(self, visit: Visit) -> None:
        """The line is free, though the agent may have wrap-up to do."""
        self.inside -= 1

    def _staff(self, change: tuple[int, int]) -> None:
        place, wanted = change
        came = self.floor.staff(place, wanted, self.now)
        if self.scenario.clears:
            self._clear()
        if came and self.waiting:
            self._place_waiting(came)

    def _clear(self) -> None:
        """Send away whom nobody on duty could serve."""
        for kind, line in enumerate(self.lines):
            if line and not self._is_anybody_there(kind):
                for visit in list(line.values()):
                    self._leave_line(visit)
                    self.inside -= 1
                    if self._is_counted(visit):
                        self._count(visit, LEFT)

    def _is_anybody_there(self, kind: int) -> bool:
        groups = self.floor.by_group
        return any(not seat.leaving for place in self._able_groups[kind] for seat in groups[place])

    def _relax(self, _: None) -> None:
        """The clock has reached a step that asks for less."""
        self.due = FOREVER
        if self.waiting and self.floor.free:
            self._decide_all()

    # Who serves whom

    def _place_new(self, visit: Visit) -> None:
        if self.by_clock:
            self._decide_all()
            return
        able = [seat for seat in self.floor.free.values() if self._fit(visit, seat)]
        if len(able) == 1:
            self._serve(visit, able[0], self._units(visit, able[0]))
        elif able and self.by_value:
            self._decide_all()
        elif able:
            self._decide([visit], able)

    def _place_waiting(self, seats: list[Seat]) -> None:
        """These agents have room."""
        if self.by_clock:
            self._decide_all()
        elif len(seats) > 1 or self._has_choice(seats[0]):
            if self.by_value:
                self._decide_all()
            else:
                self._decide(self._heads(seats), seats)

    def _has_choice(self, seat: Seat) -> bool:
        """Give a lone agent what alone fits; whether in the end several types of work do."""
        while seat.id in self.floor.free:
            heads = [head for line in self.lines if line and self._fit(head := next(iter(line.values())), seat)]
            if len(heads) != 1:
                return bool(heads)
            self._serve(heads[0], seat, self._units(heads[0], seat))
        return False

    def _heads(self, seats: Sequence[Seat]) -> list[Visit]:
        """Of each line as many as these agents could take at most, oldest first."""
        smallest = max(1, min(kind.cost for kind in self.kinds))
        most = sum(max(1, (seat.group.budget - seat.used) // smallest) for seat in seats)
        return [visit for line in self.lines for visit, _ in zip(line.values(), range(most), strict=False)]

    def _decide_all(self) -> None:
        visits = [visit for line in self.lines for visit in line.values()]
        seats = self.floor.seats if self.by_clock else self.floor.free
        self._decide(visits, [seat for seat in seats.values() if not seat.leaving])

    def _decide(self, visits: Sequence[Visit], seats: Iterable[Seat]) -> None:
        """Ask the engine, and do as it says."""
        if not visits:
            return
        state = State([visit.fact or self._told(visit) for visit in visits], [seat.as_told() for seat in seats])
        self.tally.decisions += 1
        outcome = decide(state, self.policy, self.now, seed=self.day.deciding_seed)
        by_id = {visit.id: visit for visit in visits}
        for one in outcome.assigned:
            self._serve(by_id[one.interaction], self.floor.seats[one.agent], one.cost)
        if outcome.next_due is not None and outcome.next_due < self.due:
            self.due = outcome.next_due
            heappush(self.events, (self.due, next(self._ties), self._relax, None))

    def _fit(self, visit: Visit, seat: Seat) -> bool:
        """Whether the engine would give this to them if there were nobody else; asked once per kind of pair."""
        key = (visit.kind, seat.place, seat.used)
        known = self._fits.get(key)
        if known is None:
            state = State([self._told(visit)], [seat.as_told()])
            known = self._fits[key] = bool(decide(state, self.policy, self.now).assigned)
        return known

    def _units(self, visit: Visit, seat: Seat) -> int:
        kind = self.kinds[visit.kind]
        return units_of(kind.channel, kind.cost, seat.group.costs)

    def _told(self, visit: Visit) -> Waiting:
        kind = self.kinds[visit.kind]
        visit.fact = Waiting(
            id=visit.id, queue=kind.queue, channel=kind.channel, waiting_since=visit.since, required=kind.required,
            preferred=kind.preferred, cost=kind.cost, importance=kind.importance, priority=kind.priority,
        )  # fmt: skip
        return visit.fact

    def _serve(self, visit: Visit, seat: Seat, units: int) -> None:
        self._leave_line(visit)
        self.floor.give(seat, units, self.now)
        stream = self.day.streams[visit.kind]
        service = stream.service[seat.place][visit.number]
        wrap_up = stream.wrap_up[seat.place][visit.number]
        self._after(service + wrap_up, self._finish, (visit, seat, units, self.now))
        if self.scenario.lines is not None:
            self._after(service, self._hang_up, visit)
        if self._is_counted(visit):
            self._count_served(visit, seat, service + wrap_up)

    def _leave_line(self, visit: Visit) -> None:
        visit.waiting = False
        visit.waited += self.now - visit.since
        self.waiting -= 1
        del self.lines[visit.kind][visit.id]

    # Those who come again

    def _lose(self, visit: Visit, how: int) -> None:
        """Gave up or was turned away: counted, unless they will come again and count by how that ends."""
        again = self._comes_again(visit, how)
        counted = self._is_counted(visit)
        if counted and again:
            self._count(visit, RETRIED)
        if counted and not (again and self._counts_once(visit)):
            self._count_lost(visit, how)
        if again:
            self._come_back_later(visit)

    def _comes_again(self, visit: Visit, how: int) -> bool:
        retrial = self.kinds[visit.kind].retrial
        if retrial is None or visit.attempt > retrial.most:
            return False
        return self.second[visit.kind].share() < (retrial.probability if how == ABANDONED else retrial.blocked)

    def _come_back_later(self, visit: Visit) -> None:
        retrial, second = self.kinds[visit.kind].retrial, self.second[visit.kind]
        if retrial is None:
            return
        if retrial.patience == "left":
            visit.patience = max(0.0, visit.patience - (self.now - visit.since))
        elif retrial.patience == "fresh" and (patience := self.kinds[visit.kind].patience):
            visit.patience = second.draw(patience.at(self._period(visit)))
        visit.attempt += 1
        visit.fact = None
        if not retrial.accumulated:
            visit.waited = 0.0
        delay = second.draw(retrial.delay)
        if not retrial.once:
            visit.at = self.now + delay
        self._after(delay, self._arrive, visit)

    # Counting

    def _count_served(self, visit: Visit, seat: Seat, seconds: float) -> None:
        row = self.tally.counts[visit.kind][self._period(visit)]
        row[SERVED] += 1
        row[WAIT_SERVED] += visit.waited
        row[WAIT_ALL] += visit.waited
        row[HANDLED] += seconds
        row[MATCHED] += match_of(seat.group, self.kinds[visit.kind])
        row[IN_TARGET] += visit.waited <= self.kinds[visit.kind].target
        self.tally.waits[visit.kind].append(visit.waited)
        self.tally.longest[visit.kind] = max(self.tally.longest[visit.kind], visit.waited)
        served = self.tally.served_by_agent
        served[seat.id] = served.get(seat.id, 0) + 1

    def _count_lost(self, visit: Visit, how: int) -> None:
        row = self.tally.counts[visit.kind][self._period(visit)]
        row[how] += 1
        if how == BLOCKED and not visit.waited:
            return
        row[WAIT_ALL] += visit.waited
        row[GONE_IN_TARGET] += visit.waited <= self.kinds[visit.kind].target
        self.tally.longest[visit.kind] = max(self.tally.longest[visit.kind], visit.waited)

    def _count(self, visit: Visit, what: int) -> None:
        self.tally.counts[visit.kind][self._period(visit)][what] += 1

    def _is_counted(self, visit: Visit) -> bool:
        return visit.at >= self.scenario.warm_up

    def _period(self, visit: Visit) -> int:
        return min(int(visit.at // self.scenario.period), self.scenario.count - 1)

    def _counts_once(self, visit: Visit) -> bool:
        retrial = self.kinds[visit.kind].retrial
        return retrial is not None and retrial.once

    # Small things

    def _patience(self, kind: int, number: int) -> float:
        return self.day.streams[kind].patience[number]

    def _is_full(self, kind: int) -> bool:
        scenario, own = self.scenario, self.kinds[kind].queue_limit
        if scenario.lines is not None and self.inside >= scenario.lines:
            return True
        if scenario.queue_limit is None and own is None:
            return False
        if self.floor.free and any(self._may_serve(kind, seat) for seat in self.floor.free.values()):
            return False
        return (scenario.queue_limit is not None and self.waiting >= scenario.queue_limit) or (
            own is not None and len(self.lines[kind]) >= own
        )

    def _may_serve(self, kind: int, seat: Seat) -> bool:
        return self._fit(Visit(0, kind, 0, self.now, FOREVER), seat)

    def _after(self, seconds: float, happens: Callable, subject: object) -> None:
        if seconds < FOREVER:
            heappush(self.events, (self.now + seconds, next(self._ties), happens, subject))

    def _plan_staff(self) -> None:
        """Sign in who begins the day, and note when numbers change."""
        for place, group in enumerate(self.scenario.groups):
            self._staff((place, group.staff[0]))
            for period in range(1, self.scenario.count):
                if group.staff[period] != group.staff[period - 1]:
                    at = period * self.scenario.period
                    heappush(self.events, (at, next(self._ties), self._staff, (place, group.staff[period])))

    def _close(self) -> None:
        self.floor.close(max(self.last_done, self.scenario.end))
        for line in self.lines:
            for visit in line.values():
                if self._is_counted(visit):
                    self._count(visit, LEFT)
