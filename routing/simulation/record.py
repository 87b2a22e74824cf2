"""A stretch of traffic, as it was recorded or drawn: who came, who was there, and what became of it.

Times are epoch seconds, or seconds of a simulated day; durations are seconds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

AVAILABLE = "available"
OFFLINE = "offline"
ACCEPTED, DECLINED, MISSED, WITHDRAWN = "accepted", "declined", "missed", "withdrawn"
NO_SKILLS: Mapping[str, int] = {}


@dataclass(frozen=True, slots=True)
class Arrival:
    """One interaction that comes, with what the engine is told of it.

    `target` is the promise it is counted by. One that is not `is_counted` came before the stretch or belongs to the
    warm-up: it is played and not counted. `cost` is the policy's for the channel if not given. `taken` is the (time,
    agent) at which a person gave it to somebody past the router.
    """

    id: int
    at: float
    queue: str
    channel: str
    required: Mapping[str, int]
    preferred: Mapping[str, int] = field(default_factory=dict)
    target: float = 20.0
    cost: int | None = None
    importance: float = 1.0
    priority: int = 1
    last_agent: int | None = None
    last_agent_days: float = 0.0
    owner: int | None = None
    reserved_for: int | None = None
    due_at: float | None = None
    is_counted: bool = True
    taken: tuple[float, int] | None = None


@dataclass(frozen=True, slots=True)
class Stay:
    """An agent was `presence` from one time to another; between stays they are offline."""

    since: float
    until: float
    presence: str = AVAILABLE


@dataclass(frozen=True, slots=True)
class Worker:
    """An agent: what the engine is told of them, and when they were there."""

    id: int
    stays: tuple[Stay, ...]
    skills: Mapping[str, int] = field(default_factory=dict)
    channels: frozenset[str] = frozenset()
    budget: int = 100
    costs: Mapping[str, int] = field(default_factory=dict)
    name: str = ""


@dataclass(slots=True)
class Passage:
    """What became of one arrival: answered by an agent, ended, wrapped up; or it left the line.

    `gave_up` says that it was the customer's patience that ended; else it left for another reason (its ticket was
    solved). `parked` are seconds between answer and end in which it was interrupted. What is None had not happened when
    the stretch ended.
    """

    arrival: int
    agent: int | None = None
    answered_at: float | None = None
    ended_at: float | None = None
    done_at: float | None = None
    left_at: float | None = None
    gave_up: bool = False
    rings: int = 0
    parked: float = 0.0

    @property
    def worked(self) -> float | None:
        """Seconds of service, interruptions left out; None while it is not over."""
        if self.answered_at is None or self.ended_at is None:
            return None
        return max(0.0, self.ended_at - self.answered_at - self.parked)


@dataclass(frozen=True, slots=True)
class Ring:
    """One offer: who was asked when, and after how many seconds they accepted, declined or missed it, or it was
    withdrawn; `why` is the explanation as JSON, where it was kept."""

    arrival: int
    agent: int
    seconds: float
    outcome: str
    at: float = 0.0
    why: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Offering:
    """How work is offered: seconds an offer rings by channel (`by_queue`: by queue and channel, where they differ),
    and how long who declined or missed is left alone with it."""

    seconds: Mapping[str, float] = field(default_factory=dict)
    by_queue: Mapping[tuple[str, str], float] = field(default_factory=dict)
    cooldown: float = 60.0

    def rings(self, queue: str, channel: str) -> float:
        return self.by_queue.get((queue, channel), self.seconds.get(channel, 20.0))


@dataclass(frozen=True, slots=True)
class Record:
    """Everything from `since` to `until`. `passages` are by arrival; whoever was answered before `since` and still
    served then keeps their agent busy until they were done. `slowdown` maps a channel to how much longer one takes with
    one, two, three at a time."""

    since: float
    until: float
    arrivals: tuple[Arrival, ...]
    workers: tuple[Worker, ...]
    passages: Mapping[int, Passage] = field(default_factory=dict)
    rings: tuple[Ring, ...] = ()
    slowdown: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
