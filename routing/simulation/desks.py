"""The agents of a played stretch, one by one: what they hold, what rings, and what a call has parked."""

from __future__ import annotations

from collections.abc import Mapping
from math import exp
from typing import Any

from routing.engine import Agent
from routing.engine.facts import units_of
from routing.simulation.record import AVAILABLE, OFFLINE, Arrival, Passage, Worker

RINGING = "ringing"
ACTIVE, PARKED, WRAP_UP = "active", "parked", "wrap_up"
HALF_HOUR = 1_800.0


class Visit:
    """One interaction under way. `turn` grows whenever what was planned for it no longer holds."""

    __slots__ = ("arrival", "asked_at", "cooldown", "desk", "passage", "state", "turn", "why")

    def __init__(self, arrival: Arrival):
        self.arrival = arrival
        self.passage = Passage(arrival.id)
        self.cooldown: dict[int, float] = {}
        self.desk: Desk | None = None
        self.state = "waiting"
        self.asked_at = 0.0
        self.why: dict[str, Any] = {}
        self.turn = 0


class Job:
    """An accepted interaction at a desk: `left` seconds of service at full speed, as of `since`; then wrap-up."""

    __slots__ = ("began", "left", "rate", "since", "state", "turn", "typical", "units", "visit", "wrap_up")

    def __init__(self, visit: Visit, units: int, now: float, times: tuple[float, float], typical: float):
        self.visit = visit
        self.units = units
        self.left, self.wrap_up = times
        self.typical = typical
        self.began = self.since = now
        self.rate = 1.0
        self.state = ACTIVE
        self.turn = 0

    @property
    def channel(self) -> str:
        return self.visit.arrival.channel

    def advance(self, now: float) -> None:
        """Bring `left` up to now."""
        if self.state == ACTIVE:
            self.left = max(0.0, self.left - (now - self.since) * self.rate)
        self.since = now


class Desk:
    """One agent. `used` are the units of all they hold, `parked` those of them that a call interrupts."""

    __slots__ = (
        "_at",
        "_busy",
        "fact",
        "id",
        "idle_since",
        "jobs",
        "last_offered",
        "pace",
        "parked",
        "presence",
        "ringing",
        "used",
        "worker",
    )

    def __init__(self, worker: Worker, now: float, pace: Mapping[str, float]):
        self.id = worker.id
        self.worker = worker
        self.pace = pace
        self.presence = OFFLINE
        self.used = self.parked = 0
        self.idle_since = self.last_offered = now
        self.jobs: dict[int, Job] = {}
        self.ringing: tuple[Visit, int] | None = None
        self.fact: Agent | None = None
        self._busy, self._at = 0.0, now

    @property
    def room(self) -> int:
        return self.worker.budget + self.parked - self.used

    @property
    def may_be_asked(self) -> bool:
        return self.presence == AVAILABLE and self.ringing is None

    def units(self, channel: str, cost: int) -> int:
        return units_of(channel, cost, self.worker.costs)

    def held(self, channel: str) -> list[Job]:
        """What is being worked on now, oldest first."""
        return [job for job in self.jobs.values() if job.state == ACTIVE and job.channel == channel]

    def change(self, units: int, now: float) -> None:
        """Take up room, or give it back; either ends idle time."""
        self.occupancy(now)
        self.used += units
        self.idle_since = now
        self.fact = None

    def occupancy(self, now: float) -> float:
        """The share of the last half hour with work: a moving average that forgets at that pace."""
        kept = exp((self._at - now) / HALF_HOUR)
        self._busy = self._busy * kept + (1.0 - kept) * bool(self.jobs)
        self._at = now
        return self._busy

    def free_at(self, now: float) -> float | None:
        """When one of the things they hold is expected to be over; None when nothing is held."""
        return min((max(now, job.began + job.typical) for job in self.jobs.values()), default=None)

    def as_told(self, now: float, *, by_clock: bool) -> Agent:
        """This agent as the engine is told of them; `by_clock` if it is also told what changes as time passes."""
        if self.fact is None or by_clock:
            self.fact = self._told(now, by_clock)
        return self.fact

    def _told(self, now: float, by_clock: bool) -> Agent:
        live: dict[str, int] = {}
        held: dict[str, int] = {}
        for job in self.jobs.values():
            live[job.channel] = live.get(job.channel, 0) + 1
            if job.state == ACTIVE:
                held[job.channel] = held.get(job.channel, 0) + job.units
        return Agent(
            id=self.id, skills=self.worker.skills, presence=RINGING if self.ringing else self.presence,
            budget=self.worker.budget, used=self.used - self.parked, idle_since=self.idle_since,
            channels=self.worker.channels, live=live, costs=self.worker.costs, last_offered=self.last_offered,
            held=held, pace=self.pace, free_at=self.free_at(now) if by_clock else None,
            occupancy=self.occupancy(now) if by_clock else 0.0,
        )  # fmt: skip
