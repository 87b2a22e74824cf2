"""What a router remembers of a domain from one run to the next: who waits, who is there, and the rules' setup.

Rows of interactions and agents bear the transaction that wrote them last (`changed`, stamped by the database). A run
takes a snapshot before it reads, and the next one reads just what that snapshot could not see: no transaction is
missed, however late it commits, and none is read twice. So it does not matter who else decided meanwhile.

What leaves no row behind (deleted interactions and agents) costs an answer that does not apply when it is to be
written; it is doubted then and looked up. What is remembered of other tables (owners of tickets, names of skills) is
read anew by the sweep once a minute, and with it everything else. The memory is the worker's alone, and only kept when
the transaction in which it was made is committed: what is rolled back is forgotten.
"""

import time
from bisect import bisect_left, insort
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime

from routing.engine import facts
from routing.engine.crew import Crew
from routing.estimates import Estimates
from routing.inputs import Chain
from routing.models import Agent, Interaction
from routing.situation import (
    Desk,
    InLine,
    QueueAsTold,
    agent_fact,
    changes,
    desks_where,
    in_line,
    members_of,
    queues_of,
    waiting_fact,
)

REBUILT_BY_SWEEP_SECONDS = 60
REBUILT_ANYHOW_SECONDS = 300
# So many of each kind are told at first, and how many times more when that was too few.
FEWEST, MORE = 8, 4


@dataclass(frozen=True, slots=True)
class Moment:
    """When a run began, by the database's clock, and what could be seen then; `is_outermost`: nobody wrote before."""

    now: datetime
    snapshot: str
    is_outermost: bool = True


_kept: dict[int, "Memory"] = {}


def recall(domain_id: int, epoch: int, moment: Moment, *, is_sweep: bool = False) -> "Memory":
    """The memory of a domain, as of now; made anew if there is none, or it is old, or of another database.

    It is the caller's alone, who gives it back by `keep` once everything is committed.
    """
    memory = _kept.pop(domain_id, None)
    if memory and not memory.is_stale(epoch, is_sweep):
        memory.refresh(moment)
    else:
        memory = Memory(domain_id)
        memory.rebuild(moment)
    memory.epoch = epoch
    return memory


def keep(memory: "Memory") -> None:
    """Remember it for the next run; to be called after commit."""
    _kept[memory.domain_id] = memory


def forget() -> None:
    """Remember nothing."""
    _kept.clear()


