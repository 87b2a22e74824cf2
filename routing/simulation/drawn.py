"""A scenario's day played agent by agent (live.py): for scenarios in which desks ring, agents come and go one by one,
customers know their agent, chats slow each other down, or a call parks mail."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from routing.engine import Policy
from routing.engine.facts import units_of
from routing.simulation.day import FOREVER, Day, Stream
from routing.simulation.figures import joined, length
from routing.simulation.live import Live, Plan
from routing.simulation.record import (
    ACCEPTED,
    DECLINED,
    MISSED,
    Arrival,
    Offering,
    Passage,
    Record,
    Stay,
    Worker,
)
from routing.simulation.scenario import Group, Kind, Ringing, Scenario, match_of
from routing.simulation.tally import (
    ABANDONED,
    ARRIVED,
    BUSY,
    DRAINED,
    GONE_IN_TARGET,
    HANDLED,
    IN_TARGET,
    LEFT,
    MATCHED,
    ON_DUTY,
    SERVED,
    USED,
    WAIT_ALL,
    WAIT_SERVED,
    Tally,
    empty,
)

RINGING, KNOWN = 7, 8
TURNS = 8
NOBODY: Mapping[str, float] = {}


@dataclass(frozen=True, slots=True)
class Seated:
    """A drawn agent: the place of their group, and what multiplies their handling times beside the group's pace."""

    place: int
    pace: float


@dataclass(frozen=True, slots=True)
class Drawn:
    """A day as a record, and what is needed to behave and to count: type and number of each arrival, seat of each
    agent."""

    record: Record
    origin: Mapping[int, tuple[int, int]]
    seats: Mapping[int, Seated]


def needs_it(scenario: Scenario, policy: Policy) -> bool:
    """Whether a scenario has anything that only happens agent by agent."""
    if scenario.ringing or scenario.slowdown or any(group.shifts for group in scenario.groups):
        return True
    channels = {kind.channel for kind in scenario.kinds}
    parks = any(channel in channels and channels & set(parked) for channel, parked in policy.interrupts.items())
    queues = (*policy.queues.values(), policy.default_queue)
    return parks or any(kind.returning for kind in scenario.kinds) or any(queue.hold for queue in queues)


def play_drawn(scenario: Scenario, policy: Policy, day: Day) -> Tally:
    """One day, agent by agent, in the figures of tally.py."""
    drawn = draw(scenario, day)
    run = run_drawn(scenario, policy, day, drawn)
    tally = _counted(scenario, drawn, run.passages)
    tally.decisions = run.decisions
    _count_times(scenario, drawn, run.passages, tally)
    return tally


def run_drawn(scenario: Scenario, policy: Policy, day: Day, drawn: Drawn) -> Live:
    """The day played to its end."""
    offering = Offering(
        seconds={channel: each.seconds for channel, each in scenario.ringing.items()},
        cooldown=max((each.cooldown for each in scenario.ringing.values()), default=0.0),
    )
    behaviour = Characters(scenario, day, drawn)
    seed = day.deciding_seed % 2**32
    run = Live(drawn.record, Plan(policy, offering), behaviour, seed=seed, drain=scenario.drain)
    run.play()
    return run


def draw(scenario: Scenario, day: Day) -> Drawn:
    """Who comes and who is there."""
    workers = list(_workers(scenario))
    known = [_known(scenario, day, at, [worker for worker, _ in workers]) for at in range(len(scenario.kinds))]
    arrivals, origin = [], {}
    for number, (at, kind, own) in enumerate(day.order(), 1):
        origin[number] = (kind, own)
        arrivals.append(_arrival(number, at, scenario.kinds[kind], scenario, known[kind][own]))
    record = Record(
        0.0, scenario.end, tuple(arrivals), tuple(worker for worker, _ in workers), slowdown=scenario.slowdown
    )
    return Drawn(record, origin, {worker.id: seat for worker, seat in workers})


