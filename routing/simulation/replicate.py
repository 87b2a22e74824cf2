"""Many days at once, over every core; the same seed gives the same days however they are spread."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context

from routing.engine import Policy
from routing.simulation.estimate import Report, Summary, summary
from routing.simulation.run import simulate_day
from routing.simulation.scenario import Scenario

FEWEST_FOR_MORE_CORES = 8
CHUNKS_A_WORKER = 20


def replicate(
    scenario: Scenario,
    *,
    policy: Policy | None = None,
    replications: int | None = None,
    seed: int | None = None,
    workers: int | None = None,
    on_progress: Callable[[int], None] = lambda done: None,
) -> Report:
    """Simulate so many days and sum them up; what is not given is the scenario's. `on_progress` is told how many days
    are done."""
    number = replications or scenario.replications
    chosen = scenario.seed if seed is None else seed
    rules = policy or scenario.policy
    workers = workers or os.cpu_count() or 1
    if workers == 1 or number < FEWEST_FOR_MORE_CORES:
        days = list(_reported(_days(scenario, rules, chosen, range(number)), on_progress))
    else:
        days = _spread(scenario, rules, chosen, number, workers, on_progress)
    return Report(scenario, days)


def _days(scenario: Scenario, policy: Policy, seed: int, numbers: Sequence[int]) -> Iterator[Summary]:
    for number in numbers:
        yield summary(simulate_day(scenario, seed, number, policy))


def _chunk(scenario: Scenario, policy: Policy, seed: int, numbers: range) -> list[Summary]:
    return list(_days(scenario, policy, seed, numbers))


def _reported(days: Iterator[Summary], on_progress: Callable[[int], None]) -> Iterator[Summary]:
    for done, day in enumerate(days, 1):
        yield day
        on_progress(done)


def _spread(
    scenario: Scenario, policy: Policy, seed: int, number: int, workers: int, on_progress: Callable[[int], None]
) -> list[Summary]:
    size = max(1, number // (workers * CHUNKS_A_WORKER))
    chunks = [range(first, min(first + size, number)) for first in range(0, number, size)]
    found: dict[int, list[Summary]] = {}
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        running = {pool.submit(_chunk, scenario, policy, seed, chunk): chunk for chunk in chunks}
        for one in as_completed(running):
            found[running[one].start] = one.result()
            on_progress(sum(len(days) for days in found.values()))
    return [day for first in sorted(found) for day in found[first]]
