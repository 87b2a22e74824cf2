"""What a day will bring, drawn before it begins, so that every policy meets the same customers.

Each type of work has its own stream of random numbers, and each interaction its own numbers within it: how long it
would take any group and how patient it is do not depend on what happens to others.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from routing.simulation.distributions import Distribution
from routing.simulation.scenario import Group, Kind, Scenario

FOREVER = float("inf")
ARRIVING, SERVICE, WRAP_UP, PATIENCE, BUSYNESS, AGAIN, DECIDING = range(7)
BATCH = 512


@dataclass(frozen=True, slots=True)
class Stream:
    """One type's day: per interaction the time it comes, its patience, and its handling times by group."""

    times: np.ndarray
    patience: list[float]
    service: list[list[float]]
    wrap_up: list[list[float]]


class Day:
    """Replication `number` of a scenario."""

    def __init__(self, scenario: Scenario, seed: int, number: int):
        self._key = (seed, number)
        self.busyness = _one(scenario.busyness, self.random(0, BUSYNESS)) if scenario.busyness else 1.0
        self.deciding_seed = int(self.random(0, DECIDING).integers(2**62))
        self.streams = [self._stream(kind, at, scenario) for at, kind in enumerate(scenario.kinds)]

    def order(self) -> list[tuple[float, int, int]]:
        """All arrivals by time: (time, type, number within the type)."""
        times = np.concatenate([stream.times for stream in self.streams])
        kinds = np.concatenate([np.full(len(stream.times), at) for at, stream in enumerate(self.streams)])
        numbers = np.concatenate([np.arange(len(stream.times)) for stream in self.streams])
        by_time = np.argsort(times, kind="stable")
        columns = times[by_time].tolist(), kinds[by_time].tolist(), numbers[by_time].tolist()
        return list(zip(*columns, strict=True))

    def second_thoughts(self, at: int) -> SecondThoughts:
        """The numbers for those of a type who come again."""
        return SecondThoughts(self.random(at, AGAIN))

    def _stream(self, kind: Kind, at: int, scenario: Scenario) -> Stream:
        times = _arrivals(kind, scenario, self.busyness, self.random(at, ARRIVING))
        number = len(times)
        periods = np.minimum(times // scenario.period, scenario.count - 1).astype(int)
        patience = [FOREVER] * number
        if kind.patience:
            patience = kind.patience.quantile(self.random(at, PATIENCE).random(number), periods).tolist()
        service, wrap_up = self.random(at, SERVICE).random(number), self.random(at, WRAP_UP).random(number)
        return Stream(
            times,
            patience,
            [_durations(kind.service, group, service, periods) for group in scenario.groups],
            [_durations(kind.wrap_up, group, wrap_up, periods) for group in scenario.groups],
        )

    def random(self, kind: int, purpose: int) -> np.random.Generator:
        return np.random.default_rng([*self._key, kind, purpose])


class SecondThoughts:
    """Uniform numbers and draws for those who come again, one at a time and cheap."""

    def __init__(self, random: np.random.Generator):
        self._random = random
        self._shares: list[float] = []
        self._drawn: dict[Distribution, list[float]] = {}

    def share(self) -> float:
        if not self._shares:
            self._shares = self._random.random(BATCH).tolist()
        return self._shares.pop()

    def draw(self, distribution: Distribution) -> float:
        left = self._drawn.setdefault(distribution, [])
        if not left:
            left.extend(distribution.quantile(self._random.random(BATCH)).tolist())
        return left.pop()


def _arrivals(kind: Kind, scenario: Scenario, busyness: float, random: np.random.Generator) -> np.ndarray:
    if kind.times:
        return np.array(kind.times)
    if kind.between:
        return _renewals(kind.between, scenario.end, random)
    counts = random.poisson(np.array(kind.rates) * scenario.period * busyness)
    starts = np.repeat(np.arange(scenario.count) * scenario.period, counts)
    return np.sort(starts + scenario.period * random.random(len(starts)))


def _renewals(between: Distribution, end: float, random: np.random.Generator) -> np.ndarray:
    """Times whose distances follow one distribution, the first as long after 0 as any after another."""
    steps = [np.zeros(1)]
    while sum(float(each.sum()) for each in steps) < end:
        steps.append(between.quantile(random.random(BATCH)))
    times = np.cumsum(np.concatenate(steps))[1:]
    return times[times < end]


def _durations(
    by_group: Mapping[str, Distribution], group: Group, shares: np.ndarray, periods: np.ndarray
) -> list[float]:
    """How long each would take this group; for ever where nothing is said (it then never serves the type)."""
    distribution = by_group.get(group.name) or by_group.get("")
    if distribution is None:
        return [0.0 if not by_group else FOREVER] * len(shares)
    return (group.pace * distribution.quantile(shares, periods)).tolist()


def _one(distribution: Distribution, random: np.random.Generator) -> float:
    return float(distribution.quantile(random.random(1))[0])
