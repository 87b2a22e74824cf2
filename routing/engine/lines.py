"""A line of interactions that are interchangeable but for their urgency: what it asks for, and who fits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from routing.engine import relaxation
from routing.engine.facts import Agent, Policy, RelaxStep, Waiting
from routing.engine.roster import Roster

UNNAMED = "*"


@dataclass(slots=True)
class Need:
    """What a line asks for now, and who has it. `excluded` counts the others by first failing reason.

    `lent` says by lender who is able only because they are lent.
    """

    asked: tuple[str, ...]
    required: Mapping[str, int]
    wanted: Mapping[str, int]
    steps: Sequence[RelaxStep]
    step: int
    skipped: int
    reachable: np.ndarray
    able: np.ndarray
    excluded: Mapping[str, int]
    lent: Mapping[str, np.ndarray] = field(default_factory=dict)

    def lender_of(self, at: int) -> str:
        """The queue that lent the agent at this place of the roster; empty if nobody had to."""
        return next((lender or UNNAMED for lender, group in self.lent.items() if group[at]), "")


@dataclass(frozen=True, slots=True)
class Hold:
    """It is kept for those who know the customer: `friends` are the places in the line's `pos`.

    `expected` is who of them has no room yet and will have in time. When there is nobody to expect and none of them has
    room any more, the hold is over early.
    """

    friends: np.ndarray
    expected: int | None
    until: float

    def is_over(self, fitting: np.ndarray) -> bool:
        return self.expected is None and not fitting[self.friends].any()


@dataclass(slots=True)
class Line:
    """Members in the order in which they are served, and who fits (`pos`, places in the roster).

    `is_by_clock`: the first is also the first for whom a relaxation step is due; `is_timeless`: no step, cooldown or
    hold will ever change who fits. `affinity` is that of the member whose turn it is, None while nobody they know is
    there. `pace` is how fast each is in this queue, None where nobody knows; `lift` by how much each would raise the
    urgency of the first: who is fast and matches well is worth more.
    """

    need: Need
    channel: str
    cost: int
    pos: np.ndarray
    units: np.ndarray
    match: np.ndarray
    affinity: np.ndarray | None
    excluded: Mapping[str, int]
    lift: np.ndarray
    pace: np.ndarray | None = None
    hold: Hold | None = None
    members: Sequence[Waiting] = ()
    is_by_clock: bool = True
    is_timeless: bool = False

    def anew(self, members: Sequence[Waiting]) -> Line:
        """The same line for others who need the same."""
        return Line(
            self.need, self.channel, self.cost, self.pos, self.units, self.match, None, self.excluded, self.lift,
            self.pace, self.hold, members,
        )  # fmt: skip

    def fitting(self, roster: Roster) -> np.ndarray:
        """Which of `pos` may still be asked and have room, or would after parking; only friends while it is held."""
        fits = self._fits(roster)
        if self.hold is None or self.hold.is_over(fits):
            return fits.nonzero()[0]
        return self.hold.friends[fits[self.hold.friends]]

    def keeps_others_waiting(self, roster: Roster) -> bool:
        """Whether there are others who have room, but it is kept for its friends."""
        return self.hold is not None and len(self.fitting(roster)) < int(self._fits(roster).sum())

    def held_for(self, roster: Roster) -> int | None:
        """Who it is kept for, if they are waited for."""
        is_held = self.hold is not None and not len(self.fitting(roster))
        return self.hold.expected if self.hold is not None and is_held else None

    def _fits(self, roster: Roster) -> np.ndarray:
        return roster.can_take(self.channel, self.cost)[self.pos]

    def room(self, roster: Roster) -> np.ndarray:
        return roster.room(self.channel)[self.pos]

    def without_room(self, roster: Roster) -> dict[str, int]:
        """How many of `pos` do not fit: their desk rings, they are full, or it is held for another."""
        askable, fits = int(np.count_nonzero(roster.askable[self.pos] > 0)), int(np.count_nonzero(self._fits(roster)))
        held = fits - len(self.fitting(roster)) if self.hold else 0
        counts = {"ringing": len(self.pos) - askable, "full": askable - fits, "held": held}
        return {reason: count for reason, count in counts.items() if count}


def need_of(one: Waiting, due: int, roster: Roster, policy: Policy) -> Need:
    """What this one asks for after the `due` steps (or more, if nobody signed in could serve), and who has it."""
    steps = relaxation.in_order(policy.queue(one.queue).relax)
    count = _skip_ahead(one, steps, due, roster)
    required = relaxation.required_at(one.required, steps, count)
    lowered = {skill: level for skill, level in one.required.items() if required.get(skill) != level}
    wanted = {**lowered, **relaxation.preferred_at(one.preferred, steps, count)}
    lent = _lent(relaxation.groups_at(one.required, steps, count), required, roster)
    if lent:
        wanted = {**required, **wanted}
    reachable, able, excluded = _filter(one.channel, required, list(lent.values()), roster)
    asked = tuple(sorted({*one.required, *one.preferred}))
    return Need(asked, required, wanted, steps, count, count - due, reachable, able, excluded, lent)


def _skip_ahead(one: Waiting, steps: Sequence[RelaxStep], due: int, roster: Roster) -> int:
    """The first step, from the one due on, at which somebody signed in could serve; the one due if none could."""
    units = roster.units(one.channel, one.cost)
    for count in range(due, len(steps) + 1):
        ways = [relaxation.required_at(one.required, steps, count)]
        ways += [having for _, having in relaxation.groups_at(one.required, steps, count)]
        if any(roster.could_ever_take(having, units) for having in ways):
            return count
    return due


def _lent(
    groups: Sequence[tuple[str, Mapping[str, int]]], required: Mapping[str, int], roster: Roster
) -> dict[str, np.ndarray]:
    """By lender, who has what its group has and not what is asked."""
    others = ~roster.skilled(required) if groups else np.zeros(0, dtype=bool)
    lent: dict[str, np.ndarray] = {}
    for lender, having in groups:
        group = roster.skilled(having) & others
        lent[lender] = lent[lender] | group if lender in lent else group
    return lent


def _filter(
    channel: str, required: Mapping[str, int], lent: Sequence[np.ndarray], roster: Roster
) -> tuple[np.ndarray, np.ndarray, dict[str, int]]:
    """Who is available on the channel, who of them has the skills or is lent, and how many failed at what first."""
    reachable = roster.available & roster.on(channel)
    excluded = {
        "offline": int((~roster.signed_in).sum()),
        "away": int((roster.signed_in & ~roster.available).sum()),
        "channel": int((roster.available & ~reachable).sum()),
    }
    able = reachable
    for skill, level in sorted(required.items()):
        still = able & np.logical_or.reduce([roster.able(skill, level), *lent])
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
    pace = roster.pace[one.queue][pos] if one.queue in roster.pace else None
    lift = (1 + policy.weights.eta * match) * (1.0 if pace is None else pace)
    hold = _hold(one, roster, policy, now, pos)
    return Line(need, one.channel, one.cost, pos, units, match, None, excluded, lift, pace, hold)


def is_personal(one: Waiting, roster: Roster, now: float) -> bool:
    """Whether who serves it depends on more than what it needs."""
    if one.reserved_for is not None:
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


def _hold(one: Waiting, roster: Roster, policy: Policy, now: float, pos: np.ndarray) -> Hold | None:
    """The hold of one that may be kept for its last agent or owner, if one of them is there in time."""
    until = hold_ends(one, policy)
    if until <= now:
        return None
    friends = sorted(at for at in _known(one, roster) if _has_all(one, roster.agents[at]) and _is_among(pos, at))
    if not friends:
        return None
    busy = [roster.agents[at] for at in friends if not roster.fits(at, one.channel, one.cost)]
    expected = [(agent.free_at, agent.id) for agent in busy if agent.free_at is not None and agent.free_at <= until]
    return Hold(np.searchsorted(pos, friends), min(expected)[1] if expected else None, until)


def hold_ends(one: Waiting, policy: Policy) -> float:
    """Until when it may be kept for somebody: not at all if a person was chosen."""
    longest = policy.queue(one.queue).longest_hold(one.channel) if one.reserved_for is None else 0.0
    return one.waiting_since + longest


def _known(one: Waiting, roster: Roster) -> set[int]:
    """The places of its last agent and owner, but for whom it was offered to before and came back from."""
    return {
        roster.at[agent] for agent in (one.last_agent, one.owner) if agent in roster.at and agent not in one.cooldown
    }


def _is_among(pos: np.ndarray, at: int) -> bool:
    """Whether a place is one of `pos`, which are in order."""
    return bool(pos[np.searchsorted(pos, at, side="right") - 1] == at) if len(pos) else False


def _has_all(one: Waiting, agent: Agent) -> bool:
    """Whether they have what was asked at first: a hold that began with a relaxation would only make it wait."""
    return all(agent.skills.get(skill, 0) >= level for skill, level in one.required.items())


def _match(wanted: Mapping[str, int], roster: Roster, pos: np.ndarray) -> np.ndarray:
    """How much of the wanted levels each agent has: 1 when nothing (more) is wanted."""
    if not wanted:
        return np.ones(len(pos))
    shares = [np.minimum(1.0, roster.levels(skill)[pos] / max(1, level)) for skill, level in sorted(wanted.items())]
    return np.mean(shares, axis=0)


def affinity_of(one: Waiting, roster: Roster, policy: Policy, pos: np.ndarray) -> np.ndarray | None:
    """1 for the owner; for the last agent less by the day."""
    if one.last_agent not in roster.at and one.owner not in roster.at:
        return None
    ids = roster.ids[pos]
    faded = float(np.exp(-max(0.0, one.last_agent_days) / policy.affinity_days))
    last = np.where(ids == one.last_agent, faded, 0.0) if one.last_agent is not None else np.zeros(len(pos))
    return np.where(ids == one.owner, 1.0, last) if one.owner is not None else last
