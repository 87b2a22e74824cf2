"""How customers and agents behave, learnt from a record: how long things take, who gives up when, who answers.

What was observed is used as it was wherever it still applies: the same agent takes as long for the same customer, and
who gave up has the patience they had. All else is drawn. Handling times are lognormal by agent, queue and channel,
shrunk towards what is common; half of what was long about a contact stays with the customer whoever serves them.
Patience is by Kaplan and Meier, given that they had waited as long as they did; answers to offers are by what the agent
did otherwise. The numbers drawn belong to the customer, so that every policy meets the same ones.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from scipy.special import ndtri

from routing.simulation.record import ACCEPTED, DECLINED, MISSED, WITHDRAWN, Arrival, Passage, Record

FOREVER = float("inf")
# An agent's own times count half against what is common once there are this many of them.
SHRINKAGE = 15
# So much of what is long or short about a contact lies with the customer: it stays when somebody else serves them.
OF_CUSTOMER = 0.5
ENOUGH = 20
LEAST_SECONDS = 1.0
PACES = (0.67, 1.5)
TURNS = 8
SERVICE, WRAP_UP, PATIENCE, ANSWER, DELAY = range(5)

Line = tuple[str, str]


class Behaviour(Protocol):
    """What people do in one replication, as the player asks for it."""

    def patience(self, arrival: Arrival) -> tuple[float, bool]:
        """Seconds after which it leaves the line, and whether it is patience that ends it."""

    def answer(self, arrival: Arrival, agent: int, turn: int, limit: float) -> tuple[str, float]:
        """What the agent does with the offer that is the interaction's `turn`th, and after how many seconds."""

    def times(self, arrival: Arrival, agent: int) -> tuple[float, float]:
        """Seconds of service and of wrap-up with this agent."""

    def typical(self, arrival: Arrival) -> float:
        """Seconds one expects it to take."""

    def pace(self, agent: int) -> Mapping[str, float]:
        """How fast an agent is by queue; 1 is average."""


@dataclass(frozen=True, slots=True)
class Survival:
    """Kaplan and Meier's estimate of patience: the share still there after each time at which somebody gave up, and
    beyond the last of them a constant rate of giving up."""

    times: np.ndarray
    shares: np.ndarray
    rate: float

    def at(self, seconds: float) -> float:
        """The share that has more patience than this."""
        before = int(np.searchsorted(self.times, seconds, side="right"))
        share = float(self.shares[before - 1]) if before else 1.0
        last = float(self.times[-1]) if len(self.times) else 0.0
        return share * math.exp(-self.rate * max(0.0, seconds - last)) if seconds > last else share

    def when(self, share: float) -> float:
        """The time at which no more than this share is left; for ever where nobody gives up."""
        if len(self.times) and share >= self.shares[-1]:
            return float(self.times[int(np.argmax(self.shares <= share))])
        if not self.rate or not len(self.times) or not self.shares[-1]:
            return FOREVER
        return float(self.times[-1]) + math.log(float(self.shares[-1]) / max(share, 1e-12)) / self.rate


def kaplan_meier(waits: Sequence[float], gave_up: Sequence[bool]) -> Survival:
    """From waits that ended in giving up, and waits that ended otherwise (censored).

    Kaplan & Meier, J. Am. Stat. Assoc. 53 (1958). Who is censored at a time was still there at it.
    """
    waited, lost = np.array(waits, dtype=float), np.array(gave_up, dtype=bool)
    times, deaths = np.unique(waited[lost], return_counts=True)
    ordered = np.sort(waited)
    there = len(ordered) - np.searchsorted(ordered, times, side="left")
    exposed = float(waited.sum())
    return Survival(times, np.cumprod(1 - deaths / there), float(lost.sum()) / exposed if exposed else 0.0)


