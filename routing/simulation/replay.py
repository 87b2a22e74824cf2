"""Recorded traffic played again: under the policy that was live, to see how true it comes out, then under a draft.

Nothing is promised of a draft unless the live policy, replayed, comes out as it really went: service level within two
points and mean wait within a tenth. So it must be over all traffic; on a channel with enough of it what really happened
may be further off as long as the replications are as far from each other, for it is only one of the ways in which it
could have gone. Then both are played on the same customers,
and the difference of each figure is given with its 95 % interval over replications. The interval holds the luck with
what the record does not say (how long somebody else would have taken, how long who was answered would have waited);
that another week brings other customers is not in it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from dataclasses import dataclass
from multiprocessing import get_context

import numpy as np
from scipy.special import stdtrit

from routing.simulation.changes import Change
from routing.simulation.estimate import Estimate, mean
from routing.simulation.figures import ALL, OF_EVERYBODY, Figures, figures
from routing.simulation.habits import Habits
from routing.simulation.live import Live, Plan
from routing.simulation.record import Record

POINTS = 0.02
TENTH = 0.10
# Below this many seconds a difference of waits is the clock's, not the policy's.
GRAIN = 0.5
ENOUGH = 100
MOST_CHANGES = 2_000
LIVE = "live"
BEAT_SECONDS = 10


class NothingRecorded(ValueError):
    """There is nothing to replay in this stretch of time; the message says what is missing."""


class Cancelled(Exception):
    """Whoever asked for the replay no longer wants it."""


@dataclass(frozen=True, slots=True)
class Gap:
    """How far the replay of the live policy is from what happened, on one channel ("all" for all together).

    `service_level` and `mean_wait` are what happened and what was played. `luck` is how far from the mean of the
    replications another one would be, 95 times of 100, in both figures.
    """

    line: str
    arrived: int
    service_level: tuple[float, float]
    mean_wait: tuple[float, float]
    luck: tuple[float, float]
    is_judged: bool

    @property
    def points(self) -> float:
        """By how much the replayed service level is higher (0.01 is a point)."""
        return self.service_level[1] - self.service_level[0]

    @property
    def share(self) -> float:
        """By how much the replayed mean wait is longer, as a share of the real one."""
        real, played = self.mean_wait
        return (played - real) / real if real else float(played > GRAIN)

    @property
    def is_close(self) -> bool:
        seconds = abs(self.mean_wait[1] - self.mean_wait[0])
        points, wait = self.luck if self.line != ALL else (0.0, 0.0)
        is_same_wait = abs(self.share) <= TENTH or seconds <= max(GRAIN, wait)
        return abs(self.points) <= max(POINTS, points) and is_same_wait


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a replay came to. `draft` and `changes` are empty when there was no draft, or nothing may be promised.
    `moved` is the share of the answered that another agent would have served, all consequences included."""

    real: Figures
    gaps: tuple[Gap, ...]
    live: tuple[Figures, ...]
    draft: tuple[Figures, ...] = ()
    changes: tuple[Change, ...] = ()
    moved: float = 0.0

    @property
    def is_trusted(self) -> bool:
        return all(gap.is_close for gap in self.gaps if gap.is_judged)

    def figure(self, of: Sequence[Figures], name: str, line: str = ALL) -> Estimate:
        return mean(_by_replication(of, name, line))

    def difference(self, name: str, line: str = ALL) -> Estimate:
        """The draft's figure less the live one's, replication by replication."""
        return mean(_by_replication(self.draft, name, line) - _by_replication(self.live, name, line))


@dataclass(frozen=True, slots=True)
class Played:
    """One replication under one plan. `agents` are who answered, by arrival."""

    number: int
    figures: Figures
    agents: dict[int, int]
    changes: tuple[Change, ...] = ()


def replay(
    record: Record,
    live: Plan,
    draft: Plan | None = None,
    *,
    replications: int = 20,
    seed: int = 1,
    workers: int | None = None,
    on_progress: Callable[[int, int], None] = lambda done, of: None,
    drafted: Record | None = None,
) -> Outcome:
    """Play a record under the live plan and, where that comes out true, under a draft.

    `drafted` is the record as the draft's rules would have classified it, where they do so otherwise. `on_progress` is
    told how many replications of how many are done; what it raises ends the replay. Raises NothingRecorded.
    """
    if not any(one.is_counted for one in record.arrivals):
        raise NothingRecorded("Nothing came to any queue in this time: there is nothing to replay.")
    if not record.workers:
        raise NothingRecorded("No agent was signed in in this time: there is nobody to replay it with.")
    steps = replications * (2 if draft else 1)
    with _Players(record, drafted or record, seed, workers or os.cpu_count() or 1) as players:
        first = players.play(live, draft, replications, lambda done: on_progress(done, steps))
        outcome = Outcome(figures(record, record.passages), (), tuple(each.figures for each in first))
        outcome = _judged(outcome)
        if draft is None or not outcome.is_trusted:
            on_progress(steps, steps)
            return outcome
        second = players.play(draft, None, replications, lambda done: on_progress(replications + done, steps))
    return Outcome(
        outcome.real, outcome.gaps, outcome.live, tuple(each.figures for each in second),
        _firsts(first[0].changes), _moved(first, second),
    )  # fmt: skip


