"""Why is this interaction still waiting? Asked live, answered in sentences."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from routing.engine import relaxation
from routing.engine.explain import Names, counted, span
from routing.engine.facts import Policy, RelaxStep, State, Waiting
from routing.engine.lines import Line, Need
from routing.engine.roster import Roster
from routing.engine.signatures import line_for
from routing.engine.urgency import Ranking


def clock_utc(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%H:%M:%S")


def why_waiting(
    state: State,
    policy: Policy,
    now: float,
    interaction_id: int,
    *,
    names: Names | None = None,
    clock: Callable[[float], str] = clock_utc,
) -> list[str]:
    """Sentences, most telling first: who has the skills and what they are doing, what time will change, who goes first.

    `clock` writes a time of day for the reader's time zone. Empty when the interaction does not wait.
    """
    one = next((each for each in state.waiting if each.id == interaction_id), None)
    if one is None:
        return []
    roster = Roster(state.agents, now, interrupts=policy.interrupts)
    line = line_for(one, roster, relaxation.as_lent_now(policy, state), now)
    view = _View(one, line, roster, policy, now, names or Names(), clock)
    told = [_who(view), _held(view), _cooling(view), _later(view), _unlent(view, state)]
    told.append(_place_in_line(view, state))
    return [sentence for sentence in told if sentence]


@dataclass(frozen=True, slots=True)
class _View:
    """What the sentences look at."""

    one: Waiting
    line: Line
    roster: Roster
    policy: Policy
    now: float
    names: Names
    clock: Callable[[float], str]

    @property
    def need(self) -> Need:
        return self.line.need

    @property
    def target(self) -> float:
        return self.policy.queue(self.one.queue).target(self.one.channel)

    def able(self, count: int) -> np.ndarray:
        """Who could serve by skill after the first `count` steps, lent or not."""
        steps, required = self.need.steps, self.one.required
        ways = [having for _, having in relaxation.groups_at(required, steps, count)]
        ways.append(relaxation.required_at(required, steps, count))
        return np.logical_or.reduce([self.roster.skilled(having) for having in ways])


def _who(view: _View) -> str:
    """Who could serve by skill, and what keeps them."""
    if view.one.reserved_for is not None:
        chosen = view.one.reserved_for
        return f"It is for {view.names.agent(chosen)} only, who is {_doing_of(chosen, view)}."
    skilled = view.able(view.need.step)
    able = skilled & view.roster.signed_in
    if not able.any():
        return _nobody(int(skilled.sum()), view)
    number = int(able.sum())
    having = _levels(view.need.required, view.names)
    told = f"{'has' if number == 1 else 'have'} {having}" if having else f"{'is' if number == 1 else 'are'} signed in"
    lent = [_group(lender, view) for lender, group in view.need.lent.items() if group.any()]
    told += f" or {'is' if number == 1 else 'are'} lent by {_and(lent)}" if lent else ""
    return f"{counted(number, 'agent')} {told}{_doing(able, view)}."


def _held(view: _View) -> str:
    friend, hold = view.line.held_for(view.roster), view.line.hold
    if friend is None or hold is None:
        return ""
    free_at = view.roster.agents[view.roster.at[friend]].free_at or view.now
    expected = f"at {view.clock(free_at)}" if free_at > view.now else "any moment"
    longest = span(hold.until - view.one.waiting_since)
    return f"It waits up to {longest} for {view.names.agent(friend)}, who is expected {expected}."


def _nobody(offline: int, view: _View) -> str:
    having = _levels(view.need.required, view.names)
    told = f"Nobody signed in has {having}" if having else "Nobody is signed in"
    return f"{told}; {counted(offline, 'agent')} offline could." if offline else f"{told}."


def _doing(able: np.ndarray, view: _View) -> str:
    """What those who could serve are doing: ", all busy" or ": 2 busy, 1 away"."""
    counts = [(word, count) for word, mask in _states(view).items() if (count := int((able & mask).sum()))]
    if len(counts) == 1:
        word, count = counts[0]
        return f", {'all ' if count > 1 else ''}{word}"
    return ": " + ", ".join(f"{count} {word}" for word, count in counts)


def _states(view: _View) -> dict[str, np.ndarray]:
    """Every agent signed in, by the first thing that keeps them."""
    one, roster = view.one, view.roster
    taking = roster.available & roster.on(one.channel)
    cooling = np.isin(roster.ids, [agent for agent, until in one.cooldown.items() if until > view.now])
    ringing = roster.askable <= 0
    room = roster.room(one.channel) >= roster.units(one.channel, one.cost)
    return {
        "away": roster.signed_in & ~roster.available,
        f"not taking {one.channel}": roster.available & ~taking,
        "asked a moment ago": taking & cooling,
        "being asked something else": taking & ~cooling & ringing,
        "busy": taking & ~cooling & ~ringing & ~room,
        "free": taking & ~cooling & ~ringing & room,
    }


def _doing_of(agent: int, view: _View) -> str:
    at = view.roster.at.get(agent)
    if at is None or not view.roster.signed_in[at]:
        return "offline"
    return next(word for word, mask in _states(view).items() if mask[at])


def _cooling(view: _View) -> str:
    cooling = sorted((until, agent) for agent, until in view.one.cooldown.items() if until > view.now)
    told = [f"{view.names.agent(agent)} again at {view.clock(until)}" for until, agent in cooling]
    return f"It was declined or missed; it may be offered to {_and(told)}." if told else ""


def _later(view: _View) -> str:
    """The next step that asks for less or lets a group be lent, and whom it adds."""
    need = view.need
    if view.one.reserved_for is not None:
        return ""
    for count in range(need.step + 1, len(need.steps) + 1):
        required = relaxation.required_at(view.one.required, need.steps, count)
        changes = [_change(required, view)] if required != need.required else []
        changes += [f"{_group(step.lender, view)} lends its agents" for step in _groups(need.steps[need.step : count])]
        if changes:
            at = view.one.counted_since(view.target) + need.steps[count - 1].after * view.target
            return f"At {view.clock(at)} {_and(changes)}, which adds {_added(count, view)}."
    return ""


def _unlent(view: _View, state: State) -> str:
    """Which groups would serve by now, were it not for their own queue."""
    if view.one.reserved_for is not None:
        return ""
    steps = relaxation.in_order(view.policy.queue(view.one.queue).relax)[: view.need.step]
    told = [f"{_group(step.lender, view)} lends nobody now: {_short_of(step, state)}" for step in _groups(steps)
            if not relaxation.lends(step, state)]  # fmt: skip
    return f"{_and(told)}." if told else ""


def _short_of(step: RelaxStep, state: State) -> str:
    """What the lender misses of its own promises."""
    level = state.service.get(step.lender, 1.0)
    if level < step.lender_level:
        return f"its service level is {level:.0%}, {step.lender_level:.0%} is needed"
    wait = state.expected_wait.get(step.lender, 0.0)
    return f"its customers wait {span(wait)}, {span(step.lender_wait or 0.0)} at most is needed"


def _groups(steps: Sequence[RelaxStep]) -> list[RelaxStep]:
    return [step for step in steps if step.add is not None]


def _group(lender: str, view: _View) -> str:
    return view.names.queue(lender) if lender else "another group"


def _added(count: int, view: _View) -> str:
    more = view.able(count) & view.roster.signed_in & ~view.able(view.need.step)
    return counted(int(more.sum()), "agent") if more.any() else "nobody who is signed in"


def _change(after: Mapping[str, int], view: _View) -> str:
    """ "Spanish 2 is enough", "Spanish is no longer needed"."""
    before = view.need.required
    lowered = [view.names.having(skill, level) for skill, level in after.items() if before[skill] != level]
    gone = [view.names.skill(skill) for skill in before if skill not in after]
    told = [f"{_and(lowered)} {'is' if len(lowered) == 1 else 'are'} enough"] if lowered else []
    told += [f"{_and(gone)} {'is' if len(gone) == 1 else 'are'} no longer needed"] if gone else []
    return _and(told)


def _place_in_line(view: _View, state: State) -> str:
    """How long it waited, and how many of the same queue go first."""
    line = [each for each in state.waiting if each.queue == view.one.queue]
    ranking = Ranking(view.policy, view.now)
    own = ranking.of(view.one)
    first = sum((rank.tier, rank.score) > (own.tier, own.score) for rank in map(ranking.of, line))
    told = f"It has waited {span(own.waited)} of a target of {span(view.target)}{_due(view)}"
    if not first:
        return f"{told} and is first in its queue."
    return f"{told}; {first} in its queue {'goes' if first == 1 else 'go'} first."


def _due(view: _View) -> str:
    due = view.one.due_at
    if due is None or due >= view.one.waiting_since + view.target:
        return ""
    return f", {'is' if due > view.now else 'was'} due at {view.clock(due)}"


def _levels(required: Mapping[str, int], names: Names) -> str:
    return _and([names.having(skill, level) for skill, level in sorted(required.items())])


def _and(words: list[str]) -> str:
    return " and ".join(filter(None, [", ".join(words[:-1]), words[-1]])) if words else ""