@dataclass(frozen=True, slots=True)
class Handling:
    """Lognormal times: the middle of the logarithm by agent and line, its spread by line, the longest by line.

    `raised` is by how much the middle was raised for the mean to come out.
    """

    middle: Mapping[tuple[int, str, str], float]
    common: Mapping[Line, float]
    spread: Mapping[Line, float]
    longest: Mapping[Line, float]
    by_agent: Mapping[int, float]
    ordinary: tuple[float, float]
    raised: Mapping[Line, float]

    def draw(self, line: Line, agent: int, normal: float) -> float:
        middle = self.middle.get((agent, *line))
        if middle is None:
            middle = self.common.get(line, self.ordinary[0]) + self.by_agent.get(agent, 0.0)
        spread = self.spread.get(line, self.ordinary[1])
        return min(math.exp(middle + spread * normal), self.longest.get(line, FOREVER))

    def normal(self, line: Line, agent: int, seconds: float) -> float:
        """How long a time was for its agent and line, in standard deviations; what is far out counts as 3."""
        middle = self.middle[(agent, *line)] - self.raised[line]
        return min(3.0, max(-3.0, (math.log(max(LEAST_SECONDS, seconds)) - middle) / self.spread[line]))

    def mean(self, line: Line) -> float:
        return math.exp(self.common.get(line, self.ordinary[0]) + self.spread.get(line, self.ordinary[1]) ** 2 / 2)


def learn_handling(times: Iterable[tuple[int, Line, float]]) -> Handling:
    """From (agent, line, seconds): each agent's own tendency, then their own in each line, both shrunk; and the means
    set so that what is drawn for those observed comes to what was observed."""
    logs: dict[Line, list[tuple[int, float]]] = defaultdict(list)
    for agent, line, seconds in times:
        logs[line].append((agent, math.log(max(LEAST_SECONDS, seconds))))
    common = {line: _mean([log for _, log in own]) for line, own in logs.items()}
    off = [(agent, line, log - common[line]) for line, own in logs.items() for agent, log in own]
    by_agent = _shrunk((agent, rest) for agent, _, rest in off)
    own = _shrunk(((agent, *line), rest - by_agent[agent]) for agent, line, rest in off)
    rests: dict[Line, list[float]] = defaultdict(list)
    for agent, line, rest in off:
        rests[line].append(rest - by_agent[agent] - own[(agent, *line)])
    spread = {line: max(0.05, float(np.std(values))) if len(values) > 2 else 0.5 for line, values in rests.items()}
    raised = {line: _correction(line, pairs, common, spread, by_agent, own) for line, pairs in logs.items()}
    common = {line: middle + raised[line] for line, middle in common.items()}
    middle = {key: common[key[1:]] + by_agent[key[0]] + rest for key, rest in own.items()}
    longest = {line: math.exp(max(log for _, log in pairs)) for line, pairs in logs.items()}
    ordinary = (_mean(list(common.values())) if common else math.log(300.0), _mean(list(spread.values())) or 0.7)
    return Handling(middle, common, spread, longest, by_agent, ordinary, raised)


def _correction(
    line: Line,
    pairs: Sequence[tuple[int, float]],
    common: Mapping[Line, float],
    spread: Mapping[Line, float],
    by_agent: Mapping[int, float],
    own: Mapping[tuple, float],
) -> float:
    """By how much the logarithm must be raised for the drawn mean to be the observed: times are not quite lognormal."""
    observed = _mean([math.exp(log) for _, log in pairs])
    half = spread[line] ** 2 / 2
    drawn = _mean([math.exp(common[line] + by_agent[agent] + own[(agent, *line)] + half) for agent, _ in pairs])
    return math.log(observed / drawn)


def _shrunk(values: Iterable[tuple]) -> dict:
    """The mean by key, drawn to nought where there are few."""
    sums: dict = defaultdict(float)
    counts: dict = defaultdict(int)
    for key, value in values:
        sums[key] += value
        counts[key] += 1
    return {key: sums[key] / (counts[key] + SHRINKAGE) for key in sums}


def _mean(values: Sequence[float]) -> float:
    return float(sum(values) / len(values)) if values else 0.0


@dataclass(frozen=True, slots=True)
class Manners:
    """What somebody does when their desk rings: shares of accepted and declined, the rest are missed; and the seconds
    until they accept or decline, in order."""

    accepts: float
    declines: float
    until_accepted: tuple[float, ...]
    until_declined: tuple[float, ...]