class Characters:
    """What the people of a scenario do: drawn by type and number, so that every policy meets the same."""

    def __init__(self, scenario: Scenario, day: Day, drawn: Drawn):
        self.scenario, self.day, self.drawn = scenario, day, drawn
        self._dice = [_dice(day, at, stream) for at, stream in enumerate(day.streams)]
        self._typical = [_typical(kind) for kind in scenario.kinds]

    def patience(self, arrival: Arrival) -> tuple[float, bool]:
        kind, number = self.drawn.origin[arrival.id]
        return self.day.streams[kind].patience[number], True

    def answer(self, arrival: Arrival, agent: int, turn: int, limit: float) -> tuple[str, float]:
        ringing = self.scenario.ringing.get(arrival.channel)
        if ringing is None:
            return ACCEPTED, 0.0
        kind, number = self.drawn.origin[arrival.id]
        share, late = self._dice[kind][number][turn % TURNS]
        group = self.scenario.groups[self.drawn.seats[agent].place]
        return _answer(ringing, group, share, late, limit)

    def times(self, arrival: Arrival, agent: int) -> tuple[float, float]:
        kind, number = self.drawn.origin[arrival.id]
        seat, stream = self.drawn.seats[agent], self.day.streams[kind]
        return seat.pace * stream.service[seat.place][number], seat.pace * stream.wrap_up[seat.place][number]

    def typical(self, arrival: Arrival) -> float:
        return self._typical[self.drawn.origin[arrival.id][0]]

    def pace(self, agent: int) -> Mapping[str, float]:
        seat = self.drawn.seats[agent]
        pace = 1 / (seat.pace * self.scenario.groups[seat.place].pace)
        return {kind.queue: min(1.5, max(0.67, pace)) for kind in self.scenario.kinds} if pace != 1 else NOBODY


def _answer(ringing: Ringing, group: Group, share: float, late: float, limit: float) -> tuple[str, float]:
    misses = ringing.miss if group.miss is None else group.miss
    declines = ringing.decline if group.decline is None else group.decline
    if share < misses:
        return MISSED, limit
    seconds = min(limit, float(ringing.answer.quantile(np.array([late]))[0]))
    return (DECLINED if share < misses + declines else ACCEPTED), seconds


def _dice(day: Day, at: int, stream: Stream) -> list[list[list[float]]]:
    return day.random(at, RINGING).random((len(stream.times), TURNS, 2)).tolist()


def _typical(kind: Kind) -> float:
    means = [each.mean() for each in kind.service.values()]
    return sum(means) / len(means)


def _known(scenario: Scenario, day: Day, at: int, workers: list[Worker]) -> list[int | None]:
    """Which agent each customer of a type knows, if any."""
    kind, stream = scenario.kinds[at], day.streams[at]
    able = [worker.id for worker in workers if _may(worker, kind)]
    if not kind.returning or not able:
        return [None] * len(stream.times)
    shares = day.random(at, KNOWN).random((len(stream.times), 2)).tolist()
    probability = kind.returning.probability
    return [able[int(which * len(able))] if share < probability else None for share, which in shares]


def _may(worker: Worker, kind: Kind) -> bool:
    return kind.channel in worker.channels and all(
        worker.skills.get(skill, 0) >= level for skill, level in kind.required.items()
    )


def _arrival(number: int, at: float, kind: Kind, scenario: Scenario, known: int | None) -> Arrival:
    return Arrival(
        id=number, at=at, queue=kind.queue, channel=kind.channel, required=kind.required, preferred=kind.preferred,
        target=kind.target, cost=kind.cost, importance=kind.importance, priority=kind.priority, last_agent=known,
        last_agent_days=kind.returning.days if kind.returning else 0.0, is_counted=at >= scenario.warm_up,
    )  # fmt: skip


def _workers(scenario: Scenario) -> Iterator[tuple[Worker, Seated]]:
    number = 0
    for place, group in enumerate(scenario.groups):
        shifts = group.shifts or tuple(_by_number(group, scenario))
        for at, shift in enumerate(shifts):
            number += 1
            stays = tuple(Stay(since, until) for since, until in shift)
            pace = group.paces[at % len(group.paces)] if group.paces else 1.0
            yield (
                Worker(
                    number, stays, group.skills, group.channels, group.budget, group.costs, f"{group.name} {at + 1}"
                ),
                Seated(place, pace),
            )


