"""Who serves whom, now: the one decision that live routing, replay and simulation share."""

from __future__ import annotations

import heapq
from collections.abc import Container

import numpy as np

from routing.engine.backlog import Backlog
from routing.engine.batch import best_pairs
from routing.engine.explain import Choice, explained
from routing.engine.facts import Assigned, Outcome, Policy, State, Waiting
from routing.engine.left import Left
from routing.engine.lines import Line, affinity_of
from routing.engine.relaxation import as_lent_now
from routing.engine.roster import Roster
from routing.engine.scores import Scores
from routing.engine.signatures import form_lines
from routing.engine.urgency import Rank, Ranking


def decide(state: State, policy: Policy, now: float, *, seed: int = 0) -> Outcome:
    """Give as many waiting interactions as possible to the best agents, the most urgent first.

    Nobody is given more than their budget and override, nor work they are not available, allowed and skilled for. The
    same arguments give the same answer, in whatever order waiting and agents are listed. With a `Backlog` of those who
    wait (backlog.py) it takes no longer for a hundred thousand of them than for a thousand.
    """
    run = _Run(state, as_lent_now(policy, state), now, seed)
    run.pair_batch()
    run.serve_in_turn()
    return run.outcome()


class _Front:
    """The first of a line who is not placed yet, and who fit when `given` interactions were placed."""

    __slots__ = ("given", "here", "line", "one", "place", "rank", "turn")

    here: np.ndarray
    one: Waiting
    rank: Rank
    turn: tuple

    def __init__(self, line: Line):
        self.line = line
        self.place = self.given = -1

    def step_up(self, placed: Container[int], ranking: Ranking) -> bool:
        """Whether anybody is left, who is then at the front."""
        members, place = self.line.members, self.place
        while place < 0 or self.one.id in placed:
            place += 1
            if place == len(members):
                return False
            self.one = members[place]
        if place != self.place:
            self.place, self.rank = place, ranking.of(self.one)
        return True


class _Run:
    """One decision in the making."""

    def __init__(self, state: State, policy: Policy, now: float, seed: int):
        self.policy = policy
        self.now = now
        self.backlog = state.waiting if isinstance(state.waiting, Backlog) else Backlog(state.waiting)
        self.backlog.arrange(policy, now)
        self.roster = Roster(state.agents, now, policy.offers_at_once, policy.interrupts)
        self.ranking = Ranking(policy, now)
        self.lines = form_lines(self.backlog, self.roster, self.ranking)
        self.open = [line for line in self.lines if len(line.fitting(self.roster))]
        self.scores = Scores(self.backlog, self.roster, policy, state.pressure, seed)
        self.assigned: list[Assigned] = []
        self.placed: set[int] = set()

    def pair_batch(self) -> None:
        """Pair the few with the few all at once, where that beats one after the other."""
        for line, one, agent in best_pairs(self.open, self.ranking, self.scores):
            here = line.fitting(self.roster)
            if agent in line.pos[here]:
                self._place(line, one, self.ranking.of(one), here, chosen=agent)

    def serve_in_turn(self) -> None:
        """The most urgent head of a line chooses among the agents who still fit, until no line can be served.

        A head only ever sinks as agents take work, so it is enough to look again at the one that comes up.
        """
        heap = [(turn, front) for line in self.open if (turn := self._turn(front := _Front(line)))]
        heapq.heapify(heap)
        while heap:
            before, front = heap[0]
            turn = self._turn(front)
            if turn == before:
                self._place(front.line, front.one, front.rank, front.here)
                turn = self._turn(front)
            if turn:
                heapq.heapreplace(heap, (turn, front))
            else:
                heapq.heappop(heap)

    def outcome(self) -> Outcome:
        left = Left(self.backlog, self.lines, self.placed, self.roster, self.ranking)
        return Outcome(tuple(self.assigned), left, left.next_due())

    def _turn(self, front: _Front) -> tuple | None:
        """When the front of a line is served, raised by how well and fast the best agent left is; None if never."""
        line, given = front.line, len(self.assigned)
        if front.given != given:
            front.here, front.given = line.fitting(self.roster), given
            if not len(front.here) or not front.step_up(self.placed, self.ranking):
                return None
            lift = float(line.lift[front.here].max()) if front.rank.is_graded else 1.0
            front.turn = front.rank.turn(lift)
        return front.turn

    def _place(self, line: Line, one: Waiting, rank: Rank, here: np.ndarray, chosen: int | None = None) -> None:
        """Give one interaction to the agent chosen in a batch, or to the best of those `here`."""
        line.affinity = affinity_of(one, self.roster, self.policy, line.pos)
        terms = self.scores.terms(line, here, one.id)
        total = self.scores.total(terms, line.pos[here])
        winner = int(np.argmax(total)) if chosen is None else int(np.flatnonzero(line.pos[here] == chosen)[0])
        units = int(line.units[here[winner]])
        why = Choice(one, line, here, terms, total, winner, in_batch=chosen is not None)
        explanation = explained(why, self.roster, rank, self.scores.names, self.policy.version)
        parks = self.roster.give(int(line.pos[here[winner]]), units, line.channel)
        self.assigned.append(Assigned(one.id, explanation.agent, explanation, units, parks))
        self.placed.add(one.id)
