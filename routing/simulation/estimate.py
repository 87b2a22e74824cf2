"""From days to figures: means over replications, each with a 95 % confidence interval.

Counts are means with Student's t. Shares and mean times are ratios of means (all answered in time over all arrived),
with the interval of the delta method (Law, Simulation Modeling and Analysis, 9.4.1); `daily` is the mean of each day's
own ratio, which some publications report instead.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import stdtrit

from routing.simulation import tally as t
from routing.simulation.scenario import Scenario
from routing.simulation.tally import Tally

CONFIDENCE = 0.95
PERCENTILES = (50, 90, 95, 99)


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure and the interval that holds the true one in 95 of 100 cases; not a number where nothing happened."""

    mean: float
    low: float
    high: float
    daily: float | None = None

    def __contains__(self, value: float) -> bool:
        return self.low <= value <= self.high

    @property
    def half_width(self) -> float:
        return (self.high - self.low) / 2


@dataclass(frozen=True, slots=True)
class Summary:
    """One day in arrays: counts by type, period and COUNTS; times by group and TIMES; wait percentiles by type."""

    counts: np.ndarray
    times: np.ndarray
    percentiles: np.ndarray
    longest: np.ndarray
    gini: float
    decisions: int


def summary(tally: Tally) -> Summary:
    percentiles = [np.percentile(waits, PERCENTILES) if waits else [np.nan] * len(PERCENTILES) for waits in tally.waits]
    return Summary(
        counts=np.array(tally.counts, dtype=float),
        times=np.array(tally.times, dtype=float),
        percentiles=np.array(percentiles, dtype=float),
        longest=np.array(tally.longest, dtype=float),
        gini=gini(list(tally.busy_by_agent.values())),
        decisions=tally.decisions,
    )


class Report:
    """The figures of a scenario over its replications."""

    def __init__(self, scenario: Scenario, days: Sequence[Summary]):
        self.scenario = scenario
        self.days = len(days)
        self.counts = np.array([day.counts for day in days])
        self.times = np.array([day.times for day in days])
        self.percentiles = np.array([day.percentiles for day in days])
        self.longest = np.array([day.longest for day in days])
        self.by_day_gini = np.array([day.gini for day in days])
        self.decisions = sum(day.decisions for day in days)

    def count(self, what: str, kind: str | None = None, period: int | None = None) -> Estimate:
        """How many a day: `what` is one of tally.COUNTS, of one type or all, in one period or all."""
        return mean(self._column(what, kind, period))

    def daily(self, what: str, kind: str | None = None, period: int | None = None) -> np.ndarray:
        """The count of each day."""
        return self._column(what, kind, period)

    def share(self, what: str, kind: str | None = None, period: int | None = None) -> Estimate:
        """A share or mean time: `what` is one of RATIOS."""
        over, under = RATIOS[what]

        def get(name: str) -> np.ndarray:
            return self._column(name, kind, period)

        return ratio(over(get, self.scenario), under(get, self.scenario))

    def ratio_by_day(self, what: str, kind: str | None = None) -> np.ndarray:
        """A share or mean time of each day; not a number where nothing happened."""
        over, under = (part(lambda name: self._column(name, kind, None), self.scenario) for part in RATIOS[what])
        return np.divide(over, under, out=np.full(self.days, np.nan), where=under > 0)

    def occupancy(self, group: str | None = None, *, of: str = "busy", over: str = "on_duty") -> Estimate:
        """Share of the time on duty with any work ("busy"), or of the budget in use ("used").

        `over` may be "scheduled": the time the scenario plans, without that of agents who finish beyond it. "drained"
        counts both until the last is served.
        """
        times = self.times if group is None else self.times[:, [self._place(group)]]
        if over == "drained":
            of, over = "busy_drained", "on_duty_drained"
        under = self._scheduled(group) if over == "scheduled" else times[:, :, t.TIMES.index(over)].sum(axis=1)
        return ratio(times[:, :, t.TIMES.index(of)].sum(axis=1), under)

    def percentile(self, share: int, kind: str) -> Estimate:
        """The wait in seconds of those answered, by day."""
        return mean(self.percentiles[:, self._kind(kind), PERCENTILES.index(share)])

    def longest_wait(self, kind: str | None = None) -> Estimate:
        return mean(self.longest.max(axis=1) if kind is None else self.longest[:, self._kind(kind)])

    def queue_length(self, kind: str | None = None) -> Estimate:
        """How many wait, on average over time (Little's law: seconds waited over seconds)."""
        return mean(self._column("wait_all", kind, None) / (self.scenario.end - self.scenario.warm_up))

    def gini(self) -> Estimate:
        """How unequal the agents' busy time is: 0 all alike, near 1 one does it all."""
        return mean(self.by_day_gini)

    def _scheduled(self, group: str | None) -> np.ndarray:
        groups = [each for each in self.scenario.groups if group in (None, each.name)]
        seconds = self.scenario.period * sum(sum(each.staff) for each in groups)
        return np.full(self.days, seconds)

    def _column(self, what: str, kind: str | None, period: int | None) -> np.ndarray:
        values = self.counts[:, :, :, t.COUNTS.index(what)]
        values = values if kind is None else values[:, [self._kind(kind)]]
        values = values if period is None else values[:, :, [period]]
        return values.sum(axis=(1, 2))

    def _kind(self, name: str) -> int:
        return [kind.name for kind in self.scenario.kinds].index(name)

    def _place(self, name: str) -> int:
        return [group.name for group in self.scenario.groups].index(name)


