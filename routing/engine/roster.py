"""The agents as columns of numbers, in order of id; taking work is the only thing that changes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import numpy as np

from routing.engine.crew import OFFLINE, THERE, Crew
from routing.engine.facts import Agent, units_of

NO_LIMIT = 1_000_000


class Roster:
    """Who serves, as arrays over all agents.

    `left` is what each may still take, `askable` how many more offers they may get now, `held`
    the units of the work they are at, by channel, `pace` their speed, by queue. `interrupts` says which channels may
    park work of which others.
    """

    def __init__(
        self,
        agents: Sequence[Agent],
        now: float,
        offers_at_once: int = 0,
        interrupts: Mapping[str, Sequence[str]] = MappingProxyType({}),
    ):
        self.crew = crew = agents.arranged() if isinstance(agents, Crew) else Crew(agents).arranged()
        self.agents, self.ids, self.at = crew.agents, crew.ids, crew.at
        self.available = crew.fixed(("available",), bool, lambda agent: agent.presence in THERE)
        self.signed_in = crew.fixed(("signed_in",), bool, lambda agent: agent.presence != OFFLINE)
        self.budget = crew.fixed(("budget",), np.int32, lambda agent: agent.budget + agent.override)
        self.askable = crew.moving("is_askable") * np.int32(offers_at_once or NO_LIMIT)
        self.left = crew.moving("left").copy()
        self._given = np.zeros(len(crew.agents), dtype=bool)
        self._now = now
        self.interrupts = interrupts
        self.held = {channel: units.copy() for channel, units in crew.by_name["held"].items()}
        self.pace = crew.by_name["pace"]
        self._levels = crew.by_name["skills"]
        self._can_take: dict[tuple[str, int], np.ndarray] = {}

    @property
    def skills(self) -> list[str]:
        """Every skill that anybody has or had, in a fixed order."""
        return list(self._levels)

    def levels(self, skill: str) -> np.ndarray:
        found = self._levels.get(skill)
        return np.zeros(len(self.agents), dtype=np.int32) if found is None else found

    def all_levels(self) -> np.ndarray:
        """The levels of each agent (rows) in each of `skills` (columns)."""
        return self.crew.derived(("levels",), lambda: np.ascontiguousarray(self._stacked().T))

    def _stacked(self) -> np.ndarray:
        rows = [self._levels[skill] for skill in self.skills]
        return np.array(rows, dtype=float).reshape(len(rows), len(self.agents))

    def load(self, pos: np.ndarray) -> np.ndarray:
        """The share of their budget in use, 0 to 1, of the agents at these places."""
        left, budget = self.left[pos], self.budget[pos]
        return np.minimum(1.0, np.maximum(0.0, 1 - left / np.maximum(1, budget)))

    def idle(self, pos: np.ndarray) -> np.ndarray:
        """For how many seconds they had no work."""
        return self._since("idle_since", pos)

    def occupancy(self, pos: np.ndarray) -> np.ndarray:
        """Which share of the last half hour they spent with work, 0 to 1."""
        return self.crew.moving("occupancy")[pos]

    def unasked(self, pos: np.ndarray) -> np.ndarray:
        """For how many seconds they were offered nothing."""
        return self._since("last_offered", pos)

    def _since(self, what: str, pos: np.ndarray) -> np.ndarray:
        seconds = np.maximum(0.0, self._now - self.crew.moving(what)[pos])
        seconds[self._given[pos]] = 0.0
        return seconds

    def able(self, skill: str, level: int) -> np.ndarray:
        return self.crew.derived(("able", skill, level), lambda: self.levels(skill) >= level)

    def on(self, channel: str) -> np.ndarray:
        """Who may take this channel now."""
        return self.crew.fixed(("on", channel), bool, lambda agent: channel in agent.channels)

    def units(self, channel: str, cost: int) -> np.ndarray:
        """What an interaction of this cost takes from each agent."""
        return self.crew.fixed(("units", channel, cost), np.int32, lambda agent: units_of(channel, cost, agent.costs))

    def could_ever_take(self, required: Mapping[str, int], units: np.ndarray) -> bool:
        """Whether anyone signed in has the skills and a budget that is large enough, busy or not."""
        return bool((self.signed_in & (self.budget >= units) & self.skilled(required)).any())

    def skilled(self, required: Mapping[str, int]) -> np.ndarray:
        """Who has all of these levels, signed in or not."""
        able = np.ones(len(self.agents), dtype=bool)
        for skill, level in required.items():
            able = able & self.able(skill, level)
        return able

    def room(self, channel: str) -> np.ndarray:
        """What each may still take of this channel, once the work that it interrupts is parked."""
        held = [self.held[other] for other in self.interrupts.get(channel, ()) if other in self.held]
        return sum(held, start=self.left)

    def fits(self, at: int, channel: str, cost: int) -> bool:
        """Whether one agent may be asked and has room."""
        held = sum(self.held[other][at] for other in self.interrupts.get(channel, ()) if other in self.held)
        return bool(self.askable[at] > 0 and self.left[at] + held >= self.units(channel, cost)[at])

    def can_take(self, channel: str, cost: int) -> np.ndarray:
        """Who is there for the channel, may be asked and has room; kept up to date as work is given."""
        key = (channel, cost)
        if key not in self._can_take:
            there = self.crew.derived(("there", channel), lambda: self.available & self.on(channel))
            self._can_take[key] = there & (self.room(channel) >= self.units(channel, cost)) & (self.askable > 0)
        return self._can_take[key]

    def to_park(self, at: int, units: int, channel: str) -> dict[str, int]:
        """The units, by channel, that this agent must park to take `units` of a channel: no more than are lacking."""
        lacking, parked = max(0, units - int(self.left[at])), {}
        for other in self.interrupts.get(channel, ()):
            held = int(self.held[other][at]) if other in self.held else 0
            if taken := min(lacking, held):
                parked[other], lacking = taken, lacking - taken
        return parked

    def give(self, at: int, units: int, channel: str) -> int:
        """Take `units` from an agent, who is then no longer idle and was just asked; returns the units parked."""
        parked = self.to_park(at, units, channel)
        for other, taken in parked.items():
            self.held[other][at] -= taken
            self.left[at] += taken
        self.left[at] -= units
        self.askable[at] -= 1
        self._given[at] = True
        for (one, cost), able in self._can_take.items():
            able[at] = able[at] and self.fits(at, one, cost)
        return sum(parked.values())
