"""Next week from the weeks before: a mean per half hour of the week, recent weeks counting more."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

WEEK = 7 * 86_400


@dataclass(frozen=True, slots=True)
class Forecast:
    """Expected arrivals for each interval of a week that begins on Monday 00:00, and the variance over the weeks."""

    seconds: int
    expected: tuple[float, ...]
    variance: tuple[float, ...]
    weeks: int

    def busyness_shape(self) -> float:
        """The gamma shape of the day-to-day factor that explains what Poisson does not (inf: nothing is left over).

        Method of moments: variance = mean + mean^2 / shape, summed over the week.
        """
        mean, spread = np.array(self.expected), np.array(self.variance)
        more = float((spread - mean).sum())
        return float((mean**2).sum()) / more if more > 0 else float("inf")


def weekly_forecast(
    arrivals: Iterable[datetime], until: datetime, *, weeks: int, seconds: int = 1_800, half_life: float = 4.0
) -> Forecast:
    """The `weeks` full weeks before `until` (a Monday 00:00, local time), weighted by half every `half_life` weeks."""
    counts = np.zeros((weeks, WEEK // seconds))
    first = until - timedelta(weeks=weeks)
    for moment in arrivals:
        since = (moment - first).total_seconds()
        if 0 <= since < weeks * WEEK:
            counts[int(since // WEEK), int(since % WEEK // seconds)] += 1
    weight = 0.5 ** (np.arange(weeks)[::-1] / half_life)
    weight = weight / weight.sum()
    mean = weight @ counts
    spread = weight @ (counts - mean) ** 2 / max(1e-9, 1 - float(weight @ weight)) if weeks > 1 else mean
    return Forecast(seconds, tuple(mean.tolist()), tuple(spread.tolist()), weeks)
