"""Recorded contacts become a scenario: from the Anonymous Bank's call log (Technion), or any table with a few columns.

The bank's format is described in Guedj & Mandelbaum, "Anonymous bank" call-center data, Technion 2000: one call a line,
with the times in the voice response unit, the queue and at an agent. Calls it calls phantoms are left out.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

BANK = (
    "vru_line", "call_id", "customer_id", "priority", "type", "date", "vru_entry", "vru_exit", "vru_time", "q_start",
    "q_exit", "q_time", "outcome", "ser_start", "ser_exit", "ser_time", "server",
)  # fmt: skip
SERVED, GAVE_UP = "AGENT", "HANG"
POINTS = 200


class BadTrace(ValueError):
    """A line that is not what the format says; the message says which."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """One contact as it was: when it came to the queue, seconds waited, whether, for how long and by whom served."""

    kind: str
    arrived: datetime
    wait: float
    is_served: bool
    service: float = 0.0
    agent: str = ""


def read_bank(lines: Iterable[str]) -> Iterator[Recorded]:
    """Calls of the Anonymous Bank; fields stand between blanks, tabs or commas. Raises BadTrace."""
    for number, line in enumerate(lines, 1):
        fields = line.replace(",", " ").split()
        if not fields or not fields[1].isdigit():
            continue
        if len(fields) < len(BANK):
            raise BadTrace(f"Line {number} has {len(fields)} fields; a call of the bank has {len(BANK)}.")
        call = dict(zip(BANK, fields, strict=False))
        if call["outcome"] in (SERVED, GAVE_UP):
            yield _bank_call(call, number)


def read_table(lines: Iterable[str]) -> Iterator[Recorded]:
    """A CSV with a header: arrived (ISO 8601), wait (seconds), and, where known, type, service (seconds; empty for who
    gave up), agent. Raises BadTrace."""
    for number, row in enumerate(csv.DictReader(lines), 2):
        try:
            service = row.get("service") or ""
            yield Recorded(
                kind=row.get("type") or "contacts",
                arrived=datetime.fromisoformat(row["arrived"]),
                wait=float(row["wait"]),
                is_served=bool(service),
                service=float(service or 0),
                agent=row.get("agent") or "",
            )
        except (KeyError, TypeError, ValueError) as error:
            raise BadTrace(f"Line {number} cannot be read: it lacks or misspells {error}.") from None


def as_scenario(recorded: Sequence[Recorded], *, name: str, period: int = 1_800) -> dict[str, Any]:
    """A scenario file of the average day on record: volumes by period, the service times that were, agents by period.

    Patience is exponential, its mean the total time waited over the number who gave up (the estimate for censored
    waits). Agents are those seen serving in a period, on average over the days. Raises BadTrace if nothing is there.
    """
    if not any(each.is_served for each in recorded):
        raise BadTrace("Nobody was served on this record: there is nothing to go by.")
    days = sorted({each.arrived.date() for each in recorded})
    first = min(_slot(each.arrived, period) for each in recorded)
    last = max(_slot(each.arrived + timedelta(seconds=each.wait + each.service), period) for each in recorded)
    count = max(last, first) - first + 1
    kinds: dict[str, list[Recorded]] = defaultdict(list)
    for each in recorded:
        kinds[each.kind].append(each)
    types = [_type(kind, calls, first, count, period, len(days)) for kind, calls in sorted(kinds.items())]
    return {
        "name": name,
        "about": f"The average of {len(days)} days from {days[0]} on; begins at {timedelta(seconds=first * period)}.",
        "periods": {"length": period, "count": count},
        "types": types,
        "groups": [{"name": "agents", "agents": _agents(recorded, first, count, period, len(days))}],
        "policy": "longest_idle",
    }


def _bank_call(call: Mapping[str, str], number: int) -> Recorded:
    try:
        queued = call["q_start"] if _seconds(call["q_time"]) else call["vru_exit"]
        return Recorded(
            kind=call["type"],
            arrived=datetime.strptime(f"{call['date']} {queued}", "%y%m%d %H:%M:%S"),
            wait=_seconds(call["q_time"]),
            is_served=call["outcome"] == SERVED,
            service=_seconds(call["ser_time"]) if call["outcome"] == SERVED else 0.0,
            agent=call["server"],
        )
    except ValueError as error:
        raise BadTrace(f"Line {number} cannot be read: {error}.") from None


def _seconds(written: str) -> float:
    """Seconds, or hours:minutes:seconds."""
    if ":" not in written:
        return float(written)
    hours, minutes, seconds = (int(part) for part in written.split(":"))
    return 3_600.0 * hours + 60 * minutes + seconds


def _slot(moment: datetime, period: int) -> int:
    """Which period of its day; what runs past midnight stays in the last."""
    return (moment.hour * 3_600 + moment.minute * 60 + moment.second) // period


def _type(kind: str, calls: Sequence[Recorded], first: int, count: int, period: int, days: int) -> dict[str, Any]:
    volume = [0.0] * count
    for call in calls:
        volume[_slot(call.arrived, period) - first] += 1 / days
    times = sorted(call.service for call in calls if call.is_served) or [float(period)]
    written: dict[str, Any] = {
        "name": kind,
        "volume": [round(each, 4) for each in volume],
        "service": {"kind": "empirical", "values": _thinned(times)},
    }
    gave_up = sum(not call.is_served for call in calls)
    waited = sum(call.wait for call in calls)
    if gave_up and waited:
        written["patience"] = {"kind": "exponential", "mean": round(waited / gave_up, 3)}
    return written


def _thinned(ordered: Sequence[float]) -> list[float]:
    """At most so many values with the same distribution."""
    if len(ordered) <= POINTS:
        return list(ordered)
    return [ordered[(2 * at + 1) * len(ordered) // (2 * POINTS)] for at in range(POINTS)]


def _agents(recorded: Sequence[Recorded], first: int, count: int, period: int, days: int) -> list[int]:
    seen: list[set[tuple]] = [set() for _ in range(count)]
    for call in recorded:
        if call.is_served:
            begins = call.arrived + timedelta(seconds=call.wait)
            ends = _slot(begins + timedelta(seconds=call.service), period)
            for slot in range(_slot(begins, period), ends + 1):
                seen[min(slot - first, count - 1)].add((call.arrived.date(), call.agent))
    return [round(len(each) / days) for each in seen]
