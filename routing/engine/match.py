"""Who serves whom, now: the one decision that live routing, replay and simulation share."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence

import numpy as np

from routing.engine import relaxation
from routing.engine.batch import best_pairs
from routing.engine.explain import Choice, explained
from routing.engine.facts import Assigned, Outcome, Policy, State, Unplaced, Waiting
from routing.engine.lines import Line
from routing.engine.roster import Roster
from routing.engine.scores import Scores, lots
from routing.engine.signatures import form_lines
from routing.engine.urgency import Urgencies, urgencies


def decide(state: State, policy: Policy, now: float, *, seed: int = 0) -> Outcome:
    """Give as many waiting interactions as possible to the best agents, the most urgent first.

    Nobody is given more than their budget and override, nor work they are not available, allowed and skilled for. The
    same arguments give the same answer, in whatever order waiting and agents are listed.
    """
    run = _Run(state, policy, now, seed)
    run.pair_batch()
    run.serve_in_turn()
    return run.outcome()


class _Run:
    """One decision in the making."""

    def __init__(self, state: State, policy: Policy, now: float, seed: int):
        self.policy = policy
        self.now = now
        self.waiting: Sequence[Waiting] = sorted(state.waiting, key=lambda one: one.id)
        self.roster = Roster(state.agents, now, policy.offers_at_once, policy.interrupts)
        self.ranks: Urgencies = urgencies(self.waiting, policy, now)
        self.lot = lots(seed, np.array([one.id for one in self.waiting], dtype=np.int64))
        self.lines = form_lines(self.waiting, self._order(), self.roster, policy, now)
        self.scores = Scores(state, self.roster, policy, seed)
        self.assigned: list[Assigned] = []
        self.placed: set[int] = set()

    def pair_batch(self) -> None:
        """Pair the few with the few all at once, where that beats one after the other."""
        for line, at, agent in best_pairs(self.lines, self.ranks, self.lot, self.scores):
            here = line.fitting(self.roster)
            if agent in line.pos[here]:
                self._place(line, at, here, chosen=agent)
        for line in self.lines:
            line.members = [at for at in line.members if at not in self.placed]

    def serve_in_turn(self) -> None:
        """The most urgent head of a line chooses among the agents who still fit, until no line can be served."""
        heads = [head for number in range(len(self.lines)) if (head := self._head(number))]
        heapq.heapify(heads)
        while heads:
            number = heapq.heappop(heads)[-1]
            current = self._head(number)
            if current and heads and current > heads[0]:
                heapq.heappush(heads, current)
            elif current:
                line = self.lines[number]
                self._place(line, line.members[line.head], line.fitting(self.roster))
                line.head += 1
                self._queue_next(number, heads)

    def outcome(self) -> Outcome:
        unplaced = sorted((one for line in self.lines for one in self._unplaced(line)), key=lambda one: one.interaction)
        dues = [one.next_due for one in unplaced if one.next_due is not None]
        return Outcome(tuple(self.assigned), tuple(unplaced), min(dues, default=None))

    def _queue_next(self, number: int, heads: list[tuple]) -> None:
        if head := self._head(number):
            heapq.heappush(heads, head)

    def _order(self) -> list[int]:
        """All that wait, most urgent first."""
        since = np.array([one.waiting_since for one in self.waiting], dtype=float)
        return np.lexsort((self.lot, since, -self.ranks.score, -self.ranks.tier)).tolist()

    def _rank(self, at: int, boost: float = 1.0) -> tuple:
        since = self.waiting[at].waiting_since
        return (-self.ranks.tier[at], -self.ranks.score[at] * boost, since, self.lot[at], self.waiting[at].id)

    def _head(self, number: int) -> tuple | None:
        """The rank of a line's head, raised by how well the best agent left would match; None when nobody is left.

        It only ever sinks as agents take work, which is what lets the heap above be checked one entry at a time.
        """
        line = self.lines[number]
        here = line.fitting(self.roster) if line.waits else ()
        if not len(here):
            return None
        at = line.members[line.head]
        boost = 1 + self.policy.weights.eta * line.match[here].max() if self.ranks.graded[at] else 1.0
        return (*self._rank(at, boost), number)

    def _place(self, line: Line, at: int, here: np.ndarray, chosen: int | None = None) -> None:
        """Give one interaction to the agent chosen in a batch, or to the best of those `here`."""
        one = self.waiting[at]
        terms = self.scores.terms(line, here, one.id)
        total = self.scores.total(terms, line.pos[here])
        winner = int(np.argmax(total)) if chosen is None else int(np.flatnonzero(line.pos[here] == chosen)[0])
        units = int(line.units[here[winner]])
        why = Choice(one, line, here, terms, total, winner, in_batch=chosen is not None)
        explanation = explained(why, self.roster, self.ranks, at, self.scores.names, self.policy.version)
        parks = self.roster.give(int(line.pos[here[winner]]), units, line.channel)
        self.assigned.append(Assigned(one.id, explanation.agent, explanation, units, parks))
        self.placed.add(at)

    def _unplaced(self, line: Line) -> Iterator[Unplaced]:
        left = line.members[line.head :]
        reasons = {**line.excluded, **line.without_room(self.roster)} if left else {}
        for at in left:
            yield Unplaced(self.waiting[at].id, reasons, self._next_due(at, line), line.need.step)

    def _next_due(self, at: int, line: Line) -> float | None:
        one = self.waiting[at]
        dues = [until for until in one.cooldown.values() if until > self.now]
        if line.need.steps:
            target = float(self.ranks.target[at])
            since = one.counted_since(target)
            due = relaxation.next_step_at(since, target, line.need.steps, line.need.step, self.now)
            dues += [due] if due is not None else []
        return min(dues, default=None)
