"""Who goes first: linear marginal cost of waiting, a head start for priority, and a tier of its own past the wait.

    u = importance * max(0, waited / target + head_start * (priority - normal))

where the clock runs ahead for a ticket that was promised an answer earlier (`Waiting.counted_since`). This is the
generalised c-mu rule for a quadratic cost of delay. Breaching the target does not lower it (Milner & Olsen 2008).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from routing.engine.facts import NORMAL_PRIORITY, Policy, Waiting


@dataclass(frozen=True, slots=True)
class Urgencies:
    """One entry per interaction. `tier` and `score` order the line; `graded`: a good match may raise it.

    `waited` is the time since it came, whatever was promised.
    """

    waited: np.ndarray
    target: np.ndarray
    urgency: np.ndarray
    starving: np.ndarray
    tier: np.ndarray
    score: np.ndarray
    graded: np.ndarray


def urgencies(waiting: Sequence[Waiting], policy: Policy, now: float) -> Urgencies:
    waited = np.maximum(0.0, now - np.array([one.waiting_since for one in waiting], dtype=float))
    target, longest, weight, head_start, since = _promises(waiting, policy)
    urgency = weight * np.maximum(0.0, np.maximum(0.0, now - since) / target + head_start)
    starving = waited > longest
    tier, score = _order(policy.line, waiting, waited, urgency, np.where(starving, waited / longest, 0.0))
    graded = (tier == 0) & (policy.line == "urgency")
    return Urgencies(waited, target, urgency, starving, tier, score, graded)


def _promises(waiting: Sequence[Waiting], policy: Policy) -> tuple[np.ndarray, ...]:
    """Target, longest wait, weight, head start and since when the clock counts, of each, as columns."""
    kept: dict[tuple[str, str], tuple[float, float, float, float]] = {}
    rows = []
    for one in waiting:
        promise = kept.get((one.queue, one.channel))
        if promise is None:
            queue = policy.queue(one.queue)
            promise = (queue.target(one.channel), queue.longest_wait(one.channel), queue.importance, queue.head_start)
            kept[(one.queue, one.channel)] = promise
        target, longest, importance, head_start = promise
        ahead = head_start * (one.priority - NORMAL_PRIORITY)
        rows.append((target, longest, importance * one.importance, ahead, one.counted_since(target)))
    return tuple(np.array(rows, dtype=float).reshape(-1, 5).T)


def _order(
    line: str, waiting: Sequence[Waiting], waited: np.ndarray, urgency: np.ndarray, overdue: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Tier and score by which the line is served: see strategies.LINES."""
    if line == "fifo":
        return np.zeros(len(waiting)), waited
    if line == "priority":
        return np.array([one.priority for one in waiting], dtype=float), waited
    return (overdue > 0).astype(float), np.where(overdue > 0, overdue, urgency)