def _by_number(group: Group, scenario: Scenario) -> Iterator[tuple[tuple[float, float], ...]]:
    """As many shifts as agents at most; the first agent is there whenever anybody is."""
    for at in range(max(group.staff, default=0)):
        there = [period for period, number in enumerate(group.staff) if number > at]
        last = scenario.count - 1
        ends = {
            period: FOREVER if period == last and scenario.drain else (period + 1) * scenario.period for period in there
        }
        yield tuple(joined([(period * scenario.period, ends[period]) for period in there], 0.0, FOREVER))


def _counted(scenario: Scenario, drawn: Drawn, passages: Mapping[int, Passage]) -> Tally:
    tally = empty(len(scenario.kinds), scenario.count, len(scenario.groups))
    for one in drawn.record.arrivals:
        way = passages.get(one.id)
        if one.is_counted and way:
            kind = drawn.origin[one.id][0]
            period = min(int(one.at // scenario.period), scenario.count - 1)
            _count(tally, kind, period, one, way)
            if way.agent is not None and way.answered_at is not None:
                group = scenario.groups[drawn.seats[way.agent].place]
                tally.counts[kind][period][MATCHED] += match_of(group, scenario.kinds[kind])
    return tally


def _count(tally: Tally, kind: int, period: int, one: Arrival, way: Passage) -> None:
    row = tally.counts[kind][period]
    row[ARRIVED] += 1
    ends = way.answered_at if way.answered_at is not None else way.left_at
    if ends is None:
        row[LEFT] += 1
        return
    waited = ends - one.at
    row[WAIT_ALL] += waited
    tally.longest[kind] = max(tally.longest[kind], waited)
    if way.answered_at is None:
        row[ABANDONED] += 1
        row[GONE_IN_TARGET] += waited <= one.target
        return
    row[SERVED] += 1
    row[WAIT_SERVED] += waited
    row[IN_TARGET] += waited <= one.target
    row[HANDLED] += (way.done_at if way.done_at is not None else way.answered_at) - way.answered_at
    tally.waits[kind].append(waited)
    if way.agent is not None:
        tally.served_by_agent[way.agent] = tally.served_by_agent.get(way.agent, 0) + 1


def _count_times(scenario: Scenario, drawn: Drawn, passages: Mapping[int, Passage], tally: Tally) -> None:
    """Seconds on duty and busy by group and agent: within the day, and (drained) until the last is served."""
    over = max([scenario.end, *(way.done_at for way in passages.values() if way.done_at is not None)])
    held: dict[int, list[tuple[float, float, float]]] = {worker.id: [] for worker in drawn.record.workers}
    units = {one.id: (one.channel, one.cost) for one in drawn.record.arrivals}
    for pk, way in passages.items():
        if way.agent is not None and way.answered_at is not None:
            group = scenario.groups[drawn.seats[way.agent].place]
            share = units_of(units[pk][0], units[pk][1] or 0, group.costs) / (group.budget or 1)
            held[way.agent].append((way.answered_at, over if way.done_at is None else way.done_at, share))
    for worker in drawn.record.workers:
        times, own = tally.times[drawn.seats[worker.id].place], held[worker.id]
        here = [(stay.since, stay.until) for stay in worker.stays]
        for until, name in ((scenario.end, {}), (over, DRAINED)):
            busy = joined([(since, till) for since, till, _ in own], scenario.warm_up, until)
            times[name.get(BUSY, BUSY)] += length(busy)
            times[name.get(ON_DUTY, ON_DUTY)] += length(joined([*here, *busy], scenario.warm_up, until))
            if not name:
                tally.busy_by_agent[worker.id] = length(busy)
        times[USED] += sum(
            share * length(joined([(since, till)], scenario.warm_up, scenario.end)) for since, till, share in own
        )
