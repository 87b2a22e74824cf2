"""Agents who hold several chats at once: each goes slower, all together faster.

A chat with j at once takes slowdown[j-1] times as long as alone, so an agent with j ends chats at j / (s_j T). Chats
are spread evenly, as routers do; the whole floor is then a birth-death chain whose rate of departure depends on how
many are in service (Luo & Zhang, "Staffing and control of instant messaging contact centers", Operations
Research 61(2), 2013).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from routing.staffing.line import Line, NotALine


@dataclass(frozen=True, slots=True)
class ChatPace:
    """How many chats an agent may hold, and how many times longer each takes then: (1, 1.15, 1.35) for up to three."""

    slowdown: Sequence[float]

    @property
    def at_once(self) -> int:
        return len(self.slowdown)

    def rate(self, chats: int, service_time: float) -> float:
        """Chats ended per second by one agent who holds so many."""
        return chats / (self.slowdown[chats - 1] * service_time) if chats else 0.0

    def effective_servers(self) -> float:
        """How many one-at-a-time agents one agent with a full desk is worth."""
        return self.rate(self.at_once, 1.0)


def chat_line(line: Line, agents: int, pace: ChatPace) -> Line:
    """The line before so many chat agents; its `agents` counts the places for chats. Raises NotALine."""
    if not pace.slowdown or min(pace.slowdown) <= 0:
        raise NotALine("A pace needs a slowdown above nought for each number of chats at once.")
    rates = [_floor_rate(chats, agents, pace, line.service_time) for chats in range(1, agents * pace.at_once + 1)]
    return replace(line, agents=len(rates), departures=tuple(rates))


def _floor_rate(chats: int, agents: int, pace: ChatPace, service_time: float) -> float:
    each, more = divmod(chats, agents)
    fuller = more * pace.rate(each + 1, service_time) if more else 0.0
    return (agents - more) * pace.rate(each, service_time) + fuller
