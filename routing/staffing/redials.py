"""Erlang-X: part of those who give up, or are turned away, call again."""

from __future__ import annotations

from dataclasses import replace

from scipy.optimize import brentq

from routing.staffing.line import Line, NotALine, performance


def with_redials(line: Line, probability: float, *, blocked: float = 0.0) -> Line:
    """The line with the rate that redials raise it to.

    `probability` is that of calling again after giving up, `blocked` after being turned away. The rate solves
    lam = lam0 + p P_ab(lam) lam + b P_bl(lam) lam: redials are taken for fresh arrivals, which holds when people wait
    before they call again (Jagerman & Melamed 1994; the "Erlang-X" of Koole's calculators).
    """
    if not (0 <= probability < 1 and 0 <= blocked < 1):
        raise NotALine("The probability of calling again lies between 0 and less than 1.")
    most = line.rate / (1 - max(probability, blocked))

    def missing(rate: float) -> float:
        done = performance(replace(line, rate=rate))
        return rate * (1 - probability * done.abandoned - blocked * done.blocked) - line.rate

    if missing(line.rate) >= 0:
        return line
    return replace(line, rate=float(brentq(missing, line.rate, most * (1 + 1e-9), xtol=line.rate * 1e-12)))
