"""Everybody who serves, kept between decisions as columns of numbers: only who changed is written anew.

    crew = Crew(agents)                  # about 10 µs each, once
    crew.put(agent)                      # changed in anything: some 10 µs; somebody new costs as much as beginning anew
    crew.drop(agent_id)                  # no longer here at all (who signs out may as well stay, as "offline")
    outcome = decide(State(waiting=backlog, agents=crew), policy, now, seed=epoch)

`decide` takes a plain sequence as well and makes a crew of it; the answer is the same. It never changes the crew: what
an agent was given is told by `put` when it is written. Facts must not be changed in place. One thread at a time.

What follows from presence, channels, skills, costs, budget and pace alone (who fits which need) is remembered until one
of those changes, or the policy does.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, overload

import numpy as np

from routing.engine.facts import Agent, Policy

AVAILABLE = "available"
RINGING = "ringing"
OFFLINE = "offline"
THERE = (AVAILABLE, RINGING)
MOST_REMEMBERED = 5_000

# What changes with every piece of work.
_MOVING: dict[str, tuple[type, Callable[[Agent], Any]]] = {
    "is_askable": (np.int32, lambda agent: agent.presence != RINGING),
    "left": (np.int32, lambda agent: agent.budget + agent.override - agent.used),
    "idle_since": (float, lambda agent: agent.idle_since),
    "last_offered": (float, lambda agent: agent.last_offered),
    "occupancy": (float, lambda agent: agent.occupancy),
}
# What is told by skill, channel or queue, and the value where nothing is said.
_BY_NAME: dict[str, tuple[type, float]] = {"skills": (np.int32, 0), "held": (np.int32, 0), "pace": (float, 1.0)}
# What decides who fits which need, together with who is there.
_FIXED = ("skills", "channels", "costs", "budget", "override", "pace")


class Crew(Sequence[Agent]):
    """Agents in order of id: `ids` and columns in the same order, and `at`, the place of each id.

    `free_with` counts by skill those who have it and have room.
    """

    def __init__(self, agents: Iterable[Agent] = ()):
        self._by_id = {agent.id: agent for agent in agents}
        self._is_old = True
        self._policy: Policy | None = None
        self._remembered: dict[Any, Any] = {}
        self._fixed: dict[tuple, np.ndarray] = {}

    def put(self, agent: Agent) -> None:
        """Add an agent, in place of the one of the same id if there is one."""
        before = self._by_id.get(agent.id)
        self._by_id[agent.id] = agent
        if before is None:
            self._is_old = True
        elif not self._is_old and before != agent:
            self._rewrite(self.at[agent.id], before, agent)

    def drop(self, agent_id: int) -> Agent | None:
        """Take an agent out and return them; None if they are not there."""
        self._is_old = self._is_old or agent_id in self._by_id
        return self._by_id.pop(agent_id, None)

    def get(self, agent_id: int) -> Agent | None:
        return self._by_id.get(agent_id)

    def __len__(self) -> int:
        return len(self._by_id)

    def __iter__(self) -> Iterator[Agent]:
        return iter(self.arranged().agents)

    @overload
    def __getitem__(self, at: int) -> Agent: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[Agent]: ...
    def __getitem__(self, at: int | slice) -> Agent | Sequence[Agent]:
        return self.arranged().agents[at]

    def arranged(self) -> Crew:
        """Itself, the columns written anew if somebody came or went."""
        if self._is_old:
            self.agents = [self._by_id[number] for number in sorted(self._by_id)]
            self.ids = np.array([agent.id for agent in self.agents], dtype=np.int64)
            self.at = {agent.id: at for at, agent in enumerate(self.agents)}
            self._moving: dict[str, np.ndarray] = {}
            self.by_name = {name: self._columns(name) for name in _BY_NAME}
            self.free_with = Counter(skill for agent in self.agents for skill in _offered(agent))
            self._is_old = False
            self._forget()
        return self

    def moving(self, name: str) -> np.ndarray:
        """A column of something that changes with every piece of work, as it stands; never to be written to."""
        if name not in self._moving:
            self._moving[name] = self._column(*_MOVING[name])
        return self._moving[name]

    def fixed(self, key: tuple, kind: type, read: Callable[[Agent], Any]) -> np.ndarray:
        """A column of something that follows from what is remembered; never to be written to."""
        if key not in self._fixed:
            self._fixed[key] = self._column(kind, read)
        return self._fixed[key]

    def derived(self, key: tuple, make: Callable[[], np.ndarray]) -> np.ndarray:
        """An array made of such columns; never to be written to."""
        if key not in self._fixed:
            self._fixed[key] = make()
        return self._fixed[key]

    def remembered(self, policy: Policy) -> dict[Any, Any]:
        """Where to keep what follows from such facts and this policy alone."""
        if self._policy is not policy or len(self._remembered) > MOST_REMEMBERED:
            self._policy, self._remembered = policy, {}
        return self._remembered

    def _rewrite(self, at: int, before: Agent, agent: Agent) -> None:
        self.agents[at] = agent
        for name, column in self._moving.items():
            column[at] = _MOVING[name][1](agent)
        for name, columns in self.by_name.items():
            if getattr(before, name) != getattr(agent, name):
                self._write(name, columns, at)
        self.free_with.subtract(_offered(before))
        self.free_with.update(_offered(agent))
        is_as_before = _is_there(before) == _is_there(agent)
        if not (is_as_before and all(getattr(before, name) == getattr(agent, name) for name in _FIXED)):
            self._forget()

    def _columns(self, name: str) -> dict[str, np.ndarray]:
        kind, missing = _BY_NAME[name]
        columns: dict[str, list] = {}
        for at, agent in enumerate(self.agents):
            for each, value in getattr(agent, name).items():
                if each not in columns:
                    columns[each] = [missing] * len(self.agents)
                columns[each][at] = value
        return {each: np.array(values, dtype=kind) for each, values in columns.items()}

    def _write(self, name: str, columns: dict[str, np.ndarray], at: int) -> None:
        """One agent's values by skill, channel or queue."""
        kind, missing = _BY_NAME[name]
        values: Mapping[str, float] = getattr(self.agents[at], name)
        for new in values.keys() - columns.keys():
            columns[new] = np.full(len(self.agents), missing, dtype=kind)
        for each, column in columns.items():
            column[at] = values.get(each, missing)

    def _column(self, kind: type, read: Callable[[Agent], Any]) -> np.ndarray:
        return np.array([read(agent) for agent in self.agents], dtype=kind)

    def _forget(self) -> None:
        self._fixed, self._remembered = {}, {}


def _offered(agent: Agent) -> list[str]:
    """The skills of an agent who has room and may be asked; none of another."""
    if agent.presence != AVAILABLE or agent.used >= agent.budget + agent.override:
        return []
    return [skill for skill, level in agent.skills.items() if level > 0]


def _is_there(agent: Agent) -> tuple[bool, bool]:
    """Whether they can be rung, and whether they are signed in at all."""
    return agent.presence in THERE, agent.presence != OFFLINE
