"""Why is this interaction still waiting? Asked live, answered in sentences."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

import numpy as np

from routing.engine import relaxation
from routing.engine.explain import Names, span
from routing.engine.facts import Policy, State, Waiting
from routing.engine.lines import Need, form_lines
from routing.engine.roster import Roster
from routing.engine.urgency import urgencies


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
    """Sentences, most telling first: who has the skills and what they are doing, who else waits, what time will change.

    `clock` writes a time of day for the reader's time zone. Empty when the interaction does not wait.
    """
    one = next((each for each in state.waiting if each.id == interaction_id), None)
    if one is None:
        return []
    roster, names = Roster(state.agents, now), names or Names()
    need = form_lines([one], [0], roster, policy, now)[0].need
    told = [
        _who(one, need, roster, now, names),
        _cooling(one, roster, now, names, clock),
        _later(one, need, roster, policy, now, names, clock),
        _ahead(one, state, policy, now),
    ]
    return [sentence for sentence in told if sentence]


def _who(one: Waiting, need: Need, roster: Roster, now: float, names: Names) -> str:
    """Who could serve by skill, and what keeps them."""
    if one.reserved_for is not None:
        return f"It is for {names.agent(one.reserved_for)} only, who is {_state_of_chosen(one, roster)}."
    able = _skilled(need.required, roster)
    having = f"{_levels(need.required, names)}" if need.required else f"a place on {one.channel}"
    if not (able & roster.signed_in).any():
        offline = int(able.sum())
        return f"Nobody signed in has {having}" + (f"; {_agents(offline)} who could are offline." if offline else ".")
    able &= roster.signed_in
    return (
        f"{_agents(int(able.sum()))} {'has' if able.sum() == 1 else 'have'} {having}{_doing(one, able, roster, now)}."
    )


def _doing(one: Waiting, able: np.ndarray, roster: Roster, now: float) -> str:
    """What those who could serve are doing: ", all busy" or ": 2 busy, 1 away"."""
    counts = [(word, count) for word, mask in _states(one, roster, now).items() if (count := int((able & mask).sum()))]
    if len(counts) == 1:
        word, count = counts[0]
        return f", {'all ' if count > 1 else ''}{word}"
    return ": " + ", ".join(f"{count} {word}" for word, count in counts)


def _states(one: Waiting, roster: Roster, now: float) -> dict[str, np.ndarray]:
    """Every agent signed in, by the first thing that keeps them."""
    taking = roster.available & roster.on(one.channel)
    cooling = np.isin(roster.ids, [agent for agent, until in one.cooldown.items() if until > now])
    room = roster.left >= roster.units(one.channel, one.cost)
    return {
        "away": roster.signed_in & ~roster.available,
        f"not taking {one.channel}": roster.available & ~taking,
        "asked a moment ago": taking & cooling,
        "busy": taking & ~cooling & ~room,
        "free": taking & ~cooling & room,
    }


def _state_of_chosen(one: Waiting, roster: Roster) -> str:
    at = roster.at.get(one.reserved_for)
    if at is None or not roster.signed_in[at]:
        return "offline"
    return next(word for word, mask in _states(one, roster, 0.0).items() if mask[at] and word != "asked a moment ago")


def _cooling(one: Waiting, roster: Roster, now: float, names: Names, clock: Callable[[float], str]) -> str:
    cooling = sorted((until, agent) for agent, until in one.cooldown.items() if until > now and agent in roster.at)
    if not cooling:
        return ""
    told = ", ".join(f"{names.agent(agent)} again at {clock(until)}" for until, agent in cooling)
    return f"Declined or missed a moment ago; it may be offered to {told}."


def _ahead(one: Waiting, state: State, policy: Policy, now: float) -> str:
    """How many of the same queue go first."""
    line = [each for each in state.waiting if each.queue == one.queue]
    ranks = urgencies(line, policy, now)
    keys = [(tier, score) for tier, score in zip(ranks.tier, ranks.score, strict=True)]
    own = keys[line.index(one)]
    first = sum(key > own for key in keys)
    waited = float(ranks.waited[line.index(one)])
    told = f"It has waited {span(waited)} of a target of {span(policy.queue(one.queue).target(one.channel))}"
    return (
        f"{told}; {first} in its queue {'goes' if first == 1 else 'go'} first."
        if first
        else f"{told} and is first in its queue."
    )


def _later(
    one: Waiting, need: Need, roster: Roster, policy: Policy, now: float, names: Names, clock: Callable[[float], str]
) -> str:
    """The next step that asks for less, and whom it adds."""
    target = policy.queue(one.queue).target(one.channel)
    before = _skilled(need.required, roster) & roster.signed_in
    for count in range(need.step + 1, len(need.steps) + 1):
        required = relaxation.required_at(one.required, need.steps, count)
        if required != need.required and one.reserved_for is None:
            added = int((_skilled(required, roster) & roster.signed_in & ~before).sum())
            at = clock(max(now, one.waiting_since + need.steps[count - 1].after * target))
            return f"At {at} {_change(need.required, required, names)}, which adds {_agents(added) if added else 'nobody who is signed in'}."
    return ""


def _change(before: Mapping[str, int], after: Mapping[str, int], names: Names) -> str:
    """ "Spanish 2 is enough", "Spanish is no longer needed"."""
    lowered = [f"{names.skill(skill)} {level}" for skill, level in after.items() if before[skill] != level]
    gone = [names.skill(skill) for skill in before if skill not in after]
    told = [f"{_and(lowered)} {'is' if len(lowered) == 1 else 'are'} enough"] if lowered else []
    told += [f"{_and(gone)} {'is' if len(gone) == 1 else 'are'} no longer needed"] if gone else []
    return " and ".join(told)


def _skilled(required: Mapping[str, int], roster: Roster) -> np.ndarray:
    able = np.ones(len(roster.agents), dtype=bool)
    for skill, level in required.items():
        able &= roster.able(skill, level)
    return able


def _levels(required: Mapping[str, int], names: Names) -> str:
    return _and([f"{names.skill(skill)} {level}" for skill, level in sorted(required.items())])


def _agents(number: int) -> str:
    return f"{number} agent" if number == 1 else f"{number} agents"


def _and(words: list[str]) -> str:
    return " and ".join(filter(None, [", ".join(words[:-1]), words[-1]])) if words else ""
