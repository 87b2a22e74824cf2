"""What is simulated, as plain facts. Times are seconds, rates per second; reading.py says how a file is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from routing.engine import Policy
from routing.simulation.distributions import Distribution


@dataclass(frozen=True, slots=True)
class Retrial:
    """Who gave up (or, with `blocked`, was turned away) comes again with a probability, after a delay.

    `patience`: "fresh" is drawn anew, "same" is that of the first time, "left" what was not used up. With
    `accumulated` the wait that is counted for an attempt is that of all so far. With `once` all attempts are one
    interaction, counted when it came first and by how it ends; else each attempt is an arrival of its own.
    """

    probability: float
    delay: Distribution
    blocked: float = 0.0
    patience: str = "fresh"
    accumulated: bool = False
    once: bool = False
    most: int = 1_000


@dataclass(frozen=True, slots=True)
class Ringing:
    """On one channel a desk rings at most `seconds`; the agent takes or declines it after a time drawn from `answer`,
    declines or misses it with these probabilities, and is then not asked for it again for `cooldown` seconds."""

    seconds: float
    answer: Distribution
    decline: float = 0.0
    miss: float = 0.0
    cooldown: float = 60.0


@dataclass(frozen=True, slots=True)
class Returning:
    """A share of the customers knows an agent, any of those who may serve them, who served them `days` ago."""

    probability: float
    days: float = 0.0


@dataclass(frozen=True, slots=True)
class Kind:
    """One type of work.

    Arrivals are Poisson with `rates` (per second, one a period), or a renewal process with times `between`, or at given
    `times`. `service` and `wrap_up` map a group to how long it takes them, "" to what holds for the others. `target` is
    the promise in seconds. `required` and `preferred` are what the engine is told.
    """

    name: str
    channel: str
    service: Mapping[str, Distribution]
    rates: tuple[float, ...] = ()
    between: Distribution | None = None
    times: tuple[float, ...] = ()
    wrap_up: Mapping[str, Distribution] = field(default_factory=dict)
    patience: Distribution | None = None
    retrial: Retrial | None = None
    target: float = 20.0
    queue: str = ""
    required: Mapping[str, int] = field(default_factory=dict)
    preferred: Mapping[str, int] = field(default_factory=dict)
    priority: int = 1
    importance: float = 1.0
    cost: int = 100
    queue_limit: int | None = None
    returning: Returning | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """Agents who are alike. `staff` is how many, period by period; `pace` multiplies every handling time of theirs.

    `shifts` are those of each agent by name, from when to when, instead of numbers; `paces` are each agent's own beside
    the group's. `decline` and `miss` are this group's probabilities where they differ from the channel's.
    """

    name: str
    staff: tuple[int, ...]
    channels: frozenset[str]
    skills: Mapping[str, int] = field(default_factory=dict)
    budget: int = 100
    costs: Mapping[str, int] = field(default_factory=dict)
    pace: float = 1.0
    paces: tuple[float, ...] = ()
    shifts: tuple[tuple[tuple[float, float], ...], ...] = ()
    decline: float | None = None
    miss: float | None = None


def could_serve(group: Group, kind: Kind) -> bool:
    """Whether a group has the channel and the skills for a type, before any relaxation."""
    return kind.channel in group.channels and all(
        group.skills.get(skill, 0) >= level for skill, level in kind.required.items()
    )


def match_of(group: Group, kind: Kind) -> float:
    """The share of the wanted levels that a group's agents have, 0 to 1; 1 where nothing is wanted."""
    shares = [min(1.0, group.skills.get(skill, 0) / level) for skill, level in kind.preferred.items()]
    return sum(shares) / len(shares) if shares else 1.0


@dataclass(frozen=True, slots=True)
class Scenario:
    """A centre for a day (or however long): `count` periods of `period` seconds, counted from `warm_up` on.

    `busyness` is drawn once a day and multiplies all Poisson rates. `lines` limits waiting and served together,
    `queue_limit` the waiting. With `drain` nobody new comes after the last period but all who are there are served
    before it ends; else it stops there. With `clears`, who waits is sent away when the last agent leaves who could
    serve them (who comes later waits). `stayed`: who gives up within the target does not count in service level.
    `ringing` is by channel; `slowdown` by channel is how much longer one takes with one, two, three at a time.
    """

    name: str
    period: float
    count: int
    kinds: tuple[Kind, ...]
    groups: tuple[Group, ...]
    policy: Policy
    about: str = ""
    source: str = ""
    warm_up: float = 0.0
    drain: bool = True
    clears: bool = False
    busyness: Distribution | None = None
    lines: int | None = None
    queue_limit: int | None = None
    stayed: bool = False
    replications: int = 100
    seed: int = 1
    ringing: Mapping[str, Ringing] = field(default_factory=dict)
    slowdown: Mapping[str, tuple[float, ...]] = field(default_factory=dict)

    @property
    def end(self) -> float:
        return self.period * self.count
