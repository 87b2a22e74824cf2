"""One simulated day under one policy, as the figures that policies are compared by."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache

import numpy as np

from benchmarks.routing.world import WORLDS
from routing.engine import Policy, preset
from routing.simulation import tally as t
from routing.simulation.estimate import gini
from routing.simulation.reading import read_scenario
from routing.simulation.run import simulate_day
from routing.simulation.scenario import Kind, Scenario
from routing.simulation.tally import Tally

# What is the same under every policy: what work costs, and that a call may interrupt mail.
COMMON = Policy(version=0)
FIGURES = ("service_level", "speed_of_answer", "p95_wait", "longest_wait", "abandonment")
Day = Mapping[str, float]


def policy_named(name: str) -> Policy:
    """A preset of the engine by its name; "balanced" is the default policy."""
    return preset(name)(COMMON)


def day(world: str, load: float, policy: Policy, seed: int, number: int) -> Day:
    """The figures of day `number` of `seed`: each of FIGURES by channel and for "VIP", then match, occupancy, Gini.

    Shares are 0 to 1, times seconds. The same seed and number bring the same customers under any policy.
    """
    scenario = _scenario(world, load)
    played = simulate_day(scenario, seed, number, _promising(policy, scenario))
    figures = {}
    for group, kinds in _groups(scenario.kinds).items():
        figures |= {f"{group} {name}": value for name, value in _figures(played, kinds).items()}
    served = sum(_total(played, at, t.SERVED) for at in range(len(scenario.kinds)))
    times = np.array(played.times).sum(axis=0)
    return {
        **figures,
        "match": sum(_total(played, at, t.MATCHED) for at in range(len(scenario.kinds))) / max(1.0, served),
        "occupancy": float(times[t.BUSY] / times[t.ON_DUTY]),
        "gini": gini(list(played.busy_by_agent.values())),
        "decisions": played.decisions,
    }


@cache
def _scenario(world: str, load: float) -> Scenario:
    return read_scenario(next(one for one in WORLDS if one.name == world).scenario(load))


def _promising(policy: Policy, scenario: Scenario) -> Policy:
    """Every queue promises what the world says."""
    return replace(policy, queues=scenario.policy.queues)


def _groups(kinds: Sequence[Kind]) -> dict[str, list[int]]:
    """Places of the types by channel, and of the VIPs' calls."""
    groups: dict[str, list[int]] = {}
    for at, kind in enumerate(kinds):
        groups.setdefault(kind.channel, []).append(at)
        if kind.priority > 1 and kind.channel == "voice":
            groups.setdefault("VIP", []).append(at)
    return groups


def _figures(played: Tally, kinds: Sequence[int]) -> dict[str, float]:
    arrived, served = (sum(_total(played, at, what) for at in kinds) for what in (t.ARRIVED, t.SERVED))
    waits = np.concatenate([played.waits[at] for at in kinds])
    return {
        "service_level": sum(_total(played, at, t.IN_TARGET) for at in kinds) / max(1.0, arrived),
        "speed_of_answer": sum(_total(played, at, t.WAIT_SERVED) for at in kinds) / max(1.0, served),
        "p95_wait": float(np.percentile(waits, 95)) if len(waits) else 0.0,
        "longest_wait": max(played.longest[at] for at in kinds),
        "abandonment": sum(_total(played, at, t.ABANDONED) for at in kinds) / max(1.0, arrived),
    }


def _total(played: Tally, kind: int, what: int) -> float:
    return sum(period[what] for period in played.counts[kind])
