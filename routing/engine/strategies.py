"""In what order agents are asked and the line is served, and the presets that do it as other engines do.

Agents are ordered by a weighted sum of terms (scores.py says what each means):

    value   match, affinity, fairness, load, scarcity, voice guard, parking, occupancy and pace, by the policy's weights
    idle    longest without work first            turn    longest without an offer first
    spare   largest free share of the budget      skill   highest mean level in the skills asked for
    chance  by lot

The line is served by `urgency` (see urgency.py), `fifo` (oldest first) or `priority` (higher priority always first).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from routing.engine.facts import Policy

STRATEGIES = ("value", "idle", "turn", "spare", "skill", "chance")
LINES = ("urgency", "fifo", "priority")

PRESETS = {
    "balanced": ("value", "urgency"),
    "longest_idle": ("idle", "fifo"),
    "round_robin": ("turn", "fifo"),
    "spare_capacity": ("spare", "fifo"),
    "best_skill": ("skill", "fifo"),
    "random": ("chance", "fifo"),
    "strict_priority": ("idle", "priority"),
}

_PEERS = {
    "idle": {"idle": 1.0},
    "turn": {"turn": 1.0},
    "spare": {"spare": 1.0, "idle": 1e-4},
    "skill": {"skill": 1.0, "idle": 1e-3},
    "chance": {"chance": 1.0},
}


class UnknownPreset(ValueError):
    """There is no preset of that name."""


def preset(name: str) -> Callable[[Policy], Policy]:
    """A change to any policy: agents and line ordered as the named preset does, queues as they are."""
    if name not in PRESETS:
        raise UnknownPreset(f"There is no preset {name!r}; choose one of {', '.join(PRESETS)}.")
    strategy, line = PRESETS[name]
    return lambda policy: replace(policy, strategy=strategy, line=line)


def weighted_terms(policy: Policy) -> dict[str, float]:
    """The terms of the policy's strategy with their signed weights, in the order in which they are explained."""
    terms = _by_value(policy) if policy.strategy == "value" else _PEERS[policy.strategy]
    return {name: weight for name, weight in terms.items() if weight}


def _by_value(policy: Policy) -> dict[str, float]:
    weights = policy.weights
    return {
        "match": weights.match,
        "affinity": weights.affinity,
        "fairness": weights.fairness,
        "load": -weights.load,
        "scarcity": -weights.scarcity,
        "guard": -weights.voice_guard,
        "parking": -weights.parking if policy.interrupts else 0.0,
        "occupancy": -weights.occupancy if policy.occupancy_cap < 1 else 0.0,
        "pace": weights.pace,
    }
