"""What the rules speak of, as plain facts: queues as they are set up, skills, agents, and what came lately."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

CHANNELS = ("voice", "chat", "email")
# What a private queue asks of an agent beside skills: to be one of its members. Waiting never makes up for that.
MEMBER = "member."


@dataclass(frozen=True, slots=True)
class QueueSetup:
    """A queue as its own page says: skills asked (slug to level), targets and ringing times in seconds by channel."""

    slug: str
    name: str = ""
    is_private: bool = False
    targets: Mapping[str, float] = field(default_factory=dict)
    rings: Mapping[str, float] = field(default_factory=dict)
    importance: float = 1.0
    needs: Mapping[str, int] = field(default_factory=dict)
    wants: Mapping[str, int] = field(default_factory=dict)

    def asked(self) -> dict[str, int]:
        """What its interactions require: skills, and to be a member where it is private."""
        return {**self.needs, **self.membership()}

    def membership(self) -> dict[str, int]:
        return {MEMBER + self.slug: 1} if self.is_private else {}


@dataclass(frozen=True, slots=True)
class Staff:
    """An agent, signed in or not: skills (and "member.<queue>" of private queues) to level, channels they take, budget
    and their own cost by channel where it differs."""

    name: str
    skills: Mapping[str, int] = field(default_factory=dict)
    channels: frozenset[str] = frozenset(CHANNELS)
    budget: int = 100
    costs: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Traffic:
    """What comes to a queue on a channel in its busy hours: arrivals per second, and mean seconds of work for each."""

    rate: float
    service_time: float


@dataclass(frozen=True, slots=True)
class Company:
    """Queues by slug, names of skills by slug, agents, tiers of customers, and traffic by (queue, channel)."""

    queues: Mapping[str, QueueSetup] = field(default_factory=dict)
    skills: Mapping[str, str] = field(default_factory=dict)
    agents: tuple[Staff, ...] = ()
    tiers: tuple[str, ...] = ()
    traffic: Mapping[tuple[str, str], Traffic] = field(default_factory=dict)
