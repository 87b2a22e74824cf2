"""Erlang's two formulas (1917) by recursion (as in Cooper, Introduction to Queueing Theory, 1981).

They are what `line.performance` comes to without patience; kept apart because everybody knows their figures.
"""

from __future__ import annotations


def erlang_b(servers: int, load: float) -> float:
    """The share of arrivals lost in M/G/n/n with `load` erlangs: B(n) = a B(n-1) / (n + a B(n-1)), B(0) = 1."""
    blocked = 1.0
    for number in range(1, servers + 1):
        blocked = load * blocked / (number + load * blocked)
    return blocked


def erlang_c(servers: int, load: float) -> float:
    """The share of arrivals that wait in M/M/n: C = n B / (n - a (1 - B)); 1 where the load is no less than n."""
    if load >= servers:
        return 1.0
    blocked = erlang_b(servers, load)
    return servers * blocked / (servers - load * (1 - blocked))
