"""The figures of a stretch of traffic, counted in the same way whether it happened or was played.

Who still waits at the end counts as not answered in time once their target has passed, and is left out before. Handling
is from answer to the end of wrap-up; being on duty is being available, or handling.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from routing.simulation.estimate import gini
from routing.simulation.record import AVAILABLE, Arrival, Passage, Record, Worker

ALL = "all"
SHARES = ("service_level", "abandonment", "match")
SECONDS = ("speed_of_answer", "mean_wait", "p95", "longest")
OF_EVERYBODY = ("occupancy", "gini")

Interval = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Figures:
    """Counts and figures by name for each line: "all", a channel ("voice"), a queue and channel ("billing/voice").

    Waits are in seconds, shares 0 to 1; not a number where nothing happened. `agents` maps each to their occupancy.
    """

    lines: Mapping[str, Mapping[str, float]]
    occupancy: float
    gini: float
    agents: Mapping[int, float]


def figures(record: Record, passages: Mapping[int, Passage]) -> Figures:
    """Of the counted arrivals of a record, with what became of them."""
    skills = {worker.id: worker.skills for worker in record.workers}
    groups: dict[str, list[tuple]] = {}
    for one in record.arrivals:
        if one.is_counted and one.id in passages:
            row = _row(one, passages[one.id], record.until, skills)
            if row is not None:
                for name in (ALL, one.channel, f"{one.queue}/{one.channel}"):
                    groups.setdefault(name, []).append(row)
    agents = _occupancy(record, passages)
    shares = [busy / on_duty for busy, on_duty in agents.values() if on_duty]
    on_duty = sum(each for _, each in agents.values())
    return Figures(
        lines={name: _figures(np.array(rows, dtype=float)) for name, rows in sorted(groups.items())},
        occupancy=sum(busy for busy, _ in agents.values()) / on_duty if on_duty else np.nan,
        gini=gini(shares),
        agents={agent: busy / each for agent, (busy, each) in agents.items() if each},
    )


def match_of(one: Arrival, skills: Mapping[str, int]) -> float:
    """The share of the levels asked for and wanted that somebody has; 1 where nothing is asked for."""
    wanted = {**one.required, **one.preferred}
    return (
        sum(min(1.0, skills.get(skill, 0) / level) for skill, level in wanted.items()) / len(wanted) if wanted else 1.0
    )


def _row(one: Arrival, way: Passage, until: float, skills: Mapping[int, Mapping[str, int]]) -> tuple | None:
    """(answered, gave up, in target, waited, match), or None for what cannot be said yet, or left for other reasons."""
    if way.answered_at is not None and way.answered_at <= until:
        waited = way.answered_at - one.at
        return 1, 0, waited <= one.target, waited, match_of(one, skills.get(way.agent or 0, {}))
    if way.left_at is not None and way.left_at <= until:
        return (0, 1, 0, way.left_at - one.at, np.nan) if way.gave_up else None
    waited = until - one.at
    return (0, 0, 0, waited, np.nan) if waited > one.target else None


def _figures(rows: np.ndarray) -> dict[str, float]:
    answered, gave_up, in_target, waited, match = rows.T
    waits = waited[answered > 0]
    return {
        "arrived": len(rows),
        "answered": float(answered.sum()),
        "gave_up": float(gave_up.sum()),
        "service_level": float(in_target.mean()),
        "abandonment": float(gave_up.mean()),
        "mean_wait": float(waited.mean()),
        "speed_of_answer": float(waits.mean()) if len(waits) else np.nan,
        "p95": float(np.percentile(waits, 95)) if len(waits) else np.nan,
        "longest": float(waited.max()),
        "match": float(match[answered > 0].mean()) if len(waits) else np.nan,
    }


def _occupancy(record: Record, passages: Mapping[int, Passage]) -> dict[int, tuple[float, float]]:
    """Seconds handling and seconds on duty, by agent."""
    handled: dict[int, list[Interval]] = {worker.id: [] for worker in record.workers}
    for own in (record.passages, passages) if passages is not record.passages else (passages,):
        for way in own.values():
            is_new = own is passages or (way.answered_at or record.since) < record.since
            if way.agent in handled and way.answered_at is not None and is_new:
                handled[way.agent].append((way.answered_at, record.until if way.done_at is None else way.done_at))
    return {worker.id: _seconds(worker, handled[worker.id], record) for worker in record.workers}


def _seconds(worker: Worker, handled: Sequence[Interval], record: Record) -> tuple[float, float]:
    busy = joined(handled, record.since, record.until)
    here = [(stay.since, stay.until) for stay in worker.stays if stay.presence == AVAILABLE]
    return length(busy), length(joined([*here, *busy], record.since, record.until))


def joined(stretches: Sequence[Interval], first: float, last: float) -> list[Interval]:
    """Stretches of time in order and without overlaps, between two times."""
    found: list[Interval] = []
    for since, until in sorted((max(since, first), min(until, last)) for since, until in stretches):
        if until <= since:
            continue
        if found and since <= found[-1][1]:
            found[-1] = (found[-1][0], max(until, found[-1][1]))
        else:
            found.append((since, until))
    return found


def length(stretches: Sequence[Interval]) -> float:
    return sum(until - since for since, until in stretches)
