"""Every policy on the same days, in every world and at every load; kept as they come, so that a broken run goes on."""

import json
import os
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from benchmarks.routing.days import Day, day, policy_named
from benchmarks.routing.world import WORLDS
from routing.simulation.estimate import Estimate, mean

OURS = "balanced"
POLICIES = (OURS, "longest_idle", "round_robin", "spare_capacity", "best_skill", "random", "strict_priority")
LOADS = (0.8, 0.95, 1.1)
SEED = 2026

Key = tuple[str, float, str, int]


class Kept:
    """Simulated days in a file, one JSON line each: world, load, policy, number, figures."""

    def __init__(self, file: Path):
        self.file = file
        self.days: dict[Key, Day] = {}
        for line in file.read_text().splitlines() if file.exists() else ():
            *key, figures = json.loads(line)
            self.days[tuple(key)] = figures

    def add(self, key: Key, figures: Day) -> None:
        self.days[key] = figures
        with self.file.open("a") as out:
            out.write(json.dumps([*key, figures]) + "\n")

    def column(self, world: str, load: float, policy: str, figure: str) -> np.ndarray:
        """A figure day by day; not a number where the day was not played."""
        numbers = sorted({number for *_, number in self.days})
        rows = (self.days.get((world, load, policy, number), {}) for number in numbers)
        return np.array([row.get(figure, np.nan) for row in rows], dtype=float)

    def estimate(self, world: str, load: float, policy: str, figure: str) -> Estimate:
        return mean(self.column(world, load, policy, figure))

    def lead(self, world: str, load: float, policy: str, figure: str) -> Estimate:
        """Ours less another policy's, from the differences day by day."""
        return mean(self.column(world, load, OURS, figure) - self.column(world, load, policy, figure))


def play(kept: Kept, *, days: int, loads=LOADS, worlds=tuple(world.name for world in WORLDS), workers=None) -> None:
    """Play what is not kept yet, over every core."""
    missing = [key for key in _keys(days, loads, worlds) if key not in kept.days]
    with ProcessPoolExecutor(workers or os.cpu_count(), mp_context=get_context("spawn")) as pool:
        running = {pool.submit(_play, key): key for key in missing}
        for done, one in enumerate(as_completed(running), 1):
            kept.add(running[one], one.result())
            print(f"\r{done} of {len(missing)} days", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)


def _keys(days, loads, worlds) -> Iterator[Key]:
    for number in range(days):
        for load in loads:
            for world in worlds:
                for policy in POLICIES:
                    yield world, load, policy, number


def _play(key):
    world, load, policy, number = key
    return day(world, load, policy_named(policy), SEED, number)
