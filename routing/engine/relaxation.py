"""Asking for less as time goes by: steps at multiples of the target, each of which only widens.

A step may also let another group serve, while the queue that lends it keeps its own promises.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from routing.engine.facts import LANGUAGE, MEMBER, Policy, QueuePolicy, RelaxStep, State

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
        lowered = 0 if skill.startswith(MEMBER) else sum(_lowered_by(step, skill) for step in steps[:count])
        if lowered < DROPPED:
            levels[skill] = max(1, level - lowered) if lowered else level
    return levels


def preferred_at(preferred: Mapping[str, int], steps: Sequence[RelaxStep], count: int) -> Mapping[str, int]:
    return {} if any(step.drop_preferred for step in steps[:count]) else preferred


def groups_at(required: Mapping[str, int], steps: Sequence[RelaxStep], count: int) -> list[tuple[str, dict[str, int]]]:
    """Who may serve as well after the first `count` steps: for each group who lends it and what its agents have.

    Whatever a lender asks, its agents must be members and speak the language as everybody must by then.
    """
    lent = [(step.lender, step.add) for step in steps[:count] if step.add is not None]
    levels = required_at(required, steps, count) if lent else {}
    always = {skill: level for skill, level in levels.items() if skill.startswith((MEMBER, LANGUAGE))}
    return [(lender, _both(add, always)) for lender, add in lent]


def lends(step: RelaxStep, state: State) -> bool:
    """Whether the lender can spare its group now."""
    level, wait = state.service.get(step.lender, 1.0), state.expected_wait.get(step.lender, 0.0)
    return level >= step.lender_level and (step.lender_wait is None or wait <= step.lender_wait)


def as_lent_now(policy: Policy, state: State) -> Policy:
    """The policy without the groups that cannot be spared now."""
    if not (state.service or state.expected_wait):
        return policy
    queues = {slug: _without_unlent(queue, state) for slug, queue in policy.queues.items()}
    default_queue = _without_unlent(policy.default_queue, state)
    is_as_before = default_queue is policy.default_queue and all(
        queue is policy.queues[slug] for slug, queue in queues.items()
    )
    return policy if is_as_before else replace(policy, queues=queues, default_queue=default_queue)


def _without_unlent(queue: QueuePolicy, state: State) -> QueuePolicy:
    if all(step.add is None or lends(step, state) for step in queue.relax):
        return queue
    return replace(queue, relax=tuple(step if lends(step, state) else replace(step, add=None) for step in queue.relax))


def next_step_at(since: float, target: float, steps: Sequence[RelaxStep], count: int, now: float) -> float | None:
    """When the next step beyond the `count` in force is due, or None after the last."""
    return next((at for step in steps[count:] if (at := since + step.after * target) > now), None)


def _both(one: Mapping[str, int], other: Mapping[str, int]) -> dict[str, int]:
    """What either asks for, at the higher level."""
    return {skill: max(one.get(skill, 0), other.get(skill, 0)) for skill in {**one, **other}}


def _lowered_by(step: RelaxStep, skill: str) -> int:
    """The most specific word counts: the skill itself, else the longest prefix, else "*"."""
    named = [word for word in step.lower if _covers(word, skill)]
    return max(0, step.lower[max(named, key=_how_specific)]) if named else 0


def _covers(named: str, skill: str) -> bool:
    return named in ("*", skill) or (named.endswith(".") and skill.startswith(named))


def _how_specific(named: str) -> tuple[bool, int]:
    return named != "*", len(named)
