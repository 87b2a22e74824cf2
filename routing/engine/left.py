"""Who goes on waiting after a decision: looked up when somebody asks, as there may be a hundred thousand of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from itertools import islice
from typing import overload

from routing.engine import relaxation
from routing.engine.backlog import Backlog
from routing.engine.facts import Unplaced, Waiting
from routing.engine.lines import Line
from routing.engine.roster import Roster
from routing.engine.urgency import Ranking


class Overtaken(RuntimeError):
    """The backlog has changed since the decision."""


class Left(Sequence[Unplaced]):
    """The unplaced in order of id, equal to any sequence of the same.

    Reading more than the length raises Overtaken once the backlog has changed.
    """

    def __init__(self, backlog: Backlog, lines: Sequence[Line], placed: Set[int], roster: Roster, ranking: Ranking):
        self._backlog, self._lines, self._placed = backlog, lines, placed
        self._roster, self._ranking = roster, ranking
        self._version, self._length = backlog.version, len(backlog) - len(placed)
        self._read: list[Unplaced] | None = None

    def __len__(self) -> int:
        return self._length

    @overload
    def __getitem__(self, at: int) -> Unplaced: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[Unplaced]: ...
    def __getitem__(self, at: int | slice) -> Unplaced | Sequence[Unplaced]:
        return self._all()[at]

    def __iter__(self) -> Iterator[Unplaced]:
        return iter(self._all())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and len(self) == len(other) and self._all() == [*other]

    def __hash__(self) -> int:
        return hash(tuple(self._all()))

    def __repr__(self) -> str:
        return f"Left({len(self)})"

    def next_due(self) -> float | None:
        """The earliest time at which waiting alone could change something for any of them."""
        dues = [
            due
            for line in self._lines
            if not line.is_timeless
            for one in self._soonest(line)
            if (due := self._next_due(one, line)) is not None
        ]
        return min(dues, default=None)

    def _soonest(self, line: Line) -> Iterator[Waiting]:
        """The one of a line for whom the clock does something first; all of them where the line is in another order."""
        left = (one for one in line.members if one.id not in self._placed)
        return islice(left, 1) if line.is_by_clock else left

    def _all(self) -> list[Unplaced]:
        if self._read is None:
            if self._version != self._backlog.version:
                raise Overtaken("The backlog has changed since this was decided: read who is left before that.")
            self._read = sorted(
                (one for line in self._lines for one in self._of(line)), key=lambda one: one.interaction
            )
        return self._read

    def _of(self, line: Line) -> Iterator[Unplaced]:
        reasons, held_for = {**line.excluded, **line.without_room(self._roster)}, line.held_for(self._roster)
        for one in line.members:
            if one.id not in self._placed:
                yield Unplaced(one.id, reasons, self._next_due(one, line), line.need.step, held_for)

    def _next_due(self, one: Waiting, line: Line) -> float | None:
        now = self._ranking.now
        dues = [until for until in one.cooldown.values() if until > now]
        dues += [line.hold.until] if line.hold is not None else []
        if line.need.steps:
            target = self._ranking.promise(one.queue, one.channel).target
            due = relaxation.next_step_at(one.counted_since(target), target, line.need.steps, line.need.step, now)
            dues += [due] if due is not None else []
        return min(dues, default=None)
