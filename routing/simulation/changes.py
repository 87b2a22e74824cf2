"""Where two policies, asked of the same situation, would ask different agents."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from routing.engine import Assigned, Outcome


@dataclass(frozen=True, slots=True)
class Change:
    """One interaction on which two policies differ at one moment.

    `ours` and `theirs` are explanations as JSON; an agent is None where it would have gone on waiting, for `reasons`.
    """

    interaction: int
    at: float
    our_agent: int | None
    their_agent: int | None
    ours: Mapping[str, Any]
    theirs: Mapping[str, Any]
    reasons: Mapping[str, int]


def changes(ours: Outcome, theirs: Outcome, now: float) -> Iterator[Change]:
    """Where two answers to the same question differ in who is asked now."""
    mine = {one.interaction: one for one in ours.assigned}
    other = {one.interaction: one for one in theirs.assigned}
    reasons = {one.interaction: one.reasons for one in (*ours.unplaced, *theirs.unplaced)}
    for pk in sorted({*mine, *other}):
        one, two = mine.get(pk), other.get(pk)
        if _agent(one) != _agent(two):
            yield Change(pk, now, _agent(one), _agent(two), _why(one), _why(two), reasons.get(pk, {}))


def _agent(one: Assigned | None) -> int | None:
    return one.agent if one else None


def _why(one: Assigned | None) -> dict[str, Any]:
    return one.explanation.to_json() if one else {}