ALWAYS = Manners(1.0, 0.0, (), ())


def learn_manners(rings: Sequence[tuple[str, float]], common: Manners = ALWAYS) -> Manners:
    """From (outcome, seconds), shrunk towards what is common."""
    counts = {outcome: sum(each == outcome for each, _ in rings) for outcome in (ACCEPTED, DECLINED, MISSED)}
    number = len(rings) + SHRINKAGE
    accepted = tuple(sorted(seconds for outcome, seconds in rings if outcome == ACCEPTED))
    declined = tuple(sorted(seconds for outcome, seconds in rings if outcome == DECLINED))
    return Manners(
        (counts[ACCEPTED] + SHRINKAGE * common.accepts) / number,
        (counts[DECLINED] + SHRINKAGE * common.declines) / number,
        accepted if len(accepted) >= ENOUGH else common.until_accepted or accepted,
        declined if len(declined) >= ENOUGH else common.until_declined or declined,
    )


class Habits:
    """Everything learnt from a record; `replication` gives what people do in one replication of it."""

    def __init__(self, record: Record):
        self.record = record
        self.place = {arrival.id: at for at, arrival in enumerate(record.arrivals)}
        served = [(record.passages[one.id], one) for one in record.arrivals if _is_over(record.passages.get(one.id))]
        self.handling = learn_handling(
            (way.agent, (one.queue, one.channel), way.worked)
            for way, one in served
            if way.agent is not None and way.worked is not None
        )
        self.wrap_ups = _by_line(served)
        self.patience = _patience(record)
        self.manners = _manners(record)
        self.first_ring = {
            (ring.arrival, ring.agent): ring for ring in reversed(record.rings) if ring.outcome != WITHDRAWN
        }
        self.paces = self._paces()

    def replication(self, seed: int, number: int) -> Replayed:
        return Replayed(self, seed, number)

    def survival(self, line: Line) -> Survival:
        """Of the line where enough gave up, else of its channel."""
        return self.patience.get(line) or self.patience.get(("", line[1])) or kaplan_meier([], [])

    def manners_of(self, agent: int, channel: str) -> Manners:
        return self.manners.get((agent, channel)) or self.manners.get((0, channel)) or ALWAYS

    def _paces(self) -> dict[int, dict[str, float]]:
        found: dict[int, dict[str, float]] = defaultdict(dict)
        for (agent, queue, channel), middle in self.handling.middle.items():
            pace = math.exp(self.handling.common[(queue, channel)] - middle)
            found[agent][queue] = min(PACES[1], max(PACES[0], pace))
        return found


