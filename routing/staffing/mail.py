"""Mail is work with a deadline, not a line before agents: what matters is that the pile is gone in time.

Fluid, first come first served: all that has come by the end of interval i must be done `deadline` intervals later, so
for every stretch i..k in which it comes, capacity from i to k + deadline must do it (the cumulative-flow argument of
Newell, Applications of Queueing Theory, 1982).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Backlog:
    """The pile at the end of each interval, in seconds of work, and the share of the work done after its deadline."""

    left: tuple[float, ...]
    late: float


def agents_for_deadline(
    work: Sequence[float], deadline: int, *, seconds: float = 1_800.0, open_share: Sequence[float] | None = None
) -> int:
    """The fewest agents, the same number in every interval, who finish all work in time.

    `work` is seconds of work that come in each interval of `seconds`; `deadline` counts intervals after the one it came
    in; `open_share` is the share of an agent's time there is for mail in each (0 at night, what calls leave over by
    day). After the last interval its share goes on. Raises ValueError where no number could.
    """
    came = np.asarray(work, dtype=float)
    share = np.ones(len(came)) if open_share is None else np.asarray(open_share, dtype=float)
    share = np.concatenate((share, np.full(deadline, share[-1]))) * seconds
    most = max((_stretch(came, share, first, deadline) for first in range(len(came))), default=0.0)
    if math.isinf(most):
        raise ValueError("Work comes for which there is no time before its deadline; open longer or promise later.")
    return math.ceil(most - 1e-9)


def backlog(work: Sequence[float], time: Sequence[float], deadline: int) -> Backlog:
    """How the pile grows and shrinks when agents have `time` seconds in each interval, oldest first."""
    came, able = np.cumsum(np.asarray(work, dtype=float)), np.asarray(time, dtype=float)
    done, gone = np.zeros(len(came)), 0.0
    for at in range(len(came)):
        gone = done[at] = min(came[at], gone + able[at])
    due = np.concatenate((np.zeros(deadline), came))[: len(came)]
    newly_due = np.diff(due, prepend=0.0)
    late = np.minimum(newly_due, np.maximum(0.0, due - done))
    return Backlog(tuple((came - done).tolist()), float(late.sum() / came[-1]) if came[-1] else 0.0)


def _stretch(came: np.ndarray, share: np.ndarray, first: int, deadline: int) -> float:
    """Agents needed so that what comes from `first` on is done in time, whatever came before."""
    work = np.cumsum(came[first:])
    time = np.cumsum(share[first:])[deadline : deadline + len(work)]
    needed = np.divide(work, time, out=np.full(len(work), math.inf), where=time > 0)
    return float(np.where(work > 0, needed, 0.0).max())
