"""The rules in force where nobody published any, written in the same language; and other rules to start from."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from routing.engine.facts import Weights
from routing.engine.strategies import PRESETS

COSTS = {"voice": 100, "chat": 30, "email": 10}
TARGET_SECONDS = {"voice": 20, "chat": 60, "email": 4 * 3600}
MAX_WAIT_SECONDS = {"voice": 300, "chat": 600, "email": 24 * 3600}
OFFER_SECONDS = {"voice": 20, "chat": 30, "email": 45}
MISSES_ALLOWED = {"voice": 2, "chat": 1, "email": 1}
DECLINE_COOLDOWN_SECONDS = 60
HEAD_START = 0.5

# Topics give way before languages do, and a language at last: better a translated answer than none.
STEPS = [
    {"after": ".5T", "need": {"topics": -1}},
    {"after": "1T", "need": {"topics": -1, "languages": -1}, "drop": "want"},
    {"after": "3T", "need": {"topics": -5, "languages": -1}},
    {"after": "6T", "need": {"languages": -5}},
]

USUAL = {"occupancy_cap": 100, "affinity_days": 30, "idle_full": "5m"}


def ordinary() -> dict[str, Any]:
    """The document in force where none was published; every figure said, so that it can be started from."""
    return {
        "about": "The ordinary rules.",
        "classify": [],
        "queues": {
            "default": {
                "target": {"voice": "20s", "chat": "60s", "email": "4h"},
                "max_wait": {"voice": "5m", "chat": "10m", "email": "24h"},
                "head_start": HEAD_START,
            }
        },
        "relax": {"default": [dict(step) for step in STEPS]},
        "prefer": {**asdict(Weights()), "agents": "value", "line": "urgency", **USUAL},
        "capacity": {"cost": dict(COSTS), "interrupts": {"voice": ["email"]}},
        "offer": {
            "ring": {"voice": "20s", "chat": "30s", "email": "45s"},
            "decline_cooldown": "60s",
            "misses": dict(MISSES_ALLOWED),
            "on_timeout": "away",
        },
    }


_ABOUT = {
    "balanced": "The ordinary rules: skill, waiting time, fairness and load weighed against each other.",
    "longest_idle": "Who has been without work longest is asked first; the oldest goes first.",
    "round_robin": "Who was asked least recently is asked first; the oldest goes first.",
    "spare_capacity": "Who has the most room is asked first; the oldest goes first.",
    "best_skill": "Who is best at it is asked first; the oldest goes first.",
    "random": "Anybody who can, by lot; the oldest goes first.",
    "strict_priority": "Higher priority always goes first, however long others have waited.",
}


def starting_points() -> dict[str, dict[str, Any]]:
    """Documents to begin with, by preset name: the ordinary rules, and those that do as other products do."""
    return {name: _as_preset(name) for name in PRESETS}


def _as_preset(name: str) -> dict[str, Any]:
    agents, line = PRESETS[name]
    document = ordinary()
    prefer = {**document["prefer"], "agents": agents, "line": line}
    return {**document, "about": _ABOUT.get(name, name.replace("_", " ").capitalize() + "."), "prefer": prefer}