class Replayed:
    """What the people of a record do in one replication."""

    def __init__(self, habits: Habits, seed: int, number: int):
        self.habits = habits
        self.passages = habits.record.passages
        count = len(habits.place)

        def numbers(purpose: int, width: int = 1) -> np.ndarray:
            return np.random.default_rng([seed, number, purpose]).random((count, width))

        self._service = ndtri(np.clip(numbers(SERVICE)[:, 0], 1e-12, 1 - 1e-12)).tolist()
        self._wrap_up = numbers(WRAP_UP)[:, 0].tolist()
        self._patience = numbers(PATIENCE)[:, 0].tolist()
        self._answer, self._delay = numbers(ANSWER, TURNS).tolist(), numbers(DELAY, TURNS).tolist()

    def patience(self, arrival: Arrival) -> tuple[float, bool]:
        way = self.passages.get(arrival.id)
        if way and way.left_at is not None:
            return max(0.0, way.left_at - arrival.at), way.gave_up
        waited = max(0.0, way.answered_at - arrival.at) if way and way.answered_at is not None else 0.0
        survival = self.habits.survival(self._line(arrival))
        share = self._patience[self.habits.place[arrival.id]]
        return max(waited, survival.when(share * survival.at(waited))), True

    def answer(self, arrival: Arrival, agent: int, turn: int, limit: float) -> tuple[str, float]:
        known = self.habits.first_ring.get((arrival.id, agent))
        if known and turn == 0:
            return known.outcome, limit if known.outcome == MISSED else min(limit, known.seconds)
        manners = self.habits.manners_of(agent, arrival.channel)
        place, turn = self.habits.place[arrival.id], turn % TURNS
        share, late = self._answer[place][turn], self._delay[place][turn]
        if share < manners.accepts:
            return ACCEPTED, min(limit, _quantile(manners.until_accepted, late))
        if share < manners.accepts + manners.declines:
            return DECLINED, min(limit, _quantile(manners.until_declined, late))
        return MISSED, limit

    def times(self, arrival: Arrival, agent: int) -> tuple[float, float]:
        way = self.passages.get(arrival.id)
        place = self.habits.place[arrival.id]
        if way and way.agent == agent and way.worked is not None and way.ended_at is not None:
            return way.worked, (way.ended_at if way.done_at is None else way.done_at) - way.ended_at
        line = self._line(arrival)
        normal = self._service[place]
        if way and way.agent is not None and way.worked is not None:
            own = self.habits.handling.normal(line, way.agent, way.worked)
            normal = math.sqrt(OF_CUSTOMER) * own + math.sqrt(1 - OF_CUSTOMER) * normal
        service = self.habits.handling.draw(line, agent, normal)
        wrap_ups = self.habits.wrap_ups.get(line, ())
        return service, _quantile(wrap_ups, self._wrap_up[place])

    def typical(self, arrival: Arrival) -> float:
        return self.habits.handling.mean(self._line(arrival))

    def pace(self, agent: int) -> Mapping[str, float]:
        return self.habits.paces.get(agent, {})

    def _line(self, arrival: Arrival) -> Line:
        """Where it was recorded: a draft may put it elsewhere, which makes it no longer and nobody more patient."""
        recorded = self.habits.record.arrivals[self.habits.place[arrival.id]]
        return recorded.queue, recorded.channel


def _is_over(way: Passage | None) -> bool:
    return way is not None and way.agent is not None and way.worked is not None


def _by_line(served: Iterable[tuple[Passage, Arrival]]) -> dict[Line, tuple[float, ...]]:
    """Wrap-up times by line, in order."""
    found: dict[Line, list[float]] = defaultdict(list)
    for way, one in served:
        if way.done_at is not None and way.ended_at is not None:
            found[(one.queue, one.channel)].append(way.done_at - way.ended_at)
    return {line: tuple(sorted(values)) for line, values in found.items()}


def _patience(record: Record) -> dict[Line, Survival]:
    """By line where enough gave up, and by channel (under an empty queue)."""
    found: dict[Line, list[tuple[float, bool]]] = defaultdict(list)
    for one in record.arrivals:
        way = record.passages.get(one.id)
        ends = way and (way.answered_at if way.answered_at is not None else way.left_at)
        waited = max(0.0, (ends or record.until) - one.at)
        gave_up = bool(way and way.gave_up)
        for line in ((one.queue, one.channel), ("", one.channel)):
            found[line].append((waited, gave_up))
    enough = {line: own for line, own in found.items() if not line[0] or sum(lost for _, lost in own) >= ENOUGH}
    return {line: kaplan_meier(*zip(*own, strict=True)) for line, own in enough.items()}


def _manners(record: Record) -> dict[tuple[int, str], Manners]:
    """By agent and channel, and by channel (under agent 0)."""
    channel_of: Callable[[int], str] = {one.id: one.channel for one in record.arrivals}.__getitem__
    found: dict[tuple[int, str], list[tuple[str, float]]] = defaultdict(list)
    known = {one.id for one in record.arrivals}
    for ring in record.rings:
        if ring.arrival in known and ring.outcome != WITHDRAWN:
            for agent in (0, ring.agent):
                found[(agent, channel_of(ring.arrival))].append((ring.outcome, ring.seconds))
    common = {key: learn_manners(rings) for key, rings in found.items() if not key[0]}
    own = {key: learn_manners(rings, common[(0, key[1])]) for key, rings in found.items() if key[0]}
    return {**common, **own}


def _quantile(ordered: Sequence[float], share: float) -> float:
    return ordered[int(share * len(ordered))] if ordered else 0.0
