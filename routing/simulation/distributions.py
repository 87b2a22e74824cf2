"""How long things take: distributions by their quantiles, so that one uniform number gives the same customer under
every policy (common random numbers by inversion)."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.special import gammaincinv, ndtri

BY_PERIOD = "by_period"
FINE = 10_000


class NotADistribution(ValueError):
    """A distribution that is not known, or lacks a number it needs."""


@dataclass(frozen=True, slots=True)
class Distribution:
    """`kind` names the quantile function below, `numbers` are its parameters. `parts` are those of a mixture with their
    weights, or one for each period with its share. No value is above `most`."""

    kind: str
    numbers: tuple[float, ...] = ()
    parts: tuple[tuple[float, Distribution], ...] = ()
    most: float = math.inf

    def quantile(self, shares: np.ndarray, periods: np.ndarray | None = None) -> np.ndarray:
        """The value each share (0 to 1, an array) of all cases does not exceed; `periods` says in which each lies."""
        if self.kind == BY_PERIOD:
            return _by_period(self.parts, shares, np.zeros(len(shares), dtype=int) if periods is None else periods)
        if self.kind == "mixture":
            return np.minimum(self.most, _mixture(self.parts, shares))
        return np.minimum(self.most, _QUANTILES[self.kind](shares, *self.numbers))

    def mean(self) -> float:
        """Over all periods alike."""
        if self.parts:
            return sum(weight * part.mean() for weight, part in self.parts)
        if math.isfinite(self.most):
            return float(self.quantile((np.arange(FINE) + 0.5) / FINE).mean())
        return _MEANS[self.kind](*self.numbers)

    def at(self, period: int) -> Distribution:
        """What holds in one period."""
        return self.parts[period][1] if self.kind == BY_PERIOD else self


def read_distribution(written: float | Mapping, unit: float = 1.0) -> Distribution:
    """From JSON, times `unit` (seconds in the file's unit of time); a plain number is a constant.

    Raises NotADistribution, in words.
    """
    if isinstance(written, int | float):
        return Distribution("constant", (written * unit,))
    most = written["most"] * unit if "most" in written else math.inf
    kind = written.get("kind")
    if BY_PERIOD in written:
        parts = tuple(read_distribution(each, unit) for each in written[BY_PERIOD])
        return Distribution(BY_PERIOD, parts=tuple((1 / len(parts), part) for part in parts))
    if kind == "mixture":
        return replace(_read_mixture(written, unit), most=most)
    if kind not in _READERS:
        raise NotADistribution(f"There is no distribution {kind!r}; choose one of {', '.join([*_READERS, 'mixture'])}.")
    try:
        numbers = _READERS[kind](written, unit)
    except KeyError as missing:
        raise NotADistribution(f"A distribution of kind {kind!r} also needs {missing}.") from None
    if not all(math.isfinite(number) for number in numbers):
        raise NotADistribution(f"A number of the distribution {kind!r} is not finite.")
    return Distribution(kind, numbers, most=most)


def _read_mixture(written: Mapping, unit: float) -> Distribution:
    parts = tuple((float(part["weight"]), read_distribution(part["of"], unit)) for part in written.get("parts", ()))
    total = sum(weight for weight, _ in parts)
    if not parts or total <= 0:
        raise NotADistribution("A mixture needs parts, each with a weight above nought and what it is made of.")
    return Distribution("mixture", parts=tuple((weight / total, part) for weight, part in parts))


def _exponential(written: Mapping, unit: float) -> tuple[float, ...]:
    return (unit / written["rate"] if "rate" in written else written["mean"] * unit,)


def _gamma(written: Mapping, unit: float) -> tuple[float, ...]:
    shape = written["shape"]
    if "scale" in written:
        return shape, written["scale"] * unit
    return shape, unit / written["rate"] if "rate" in written else written["mean"] * unit / shape


def _lognormal(written: Mapping, unit: float) -> tuple[float, ...]:
    """By mu and sigma of the logarithm, or by mean and sd (or cv, sd over mean)."""
    if "sigma" in written:
        return written["mu"] + math.log(unit), written["sigma"]
    cv = written["cv"] if "cv" in written else written["sd"] / written["mean"]
    variance = math.log1p(cv**2)
    return math.log(written["mean"] * unit) - variance / 2, math.sqrt(variance)


def _weibull(written: Mapping, unit: float) -> tuple[float, ...]:
    shape = written["shape"]
    scale = written["scale"] if "scale" in written else written["mean"] / math.gamma(1 + 1 / shape)
    return shape, scale * unit


_READERS: dict[str, Callable[[Mapping, float], tuple[float, ...]]] = {
    "constant": lambda written, unit: (written["value"] * unit,),
    "exponential": _exponential,
    "uniform": lambda written, unit: (written["low"] * unit, written["high"] * unit),
    "gamma": _gamma,
    "lognormal": _lognormal,
    "weibull": _weibull,
    "empirical": lambda written, unit: tuple(sorted(value * unit for value in written["values"])),
}

_QUANTILES: dict[str, Callable[..., np.ndarray]] = {
    "constant": lambda shares, value: np.full(len(shares), value),
    "exponential": lambda shares, mean: -mean * np.log1p(-shares),
    "uniform": lambda shares, low, high: low + (high - low) * shares,
    "gamma": lambda shares, shape, scale: scale * gammaincinv(shape, shares),
    "lognormal": lambda shares, mu, sigma: np.exp(mu + sigma * ndtri(shares)),
    "weibull": lambda shares, shape, scale: scale * (-np.log1p(-shares)) ** (1 / shape),
    "empirical": lambda shares, *values: np.array(values)[(shares * len(values)).astype(int)],
}

_MEANS: dict[str, Callable[..., float]] = {
    "constant": lambda value: value,
    "exponential": lambda mean: mean,
    "uniform": lambda low, high: (low + high) / 2,
    "gamma": lambda shape, scale: shape * scale,
    "lognormal": lambda mu, sigma: math.exp(mu + sigma**2 / 2),
    "weibull": lambda shape, scale: scale * math.gamma(1 + 1 / shape),
    "empirical": lambda *values: sum(values) / len(values),
}


def _by_period(parts: Sequence[tuple[float, Distribution]], shares: np.ndarray, periods: np.ndarray) -> np.ndarray:
    values = np.zeros(len(shares))
    for period, (_, part) in enumerate(parts):
        values[periods == period] = part.quantile(shares[periods == period])
    return values


def _mixture(parts: Sequence[tuple[float, Distribution]], shares: np.ndarray) -> np.ndarray:
    """Each part has its own stretch of the shares."""
    values, low = np.zeros(len(shares)), 0.0
    for weight, part in parts:
        here = (shares >= low) & (shares < low + weight)
        values[here] = part.quantile(np.clip((shares[here] - low) / weight, 0.0, np.nextafter(1.0, 0.0)))
        low += weight
    return values