Column = Callable[[str], np.ndarray]

RATIOS: dict[str, tuple[Callable[[Column, Scenario], np.ndarray], Callable[[Column, Scenario], np.ndarray]]] = {
    "service_level": (
        lambda get, _: get("in_target"),
        lambda get, scenario: get("arrived") - (get("gone_in_target") if scenario.stayed else 0),
    ),
    "speed_of_answer": (lambda get, _: get("wait_served"), lambda get, _: get("served")),
    "mean_wait": (lambda get, _: get("wait_all"), lambda get, _: get("arrived") - get("blocked")),
    "abandonment": (lambda get, _: get("abandoned"), lambda get, _: get("arrived")),
    "blocking": (lambda get, _: get("blocked"), lambda get, _: get("arrived")),
    "handling": (lambda get, _: get("handled"), lambda get, _: get("served")),
    "match": (lambda get, _: get("matched"), lambda get, _: get("served")),
}


def mean(values: np.ndarray) -> Estimate:
    """Over replications, days on which there is no value left out."""
    values = values[~np.isnan(values)]
    if not len(values):
        return Estimate(np.nan, np.nan, np.nan)
    half = _half_width(values) if len(values) > 1 else np.inf
    middle = float(values.mean())
    return Estimate(middle, middle - half, middle + half)


def ratio(over: np.ndarray, under: np.ndarray) -> Estimate:
    """Mean over mean, with the delta method's interval."""
    if not under.sum():
        return Estimate(np.nan, np.nan, np.nan)
    middle = float(over.sum() / under.sum())
    days = under > 0
    daily = float((over[days] / under[days]).mean())
    if len(over) < 2:
        return Estimate(middle, -np.inf, np.inf, daily)
    half = _half_width(over - middle * under) / float(under.mean())
    return Estimate(middle, middle - half, middle + half, daily)


def difference(one: Report, other: Report, what: str, kind: str | None = None) -> Estimate:
    """How much more of a share or mean time (see RATIOS) the first has, of two policies that met the same customers:
    the mean of the days' differences, whose interval is narrow because luck with customers cancels out."""
    return mean(one.ratio_by_day(what, kind) - other.ratio_by_day(what, kind))


def gini(values: Sequence[float]) -> float:
    """Gini's coefficient (0 where there is nothing to share)."""
    ordered = np.sort(np.array(values, dtype=float))
    if not len(ordered) or not ordered.sum():
        return 0.0
    ranks = np.arange(1, len(ordered) + 1)
    return float((2 * ranks - len(ordered) - 1) @ ordered / (len(ordered) * ordered.sum()))


def _half_width(values: np.ndarray) -> float:
    times = float(stdtrit(len(values) - 1, (1 + CONFIDENCE) / 2))
    return times * float(values.std(ddof=1)) / len(values) ** 0.5
