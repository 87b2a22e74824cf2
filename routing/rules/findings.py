"""What validation has to say: where, how bad, and one sentence."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

ERROR, WARNING = "error", "warning"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong (error) or worth a thought (warning).

    `path` is a JSON Pointer into the document (RFC 6901), such as /classify/0/when; empty for the whole.
    """

    severity: str
    path: str
    sentence: str

    @property
    def is_error(self) -> bool:
        return self.severity == ERROR


def error(path: Iterable[object], sentence: str) -> Finding:
    return Finding(ERROR, pointer(path), sentence)


def warning(path: Iterable[object], sentence: str) -> Finding:
    return Finding(WARNING, pointer(path), sentence)


def pointer(path: Iterable[object]) -> str:
    """A JSON Pointer from keys and places."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in path)
