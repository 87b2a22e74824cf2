"""Everybody who waits, kept between decisions, so that a decision costs the same with 1,000 waiting as with 100,000.

    backlog = Backlog(waiting)                # about 3 µs each, once
    backlog.put(one)                          # came, or changed in anything: replaces the one of the same id
    backlog.drop(interaction_id)              # gave up, was taken, was assigned: nothing happens if it does not wait
    outcome = decide(State(waiting=backlog, agents=crew), policy, now, seed=epoch)
    for one in outcome.assigned: backlog.drop(one.interaction)

`decide` takes a plain sequence as well and makes a backlog of it; the answer is the same, whatever the order in which
it was filled. It never changes who waits: what was assigned is dropped by whoever wrote the offers. `outcome.unplaced`
is read from the backlog when it is asked for, so read it (its length is free) before the backlog changes.

Cooldowns and holds run out by themselves: they are given as they are known, and `now` may also go back. Facts must not
be changed in place. One thread at a time.

Interactions that are alike but for their age stand in one group in order of age (urgency.py says why that is their
order at any time). Who served the customer last and who owns the account do not count for that, as they change who is
chosen and not whether it can be served; they do while it may be held for them. Whoever is reserved, cools down or may
be held stands in a group by the persons concerned.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from heapq import heappop, heappush
from typing import NamedTuple, overload

from routing.engine.facts import Policy, Waiting

NEVER = float("inf")
NOTHING: frozenset = frozenset()
# Target and hold of a queue of which no policy has spoken yet.
UNKNOWN = (0.0, 0.0)
FEW = 64

Entry = tuple[float, float, int, Waiting]


class Stretch(Sequence[Waiting]):
    """A part of a run, oldest first; it holds as long as the backlog does not change."""

    __slots__ = ("_end", "_entries", "_start")

    def __init__(self, entries: list, start: int, end: int):
        self._entries, self._start, self._end = entries, start, end

    def __len__(self) -> int:
        return self._end - self._start

    @overload
    def __getitem__(self, at: int) -> Waiting: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[Waiting]: ...
    def __getitem__(self, at: int | slice) -> Waiting | Sequence[Waiting]:
        if isinstance(at, slice):
            return [self[place] for place in range(*at.indices(len(self)))]
        place = (self._end if at < 0 else self._start) + at
        if not self._start <= place < self._end:
            raise IndexError(at)
        return self._entries[place][3]

    def __iter__(self) -> Iterator[Waiting]:
        return (self._entries[at][3] for at in range(self._start, self._end))

    def each(self) -> Iterator[Stretch]:
        """Everyone apart."""
        return (Stretch(self._entries, at, at + 1) for at in range(self._start, self._end))

    def cut(self, place: int) -> tuple[Stretch, Stretch]:
        middle = self._start + place
        return Stretch(self._entries, self._start, middle), Stretch(self._entries, middle, self._end)


class Run:
    """Interactions in order of two ages and id. Leaving at the front, as most do, moves nothing."""

    __slots__ = ("_entries", "_gone")

    def __init__(self, entries: Iterable[Entry] = ()):
        self._entries: list = sorted(entries)
        self._gone = 0

    def add(self, entry: Entry) -> None:
        insort(self._entries, entry, lo=self._gone)

    def remove(self, entry: Entry) -> None:
        at = bisect_left(self._entries, entry, lo=self._gone)
        if at > self._gone:
            del self._entries[at]
            return
        self._entries[at] = None
        self._gone += 1
        if self._gone > FEW and 2 * self._gone > len(self._entries):
            del self._entries[: self._gone]
            self._gone = 0

    def all(self) -> Stretch:
        return Stretch(self._entries, self._gone, len(self._entries))


class Asked(NamedTuple):
    """What is asked for: who fits two of a kind is the same."""

    queue: str
    channel: str
    cost: int
    required: frozenset[tuple[str, int]]
    preferred: frozenset[tuple[str, int]]


class Signature(NamedTuple):
    """What the members of a group have in common. `personal` is what ties them to persons: see `Backlog._personal`."""

    asked: Asked
    importance: float
    priority: int
    is_dated: bool
    personal: tuple | None


class Group:
    """Interactions that differ in nothing but age and who knows the customer.

    `by_age` is in the order in which they came. `by_promise`, where tickets have promises of their own, is in the order
    in which the clock counts for them (else it is the same), which the queue's `target` decides.
    """

    __slots__ = ("by_age", "by_promise", "signature", "target")

    def __init__(self, signature: Signature, target: float):
        self.signature = signature
        self.target = target
        self.by_age = Run()
        self.by_promise = Run() if signature.is_dated else self.by_age

    def __len__(self) -> int:
        return len(self.by_age.all())

    @property
    def may_be_held(self) -> bool:
        """Whether its members know somebody for whom they may be held."""
        personal = self.signature.personal
        return personal is not None and personal[2:4] != (None, None)

    def add(self, one: Waiting) -> None:
        since, counted = one.waiting_since, one.counted_since(self.target)
        self.by_age.add((since, counted, one.id, one))
        if self.signature.is_dated:
            self.by_promise.add((counted, since, one.id, one))

    def remove(self, one: Waiting) -> None:
        since, counted = one.waiting_since, one.counted_since(self.target)
        self.by_age.remove((since, counted, one.id, one))
        if self.signature.is_dated:
            self.by_promise.remove((counted, since, one.id, one))

    def reorder(self, target: float) -> None:
        """The queue promises something else now, which matters where tickets have promises of their own."""
        self.target = target
        if self.by_age.all()[0].due_at is None and not self.signature.is_dated:
            return
        members = [*self.by_age.all()]
        self.by_age = Run((one.waiting_since, one.counted_since(target), one.id, one) for one in members)
        self.by_promise = self.by_age
        if self.signature.is_dated:
            self.by_promise = Run((one.counted_since(target), one.waiting_since, one.id, one) for one in members)


class Backlog(Sequence[Waiting]):
    """Who waits, by id and in groups; `by_skill` and `by_channel` count how many ask for each.

    `version` grows with every change, so that whoever looks at a part of it can tell that it no longer holds.
    """

    def __init__(self, waiting: Iterable[Waiting] = ()):
        self.by_skill: Counter[str] = Counter()
        self.by_channel: Counter[str] = Counter()
        self.version = 0
        self._places: dict[int, tuple[Waiting, Group]] = {}
        self._groups: dict[Signature, Group] = {}
        self._rules: dict[tuple[str, str], tuple[float, float]] = {}
        self._passing: set[int] = set()
        self._ends: list[tuple[float, int]] = []
        self._now = -NEVER
        for one in waiting:
            self.put(one)

    def __len__(self) -> int:
        return len(self._places)

    def __iter__(self) -> Iterator[Waiting]:
        """Oldest id first."""
        return (self._places[number][0] for number in sorted(self._places))

    @overload
    def __getitem__(self, at: int) -> Waiting: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[Waiting]: ...
    def __getitem__(self, at: int | slice) -> Waiting | Sequence[Waiting]:
        return list(self)[at]

    def __contains__(self, one: object) -> bool:
        return isinstance(one, Waiting) and self.get(one.id) == one

    def get(self, interaction_id: int) -> Waiting | None:
        place = self._places.get(interaction_id)
        return place and place[0]

    def put(self, one: Waiting) -> None:
        """Add it, in place of the one of the same id if there is one."""
        self.drop(one.id)
        self._place(one)
        self.by_channel[one.channel] += 1
        for skill in one.required:
            self.by_skill[skill] += 1

    def drop(self, interaction_id: int) -> Waiting | None:
        """Take it out and return it; None if it is not there."""
        if interaction_id not in self._places:
            return None
        one = self._leave(interaction_id)
        self._passing.discard(interaction_id)
        self.by_channel[one.channel] -= 1
        for skill in one.required:
            self.by_skill[skill] -= 1
        return one

    def groups(self) -> Iterable[Group]:
        return self._groups.values()

    def arrange(self, policy: Policy, now: float) -> None:
        """Make the groups and their order fit this policy and time; `decide` does it."""
        for kind, before in list(self._rules.items()):
            queue = policy.queue(kind[0])
            rules = queue.target(kind[1]), queue.longest_hold(kind[1])
            if rules != before:
                self._rules[kind] = rules
                self._follow(kind, before)
        if now < self._now:
            self._now = now
            for number in self._passing:
                self._move(number)
        self._now = now
        while self._ends and self._ends[0][0] <= now:
            number = heappop(self._ends)[1]
            if number in self._passing:
                self._move(number)

    def _follow(self, kind: tuple[str, str], before: tuple[float, float]) -> None:
        """Order a queue's groups anew after another target, and put its members elsewhere after another hold."""
        target, hold = self._rules[kind]
        groups = [group for group in self._groups.values() if group.signature.asked[:2] == kind]
        self.version += 1
        for group in groups:
            group.reorder(target)
        if hold != before[1]:
            for one in [one for group in groups for one in group.by_age.all() if _knows_somebody(one)]:
                self._move(one.id)

    def _move(self, interaction_id: int) -> None:
        self._place(self._leave(interaction_id))

    def _leave(self, interaction_id: int) -> Waiting:
        one, group = self._places.pop(interaction_id)
        group.remove(one)
        if not group:
            del self._groups[group.signature]
        self.version += 1
        return one

    def _place(self, one: Waiting) -> None:
        kind = one.queue, one.channel
        target, _ = self._rules.setdefault(kind, UNKNOWN)
        signature = self._signature(one)
        group = self._groups.get(signature)
        if group is None:
            group = self._groups[signature] = Group(signature, target)
        group.add(one)
        self._places[one.id] = one, group
        self.version += 1

    def _signature(self, one: Waiting) -> Signature:
        required = frozenset(one.required.items()) if one.required else NOTHING
        preferred = frozenset(one.preferred.items()) if one.preferred else NOTHING
        asked = Asked(one.queue, one.channel, one.cost, required, preferred)
        personal = self._personal(one) if _may_be_personal(one) else None
        return Signature(asked, one.importance, one.priority, one.due_at is not None and personal is None, personal)

    def _personal(self, one: Waiting) -> tuple | None:
        """Whom it is reserved for, who cools down until when, whom it may be held for; None when there is nobody.

        Such groups are small, so one promise each keeps them in order of age.
        """
        hold = self._rules[(one.queue, one.channel)][1] if _knows_somebody(one) else 0.0
        hold_ends = one.waiting_since + hold
        is_held = hold > 0 and hold_ends > self._now
        cooling = frozenset((agent, until) for agent, until in one.cooldown.items() if until > self._now)
        ends = [until for _, until in cooling] + [hold_ends] * is_held
        if one.cooldown or hold > 0:
            self._passing.add(one.id)
        if ends:
            heappush(self._ends, (min(ends), one.id))
        elif one.reserved_for is None:
            return None
        who = (one.last_agent, one.owner) if is_held else (None, None)
        return (one.reserved_for, cooling, *who, one.due_at)


def _may_be_personal(one: Waiting) -> bool:
    return bool(one.cooldown) or one.reserved_for is not None or _knows_somebody(one)


def _knows_somebody(one: Waiting) -> bool:
    return one.last_agent is not None or one.owner is not None
