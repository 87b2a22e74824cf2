"""Exact figures for small centres, to hold the simulator to.

Servers here are single agents with exponential service whose rate is their own, whatever they serve.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations, permutations

import numpy as np


@dataclass(frozen=True, slots=True)
class Exact:
    """Share of time each server is busy, and mean wait of each type, in the unit of the rates."""

    busy: tuple[float, ...]
    wait: tuple[float, ...]


def longest_idle_over_a_graph(
    rates: Sequence[float], servers: Sequence[float], serves: Sequence[Sequence[int]]
) -> Exact:
    """First come first served, to the compatible server idle longest, over a compatibility graph (FCFS-ALIS).

    Product form of Adan & Weiss, "A skill based parallel service system under FCFS-ALIS", Stochastic Systems 4(1),
    2014: with servers M1..Mi busy, in order of the age of what they serve, and the rest idle, longest first,

        p ~ prod_j 1 / (mu(M1..Mj) - lam(U(M1..Mj)))  *  prod_l 1 / lam(C(I1..Il))

    U(S) being the types that S alone can serve, C(S) those that any of S can; the queue behind M1..Mj is geometric with
    ratio lam(U) / mu. `serves[server]` lists the types a server can do. Raises ValueError where it is not stable.
    """
    centre = _Graph(tuple(rates), tuple(servers), tuple(frozenset(each) for each in serves))
    total, busy, queue = 0.0, np.zeros(len(servers)), np.zeros(len(rates))
    for number in range(len(servers) + 1):
        for working in permutations(range(len(servers)), number):
            weight, waiting = centre.weight_of_busy(working)
            weight *= sum(
                centre.weight_of_idle(idle) for idle in permutations(sorted(set(range(len(servers))) - set(working)))
            )
            total += weight
            busy[list(working)] += weight
            queue += weight * waiting
    return Exact(tuple((busy / total).tolist()), tuple((queue / total / np.array(rates)).tolist()))


def drawn_by_lot(rate: float, servers: Sequence[float]) -> Exact:
    """One line before servers of different speed, who are chosen by lot when several are idle (M/M/n, heterogeneous).

    The balance equations over who is busy. Doroudi & Gopalakrishnan (arXiv 1305.6249) show that choosing by idle time
    gives the same steady state.
    """
    number, everyone = len(servers), tuple(range(len(servers)))
    sets = [working for size in range(number + 1) for working in combinations(everyone, size)]
    at = {working: place for place, working in enumerate(sets)}
    flow = np.zeros((len(sets), len(sets)))
    for working in sets:
        for one in set(everyone) - set(working):
            flow[at[working], at[tuple(sorted({*working, one}))]] += rate / (number - len(working))
        for one in working:
            flow[at[working], at[tuple(sorted(set(working) - {one}))]] += servers[one]
    full = sum(servers)
    balance = (flow - np.diag(flow.sum(axis=1))).T
    # From the full floor without a queue, arrivals only come back: the queue is geometric on top of it.
    weights = np.ones(len(sets))
    weights[-1] = 1 / (1 - rate / full)
    shares = np.linalg.solve(np.vstack((balance[:-1], weights)), np.eye(len(sets))[-1])
    queue = shares[-1] * (rate / full) / (1 - rate / full) ** 2
    time = shares * weights
    busy = [sum(time[at[working]] for working in sets if one in working) for one in everyone]
    return Exact(tuple(float(share) for share in busy), (float(queue / rate),))


@dataclass(frozen=True, slots=True)
class Trunks:
    """Share of arrivals blocked, and mean wait of those who enter."""

    blocked: float
    wait: float


def separate_lines_on_shared_trunks(rate: float, service_rate: float, agents: int, pools: int, trunks: int) -> Trunks:
    """Pools that share nothing but a limit of lines: each is M/M/n, reversible, so the product of their distributions
    cut off at the limit holds (Kelly, Reversibility and Stochastic Networks, 1979)."""
    load = rate / service_rate
    steps = np.log(load / np.minimum(np.arange(1, trunks + 1), agents))
    one = np.exp(np.concatenate(([0.0], np.cumsum(steps))))
    others = np.ones(1)
    for _ in range(pools - 1):
        others = np.convolve(others, one)[: trunks + 1]
    together = np.convolve(others, one)[: trunks + 1]
    blocked = together[-1] / together.sum()
    room = np.cumsum(others)[::-1][: trunks + 1]
    own = one * room / together.sum()
    queue = float(np.maximum(0, np.arange(trunks + 1) - agents) @ own)
    return Trunks(float(blocked), queue / (rate * (1 - float(blocked))))


@dataclass(frozen=True, slots=True)
class _Graph:
    rates: tuple[float, ...]
    servers: tuple[float, ...]
    serves: tuple[frozenset[int], ...]

    def weight_of_busy(self, working: Sequence[int]) -> tuple[float, np.ndarray]:
        """The weight of these busy in this order, and how many of each type then wait, on average."""
        weight, waiting = 1.0, np.zeros(len(self.rates))
        for number in range(1, len(working) + 1):
            speed = sum(self.servers[one] for one in working[:number])
            alone = self._only_for(working[:number])
            arriving = sum(self.rates[kind] for kind in alone)
            if arriving >= speed:
                raise ValueError("More work comes than some of these servers alone can do.")
            weight /= speed - arriving
            for kind in alone:
                waiting[kind] += self.rates[kind] / (speed - arriving)
        return weight, waiting

    def weight_of_idle(self, idle: Sequence[int]) -> float:
        weight = 1.0
        for number in range(1, len(idle) + 1):
            weight /= sum(self.rates[kind] for kind in set().union(*(self.serves[one] for one in idle[:number])))
        return weight

    def _only_for(self, working: Iterable[int]) -> list[int]:
        """The types that nobody but these can serve."""
        others = set(range(len(self.servers))) - set(working)
        taken = set().union(*(self.serves[one] for one in others)) if others else set()
        return [kind for kind in range(len(self.rates)) if kind not in taken]