class Kinds:
    """Who waits, by kind, each kind in order of age, and what the engine was told of them."""

    def __init__(self):
        self.rows: dict[int, InLine] = {}
        self._told: dict[int, facts.Waiting] = {}
        self._kinds: dict[tuple, list[tuple[float, int]]] = {}

    def __len__(self) -> int:
        return len(self.rows)

    def fill(self, rows: Iterable[InLine]) -> None:
        """Add many at once."""
        for row in rows:
            self.rows[row.id] = row
            self._kinds.setdefault(row.kind, []).append((row.since, row.id))
        for line in self._kinds.values():
            line.sort()

    def add(self, row: InLine) -> None:
        self.rows[row.id] = row
        insort(self._kinds.setdefault(row.kind, []), (row.since, row.id))

    def discard(self, pk: int) -> None:
        row = self.rows.pop(pk, None)
        if row is None:
            return
        self._told.pop(pk, None)
        line = self._kinds[row.kind]
        del line[bisect_left(line, (row.since, row.id))]
        if not line:
            del self._kinds[row.kind]

    def first(self, most: int, tell: Callable[[InLine], facts.Waiting]) -> list[facts.Waiting]:
        """Up to `most` of each kind, those who wait longest; who was told once is not told anew."""
        first = [pk for line in self._kinds.values() for _, pk in line[:most]]
        for pk in first:
            if pk not in self._told:
                self._told[pk] = tell(self.rows[pk])
        return [self._told[pk] for pk in first]

    def unsay(self) -> None:
        """Tell of everybody anew: under other rules they are told otherwise."""
        self._told = {}

    def exhausted(self, most: int, placed: set[int]) -> bool:
        """Whether of some kind all `most` who were told of were placed, and more wait."""
        lines = (line for line in self._kinds.values() if len(line) > most)
        return any(all(pk in placed for _, pk in line[:most]) for line in lines)

    def enough(self, askable: int) -> int:
        """So many of each kind to tell of at first that a mixed line serves as many agents."""
        return max(FEWEST, 2 * askable // max(1, len(self._kinds)))


@dataclass
class Memory:
    """Everybody who waits and serves in one domain, as of `snapshot`."""

    domain_id: int
    epoch: int = 0
    now: float = 0.0
    snapshot: str = ""
    built_at: float = 0.0
    queues: dict[int, QueueAsTold] = field(default_factory=dict)
    members: dict[int, tuple[str, ...]] = field(default_factory=dict)
    line: Kinds = field(default_factory=Kinds)
    desks: dict[int, Desk] = field(default_factory=dict)
    agents: Crew = field(default_factory=Crew)
    policy: facts.Policy = field(default_factory=lambda: facts.Policy(version=0))
    estimated: Estimates | None = None
    doubted: set[int] = field(default_factory=set)
    doubted_desks: set[int] = field(default_factory=set)
    chain: Chain = field(default_factory=Chain)

    def is_stale(self, epoch: int, is_sweep: bool) -> bool:
        """Whether to begin anew: every minute by the sweep, or because the domain's past is not the one we know."""
        age = time.monotonic() - self.built_at
        return epoch <= self.epoch or age > (REBUILT_BY_SWEEP_SECONDS if is_sweep else REBUILT_ANYHOW_SECONDS)

    def rebuild(self, moment: Moment) -> None:
        """Read everything."""
        self.built_at, self.snapshot = time.monotonic(), moment.snapshot
        self.queues = queues_of(self.domain_id)
        self.members = members_of(self.queues)
        self.line, self.now = Kinds(), moment.now.timestamp()
        self.line.fill(in_line("i.status = 'waiting' AND i.queue_id = ANY(%s)", [[*self.queues]], moment.now))
        self.desks, self.agents = {}, Crew()
        self._take_desks(desks_where("a.domain_id = %s AND a.presence <> 'offline'", [self.domain_id]))

    def refresh(self, moment: Moment) -> None:
        """Read what was committed since the last run, and what is doubted."""
        queues, rows, desks = changes(
            self.domain_id, self.snapshot, list(self.doubted), list(self.doubted_desks), moment.now
        )
        if queues != self.queues:
            return self.rebuild(moment)
        members = members_of(queues)
        self.now = moment.now.timestamp()
        self._take_in_line(rows)
        self._drop(self.doubted_desks - {desk.id for desk in desks})
        self._take_desks(desks)
        self._take_members(members)
        self.snapshot, self.doubted, self.doubted_desks = moment.snapshot, set(), set()
        return None

    def follow(self, policy: facts.Policy, estimated: Estimates) -> None:
        """Tell of everybody under these rules, and with what is estimated now (routing/estimates.py)."""
        if policy is not self.policy:
            self.policy = policy
            self.line.unsay()
        if estimated is not self.estimated:
            self.estimated = estimated
            self._tell(self.desks)

    def doubt(self, interactions: Iterable[int], agents: Iterable[int]) -> None:
        """These were not as remembered: look them up next time."""
        self.doubted.update(interactions)
        self.doubted_desks.update(agents)

    @property
    def askable(self) -> int:
        """How many agents may be asked at all."""
        return sum(agent.presence == Agent.Presence.AVAILABLE for agent in self.agents)

    def state(self, most: int) -> facts.State:
        """What the engine is told: all agents, and up to `most` of each kind in line."""
        estimated = self.estimated
        expected = {"service": estimated.service, "expected_wait": estimated.expected_wait} if estimated else {}
        return facts.State(waiting=self.line.first(most, self._fact), agents=self.agents, **expected)

    def _fact(self, row):
        return waiting_fact(row, self.queues[row.queue], self.policy, self.now)

    def _take_in_line(self, rows):
        for pk in self.doubted:
            self.line.discard(pk)
        for row in rows:
            self.line.discard(row.id)
            if row.status == Interaction.Status.WAITING and row.queue in self.queues:
                self.line.add(row)

    def _take_desks(self, desks):
        self._drop(desk.id for desk in desks if not desk.is_there or desk.domain != self.domain_id)
        there = {desk.id: desk for desk in desks if desk.is_there and desk.domain == self.domain_id}
        self.desks |= there
        self._tell(there)

    def _take_members(self, members):
        before, self.members = self.members, members
        moved = {pk for pk in {*before, *members} if before.get(pk) != members.get(pk)}
        self._tell(moved & self.desks.keys())

    def _drop(self, agents):
        for pk in agents:
            self.desks.pop(pk, None)
            self.agents.drop(pk)

    def _tell(self, agents):
        for pk in agents:
            told = agent_fact(self.desks[pk], self.members.get(pk, ()), self.estimated)
            if told != self.agents.get(pk):
                self.agents.put(told)
