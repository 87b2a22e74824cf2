"""How many agents of each group it takes when skills overlap: start low, add where it hurts most, take away the idle.

There is no formula for that. As Wallace & Whitt (MSOM 7(4), 2005) do: begin at a bound from pooled formulas, simulate
on the same customers again and again, and add one agent at a time where most answers in time are missing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from routing.simulation.estimate import Report
from routing.simulation.replicate import replicate
from routing.simulation.scenario import Group, Scenario, could_serve
from routing.simulation.tally import ARRIVED, GONE_IN_TARGET, IN_TARGET

MOST_STEPS = 400


class NobodyServes(ValueError):
    """A type of work that no group can do."""


@dataclass(frozen=True, slots=True)
class Found:
    """Agents by group and period, whether every type then keeps its share, and the report that says so."""

    staff: Mapping[str, tuple[int, ...]]
    is_enough: bool
    report: Report


def search(
    scenario: Scenario,
    shares: Mapping[str, float],
    *,
    start: Sequence[int] | None = None,
    replications: int = 20,
    workers: int | None = None,
    on_progress: Callable[[int], None] = lambda agents: None,
) -> Found:
    """The staff with which each type named in `shares` has that service level over the day.

    `start` bounds the number of all agents per period from below (pooled formulas); it is dealt out to the groups in
    the proportions of the scenario's own staff. Then single agents who are not needed are taken away again.
    `on_progress` is told the agent periods of each staff tried. Raises NobodyServes.
    """

    def tried(each: Scenario) -> Report:
        on_progress(sum(sum(group.staff) for group in each.groups))
        return replicate(each, replications=replications, workers=workers)

    current = _dealt(scenario, start) if start else scenario
    report = tried(current)
    for _ in range(MOST_STEPS):
        additions = _where_it_hurts(current, report, shares)
        if not additions:
            break
        current = _changed(current, additions, 1)
        report = tried(current)
    if not _missing(report, shares):
        current, report = _trimmed(current, report, shares, tried)
    return Found({group.name: group.staff for group in current.groups}, not _missing(report, shares), report)


def _dealt(scenario: Scenario, start: Sequence[int]) -> Scenario:
    """So many agents per period, rounded down, in the proportions there are."""
    groups = []
    totals = [sum(group.staff[period] for group in scenario.groups) for period in range(scenario.count)]
    for group in scenario.groups:
        pairs = zip(group.staff, start, totals, strict=True)
        groups.append(replace(group, staff=tuple(bound * own // all_ if all_ else 0 for own, bound, all_ in pairs)))
    return replace(scenario, groups=tuple(groups))


def _missing(report: Report, shares: Mapping[str, float]) -> list[str]:
    """The types that do not keep their share."""
    return [name for name, share in shares.items() if report.share("service_level", name).mean < share]


def _where_it_hurts(scenario: Scenario, report: Report, shares: Mapping[str, float]) -> list[tuple[str, int]]:
    """For each type that falls short, one agent more in its worst period, in the group that eases most."""
    lacking = {
        (name, period): _lacks(report, _place(scenario, name), period, shares[name])
        for name in _missing(report, shares)
        for period in range(scenario.count)
    }
    found = []
    for name in dict.fromkeys(name for name, _ in lacking):
        period = max(range(scenario.count), key=lambda at: lacking[name, at])
        eased = {
            group.name: sum(
                amount
                for (other, at), amount in lacking.items()
                if at == period and amount > 0 and could_serve(group, scenario.kinds[_place(scenario, other)])
            )
            for group in scenario.groups
            if could_serve(group, scenario.kinds[_place(scenario, name)])
        }
        if not eased:
            raise NobodyServes(f"No group can serve {name!r}.")
        found.append((max(eased, key=lambda group: eased[group]), period))
    return list(dict.fromkeys(found))


def _lacks(report: Report, kind: int, period: int, share: float) -> float:
    """How many answers in time are missing in a period, a day."""
    row = report.counts[:, kind, period].mean(axis=0)
    asked = row[ARRIVED] - (row[GONE_IN_TARGET] if report.scenario.stayed else 0)
    return float(share * asked - row[IN_TARGET])


def _changed(scenario: Scenario, changes: Sequence[tuple[str, int]], by: int) -> Scenario:
    def staff(group: Group) -> tuple[int, ...]:
        numbers = np.array(group.staff)
        for name, period in changes:
            numbers[period] += by * (name == group.name)
        return tuple(int(number) for number in numbers)

    return replace(scenario, groups=tuple(replace(group, staff=staff(group)) for group in scenario.groups))


def _trimmed(
    scenario: Scenario, report: Report, shares: Mapping[str, float], tried: Callable[[Scenario], Report]
) -> tuple[Scenario, Report]:
    """Without those single agents that can be spared, the least busy groups first."""
    for spare in _spares(scenario, report):
        group = next(each for each in scenario.groups if each.name == spare[0])
        if not group.staff[spare[1]]:
            continue
        smaller = _changed(scenario, [spare], -1)
        result = tried(smaller)
        if not _missing(result, shares):
            scenario, report = smaller, result
    return scenario, report


def _spares(scenario: Scenario, report: Report) -> Iterator[tuple[str, int]]:
    idle_first = sorted(scenario.groups, key=lambda group: report.occupancy(group.name).mean)
    for group in idle_first:
        for period in range(scenario.count):
            yield group.name, period


def _place(scenario: Scenario, name: str) -> int:
    return [kind.name for kind in scenario.kinds].index(name)
