"""Search better weights on training days: one weight at a time, kept when it helps on the same days.

What is maximised, over the worlds with all channels: service level of calls and chats, less how unequal the agents'
work is, with a little for how well they match. Days are of a TRAINING seed; what is found is reported on others
(compare.py).
"""

import os
import sys
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, replace
from multiprocessing import get_context

from benchmarks.routing.days import COMMON, day
from benchmarks.routing.world import WORLDS
from routing.engine import Weights

TRAINING = 11
DAYS = 3
LOAD = 0.95
TRIED = (0.0, 0.05, 0.15, 0.3, 0.6, 1.0, 1.5)
TUNED = ("match", "fairness", "load", "scarcity", "voice_guard", "eta")


def search(rounds: int = 1, *, days: int = DAYS) -> Weights:
    """The best weights found, told as they are found."""
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as pool:
        best = Weights()
        worth = _worth(pool, best, days)
        _tell(best, worth)
        for _ in range(rounds):
            for name in TUNED:
                for value in TRIED:
                    tried = replace(best, **{name: value})
                    gained = _worth(pool, tried, days)
                    if gained > worth:
                        best, worth = tried, gained
                        _tell(best, worth)
    return best


def goodness(figures: Mapping[str, float]) -> float:
    """What a day was worth, in points of service level."""
    answered = figures["voice service_level"] + figures.get("chat service_level", 0.0) / 4
    return answered + figures["match"] / 20 - figures["gini"] / 4 + figures.get("VIP service_level", 0.0) / 10


def _worth(pool, weights, days):
    worlds = [world.name for world in WORLDS if len(world.channels) > 1]
    asked = [(world, weights, number) for world in worlds for number in range(days)]
    return sum(pool.map(_played, asked)) / len(asked)


def _played(asked):
    world, weights, number = asked
    return goodness(day(world, LOAD, replace(COMMON, weights=weights), TRAINING, number))


def _tell(weights, worth):
    print(f"{worth:.4f} {asdict(weights)}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    search()
