"""One line for each kind of need: a group of the backlog, cut where the clock asks for something else.

Relaxation steps and holds depend on age alone, so each cuts a group, which is in order of age, into stretches.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain
from typing import NamedTuple

from routing.engine import relaxation
from routing.engine.backlog import Asked, Backlog, Group, Stretch
from routing.engine.facts import Policy, Waiting
from routing.engine.lines import Line, line_of, need_of
from routing.engine.roster import Roster
from routing.engine.urgency import Ranking


class _Part(NamedTuple):
    """Members in the order in which they are served, and how many steps are due for them."""

    members: Sequence[Waiting]
    due: int
    is_by_clock: bool = True


def form_lines(backlog: Backlog, roster: Roster, ranking: Ranking) -> list[Line]:
    """A line for each part of each group.

    Who fits what is asked for is remembered with the roster; who is concerned by a reservation, a cooldown or a hold is
    found each time.
    """
    known: dict[tuple[Asked, int], Line] = roster.crew.remembered(ranking.policy)
    lines = []
    for group in backlog.groups():
        for part in _parts(group, ranking):
            one, key = part.members[0], (group.signature.asked, part.due)
            if key not in known:
                need = need_of(one, part.due, roster, ranking.policy)
                known[key] = line_of(_impersonal(one), need, roster, ranking.policy, ranking.now)
            line = known[key].anew(part.members)
            if group.signature.personal:
                line = line_of(one, line.need, roster, ranking.policy, ranking.now)
                line.members = part.members
            line.is_by_clock = part.is_by_clock
            line.is_timeless = not (group.signature.personal or line.need.steps)
            lines.append(line)
    return lines


def _impersonal(one: Waiting) -> Waiting:
    """The same with nobody to wait for or to pass over."""
    return replace(one, last_agent=None, owner=None, reserved_for=None, cooldown={})


def line_for(one: Waiting, roster: Roster, policy: Policy, now: float) -> Line:
    """The line in which one interaction stands, without the others."""
    need = need_of(one, steps_due(one, Ranking(policy, now)), roster, policy)
    return line_of(one, need, roster, policy, now)


def steps_due(one: Waiting, ranking: Ranking) -> int:
    """How many relaxation steps of its queue the clock has reached for this one."""
    queue = ranking.policy.queue(one.queue)
    if not queue.relax:
        return 0
    target = ranking.promise(one.queue, one.channel).target
    return relaxation.steps_due(queue.relax, ranking.now - one.counted_since(target), target)


def _parts(group: Group, ranking: Ranking) -> Iterable[_Part]:
    if group.signature.is_dated:
        return _by_two_ages(group, ranking)
    if group.may_be_held:
        return (_Part(one, steps_due(one[0], ranking)) for one in group.by_age.all().each())
    if not ranking.policy.queue(group.signature.asked.queue).relax:
        return (_Part(group.by_age.all(), 0),)
    return _cut_by_step(group.by_age.all(), ranking)


def _cut_by_step(members: Stretch, ranking: Ranking) -> Iterator[_Part]:
    due, least = steps_due(members[0], ranking), steps_due(members[-1], ranking)
    while due > least:
        older, members = members.cut(bisect_left(members, 1 - due, key=lambda one: -steps_due(one, ranking)))
        yield _Part(older, due)
        due = steps_due(members[0], ranking)
    yield _Part(members, due)


def _by_two_ages(group: Group, ranking: Ranking) -> Iterator[_Part]:
    """Where tickets have promises of their own, these order the line unless it is by age; steps go by them always."""
    by_age, by_promise = group.by_age.all(), group.by_promise.all()
    aged = _by_age_alone(by_age, ranking)
    due, least = steps_due(by_promise[0], ranking), steps_due(by_promise[-1], ranking)
    if not aged:
        yield from _cut_by_step(by_promise, ranking)
    elif aged == len(by_age) and due == least:
        yield _Part(by_age, due, is_by_clock=False)
    else:
        others = () if aged == len(by_age) else (one for one in by_promise if not ranking.is_starving(one))
        parts: dict[int, list[Waiting]] = {}
        for one in chain(by_age[:aged], others):
            parts.setdefault(steps_due(one, ranking), []).append(one)
        yield from (_Part(members, due, is_by_clock=False) for due, members in parts.items())


def _by_age_alone(by_age: Stretch, ranking: Ranking) -> int:
    """How many are served by their age whatever their tickets were promised: the first ones, who wait too long."""
    if ranking.policy.line != "urgency":
        return len(by_age)
    return bisect_left(by_age, True, key=lambda one: not ranking.is_starving(one))
