"""Other people's figures, and what the simulator with the real engine makes of the same scenarios.

`compare` runs each scenario and sets every published or exact figure beside the simulated one. A figure is met when the
published one lies within the 95 % interval of the simulated, widened by what the publication leaves open: its own
interval, or half a unit of its last digit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from math import hypot
from pathlib import Path

import numpy as np

from routing.simulation.estimate import Estimate, Report, mean
from routing.simulation.exact import drawn_by_lot, longest_idle_over_a_graph, separate_lines_on_shared_trunks
from routing.simulation.reading import read_file, read_policy
from routing.simulation.replicate import replicate
from routing.simulation.scenario import Scenario

SCENARIOS = Path(__file__).with_name("scenarios")
MINUTE = 60.0


@dataclass(frozen=True, slots=True)
class Oracle:
    """One figure: in which scenario (and under which policy, if not its own), what it is called, how it is measured,
    what others say it is, and give or take how much: a 95 % half width (`interval`) or half a last digit (`rounding`).
    """

    scenario: str
    figure: str
    measure: Callable[[Report], Estimate]
    published: float
    rounding: float = 0.0
    interval: float = 0.0
    policy: str | None = None


@dataclass(frozen=True, slots=True)
class Comparison:
    """A figure as others have it and as it was simulated."""

    oracle: Oracle
    simulated: Estimate
    days: int

    @property
    def distance(self) -> float:
        """How far the two are apart, in half widths of both intervals."""
        apart = max(0.0, abs(self.simulated.mean - self.oracle.published) - self.oracle.rounding)
        return apart / hypot(self.simulated.half_width, self.oracle.interval)

    @property
    def is_met(self) -> bool:
        return self.distance <= 1


def load(name: str) -> Scenario:
    """A scenario that comes with the product, by the name of its file."""
    return read_file(SCENARIOS / f"{name}.json")


def compare(
    oracles: Sequence[Oracle],
    *,
    share: float = 1.0,
    workers: int | None = None,
    seed: int | None = None,
    on_progress: Callable[[str, int, int], None] = lambda name, done, of: None,
) -> Iterator[Comparison]:
    """Run each scenario once for all its figures, with this share of its replications (at least 2 days)."""
    for (name, policy), figures in groupby(oracles, key=lambda each: (each.scenario, each.policy)):
        scenario = load(name)
        number = max(2, round(scenario.replications * share))
        rules = read_policy(policy, scenario.policy) if policy else scenario.policy

        def progress(done: int, name: str = name, number: int = number) -> None:
            on_progress(name, done, number)

        report = replicate(
            scenario, policy=rules, replications=number, workers=workers, seed=seed, on_progress=progress
        )
        yield from (Comparison(each, each.measure(report), number) for each in figures)


def _in_minutes(estimate: Estimate) -> Estimate:
    daily = None if estimate.daily is None else estimate.daily / MINUTE
    return Estimate(estimate.mean / MINUTE, estimate.low / MINUTE, estimate.high / MINUTE, daily)


def _wait(kind: str | None = None) -> Callable[[Report], Estimate]:
    """Mean wait in minutes over all who enter."""
    return lambda report: _in_minutes(report.share("mean_wait", kind))


def _answer(report: Report) -> Estimate:
    return _in_minutes(report.share("speed_of_answer"))


def _share(what: str) -> Callable[[Report], Estimate]:
    return lambda report: report.share(what)


def _count(what: str, kind: str | None = None, period: int | None = None) -> Callable[[Report], Estimate]:
    return lambda report: report.count(what, kind, period)


def _per_expected(*counts: str, number: float) -> Callable[[Report], Estimate]:
    """Counts added up, over the number of arrivals expected a day."""
    return lambda report: mean(np.sum([report.daily(what) for what in counts], axis=0) / number)


def _occupancy(group: str | None = None, over: str = "on_duty") -> Callable[[Report], Estimate]:
    return lambda report: report.occupancy(group, over=over)


def _graph(
    name: str, rates: Sequence[float], servers: Sequence[float], serves: Sequence[Sequence[int]]
) -> list[Oracle]:
    """Every agent's busy share and every type's wait, against the product form."""
    exact = longest_idle_over_a_graph(rates, servers, serves)
    busy = [
        Oracle(name, f"agent {number} busy", _occupancy(f"agent {number}"), share)
        for number, share in enumerate(exact.busy, 1)
    ]
    waits = [
        Oracle(name, f"type {number} mean wait (min)", _wait(f"type {number}"), wait)
        for number, wait in enumerate(exact.wait, 1)
    ]
    return busy + waits


def _unequal(policy: str) -> list[Oracle]:
    """Longest idle and random come to the same (arXiv 1305.6249): the exact figures for random."""
    exact = drawn_by_lot(3.0, [1.5, 1.0, 0.7, 0.5])
    names = ("first", "second", "third", "fourth")
    busy = [
        Oracle("unequal_agents", f"{policy}: {name} agent busy", _occupancy(name), share, policy=policy)
        for name, share in zip(names, exact.busy, strict=True)
    ]
    wait = Oracle("unequal_agents", f"{policy}: mean wait (min)", _wait(), exact.wait[0], policy=policy)
    return [*busy, wait]


_SILO = separate_lines_on_shared_trunks(1.4, 0.1, agents=15, pools=6, trunks=120)
_POOL = separate_lines_on_shared_trunks(8.4, 0.1, agents=90, pools=1, trunks=120)

CONTACT_CENTERS = [
    Oracle("mmc", "in target", _count("in_target"), 1816.2, interval=3.55),
    Oracle("mmc", "service level", _share("service_level"), 0.902, rounding=0.0005),
    Oracle("mmc", "mean wait (min)", _wait(), 0.099, rounding=0.0005),
    Oracle("mmc", "occupancy", _occupancy(), 0.695, rounding=0.0005),
    Oracle("mmc_abandonment", "abandoned", _count("abandoned"), 58.61, interval=0.95),
    Oracle("mmc_abandonment", "in target", _count("in_target"), 1906.0, rounding=0.05),
    Oracle("mmc_abandonment", "service level", _share("service_level"), 0.968, rounding=0.0005),
    Oracle("mmc_abandonment", "mean wait of those answered (min)", _answer, 0.024, rounding=0.0005),
]

MORE_OF_CONTACT_CENTERS = [
    Oracle("mmc_blocked", "blocked", _count("blocked"), 18.655, interval=0.61),
    Oracle("mmc_blocked", "in target", _count("in_target"), 1854.284, interval=2.617),
    Oracle("mmc_blocked", "service level with the blocked", _share("service_level"), 0.920, interval=0.0015),
    Oracle("mmc_blocked", "speed of answer (min)", _answer, 0.060, rounding=0.0005, interval=0.001),
    Oracle("mmc_blocked", "occupancy", _occupancy(), 0.689, rounding=0.0005, interval=0.001),
    Oracle("simple_msk", "served", _count("served"), 4297.305, interval=27.155),
    Oracle("simple_msk", "abandoned", _count("abandoned"), 910.335, interval=34.202),
    Oracle("simple_msk", "service level", _share("service_level"), 0.501, rounding=0.0005, interval=0.0075),
    Oracle("simple_msk", "occupancy of the first group", _occupancy("first", "drained"), 0.881, interval=0.0035),
    Oracle("simple_msk", "type 0, period 1 in target", _count("in_target", "type 0", 0), 170.154, interval=5.816),
    Oracle("simple_msk", "type 1, period 2 in target", _count("in_target", "type 1", 1), 511.648, interval=5.372),
    Oracle("simple_msk", "type 2, period 3 in target", _count("in_target", "type 2", 2), 24.888, interval=2.751),
    Oracle("call_cc", "arrived", _count("arrived"), 1639.507, interval=31.8),
    Oracle("call_cc", "lost of 1660", _per_expected("abandoned", number=1660), 0.0342, interval=0.0038),
    Oracle(
        "call_cc", "waits < 20 s of 1660", _per_expected("in_target", "gone_in_target", number=1660), 0.853,
        interval=0.0105,
    ),
    Oracle("call_cc", "wait of 1660 (s)", _per_expected("wait_all", number=1660), 11.834, interval=2.11),
    Oracle("telethon", "served", _count("served"), 963.109, interval=1.737),
    Oracle("telethon", "abandoned or left a message", _count("abandoned"), 36.780, interval=0.674),
    Oracle("telethon", "cut off at closing", _count("left"), 0.280, interval=0.045),
    Oracle("telethon", "in target", _count("in_target"), 950.265, interval=1.686),
    Oracle("telethon", "speed of answer (min)", _answer, 0.036, rounding=0.0005, interval=0.0005),
    Oracle("telethon", "busy of scheduled", _occupancy(over="scheduled"), 0.66772, interval=0.00164),
    Oracle("bilingual", "arrived", _count("arrived"), 5110.161, interval=5.152),
    Oracle("bilingual", "came again", _count("retried"), 107.168, interval=1.327),
    Oracle("bilingual", "served", _count("served"), 4967.235, interval=4.289),
    Oracle("bilingual", "abandoned", _count("abandoned"), 142.868, interval=1.659),
    Oracle("bilingual", "English abandoned", _count("abandoned", "English"), 71.848, interval=1.033),
    Oracle("bilingual", "cut off at closing", _count("left"), 0.058, interval=0.018),
    Oracle("bilingual", "in target", _count("in_target"), 4896.885, interval=4.096),
    Oracle("bilingual", "English-only busy", _occupancy("English-only", "scheduled"), 0.47624, interval=0.0006),
    Oracle("bilingual", "Spanish-only busy", _occupancy("Spanish-only", "scheduled"), 0.47639, interval=0.0006),
    Oracle("bilingual", "bilingual busy", _occupancy("bilingual", "scheduled"), 0.63254, interval=0.00057),
]  # fmt: skip

GARNETT = [
    Oracle("garnett", "mean wait (s)", _share("mean_wait"), 20.83, rounding=0.005),
    Oracle("garnett", "queue", lambda report: report.queue_length(), 16.67, rounding=0.005),
    Oracle("garnett", "occupancy", _occupancy(), 0.96),
    Oracle("garnett_patience", "abandonment", _share("abandonment"), 0.0309, rounding=0.00005),
    Oracle("garnett_patience", "mean wait (s)", _share("mean_wait"), 3.71, rounding=0.005),
    Oracle("garnett_patience", "queue", lambda report: report.queue_length(), 2.97, rounding=0.005),
    Oracle("garnett_patience", "occupancy", _occupancy(), 0.9303, rounding=0.00005),
]

LISF = [*_unequal("longest_idle"), *_unequal("random")]

GRAPHS = [
    *_graph("graph_n", [0.4, 0.9], [1.0, 1.2], [[0, 1], [1]]),
    *_graph("graph_w", [0.3, 0.5, 0.4], [1.0, 1.1], [[0, 1], [1, 2]]),
    *_graph("graph_chain", [0.6, 0.5, 0.7], [0.9, 1.0, 0.8], [[0, 1], [1, 2], [2, 0]]),
]

WALLACE_WHITT = [
    Oracle("wallace_whitt_one", "blocking", _share("blocking"), _SILO.blocked),
    Oracle("wallace_whitt_one", "mean wait given entry (min)", _wait(), _SILO.wait),
    Oracle("wallace_whitt_six", "blocking", _share("blocking"), _POOL.blocked),
    Oracle("wallace_whitt_six", "mean wait given entry (min)", _wait(), _POOL.wait),
]

REDIALS = [
    Oracle("redials", "abandonment", _share("abandonment"), 0.0377, rounding=0.00005),
    Oracle("redials", "mean wait (s)", _share("mean_wait"), 4.52, rounding=0.005),
]

ORACLES = [*CONTACT_CENTERS, *MORE_OF_CONTACT_CENTERS, *GARNETT, *LISF, *GRAPHS, *WALLACE_WHITT, *REDIALS]