def play_once(record: Record, habits: Habits, plan: Plan, seed: int, number: int, other: Plan | None = None) -> Played:
    """One replication: the same numbers give the same customers. Counted is by what the habits' record promised."""
    theirs = other.policy if other else None
    run = Live(record, plan, habits.replication(seed, number), seed=seed * 1_000_003 + number, other=theirs)
    passages = run.play()
    agents = {pk: way.agent for pk, way in passages.items() if way.agent is not None}
    return Played(number, figures(habits.record, passages), agents, tuple(run.changes[:MOST_CHANGES]))


def _judged(outcome: Outcome) -> Outcome:
    lines = [line for line in outcome.real.lines if "/" not in line]
    return Outcome(outcome.real, tuple(_gap(outcome, line) for line in lines), outcome.live)


def _gap(outcome: Outcome, line: str) -> Gap:
    real = outcome.real.lines[line]
    arrived = int(real["arrived"])
    level, wait = ((real[name], _by_replication(outcome.live, name, line)) for name in ("service_level", "mean_wait"))
    return Gap(
        line, arrived, (level[0], float(level[1].mean())), (wait[0], float(wait[1].mean())),
        (_luck(level[1]), _luck(wait[1])), line == ALL or arrived >= ENOUGH,
    )  # fmt: skip


def _luck(values: np.ndarray) -> float:
    """How far from their mean another value like these lies, 95 times of 100."""
    number = len(values)
    if number < 2:
        return 0.0
    return float(stdtrit(number - 1, 0.975) * values.std(ddof=1) * (1 + 1 / number) ** 0.5)


def _by_replication(of: Sequence[Figures], name: str, line: str) -> np.ndarray:
    if name in OF_EVERYBODY:
        return np.array([getattr(each, name) for each in of])
    return np.array([each.lines.get(line, {}).get(name, np.nan) for each in of])


def _moved(first: Sequence[Played], second: Sequence[Played]) -> float:
    shares = [
        sum(two.agents.get(pk) != agent for pk, agent in one.agents.items()) / max(1, len(one.agents))
        for one, two in zip(first, second, strict=True)
    ]
    return sum(shares) / len(shares)


def _firsts(changes: Sequence[Change]) -> tuple[Change, ...]:
    """Of each interaction the first moment at which the policies differ."""
    firsts: dict[int, Change] = {}
    for change in changes:
        firsts.setdefault(change.interaction, change)
    return tuple(firsts.values())


class _Players:
    """The processes that play; each is told the record once."""

    def __init__(self, record: Record, drafted: Record, seed: int, workers: int):
        self.records, self.seed = (record, drafted), seed
        self.pool = (
            ProcessPoolExecutor(
                workers, mp_context=get_context("spawn"), initializer=_remember, initargs=(record, drafted)
            )
            if workers > 1
            else None
        )

    def __enter__(self) -> _Players:
        if self.pool is None:
            _remember(*self.records)
        return self

    def __exit__(self, *_: object) -> None:
        if self.pool:
            self.pool.shutdown(cancel_futures=True)

    def play(
        self, plan: Plan, other: Plan | None, replications: int, on_progress: Callable[[int], None]
    ) -> list[Played]:
        found: list[Played] = []
        for played in self._played(plan, other, replications):
            found += [played] if played else []
            on_progress(len(found))
        return sorted(found, key=lambda each: each.number)

    def _played(self, plan: Plan, other: Plan | None, replications: int) -> Iterator[Played | None]:
        """As they are done; None now and then meanwhile, so that who waits can show a sign of life."""
        is_draft = plan.name != LIVE
        tasks = [(plan, self.seed, number, other if number == 0 else None, is_draft) for number in range(replications)]
        if self.pool is None:
            yield from (_play(*task) for task in tasks)
            return
        waiting = {self.pool.submit(_play, *task) for task in tasks}
        while waiting:
            done, waiting = wait(waiting, timeout=BEAT_SECONDS, return_when=FIRST_COMPLETED)
            yield from (one.result() for one in done)
            if not done:
                yield None


_known: dict[bool, tuple[Record, Habits]] = {}


def _remember(record: Record, drafted: Record) -> None:
    """In a process of its own: learn the habits once. They are the recorded ones under either policy."""
    habits = Habits(record)
    _known.update({False: (record, habits), True: (drafted, habits)})


def _play(plan: Plan, seed: int, number: int, other: Plan | None, is_draft: bool) -> Played:
    record, habits = _known[is_draft]
    return play_once(record, habits, plan, seed, number, other)
