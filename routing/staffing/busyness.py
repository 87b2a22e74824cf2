"""Days differ more than Poisson allows: a random factor on the whole day's rate."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from scipy.special import gammaincinv

from routing.staffing.line import Line, Performance, performance

POINTS = 32


def over_days(line: Line, shape: float, measure: Callable[[Performance], float]) -> float:
    """A measure per arrival, averaged over days whose rate is multiplied by a gamma factor of mean 1.

    `shape` is 1 / variance of the factor (Avramidis, Deslauriers & L'Ecuyer, "Modeling daily arrivals to a telephone
    call center", Management Science 50(7), 2004). Busy days count by their arrivals, so it is an integral over the
    quantiles of a gamma of shape one more (by Gauss and Legendre's rule). A line without patience may be unstable on
    busy days: Unstable is raised.
    """
    nodes, weights = np.polynomial.legendre.leggauss(POINTS)
    factors = gammaincinv(shape + 1, (nodes + 1) / 2) / shape
    days = [measure(performance(replace(line, rate=line.rate * float(factor)))) for factor in factors]
    return float(weights @ days / 2)
