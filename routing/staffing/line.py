"""One line before n agents, with or without patience and with or without a limit: M/M/n/n+r + M.

Sources. Steady state: the birth-death chain of Palm (1957) and Garnett, Mandelbaum & Reiman, "Designing a call center
with impatient customers", MSOM 4(3), 2002. Waits: who finds j waiting is served after j + 1 steps of a pure death chain
with rates R, R + t, ..., R + jt (R the rate of service of all agents, t = 1 / mean patience), whose distribution is the
incomplete beta function I_x(j + 1, R / t) at x = 1 - exp(-t s) (order statistics of exponentials); without patience it
is Erlang's, the incomplete gamma function. The work is one sum over the states, O(n).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from scipy.optimize import brentq
from scipy.special import betainc, gammainc

NEGLIGIBLE = 42.0
MOST_STATES = 8_000_000


class NotALine(ValueError):
    """A rate, time or number that no line can have."""


class Unstable(ValueError):
    """More work comes than can be done, nobody gives up and nobody is turned away: the line grows for ever."""


@dataclass(frozen=True, slots=True)
class Line:
    """Arrivals per second, mean service time and mean patience in seconds (None: nobody gives up).

    `places` is how many may wait (None: any number). `departures`, where given, are the rates at which 1, 2, ... in
    service leave, for service that slows as agents do several things at once; `agents` is then how many fit.
    """

    rate: float
    service_time: float
    agents: int
    patience: float | None = None
    places: int | None = None
    departures: Sequence[float] = field(default=())

    @property
    def load(self) -> float:
        return self.rate * self.service_time


def performance(line: Line) -> Performance:
    """The steady state of a line. Raises NotALine and Unstable, in words."""
    _check(line)
    leaving = _departures(line)
    give_up = 1 / line.patience if line.patience else 0.0
    steps = np.log(line.rate / leaving)
    waiting = _waiting_steps(line.rate, float(leaving[-1]), give_up, line.places)
    logs = np.concatenate(([0.0], np.cumsum(np.concatenate((steps, waiting)))))
    weights = np.exp(logs - logs.max())
    return Performance(line, weights / weights.sum(), float(leaving[-1]), give_up)


@dataclass(frozen=True)
class Performance:
    """How a line does in the long run. `states[i]` is the share of time with i in service or waiting."""

    line: Line
    states: np.ndarray
    full_rate: float
    give_up: float

    @cached_property
    def blocked(self) -> float:
        """The share of arrivals that find every place taken."""
        return float(self.states[-1]) if self.line.places is not None else 0.0

    @cached_property
    def waits(self) -> float:
        """The share of arrivals that enter and do not find a free agent."""
        return float(self._finding.sum())

    @cached_property
    def abandoned(self) -> float:
        """The share of arrivals that give up."""
        return self.give_up * self.queue / self.line.rate

    @cached_property
    def served(self) -> float:
        return 1 - self.blocked - self.abandoned

    @cached_property
    def queue(self) -> float:
        """How many wait, on average over time."""
        ahead = self.states[self.line.agents :]
        return float(np.arange(len(ahead)) @ ahead)

    @cached_property
    def mean_wait(self) -> float:
        """Seconds, over all who enter, those who give up included (Little's law)."""
        return self.queue / (self.line.rate * (1 - self.blocked))

    @cached_property
    def speed_of_answer(self) -> float:
        """Seconds waited by those who are answered, on average."""
        harmonic = np.cumsum(1 / (self.full_rate + self.give_up * self._next))
        return float(self._finding @ (self._stay * harmonic)) / self.served

    @cached_property
    def occupancy(self) -> float:
        """The share of the agents' time (for chats: of their places) in which they serve."""
        busy = np.minimum(np.arange(len(self.states)), self.line.agents)
        return float(busy @ self.states) / self.line.agents

    def waits_longer(self, seconds: float) -> float:
        """The share of those who enter that is still waiting after so long."""
        left = self._finding @ (1 - self._reached(seconds, 0)) * math.exp(-self.give_up * seconds)
        return float(left) / (1 - self.blocked)

    def wait_quantile(self, share: float) -> float:
        """The wait in seconds that this share of those who enter does not exceed (.9 for the 90th percentile)."""
        if self.waits_longer(0.0) <= 1 - share:
            return 0.0
        most = 1.0
        while self.waits_longer(most) > 1 - share:
            most *= 2
        return float(brentq(lambda seconds: self.waits_longer(seconds) - (1 - share), 0.0, most))

    def answered_within(self, seconds: float) -> float:
        """The share of arrivals answered within so long."""
        at_once = 1 - self.blocked - self.waits
        return at_once + float(self._finding @ (self._stay * self._reached(seconds, 1)))

    def service_level(self, seconds: float, *, of: str = "offered") -> float:
        """Answered within `seconds` over all arrivals ("offered"), those who enter ("entered"), or those who enter and
        do not give up within that time ("stayed")."""
        answered = self.answered_within(seconds)
        entered = 1 - self.blocked
        gone = entered * (1 - self.waits_longer(seconds)) - answered
        return answered / {"offered": 1.0, "entered": entered, "stayed": entered - gone}[of]

    @cached_property
    def _finding(self) -> np.ndarray:
        """The chance to enter and find all agents busy and 0, 1, 2, ... waiting."""
        found = self.states[self.line.agents :]
        return found[:-1] if self.line.places is not None else found

    @cached_property
    def _next(self) -> np.ndarray:
        return np.arange(1, len(self._finding) + 1, dtype=float)

    @cached_property
    def _stay(self) -> np.ndarray:
        """The chance to be served for who finds 0, 1, 2, ... waiting."""
        return self.full_rate / (self.full_rate + self.give_up * self._next)

    def _reached(self, seconds: float, patient: int) -> np.ndarray:
        """The chance that those found waiting are gone and it is one's turn within `seconds`; patient=1: given that one
        has the patience for it."""
        if not self.give_up:
            return gammainc(self._next, self.full_rate * seconds)
        return betainc(self._next, self.full_rate / self.give_up + patient, -math.expm1(-self.give_up * seconds))


def _check(line: Line) -> None:
    if not (line.rate > 0 and line.service_time > 0 and line.agents >= 1):
        raise NotALine("A line needs a rate and a service time above nought, and at least one agent.")
    if line.patience is not None and line.patience <= 0:
        raise NotALine("Mean patience must be above nought; leave it out if nobody gives up.")
    if line.places is not None and line.places < 0:
        raise NotALine("There cannot be fewer than no places to wait.")
    if line.departures and (len(line.departures) != line.agents or min(line.departures) <= 0):
        raise NotALine("Departures need one rate above nought for each number in service.")


def _departures(line: Line) -> np.ndarray:
    if line.departures:
        return np.array(line.departures, dtype=float)
    return np.arange(1, line.agents + 1) / line.service_time


def _waiting_steps(rate: float, full: float, give_up: float, places: int | None) -> np.ndarray:
    """Logarithms of the ratios between neighbouring states of the queue, as far as they matter."""
    if places is not None:
        return np.log(rate / (full + give_up * np.arange(1, places + 1)))
    if give_up:
        return _until_negligible(rate, full, give_up)
    if rate >= full:
        raise Unstable(f"{rate / full:.2f} times as much work comes as can be done, and nobody gives up: add agents.")
    return np.full(min(MOST_STATES, math.ceil(NEGLIGIBLE / -math.log(rate / full)) + 1), math.log(rate / full))


def _until_negligible(rate: float, full: float, give_up: float) -> np.ndarray:
    """As many states as it takes for the last to weigh nothing beside the heaviest."""
    number = 64
    while True:
        steps = np.log(rate / (full + give_up * np.arange(1, number + 1)))
        heights = np.cumsum(steps)
        if heights[-1] < max(0.0, heights.max()) - NEGLIGIBLE or number >= MOST_STATES:
            return steps
        number *= 2
