"""What makes one agent better than another for an interaction: each term a column over the agents who could take it.

match     share of the wanted levels the agent has, 0 to 1
affinity  1 for the owner; for who served this customer last, less by the day
fairness  time without work, full after `idle_full` seconds
load      share of the budget in use
scarcity  how much a skill of theirs that is not asked for is needed elsewhere
guard     whether this would take an agent who is free for calls away from them, by how few of those there are
parking   which share of the room they would have to make by parking what they are at
occupancy how far above the policy's cap their last half hour was, full at 10 points above it
pace      how much faster than others they are in this queue, below 0 when slower
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from routing.engine.backlog import Backlog
from routing.engine.facts import ORDINARY_COSTS, Policy
from routing.engine.lines import Line
from routing.engine.roster import Roster
from routing.engine.strategies import weighted_terms

VOICE = "voice"
TIE = 1e-9
TOP_LEVEL = 5
HOUR = 3_600.0
FULL_ABOVE_CAP = 0.1
# Longer than this ago, in seconds, is as good as never.
NEVER = 36_000_000.0
NOTHING = np.zeros(0)


class Scores:
    """Scores agents for the heads of lines, as the roster stands at that moment."""

    def __init__(self, backlog: Backlog, roster: Roster, policy: Policy, pressure: Mapping[str, float], seed: int):
        self.roster = roster
        self.policy = policy
        self.seed = seed
        self.weights = weighted_terms(policy)
        self.names = tuple(self.weights)
        self._terms = [(getattr(self, f"_{name}"), weight) for name, weight in self.weights.items()]
        self._worth = _worth_elsewhere(backlog, roster, pressure) if "scarcity" in self.weights else NOTHING
        self._voice_cost = policy.costs.get(VOICE, ORDINARY_COSTS[VOICE])
        self._voice_units = roster.units(VOICE, self._voice_cost)
        self._voice_pressure = pressure.get(VOICE)
        self._voice_waiting = backlog.by_channel[VOICE]

    def terms(self, line: Line, here: np.ndarray, interaction: int) -> np.ndarray:
        """The weighted terms (rows) for the agents at `line.pos[here]` (columns)."""
        pos = line.pos[here]
        terms = np.empty((len(self.names), len(pos)))
        for row, (term, weight) in enumerate(self._terms):
            np.multiply(term(line, here, pos, interaction), weight, out=terms[row])
        return terms

    def total(self, terms: np.ndarray, pos: np.ndarray) -> np.ndarray:
        """The score of each column, equal ones told apart by a lot that the seed decides."""
        return terms.sum(axis=0) + TIE * lots(self.seed, self.roster.ids[pos])

    def _match(self, line: Line, here: np.ndarray, pos: np.ndarray, interaction: int) -> np.ndarray:
        return line.match[here]

    def _affinity(self, line: Line, here: np.ndarray, pos: np.ndarray, interaction: int) -> np.ndarray:
        return np.zeros(len(pos)) if line.affinity is None else line.affinity[here]

    def _fairness(self, line: Line, here: np.ndarray, pos: np.ndarray, interaction: int) -> np.ndarray:
        return np.minimum(1.0, self.roster.idle(pos) / self.policy.idle_full)

    def _load(self, line: Line, here: np.ndarray, pos: np.ndarray, interaction: int) -> np.ndarray:
        return self.roster.load(pos)

    def _guard(self, line: Line, here: np.ndarray, pos: np.ndarray, interaction: int) -> np.ndarray:
        if line.channel == VOICE:
            return np.zeros(len(pos))
        if line.channel in self.roster.interrupts.get(VOICE, ()):
            return np.zeros(len(pos))
        ready = self.roster.can_take(VOICE, self._voice_cost)
        taken = ready[pos] & (self.roster.room(VOICE)[pos] - line.units[here] < self._voice_units[pos])
        return taken * self._voice_scarcity(int(np.count_nonzero(ready)))

    def _parking(self, line: Line, here: np.ndarray, pos: np.ndarray, interaction: int) -> np.ndarray:
        if line.channel not in self.roster.interrupts or not self.roster.held:
            return np.zeros(len(pos))
        units = line.units[here]
        return np.maximum(0, units - np.maximum(0, self.roster.left[pos])) / np.maximum(1, units)

    def _occupancy(self, line: Line, here: np.ndarray, pos: np.ndarray, interaction: int) -> np.ndarray:
        return np.minimum(1.0, np.maximum(0.0, self.roster.occupancy(pos) - self.policy.occupancy_cap) / FULL_ABOVE_CAP)

    def _pace(self, line: Line, here: np.ndarray, pos: np.ndarray, interaction: int) -> np.ndarray:
        return np.zeros(len(pos)) if line.pace is None else line.pace[here] - 1

    def _scarcity(self, line: Line, here: np.ndarray, pos: np.ndarray, interaction: int) -> np.ndarray:
        elsewhere = self._worth.copy()
        elsewhere[[at for at, skill in enumerate(self.roster.skills) if skill in line.need.asked]] = 0.0
        return (self.roster.all_levels().take(pos, axis=0) * elsewhere).max(axis=1, initial=0.0)

    def _idle(self, line: Line, here: np.ndarray, pos: np.ndarray, interaction: int) -> np.ndarray:
        return self.roster.idle(pos) / HOUR

    def _turn(self, line: Line, here: np.ndarray, pos: np.ndarray, interaction: int) -> np.ndarray:
        return np.minimum(self.roster.unasked(pos), NEVER) / HOUR

    def _spare(self, line: Line, here: np.ndarray, pos: np.ndarray, interaction: int) -> np.ndarray:
        return 1 - self.roster.load(pos)

    def _skill(self, line: Line, here: np.ndarray, pos: np.ndarray, interaction: int) -> np.ndarray:
        levels = [self.roster.levels(skill)[pos] for skill in line.need.asked]
        return np.mean(levels, axis=0) if levels else np.zeros(len(pos))

    def _chance(self, line: Line, here: np.ndarray, pos: np.ndarray, interaction: int) -> np.ndarray:
        return lots(self.seed ^ (interaction * 0x9E37), self.roster.ids[pos])

    def _voice_scarcity(self, ready: int) -> float:
        if self._voice_pressure is not None:
            return min(1.0, self._voice_pressure)
        return min(1.0, (1 + self._voice_waiting) / max(1, ready))


def lots(seed: int, ids: np.ndarray) -> np.ndarray:
    """A number in [0, 1) for each id: splitmix64, so it is the same on every machine."""
    mixed = ids.astype(np.uint64)
    mixed *= np.uint64(0x9E3779B97F4A7C15)
    mixed += np.uint64(seed & 0xFFFFFFFFFFFFFFFF)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        mixed ^= mixed >> np.uint64(shift)
        mixed *= np.uint64(factor)
    return (mixed >> np.uint64(11)).astype(float) / 2.0**53


def _worth_elsewhere(backlog: Backlog, roster: Roster, pressure: Mapping[str, float]) -> np.ndarray:
    """For every skill what a level of it is worth elsewhere."""
    waiting, free_with = backlog.by_skill, roster.crew.free_with
    worth = [
        pressure[skill] if skill in pressure else (1 + waiting.get(skill, 0)) / max(1, free_with.get(skill, 0))
        for skill in roster.skills
    ]
    return np.minimum(1.0, worth) / TOP_LEVEL
