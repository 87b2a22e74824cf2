"""Who goes first: linear marginal cost of waiting, a head start for priority, and a tier of its own past the wait.

    u = importance * max(0, waited / target + head_start * (priority - normal))

where the clock runs ahead for a ticket that was promised an answer earlier (`Waiting.counted_since`). This is the
generalised c-mu rule for a quadratic cost of delay. Breaching the target does not lower it (Milner & Olsen 2008).

Of two that are alike in queue, channel, importance and priority the older goes first, at any time and in any line: each
step above only grows with the wait, in exact arithmetic as in floating point. A backlog therefore keeps such a group in
order of age and looks at its head alone. Where tickets have promises of their own there are two ages, and `Rank.turn`
says which counts: the counted one by urgency, the true one in the other lines and past the longest wait.
"""

from __future__ import annotations

from typing import NamedTuple

from routing.engine.facts import NORMAL_PRIORITY, Policy, Waiting


class Promise(NamedTuple):
    """What a queue promises on a channel (seconds), and how it weighs."""

    target: float
    longest: float
    importance: float
    head_start: float


class Rank(NamedTuple):
    """Where an interaction stands.

    `waited` is the time since it came, whatever was promised; `tier` and `score` order the line, `ages` decide between
    equals, oldest first. `is_graded`: a good match may raise it.
    """

    id: int
    waited: float
    target: float
    urgency: float
    is_starving: bool
    tier: int
    score: float
    ages: tuple[float, float]
    is_graded: bool

    def turn(self, lift: float = 1.0) -> tuple:
        """Smaller goes first; `lift` raises what is graded."""
        score = self.score * lift if self.is_graded else self.score
        return (-self.tier, -score, self.ages, self.id)


class Ranking:
    """Ranks under one policy at one time."""

    def __init__(self, policy: Policy, now: float):
        self.policy = policy
        self.now = now
        self._promises: dict[tuple[str, str], Promise] = {}

    def promise(self, queue: str, channel: str) -> Promise:
        known = self._promises.get((queue, channel))
        if known is None:
            rules = self.policy.queue(queue)
            known = Promise(rules.target(channel), rules.longest_wait(channel), rules.importance, rules.head_start)
            self._promises[(queue, channel)] = known
        return known

    def is_starving(self, one: Waiting) -> bool:
        return self.now - one.waiting_since > self.promise(one.queue, one.channel).longest

    def of(self, one: Waiting) -> Rank:
        target, longest, importance, head_start = self.promise(one.queue, one.channel)
        since, counted = one.waiting_since, one.counted_since(target)
        waited = max(0.0, self.now - since)
        ahead = head_start * (one.priority - NORMAL_PRIORITY)
        urgency = importance * one.importance * max(0.0, max(0.0, self.now - counted) / target + ahead)
        starving = waited > longest
        if self.policy.line == "urgency" and not starving:
            return Rank(one.id, waited, target, urgency, starving, 0, urgency, (counted, since), is_graded=True)
        if self.policy.line == "urgency":
            tier, score = 1, waited / longest
        else:
            tier, score = one.priority if self.policy.line == "priority" else 0, waited
        return Rank(one.id, waited, target, urgency, starving, tier, score, (since, counted), is_graded=False)
