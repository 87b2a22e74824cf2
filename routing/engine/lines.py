"""A line of interactions that are interchangeable but for their urgency: what it asks for, and who fits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from routing.engine import relaxation
from routing.engine.facts import Policy, RelaxStep, Waiting
from routing.engine.roster import Roster


@dataclass(slots=True)
class Need:
    """What a line asks for now, and who has it. `excluded` counts the others by first failing reason."""

    asked: tuple[str, ...]
    required: Mapping[str, int]
    wanted: Mapping[str, int]
    steps: Sequence[RelaxStep]
    step: int
    skipped: int
    reachable: np.ndarray
    able: np.ndarray
    excluded: Mapping[str, int]


@dataclass(slots=True)
class Line:
    """Members in order of urgency (places in the waiting list), and who fits (`pos`, places in the roster)."""

    need: Need
    channel: str
    pos: np.ndarray
    units: np.ndarray
    match: np.ndarray
    affinity: np.ndarray | None
    excluded: Mapping[str, int]
    members: list[int] = field(default_factory=list)
    head: int = 0
    scarcity: np.ndarray | None = None

    @property
    def waits(self) -> bool:
        return self.head < len(self.members)

    def fitting(self, roster: Roster) -> np.ndarray:
        """Which of `pos` may still be asked and have room, or would after parking."""
        return np.flatnonzero((self.room(roster) >= self.units) & (roster.askable[self.pos] > 0))

    def room(self, roster: Roster) -> np.ndarray:
        return roster.room(self.channel)[self.pos]

    def without_room(self, roster: Roster) -> dict[str, int]:
        """How many of `pos` do not fit: their desk rings, or they are full."""
        ringing = roster.askable[self.pos] <= 0
        full = ~ringing & (self.room(roster) < self.units)
        counts = {"ringing": int(ringing.sum()), "full": int(full.sum())}
        return {reason: count for reason, count in counts.items() if count}


def need_of(one: Waiting, due: int, roster: Roster, policy: Policy) -> Need:
    """What this one asks for after the `due` steps (or more, if nobody signed in could serve), and who has it."""
    steps = relaxation.in_order(policy.queue(one.queue).relax)
    count = _skip_ahead(one, steps, due, roster)
    required = relaxation.required_at(one.required, steps, count)
    lowered = {skill: level for skill, level in one.required.items() if required.get(skill) != level}
    wanted = {**lowered, **relaxation.preferred_at(one.preferred, steps, count)}
    reachable, able, excluded = _filter(one.channel, required, roster)
    asked = tuple(sorted({*one.required, *one.preferred}))
    return Need(asked, required, wanted, steps, count, count - due, reachable, able, excluded)


def _skip_ahead(one: Waiting, steps: Sequence[RelaxStep], due: int, roster: Roster) -> int:
    """The first step, from the one due on, at which somebody signed in could serve; the one due if none could."""
    units = roster.units(one.channel, one.cost)
    for count in range(due, len(steps) + 1):
        if roster.could_ever_take(relaxation.required_at(one.required, steps, count), units):
            return count
    return due


def _filter(channel: str, required: Mapping[str, int], roster: Roster) -> tuple[np.ndarray, np.ndarray, dict[str, int]]:
    """Who is available on the channel, who of them has the skills, and how many failed at what first."""
    reachable = roster.available & roster.on(channel)
    excluded = {
        "offline": int((~roster.signed_in).sum()),
        "away": int((roster.signed_in & ~roster.available).sum()),
        "channel": int((roster.available & ~reachable).sum()),
    }
    able = reachable
    for skill, level in sorted(required.items()):
        still = able & roster.able(skill, level)
        excluded[f"skill:{skill}"] = int(able.sum() - still.sum())
        able = still
    return reachable, able, {reason: count for reason, count in excluded.items() if count}


def line_of(one: Waiting, need: Need, roster: Roster, policy: Policy, now: float) -> Line:
    """An empty line for those who need what this one does."""
    able, excluded = need.able, need.excluded
    if is_personal(one, roster, now):
        able, excluded = _personally_able(one, need, roster, now)
    pos = np.flatnonzero(able)
    units = roster.units(one.channel, one.cost)[pos]
    match = _match(need.wanted, roster, pos)
    return Line(need, one.channel, pos, units, match, _affinity(one, roster, policy, pos), excluded)


def is_personal(one: Waiting, roster: Roster, now: float) -> bool:
    """Whether who serves it depends on more than what it needs."""
    if one.reserved_for is not None or one.last_agent in roster.at or one.owner in roster.at:
        return True
    return any(until > now and agent in roster.at for agent, until in one.cooldown.items())


def _personally_able(one: Waiting, need: Need, roster: Roster, now: float) -> tuple[np.ndarray, Mapping[str, int]]:
    """Without those who cool down, and, where a person was chosen, nobody but them."""
    able, excluded = need.able, dict(need.excluded)
    chosen = np.zeros(len(able), dtype=bool)
    if one.reserved_for in roster.at:
        chosen[roster.at[one.reserved_for]] = True
        able = able | (chosen & need.reachable)
        excluded = _forgive_skills(roster.at[one.reserved_for], need, roster)
    cool = np.ones(len(able), dtype=bool)
    for agent, until in one.cooldown.items():
        if until > now and agent in roster.at:
            cool[roster.at[agent]] = False
    excluded["cooldown"] = int((able & ~cool).sum())
    able = able & cool
    if one.reserved_for is not None:
        excluded["reserved"] = int((able & ~chosen).sum())
        able = able & chosen
    return able, {reason: count for reason, count in excluded.items() if count}


def _forgive_skills(chosen: int, need: Need, roster: Roster) -> dict[str, int]:
    """The counts without the one a person chose, whose skills are not questioned."""
    excluded = dict(need.excluded)
    if need.reachable[chosen] and not need.able[chosen]:
        lacking = next(skill for skill, level in sorted(need.required.items()) if not roster.able(skill, level)[chosen])
        excluded[f"skill:{lacking}"] -= 1
    return excluded


def _match(wanted: Mapping[str, int], roster: Roster, pos: np.ndarray) -> np.ndarray:
    """How much of the wanted levels each agent has: 1 when nothing (more) is wanted."""
    if not wanted:
        return np.ones(len(pos))
    shares = [np.minimum(1.0, roster.levels(skill)[pos] / max(1, level)) for skill, level in sorted(wanted.items())]
    return np.mean(shares, axis=0)


def _affinity(one: Waiting, roster: Roster, policy: Policy, pos: np.ndarray) -> np.ndarray | None:
    """1 for the owner; for the last agent less by the day."""
    if one.last_agent not in roster.at and one.owner not in roster.at:
        return None
    ids = roster.ids[pos]
    faded = float(np.exp(-max(0.0, one.last_agent_days) / policy.affinity_days))
    last = np.where(ids == one.last_agent, faded, 0.0) if one.last_agent is not None else np.zeros(len(pos))
    return np.where(ids == one.owner, 1.0, last) if one.owner is not None else last
