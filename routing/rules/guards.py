"""On what condition a queue lends its agents: sl(care) >= 85 and ewt(care) <= 60s."""

from __future__ import annotations

import re
from dataclasses import dataclass

from routing.rules.durations import BadDuration, seconds

_HALF = re.compile(r"(sl|ewt)\(([a-z0-9][a-z0-9._-]*)\)(<=|>=|<|>|==)([0-9.]+[smhd%]?)")
_SIDE = {"sl": (">=", ">"), "ewt": ("<=", "<")}
_MEANS = {
    "sl": "a service level has a least: sl(queue) >= 85",
    "ewt": "a wait has a most: ewt(queue) <= 60s",
}
EXAMPLE = "write sl(queue) >= 85, ewt(queue) <= 60s, or both with “and”."


class BadGuard(ValueError):
    """The condition of a loan cannot be read; the message says what and the way on."""


@dataclass(frozen=True, slots=True)
class Guard:
    """The lender's service level must be at least `level` (0 to 1) and its expected wait at most `wait` seconds.

    `queues` are those it names."""

    level: float = 0.0
    wait: float | None = None
    queues: tuple[str, ...] = ()


def read_guard(text: str) -> Guard:
    """Read a condition of lending. Raises BadGuard."""
    level, wait, queues = 0.0, None, []
    for half in text.split(" and "):
        kind, queue, figure = _half(half, text)
        queues.append(queue)
        if kind == "sl":
            level = max(level, _share(figure, text))
        else:
            wait = min(_time(figure, text), wait if wait is not None else float("inf"))
    return Guard(level, wait, tuple(dict.fromkeys(queues)))


def _half(half: str, text: str) -> tuple[str, str, str]:
    found = _HALF.fullmatch(half.replace(" ", ""))
    if not found:
        raise BadGuard(f"“{text}” cannot be read: {EXAMPLE}")
    kind, queue, sign, figure = found.groups()
    if sign not in _SIDE[kind]:
        raise BadGuard(f"“{text}”: {_MEANS[kind]}.")
    return kind, queue, figure


def _share(figure: str, text: str) -> float:
    try:
        percent = float(figure.removesuffix("%"))
    except ValueError:
        raise BadGuard(f"“{text}”: a service level is a number of percent, such as 85.") from None
    if not 0 <= percent <= 100:
        raise BadGuard(f"“{text}”: a service level lies between 0 and 100 percent.")
    return percent / 100


def _time(figure: str, text: str) -> float:
    try:
        return seconds(float(figure) if figure[-1].isdigit() else figure)
    except (BadDuration, ValueError):
        raise BadGuard(f"“{text}”: a wait is a time, such as 60s.") from None
