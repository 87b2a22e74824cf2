"""The smallest number of agents that keeps a promise, interval by interval."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from routing.staffing.line import Line, Performance, Unstable, performance

MOST_AGENTS = 100_000


class OutOfReach(ValueError):
    """No number of agents keeps this promise."""


@dataclass(frozen=True, slots=True)
class Goal:
    """What is promised: `share` answered within `seconds`, counted over `of` (see Performance.service_level).

    The other limits bind too where they are given: mean wait in seconds, shares given up and blocked, occupancy.
    """

    seconds: float = 20.0
    share: float = 0.8
    of: str = "offered"
    max_occupancy: float = 1.0
    max_wait: float = math.inf
    max_abandoned: float = 1.0
    max_blocked: float = 1.0

    def is_met(self, done: Performance) -> bool:
        return (
            done.service_level(self.seconds, of=self.of) >= self.share
            and done.occupancy <= self.max_occupancy
            and done.mean_wait <= self.max_wait
            and done.abandoned <= self.max_abandoned
            and done.blocked <= self.max_blocked
        )


@dataclass(frozen=True, slots=True)
class Needed:
    """Agents at work, agents to schedule (shrinkage added), and how the line then does (None: nothing comes)."""

    agents: int
    scheduled: int
    performance: Performance | None


def agents_needed(line: Line, goal: Goal, *, shape: Callable[[Line, int], Line] | None = None) -> int:
    """The fewest agents who meet the goal; the line's own number is not looked at.

    `shape(line, agents)` builds the line for a number of agents where that is more than a number (chats: see chat.py).
    Raises OutOfReach.
    """
    build = shape or (lambda line, agents: replace(line, agents=agents))

    def enough(agents: int) -> bool:
        try:
            return goal.is_met(performance(build(line, agents)))
        except Unstable:
            return False

    high = max(1, math.ceil(line.load))
    while not enough(high):
        if high > max(MOST_AGENTS, 4 * line.load):
            raise OutOfReach("No number of agents keeps this promise; the wait allowed or the share must change.")
        high *= 2
    return _smallest(enough, high)


def plan(lines: Sequence[Line | None], goal: Goal, *, shrinkage: float = 0.0) -> list[Needed]:
    """What each interval takes on its own, as if in steady state (SIPP: Green, Kolesar & Soares 2001); None is an
    interval in which nothing comes.

    `shrinkage` is the share of scheduled time in which people are not there: breaks, training, illness.
    """
    return [_needed(line, goal, shrinkage) for line in lines]


def _needed(line: Line | None, goal: Goal, shrinkage: float) -> Needed:
    if line is None:
        return Needed(0, 0, None)
    agents = agents_needed(line, goal)
    return Needed(agents, scheduled(agents, shrinkage), performance(replace(line, agents=agents)))


def scheduled(agents: int, shrinkage: float) -> int:
    """How many to schedule so that so many are at work."""
    if not 0 <= shrinkage < 1:
        raise OutOfReach("Shrinkage is a share of scheduled time: at least 0 and less than 1.")
    return math.ceil(agents / (1 - shrinkage) - 1e-9)


def _smallest(enough: Callable[[int], bool], high: int) -> int:
    low = 0
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high
