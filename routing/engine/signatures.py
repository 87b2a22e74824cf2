"""Interactions that are interchangeable but for their urgency stand in one line, so that what fits them is found once.

Whoever has a last agent, an owner, a cooldown or a person waited for stands in a line of their own.
"""

from __future__ import annotations

from collections.abc import Sequence

from routing.engine import relaxation
from routing.engine.facts import Policy, Waiting
from routing.engine.lines import Line, Need, is_personal, line_of, need_of
from routing.engine.roster import Roster


def form_lines(
    waiting: Sequence[Waiting], order: Sequence[int], roster: Roster, policy: Policy, now: float
) -> list[Line]:
    """One line per signature; `order` says in which order the waiting join, most urgent first."""
    needs: dict[tuple, Need] = {}
    lines: dict[tuple, Line] = {}
    for at in order:
        one = waiting[at]
        signature = _signature(one, policy, now)
        if signature not in needs:
            needs[signature] = need_of(one, signature[-1], roster, policy)
        key = (signature, one.id if is_personal(one, roster, now) else None)
        if key not in lines:
            lines[key] = line_of(one, needs[signature], roster, policy, now)
        lines[key].members.append(at)
    return list(lines.values())


def _signature(one: Waiting, policy: Policy, now: float) -> tuple:
    queue = policy.queue(one.queue)
    due = 0
    if queue.relax:
        target = queue.target(one.channel)
        due = relaxation.steps_due(queue.relax, now - one.counted_since(target), target)
    return (one.queue, one.channel, one.cost, frozenset(one.required.items()), frozenset(one.preferred.items()), due)
