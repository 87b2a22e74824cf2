"""Rules as text: JSON with short things on one line, so that a document reads like a table."""

from __future__ import annotations

import json
from typing import Any

WIDTH = 100
STEP = "  "


def written(value: Any, *, indent: str = "") -> str:
    """JSON, each object or list on one line where it fits."""
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
