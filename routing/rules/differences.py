"""In what two documents differ, place by place."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from routing.rules.findings import pointer

_NOTHING = object()


@dataclass(frozen=True, slots=True)
class Difference:
    """What is written at `path` (a JSON Pointer) before and after, as JSON; empty where there is nothing."""

    path: str
    before: str
    after: str


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Difference]:
    """In the order of the document; a whole block that comes or goes is one difference."""
    return list(_between(before, after, ()))


def _between(before: Any, after: Any, path: tuple[object, ...]) -> Iterator[Difference]:
    if before == after:
        return
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in dict.fromkeys([*before, *after]):
            yield from _between(before.get(key, _NOTHING), after.get(key, _NOTHING), (*path, key))
    elif isinstance(before, list) and isinstance(after, list) and path[:1] in (("classify",), ("relax",)):
        for place in range(max(len(before), len(after))):
            first, second = (one[place] if place < len(one) else _NOTHING for one in (before, after))
            yield from _between(first, second, (*path, place))
    else:
        yield Difference(pointer(path), _written(before), _written(after))


def _written(value: Any) -> str:
    return "" if value is _NOTHING else json.dumps(value, ensure_ascii=False)
