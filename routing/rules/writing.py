"""Rules as text: JSON with short things on one line, so that a document reads like a table."""

from __future__ import annotations

import json
from typing import Any

WIDTH = 100
STEP = "  "
# A database keeps keys in an order of its own; people want "after" before "need".
ORDER = (
    "about", "classify", "queues", "relax", "prefer", "capacity", "offer", "default",
    "name", "when", "set", "stop", "queue", "priority", "vip", "after", "importance", "need", "want", "drop", "add",
    "if", "target", "max_wait", "head_start", "hold", "agents", "line", "cost", "interrupts",
    "ring", "decline_cooldown", "misses", "on_timeout", "voice", "chat", "email",
)  # fmt: skip
_PLACES = {word: place for place, word in enumerate(ORDER)}


def written(value: Any, *, indent: str = "") -> str:
    """JSON, each object or list on one line where it fits, and the words of the language in their usual order."""
    value = _in_order(value)
    short = json.dumps(value, ensure_ascii=False)
    if len(indent) + len(short) <= WIDTH or not isinstance(value, dict | list) or not value:
        return short
    inner = indent + STEP
    if isinstance(value, dict):
        lines = [
            f"{inner}{json.dumps(key, ensure_ascii=False)}: {written(one, indent=inner)}" for key, one in value.items()
        ]
        return "{\n" + ",\n".join(lines) + f"\n{indent}}}"
    return "[\n" + ",\n".join(inner + written(one, indent=inner) for one in value) + f"\n{indent}]"


def _in_order(value: Any) -> Any:
    if isinstance(value, list):
        return [_in_order(one) for one in value]
    if not isinstance(value, dict):
        return value
    keys = sorted(value, key=lambda key: _PLACES.get(key, len(_PLACES)))
    return {key: _in_order(value[key]) for key in keys}
