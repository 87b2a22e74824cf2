"""Pairing a few interactions with a few agents all at once, so that nobody takes the agent whom another needs more.

It maximises the sum of 2 + urgency + V/2 over the pairs. Measured against one after the other it places 5 to 11 % more
when both sides are of like size and small, and nothing more when one side is four times the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linear_sum_assignment

from routing.engine.facts import Waiting
from routing.engine.lines import Line, affinity_of
from routing.engine.scores import Scores, lots
from routing.engine.urgency import Rank, Ranking

MOST_SLOTS = 4
TIE = 1e-6
SOMETHING = 1e-3


def best_pairs(lines: Sequence[Line], ranking: Ranking, scores: Scores) -> list[tuple[Line, Waiting, int]]:
    """For each pair its line, the interaction and the agent's place, most urgent first; none where it does not pay.

    Somebody fits each of `lines`.
    """
    limit, ratio = scores.policy.batch_limit, scores.policy.batch_ratio
    if scores.policy.strategy != "value" or scores.policy.line != "urgency":
        return []
    if not 2 <= sum(len(line.members) for line in lines) <= limit:
        return []
    rows = sorted(((line, one) for line in lines for one in line.members), key=lambda row: row[1].id)
    slots = _slots(lines, scores)
    if not 2 <= len(slots.agent) <= limit or max(len(rows), len(slots.agent)) > ratio * min(
        len(rows), len(slots.agent)
    ):
        return []
    ranks = [ranking.of(one) for _, one in rows]
    gain = _gain(rows, slots, ranks, scores)
    pairs = zip(*linear_sum_assignment(gain, maximize=True), strict=True)
    chosen = sorted((ranks[row].turn(), row, column) for row, column in pairs if gain[row, column] > 0)
    return [(*rows[row], int(slots.agent[column])) for _, row, column in chosen]


@dataclass(frozen=True, slots=True)
class _Slots:
    """Columns: each agent as often as they have room, with the room lost and the score lost to the slots before."""

    agent: np.ndarray
    spent: np.ndarray
    worse: np.ndarray


def _slots(served: Sequence[Line], scores: Scores) -> _Slots:
    roster, weights = scores.roster, scores.policy.weights
    smallest = np.full(len(roster.agents), np.iinfo(np.int64).max)
    most_room = roster.left.copy()
    for line in served:
        here = line.fitting(roster)
        np.minimum.at(smallest, line.pos[here], line.units[here])
        np.maximum.at(most_room, line.pos[here], line.room(roster)[here])
    fitting = np.flatnonzero((smallest <= most_room) & (roster.askable > 0))
    most = max(1, min(MOST_SLOTS, scores.policy.batch_limit // max(1, len(fitting))))
    room = most_room[fitting] // np.maximum(1, smallest[fitting])
    times = np.clip(np.minimum(room, roster.askable[fitting]), 1, most)
    agent = np.repeat(fitting, times)
    turn = np.arange(len(agent)) - np.repeat(np.cumsum(times) - times, times)
    spent = turn * smallest[agent]
    rested = np.minimum(1.0, roster.idle(agent) / scores.policy.idle_full)
    worse = weights.load * spent / np.maximum(1, roster.budget[agent]) + weights.fairness * rested * (turn > 0)
    return _Slots(agent, spent, worse)


def _gain(rows: Sequence[tuple[Line, Waiting]], slots: _Slots, ranks: Sequence[Rank], scores: Scores) -> np.ndarray:
    """What each pair is worth; 0 where the agent does not fit. Whoever starves outweighs everybody who does not."""
    ids = scores.roster.ids[slots.agent]
    values: dict[tuple, np.ndarray] = {}
    gain = np.zeros((len(rows), len(slots.agent)))
    for row, (line, one) in enumerate(rows):
        line.affinity = affinity_of(one, scores.roster, scores.policy, line.pos)
        key = (id(line), one.id if line.affinity is not None else None)
        if key not in values:
            values[key] = _line_values(line, slots, scores)
        worth = 2 + ranks[row].score + values[key] / 2 + TIE * lots(scores.seed ^ one.id, ids)
        gain[row] = np.where(np.isnan(worth), 0.0, np.maximum(worth, SOMETHING))
    starving = np.array([rank.tier for rank in ranks])
    return gain + (gain > 0) * (starving * len(rows) * (gain.max() + 1))[:, None]


def _line_values(line: Line, slots: _Slots, scores: Scores) -> np.ndarray:
    """V of each slot for one line, not a number where it does not fit."""
    roster = scores.roster
    here = line.fitting(roster)
    total = np.full(len(roster.agents), np.nan)
    units = np.zeros(len(roster.agents), dtype=np.int64)
    total[line.pos[here]] = scores.total(scores.terms(line, here, 0), line.pos[here])
    units[line.pos] = line.units
    fits = roster.room(line.channel)[slots.agent] - slots.spent >= units[slots.agent]
    return np.where(fits, total[slots.agent] - slots.worse, np.nan)
