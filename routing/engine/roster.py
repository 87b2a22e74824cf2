"""The agents as columns of numbers, in order of id; taking work is the only thing that changes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import numpy as np

from routing.engine.facts import Agent

AVAILABLE = "available"
RINGING = "ringing"
OFFLINE = "offline"
NO_LIMIT = 1_000_000
NEVER_ASKED = 36_000_000.0


class Roster:
    """Who serves, as arrays over all agents.

    `left` is what each may still take, `load` the share in use, `askable` how many more offers they may get now, `held`
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
        self.agents = sorted(agents, key=lambda agent: agent.id)
        self.ids = np.array([agent.id for agent in self.agents], dtype=np.int64)
        self.at = {agent.id: at for at, agent in enumerate(self.agents)}
        self.available = np.array([agent.presence in (AVAILABLE, RINGING) for agent in self.agents], dtype=bool)
        self.signed_in = np.array([agent.presence != OFFLINE for agent in self.agents], dtype=bool)
        self.askable = np.array(
            [0 if agent.presence == RINGING else offers_at_once or NO_LIMIT for agent in self.agents], dtype=np.int64
        )
        self.budget = np.array([agent.budget + agent.override for agent in self.agents], dtype=np.int64)
        self.left = self.budget - np.array([agent.used for agent in self.agents], dtype=np.int64)
        self.load = np.clip(1 - self.left / np.maximum(1, self.budget), 0.0, 1.0)
        self.idle = _since(now, [agent.idle_since for agent in self.agents])
        self.unasked = np.minimum(_since(now, [agent.last_offered for agent in self.agents]), NEVER_ASKED)
        self.interrupts = interrupts
        self.held = _columns([agent.held for agent in self.agents], 0, np.int64)
        self.pace = _columns([agent.pace for agent in self.agents], 1.0, float)
        self.occupancy = np.array([agent.occupancy for agent in self.agents], dtype=float)
        self._levels = _columns([agent.skills for agent in self.agents], 0, np.int64)
        self._on: dict[str, np.ndarray] = {}
        self._able: dict[tuple[str, int], np.ndarray] = {}
        self._units: dict[tuple[str, int], np.ndarray] = {}

    @property
    def skills(self) -> list[str]:
        return sorted(self._levels)

    def levels(self, skill: str) -> np.ndarray:
        found = self._levels.get(skill)
        return np.zeros(len(self.agents), dtype=np.int64) if found is None else found

    def able(self, skill: str, level: int) -> np.ndarray:
        key = (skill, level)
        if key not in self._able:
            self._able[key] = self.levels(skill) >= level
        return self._able[key]

    def on(self, channel: str) -> np.ndarray:
        """Who may take this channel now."""
        if channel not in self._on:
            self._on[channel] = np.array([channel in agent.channels for agent in self.agents], dtype=bool)
        return self._on[channel]

    def units(self, channel: str, cost: int) -> np.ndarray:
        """What an interaction of this cost takes from each agent."""
        key = (channel, cost)
        if key not in self._units:
            units = [agent.costs.get(channel, cost) for agent in self.agents]
            self._units[key] = np.array(units, dtype=np.int64)
        return self._units[key]

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
        return bool(self.askable[at] > 0 and self.room(channel)[at] >= self.units(channel, cost)[at])

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
        self.load[at] = min(1.0, max(0.0, 1 - self.left[at] / max(1, self.budget[at])))
        self.idle[at] = self.unasked[at] = 0.0
        return sum(parked.values())


def _columns(named: Sequence[Mapping[str, float]], missing: float, kind: type) -> dict[str, np.ndarray]:
    """A column of values for every name that any of them has."""
    columns: dict[str, np.ndarray] = {}
    for at, values in enumerate(named):
        for name, value in values.items():
            if name not in columns:
                columns[name] = np.full(len(named), missing, dtype=kind)
            columns[name][at] = value
    return columns


def _since(now: float, times: Sequence[float]) -> np.ndarray:
    return np.maximum(0.0, now - np.array(times, dtype=float))
