"""Asking for less as time goes by: steps at multiples of the target, each of which only widens."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from routing.engine.facts import RelaxStep

DROPPED = 5


def in_order(steps: Sequence[RelaxStep]) -> tuple[RelaxStep, ...]:
    return tuple(sorted(steps, key=lambda step: step.after))


def steps_due(steps: Sequence[RelaxStep], waited: float, target: float) -> int:
    """How many of the (ordered) steps the clock has reached."""
    return sum(step.after * target <= waited for step in steps)


def required_at(required: Mapping[str, int], steps: Sequence[RelaxStep], count: int) -> dict[str, int]:
    """The levels still asked for after the first `count` steps."""
    levels = {}
    for skill, level in required.items():
        lowered = sum(_lowered_by(step, skill) for step in steps[:count])
        if lowered < DROPPED:
            levels[skill] = max(1, level - lowered) if lowered else level
    return levels


def preferred_at(preferred: Mapping[str, int], steps: Sequence[RelaxStep], count: int) -> Mapping[str, int]:
    return {} if any(step.drop_preferred for step in steps[:count]) else preferred


def next_step_at(since: float, target: float, steps: Sequence[RelaxStep], count: int, now: float) -> float | None:
    """When the next step beyond the `count` in force is due, or None after the last."""
    return next((at for step in steps[count:] if (at := since + step.after * target) > now), None)


def _lowered_by(step: RelaxStep, skill: str) -> int:
    """The most specific word counts: the skill itself, else the longest prefix, else "*"."""
    named = [word for word in step.lower if _covers(word, skill)]
    return max(0, step.lower[max(named, key=_how_specific)]) if named else 0


def _covers(named: str, skill: str) -> bool:
    return named in ("*", skill) or (named.endswith(".") and skill.startswith(named))


def _how_specific(named: str) -> tuple[bool, int]:
    return named != "*", len(named)
