"""Who serves whom: plain Python that is told everything and touches nothing.

`match.decide(state, policy, now)` is the one function that live routing, replay, simulation and tests share. It reads
no clock, no database and no randomness but the seed it is given. It is not among the names below: it brings scipy,
25 MB that a process which only explains decisions need not carry.
"""

from routing.engine.explain import Names, sentences, why_you
from routing.engine.facts import (
    Agent,
    Assigned,
    Candidate,
    Explanation,
    Outcome,
    Policy,
    QueuePolicy,
    RelaxStep,
    State,
    Unplaced,
    Waiting,
    Weights,
)
from routing.engine.strategies import PRESETS, preset
from routing.engine.waiting import why_waiting

__all__ = [
    "PRESETS",
    "Agent",
    "Assigned",
    "Candidate",
    "Explanation",
    "Names",
    "Outcome",
    "Policy",
    "QueuePolicy",
    "RelaxStep",
    "State",
    "Unplaced",
    "Waiting",
    "Weights",
    "preset",
    "sentences",
    "why_waiting",
    "why_you",
]
