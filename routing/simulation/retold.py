"""What a replay came to, as JSON and as a report to read."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from routing.engine import Names, sentences
from routing.engine.explain import reason, span
from routing.simulation.changes import Change
from routing.simulation.estimate import Estimate
from routing.simulation.figures import ALL, OF_EVERYBODY, SECONDS, SHARES
from routing.simulation.replay import Gap, Outcome
from routing.simulation.written import columns

SAMPLE = 10
TITLES = {
    "service_level": "service level", "abandonment": "given up", "match": "match", "speed_of_answer": "answered after",
    "mean_wait": "mean wait", "p95": "95 % answered in", "longest": "longest wait", "occupancy": "occupancy",
    "gini": "Gini of occupancy",
}  # fmt: skip
REASONS = (
    "Usual reasons: shifts or offers that are not on record, work given out past the router, skills or budgets that "
    "were others then, or rules that changed within this time."
)


def verdict(outcome: Outcome) -> str:
    """Whether anything may be promised, in one sentence or a few."""
    off = [gap for gap in outcome.gaps if gap.is_judged and not gap.is_close]
    if not off:
        return f"Replayed under the rules that were in force it comes out as it really went: {_gap(outcome.gaps[0])}."
    told = "; ".join(f"{_called(gap.line)}: {_gap(gap)}" for gap in off)
    return (
        "Nothing can be promised of a draft here. Replayed under the rules that were in force, this traffic does not "
        f"come out as it really went ({told}); it may miss by 2 points of service level and a tenth of the mean wait. "
        f"{REASONS}"
    )


def retold(outcome: Outcome, names: Names, *, sample: int = SAMPLE) -> dict[str, Any]:
    """Everything as JSON: shares 0 to 1, waits in seconds, what is not a number null."""
    return {
        "is_trusted": outcome.is_trusted,
        "verdict": verdict(outcome),
        "replications": len(outcome.live),
        "confidence": 0.95,
        "gaps": [_as_gap(gap) for gap in outcome.gaps],
        "lines": {line: _line(outcome, line) for line in outcome.real.lines},
        "everybody": {name: _figure(outcome, name, ALL, getattr(outcome.real, name)) for name in OF_EVERYBODY},
        "moved": _plain(outcome.moved) if outcome.draft else None,
        "asked_otherwise": len(outcome.changes),
        "changes": [_change(change, names) for change in sampled(outcome.changes, sample)],
    }


def sampled(changes: Sequence[Change], most: int) -> list[Change]:
    """Evenly over the time; where both ask somebody before where one asks nobody yet."""
    both = [each for each in changes if each.our_agent is not None and each.their_agent is not None]
    chosen = both if len(both) >= most else [*both, *(each for each in changes if each not in both)]
    step = max(1.0, len(chosen) / most)
    return [chosen[int(at * step)] for at in range(min(most, len(chosen)))]


def as_report(told: Mapping[str, Any]) -> str:
    """The same to read, from the JSON."""
    parts = [told["verdict"], *told.get("notes", ()), "", *_gaps(told["gaps"])]
    if told["moved"] is not None:
        parts += ["", f"The draft less the rules in force, {told['replications']} replications, 95 % intervals:"]
        parts += [*_differences(told), "", *_moves(told)]
    return "\n".join(parts)


def _gap(gap: Gap) -> str:
    real, played = (f"{100 * level:.1f} %" for level in gap.service_level)
    waited, waits = (_span(seconds) for seconds in gap.mean_wait)
    return f"service level {played} (really {real}), mean wait {waits} (really {waited})"


def _called(line: str) -> str:
    return "all together" if line == ALL else line


def _span(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds < 60 else span(seconds)


def _as_gap(gap: Gap) -> dict[str, Any]:
    level, wait = (
        {"real": _plain(real), "replayed": _plain(played)} for real, played in (gap.service_level, gap.mean_wait)
    )
    return {
        "line": gap.line, "arrived": gap.arrived, "service_level": level, "mean_wait": wait,
        "points": _plain(100 * gap.points), "wait_share": _plain(gap.share), "is_judged": gap.is_judged,
        "is_close": gap.is_close,
    }  # fmt: skip


def _line(outcome: Outcome, line: str) -> dict[str, Any]:
    real = outcome.real.lines[line]
    counts = {name: _plain(real[name]) for name in ("arrived", "answered", "gave_up")}
    return {**counts, **{name: _figure(outcome, name, line, real[name]) for name in (*SHARES, *SECONDS)}}


def _figure(outcome: Outcome, name: str, line: str, real: float) -> dict[str, Any]:
    """What it was, what it is replayed, under the draft, and the paired difference."""
    told: dict[str, Any] = {"real": _plain(real), "live": _interval(outcome.figure(outcome.live, name, line))}
    if outcome.draft:
        told["draft"] = _interval(outcome.figure(outcome.draft, name, line))
        told["difference"] = _interval(outcome.difference(name, line))
    return told


def _interval(estimate: Estimate) -> dict[str, float | None]:
    return {"mean": _plain(estimate.mean), "low": _plain(estimate.low), "high": _plain(estimate.high)}


def _plain(value: float) -> float | None:
    return round(float(value), 6) if math.isfinite(value) else None


def _change(change: Change, names: Names) -> dict[str, Any]:
    return {
        "interaction": change.interaction,
        "at": datetime.fromtimestamp(change.at, UTC).isoformat(timespec="seconds"),
        "live": _side(change.our_agent, change.ours, change.reasons, names),
        "draft": _side(change.their_agent, change.theirs, change.reasons, names),
    }


def _side(agent: int | None, why: Mapping[str, Any], reasons: Mapping[str, int], names: Names) -> dict[str, Any]:
    if agent is None:
        told = ", ".join(reason(key, count, names) for key, count in reasons.items())
        waits = f"It goes on waiting: {told}." if told else "It goes on waiting."
        return {"agent": None, "name": "", "sentences": [waits]}
    return {"agent": agent, "name": names.agent(agent), "sentences": sentences(why, names)}


def _gaps(gaps: Sequence[Mapping[str, Any]]) -> Iterable[str]:
    header = ("replayed as it was", "arrived", "service level", "really", "mean wait s", "really", "close")
    rows = [
        (
            _called(gap["line"]), str(gap["arrived"]), _percent(gap["service_level"]["replayed"]),
            _percent(gap["service_level"]["real"]), _number(gap["mean_wait"]["replayed"]),
            _number(gap["mean_wait"]["real"]), ("yes" if gap["is_close"] else "NO") if gap["is_judged"] else "too few",
        )
        for gap in gaps
    ]  # fmt: skip
    return columns([header, *rows])


def _differences(told: Mapping[str, Any]) -> Iterable[str]:
    names = (*SHARES, *SECONDS)
    rows = [(_called(line), *(_difference(name, own[name]) for name in names)) for line, own in told["lines"].items()]
    yield from columns([("line", *(TITLES[name] for name in names)), *rows])
    yield from (f"{TITLES[name]}: {_difference(name, own)}" for name, own in told["everybody"].items())


def _difference(name: str, own: Mapping[str, Any]) -> str:
    """ "+1.2 ±0.4" points, "-3.0 ±1.1 s"."""
    found = own["difference"]
    if found["mean"] is None or found["low"] is None:
        return "-"
    factor, unit = (100, "") if name in ("service_level", "abandonment", "occupancy") else (1, "")
    unit = " s" if name in SECONDS else unit
    digits = 3 if name in ("match", "gini") else 1
    return f"{factor * found['mean']:+.{digits}f} ±{factor * (found['high'] - found['low']) / 2:.{digits}f}{unit}"


def _moves(told: Mapping[str, Any]) -> Iterable[str]:
    yield (
        f"{_percent(told['moved'])} of the answered would have had another agent, all consequences included; "
        f"in the same situation the draft asks otherwise {told['asked_otherwise']} times. A sample:"
    )
    for change in told["changes"]:
        yield f"\nInteraction {change['interaction']} at {change['at']}"
        for side, title in (("live", "in force"), ("draft", "draft")):
            yield f"  {title}: {change[side]['name'] or 'nobody yet'}. {' '.join(change[side]['sentences'])}"


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{100 * share:.1f} %"


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.1f}"
