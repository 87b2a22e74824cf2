"""The agents of a simulated day: who is on duty, what they hold, and since when."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

from routing.engine import Agent
from routing.simulation.scenario import Group, Scenario
from routing.simulation.tally import BUSY, DRAINED, ON_DUTY, USED, Tally

AVAILABLE = "available"


class Seat:
    """One agent. `used` units are held; `leaving` means they go as soon as they hold nothing."""

    __slots__ = (
        "busy_since",
        "fact",
        "group",
        "here_since",
        "id",
        "idle_since",
        "last_offered",
        "leaving",
        "live",
        "place",
        "used",
    )

    def __init__(self, number: int, place: int, group: Group, now: float):
        self.id = number
        self.place = place
        self.group = group
        self.used = 0
        self.live = 0
        self.leaving = False
        self.here_since = self.idle_since = now
        self.busy_since = 0.0
        self.last_offered = now
        self.fact: Agent | None = None

    def as_told(self) -> Agent:
        """This agent as the engine is told of them."""
        if self.fact is None:
            group = self.group
            self.fact = Agent(
                id=self.id, skills=group.skills, presence=AVAILABLE, budget=group.budget, used=self.used,
                idle_since=self.idle_since, channels=group.channels, costs=group.costs, last_offered=self.last_offered,
            )  # fmt: skip
        return self.fact


class Floor:
    """Everybody on duty (`seats` by id) and those who have room (`free` by id, never anybody who is leaving)."""

    def __init__(self, scenario: Scenario, tally: Tally):
        self.scenario = scenario
        self.tally = tally
        self.seats: dict[int, Seat] = {}
        self.free: dict[int, Seat] = {}
        self.by_group: list[list[Seat]] = [[] for _ in scenario.groups]
        self._numbers = count(1)

    def staff(self, place: int, wanted: int, now: float) -> list[Seat]:
        """Bring a group to a number: who stays on is kept, idle ones go at once, the others once they are done.

        Returns those who became free to be asked.
        """
        group = self.by_group[place]
        staying = [seat for seat in group if not seat.leaving]
        if len(staying) > wanted:
            self._send_home(staying, len(staying) - wanted, now)
            return []
        return list(self._bring_in(place, wanted - len(staying), now))

    def give(self, seat: Seat, units: int, now: float) -> None:
        if not seat.used:
            seat.busy_since = now
        seat.used += units
        seat.live += 1
        seat.idle_since = seat.last_offered = now
        seat.fact = None
        if seat.used >= seat.group.budget:
            self.free.pop(seat.id, None)

    def take_back(self, seat: Seat, units: int, now: float) -> bool:
        """Their work is done; False if they go home with it."""
        seat.used -= units
        seat.live -= 1
        seat.idle_since = now
        seat.fact = None
        if not seat.live:
            self._add(seat, BUSY, seat.busy_since, now)
            if seat.leaving:
                self._leave(seat, now)
        if not seat.leaving:
            self.free[seat.id] = seat
        return not seat.leaving

    def count_used(self, seat: Seat, units: int, since: float, now: float) -> None:
        share = units / seat.group.budget if seat.group.budget else 0.0
        self.tally.times[seat.place][USED] += share * self._within(since, now)

    def close(self, now: float) -> None:
        """The day is over: count what is under way."""
        for seat in list(self.seats.values()):
            if seat.live:
                self._add(seat, BUSY, seat.busy_since, now)
            self._leave(seat, now)

    def _bring_in(self, place: int, number: int, now: float) -> Iterator[Seat]:
        group = self.by_group[place]
        for seat in [seat for seat in group if seat.leaving][:number]:
            seat.leaving, number = False, number - 1
            if seat.used < seat.group.budget:
                self.free[seat.id] = seat
                yield seat
        for _ in range(number):
            seat = Seat(next(self._numbers), place, self.scenario.groups[place], now)
            self.seats[seat.id] = self.free[seat.id] = seat
            group.append(seat)
            yield seat

    def _send_home(self, staying: list[Seat], number: int, now: float) -> None:
        """Idle ones first, those idle for longest first; the busy finish what they hold."""
        for seat in sorted(staying, key=lambda seat: (seat.live > 0, seat.idle_since, seat.id))[:number]:
            seat.leaving = True
            self.free.pop(seat.id, None)
            if not seat.live:
                self._leave(seat, now)

    def _leave(self, seat: Seat, now: float) -> None:
        self._add(seat, ON_DUTY, seat.here_since, now)
        self.seats.pop(seat.id, None)
        self.free.pop(seat.id, None)
        self.by_group[seat.place].remove(seat)

    def _add(self, seat: Seat, what: int, since: float, now: float) -> None:
        seconds = self._within(since, now)
        self.tally.times[seat.place][what] += seconds
        self.tally.times[seat.place][DRAINED[what]] += max(0.0, now - max(since, self.scenario.warm_up))
        if what == BUSY:
            by_agent = self.tally.busy_by_agent
            by_agent[seat.id] = by_agent.get(seat.id, 0.0) + seconds

    def _within(self, since: float, now: float) -> float:
        """The part of a stretch of time that lies between warm-up and the end of the last period."""
        return max(0.0, min(now, self.scenario.end) - max(since, self.scenario.warm_up))
