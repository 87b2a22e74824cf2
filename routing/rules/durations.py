"""Times as people write them: "20s", "5m", "4h", "1d", a plain number of seconds, or ".5T": half of the target."""

from __future__ import annotations

import re
from collections.abc import Iterator

UNITS = {"s": 1.0, "m": 60.0, "h": 3_600.0, "d": 86_400.0}
# Seconds; what is shorter or longer is a slip, and dates run out.
SHORTEST, LONGEST = 0.1, 30 * 86_400
MOST_TARGETS = 1_000
# JSON Schema knows no \d of its own; [0-9] means the same everywhere.
TIME = r"^([0-9]+(\.[0-9]+)?|\.[0-9]+) ?[smhd]$"
TARGETS = r"^([0-9]+(\.[0-9]+)?|\.[0-9]+) ?T$"
_WRITTEN = re.compile(r"([0-9]+(?:\.[0-9]+)?|\.[0-9]+) ?([smhdT])")


class BadDuration(ValueError):
    """That is no time; the message says how to write one."""


def seconds(written: str | float, *, target: float | None = None) -> float:
    """Seconds of a written time; `target` is what "T" stands for. Raises BadDuration."""
    number, unit = _read(written)
    if unit != "T":
        return number * UNITS[unit]
    if target is None:
        raise BadDuration(f"“{written}” is a share of a target; here a time is meant, such as 20s, 5m or 4h.")
    return number * target


def targets(written: str | float) -> float:
    """How many targets a written share is: ".5T" and .5 are half of one. Raises BadDuration."""
    number, unit = (float(written), "T") if isinstance(written, int | float) else _read(written)
    if unit != "T":
        raise BadDuration(f"“{written}” is a time; steps are counted in targets, such as .5T or 2T.")
    return number


def worded(number: float) -> str:
    """Seconds in words that `seconds` reads back: 14400 is "4h", 90 is "90s"."""
    for unit, size in _largest_first():
        if number >= size and number % size == 0:
            return f"{number / size:g}{unit}"
    return f"{number:g}s"


def _read(written: str | float) -> tuple[float, str]:
    if isinstance(written, int | float) and not isinstance(written, bool):
        return float(written), "s"
    found = _WRITTEN.fullmatch(str(written).strip())
    if not found:
        raise BadDuration(f"“{written}” is no time: write 20s, 5m, 4h, 1d, seconds, or .5T for half a target.")
    return float(found[1]), found[2]


def _largest_first() -> Iterator[tuple[str, float]]:
    return iter(sorted(UNITS.items(), key=lambda pair: -pair[1]))
