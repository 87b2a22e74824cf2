"""A report as JSON and as a table to read."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

from routing.simulation.estimate import PERCENTILES, RATIOS, Estimate, Report, difference, mean
from routing.simulation.tally import COUNTS

SHOWN = ("arrived", "served", "abandoned", "blocked", "in_target")
NOT_WRITTEN = ("wait_served", "wait_all", "handled", "matched")


def as_json(report: Report, policy: str, seed: int) -> dict[str, Any]:
    """Everything by type and period, and by group; each figure is {mean, low, high}, waits are seconds. A share or a
    mean time also has `daily`, the mean of each day's own."""
    scenario = report.scenario
    kinds = [kind.name for kind in scenario.kinds]
    return {
        "scenario": scenario.name,
        "policy": policy,
        "replications": report.days,
        "seed": seed,
        "confidence": 0.95,
        "all": _figures(report, None, None),
        "types": {name: {**_figures(report, name, None), **_waits(report, name)} for name in kinds},
        "periods": [
            {"start": period * scenario.period, "types": {name: _figures(report, name, period) for name in kinds}}
            for period in range(scenario.count)
        ],
        "groups": {group.name: _group(report, group.name) for group in scenario.groups},
        "occupancy": _interval(report.occupancy()),
        "gini": _interval(report.gini()),
        "decisions": report.decisions,
    }


def as_text(report: Report, *, by_period: bool = False) -> str:
    """Figures with their half widths, as people read them."""
    kinds = [kind.name for kind in report.scenario.kinds]
    rows = [_row(report, name, name, None) for name in kinds]
    rows += [_row(report, "all", None, None)] if len(kinds) > 1 else []
    if by_period:
        periods = range(report.scenario.count)
        rows += [_row(report, f"{name}, period {period + 1}", name, period) for name in kinds for period in periods]
    header = ("type", *SHOWN, "service level", "answered after s", "mean wait s", "given up")
    groups = [
        (group.name, _percent(report.occupancy(group.name)), _percent(report.occupancy(group.name, of="used")))
        for group in report.scenario.groups
    ]
    told = [
        f"{report.scenario.name}: {report.days} days, 95 % confidence, {report.decisions:,} decisions by the engine",
        *columns([header, *rows]),
        "",
        *columns([("group", "busy", "budget in use"), *groups]),
    ]
    return "\n".join(told)


def compared(one: Report, other: Report) -> str:
    """Two policies on the same days: by how much the first differs, with the interval of the paired difference."""
    kinds: list[str | None] = [*(kind.name for kind in one.scenario.kinds), None]
    rows = [
        (
            kind or "all",
            _points(difference(one, other, "service_level", kind)),
            _plain(difference(one, other, "speed_of_answer", kind), 2),
            _points(difference(one, other, "abandonment", kind)),
        )
        for kind in kinds
    ]
    gini = _plain(mean(one.by_day_gini - other.by_day_gini), 3)
    header = ("type", "service level", "answered after s", "given up")
    return "\n".join([*columns([header, *rows]), "", f"Gini of busy time {gini}"])


def columns(rows: Sequence[Sequence[str]]) -> Iterable[str]:
    """Rows with the first column to the left and the others to the right."""
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
    for row in rows:
        first, *others = (cell.rjust(width) for cell, width in zip(row, widths, strict=True))
        yield "  ".join([row[0].ljust(len(first)), *others])


def _figures(report: Report, kind: str | None, period: int | None) -> dict[str, Any]:
    counts = {what: _interval(report.count(what, kind, period)) for what in COUNTS if what not in NOT_WRITTEN}
    return {**counts, **{what: _interval(report.share(what, kind, period)) for what in RATIOS}}


def _waits(report: Report, kind: str) -> dict[str, Any]:
    percentiles = {f"wait_p{share}": _interval(report.percentile(share, kind)) for share in PERCENTILES}
    longest = {"longest_wait": _interval(report.longest_wait(kind))}
    return {**percentiles, **longest, "queue": _interval(report.queue_length(kind))}


def _group(report: Report, name: str) -> dict[str, Any]:
    return {"occupancy": _interval(report.occupancy(name)), "used": _interval(report.occupancy(name, of="used"))}


def _interval(estimate: Estimate) -> dict[str, float | None]:
    """What is not a number, or has no end, is null."""
    ends = {"mean": estimate.mean, "low": estimate.low, "high": estimate.high}
    ends = ends if estimate.daily is None else {**ends, "daily": estimate.daily}
    return {name: round(value, 6) if math.isfinite(value) else None for name, value in ends.items()}


def _row(report: Report, title: str, kind: str | None, period: int | None) -> tuple[str, ...]:
    counts = [_plain(report.count(what, kind, period), 1) for what in SHOWN]
    shares = [report.share(what, kind, period) for what in ("speed_of_answer", "mean_wait")]
    level, given_up = report.share("service_level", kind, period), report.share("abandonment", kind, period)
    return (title, *counts, _percent(level), *(_plain(each, 2) for each in shares), _percent(given_up))


def _plain(estimate: Estimate, digits: int) -> str:
    if math.isnan(estimate.mean):
        return "-"
    return f"{estimate.mean:.{digits}f} ±{estimate.half_width:.{digits}f}"


def _points(estimate: Estimate) -> str:
    """Percentage points."""
    return f"{100 * estimate.mean:+.2f} ±{100 * estimate.half_width:.2f}"


def _percent(estimate: Estimate) -> str:
    if math.isnan(estimate.mean):
        return "-"
    return f"{100 * estimate.mean:.1f} ±{100 * estimate.half_width:.1f} %"
