"""What the engine is told, and what it answers: frozen dataclasses, and their JSON for replay.

Times are epoch seconds, durations seconds, levels 1 to 5, capacity is in budget units (an agent usually has 100).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import MISSING, Field, dataclass, field, fields
from typing import Any

ORDINARY_TARGETS = {"voice": 20.0, "chat": 60.0, "email": 14_400.0}
ORDINARY_MAX_WAITS = {"voice": 300.0, "chat": 600.0, "email": 86_400.0}
ORDINARY_COSTS = {"voice": 100, "chat": 30, "email": 10}
ORDINARY_INTERRUPTS = {"voice": ("email",)}
NORMAL_PRIORITY = 1
# Longer than a friend is worth waiting for, and so many might be held at once that a decision took long.
MOST_HOLD = 600.0
# Skills of this kind say whose business something is: waiting never makes up for them, and no group is lent without.
MEMBER = "member."
# Skills of this kind are languages: who is lent must speak the customer's, as far as it is still asked for.
LANGUAGE = "lang."


def units_of(channel: str, cost: int, own: Mapping[str, int]) -> int:
    """What an interaction of this `cost` takes from an agent who has costs of their `own` for some channels."""
    return own.get(channel, cost)


@dataclass(frozen=True, slots=True)
class Waiting:
    """An interaction that waits for an agent.

    `waiting_since` is the first time it was queued and survives declines. `required` maps a skill to the least level
    that serves, `preferred` to the level that is wanted. `cooldown` maps an agent who declined or missed it to the time
    until which it is not offered to them again. `reserved_for` is the one agent a person chose: nobody else is asked,
    and their skills are not questioned. `due_at` is what its ticket was promised; the earlier promise counts.
    """

    id: int
    queue: str
    channel: str
    waiting_since: float
    required: Mapping[str, int]
    preferred: Mapping[str, int]
    cost: int
    importance: float = 1.0
    priority: int = NORMAL_PRIORITY
    last_agent: int | None = None
    last_agent_days: float = 0.0
    owner: int | None = None
    reserved_for: int | None = None
    cooldown: Mapping[int, float] = field(default_factory=dict)
    due_at: float | None = None

    def counted_since(self, target: float) -> float:
        """Since when the clock counts: earlier than it came if its ticket is due before `target` seconds are over.

        As if it had waited for so long already that its target fell on what the ticket was promised. It goes on from
        there at the queue's own pace, so that a mail which is long overdue does not drown out everything else.
        """
        return self.waiting_since if self.due_at is None else min(self.waiting_since, self.due_at - target)


@dataclass(frozen=True, slots=True)
class Agent:
    """A person who can serve.

    `presence` is "available" (may be asked), "ringing" (has been, and has not answered), "offline" or anything else
    (signed in but away). `used` counts the units held by offers, live work and wrap-up, less what is parked. `channels`
    are those the agent may take now; `live` counts what they hold, by channel. `idle_since` is when they last received
    or finished work or came available; `last_offered` when they were last asked (only round robin looks at it). `costs`
    are this agent's own units per channel, where they differ from the interaction's.

    `held` are the units of the work they are at, by channel: what another channel may interrupt. `free_at` is when they
    are expected to have room again, None if nobody knows. `occupancy` is the share of the last half hour spent with
    work. `pace` says by queue how fast they are: 1 is average, more is faster.
    """

    id: int
    skills: Mapping[str, int]
    presence: str
    budget: int
    used: int
    override: int = 0
    idle_since: float = 0.0
    channels: frozenset[str] = frozenset()
    live: Mapping[str, int] = field(default_factory=dict)
    costs: Mapping[str, int] = field(default_factory=dict)
    last_offered: float = 0.0
    held: Mapping[str, int] = field(default_factory=dict)
    free_at: float | None = None
    occupancy: float = 0.0
    pace: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RelaxStep:
    """From `after` targets of waiting on, ask for less.

    `lower` maps a skill, a prefix ending in a dot ("lang.") or "*" to how many levels less will do; the most
    specific name that covers a skill counts. Steps add up, a level stops at 1, and a skill lowered by five levels or
    more in all is no longer asked for; memberships ("member.care") never give way.

    `add` is what a lending group has: who has all of it may serve as well, whatever else is asked but for memberships
    and languages, of which as much is asked as of everybody by then. They are lent while the queue `lender` keeps its
    own promises: its service level is at least `lender_level` (0 to 1) and its expected wait at most `lender_wait`
    seconds.
    """

    after: float
    lower: Mapping[str, int] = field(default_factory=dict)
    drop_preferred: bool = False
    add: Mapping[str, int] | None = None
    lender: str = ""
    lender_level: float = 0.0
    lender_wait: float | None = None


@dataclass(frozen=True, slots=True)
class QueuePolicy:
    """What a queue promises.

    `targets` and `max_wait` are seconds by channel; `head_start` is in targets, for each step of priority above normal.
    `hold` is for how many seconds, by channel, an interaction is kept for its last agent or owner when they are
    expected in time: ten minutes at most.
    """

    targets: Mapping[str, float] = field(default_factory=lambda: dict(ORDINARY_TARGETS))
    max_wait: Mapping[str, float] = field(default_factory=lambda: dict(ORDINARY_MAX_WAITS))
    importance: float = 1.0
    head_start: float = 1.5
    relax: tuple[RelaxStep, ...] = ()
    hold: Mapping[str, float] = field(default_factory=dict)

    def target(self, channel: str) -> float:
        return max(1.0, self.targets.get(channel, ORDINARY_TARGETS.get(channel, 3_600.0)))

    def longest_wait(self, channel: str) -> float:
        return max(1.0, self.max_wait.get(channel, ORDINARY_MAX_WAITS.get(channel, 86_400.0)))

    def longest_hold(self, channel: str) -> float:
        return min(self.hold.get(channel, 0.0), self.longest_wait(channel), MOST_HOLD) if self.hold else 0.0


@dataclass(frozen=True, slots=True)
class Weights:
    """How much each consideration counts when an interaction chooses among agents (`eta`: when an agent is scarce).

    `parking` is against interrupting what an agent is at, `occupancy` against agents above the policy's cap, `pace` for
    who is fast in the queue.
    """

    match: float = 1.0
    affinity: float = 0.5
    fairness: float = 0.15
    load: float = 0.35
    scarcity: float = 0.25
    voice_guard: float = 0.3
    eta: float = 0.3
    parking: float = 0.1
    occupancy: float = 0.5
    pace: float = 0.0


@dataclass(frozen=True, slots=True)
class Policy:
    """A version of the rules.

    `strategy` orders the agents and `line` the interactions: see strategies.py for both. No agent is given more than
    `offers_at_once` in one decision, nor anything while their desk rings; 0 sets no such limit. For a channel in
    `interrupts` work of the channels named there may be parked. Agents busy for more than `occupancy_cap` of their time
    are spared where others can serve; 1 spares nobody. `costs` are units by channel, `queue_costs` those of single
    queues.
    """

    version: int
    queues: Mapping[str, QueuePolicy] = field(default_factory=dict)
    default_queue: QueuePolicy = field(default_factory=QueuePolicy)
    weights: Weights = field(default_factory=Weights)
    costs: Mapping[str, int] = field(default_factory=lambda: dict(ORDINARY_COSTS))
    strategy: str = "value"
    line: str = "urgency"
    offers_at_once: int = 0
    batch_limit: int = 256
    batch_ratio: float = 4.0
    affinity_days: float = 30.0
    idle_full: float = 300.0
    interrupts: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: dict(ORDINARY_INTERRUPTS))
    occupancy_cap: float = 1.0
    queue_costs: Mapping[str, Mapping[str, int]] = field(default_factory=dict)

    def cost(self, queue: str, channel: str) -> int:
        """Units of a budget that an interaction of this queue takes (see units_of for agents' own costs)."""
        usual = self.costs.get(channel, ORDINARY_COSTS.get(channel, 100))
        return self.queue_costs.get(queue, {}).get(channel, usual)

    def queue(self, slug: str) -> QueuePolicy:
        return self.queues.get(slug, self.default_queue)

    def to_json(self) -> dict:
        return _to_json(self)

    @classmethod
    def from_json(cls, written: Mapping) -> Policy:
        queues = {slug: _queue_from_json(queue) for slug, queue in written.get("queues", {}).items()}
        default_queue = _queue_from_json(written.get("default_queue", {}))
        read: dict[str, Any] = {
            "queues": queues,
            "default_queue": default_queue,
            "weights": Weights(**written.get("weights", {})),
        }
        if "interrupts" in written:
            read["interrupts"] = {channel: tuple(parked) for channel, parked in written["interrupts"].items()}
        return cls(**{**written, **read})


@dataclass(frozen=True, slots=True)
class State:
    """Everybody who waits and everybody who serves in one routing domain.

    `pressure` is demand over supply (erlangs over erlangs) by skill or channel, where it is measured; what is missing
    is estimated from who waits and who is free. `service` is the service level (0 to 1) and `expected_wait` the seconds
    by queue slug, for queues that lend agents; a queue nobody says anything of keeps its promises.
    """

    waiting: Sequence[Waiting]
    agents: Sequence[Agent]
    pressure: Mapping[str, float] = field(default_factory=dict)
    service: Mapping[str, float] = field(default_factory=dict)
    expected_wait: Mapping[str, float] = field(default_factory=dict)

    def to_json(self) -> dict:
        return _to_json(self)

    @classmethod
    def from_json(cls, written: Mapping) -> State:
        waiting = tuple(_waiting_from_json(one) for one in written["waiting"])
        agents = tuple(_agent_from_json(one) for one in written["agents"])
        return cls(**{**written, "waiting": waiting, "agents": agents})


@dataclass(frozen=True, slots=True)
class Candidate:
    """An agent who could have been asked. `terms` are the weighted parts of the score, in thousandths."""

    agent: int
    terms: Mapping[str, int]

    @property
    def score(self) -> int:
        return sum(self.terms.values())


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why this agent: everything a reader needs to check one decision.

    `waited` and `target` are seconds; `tier` is 1 past the longest wait; `step` counts relaxation steps in force,
    `skipped` those taken early because nobody signed in could have served. `excluded` counts agents by their first
    failing reason ("offline", "away", "channel", "skill:<slug>", "cooldown", "reserved", "ringing", "full", "held").
    `margin` is the winner's score less the best other's, in thousandths: below zero only in a batch, where the best
    pairs together are not the best one by one. `without` maps a term to who would have won without it, where that is
    someone else. `levels` are the winner's levels in the skills asked for.

    `due` is in how many seconds the ticket's own promise falls, where that is earlier than the queue's. `parks` counts
    the work of the winner's to be parked, by channel. `kept`: it was being kept for the winner, who knows the customer.
    `lent` is the queue that lent the winner.
    """

    policy: int
    interaction: int
    agent: int
    waited: float
    target: float
    urgency: float
    tier: int
    step: int
    skipped: int
    phase: str
    excluded: Mapping[str, int]
    considered: int
    candidates: tuple[Candidate, ...]
    margin: int | None
    without: Mapping[str, int]
    levels: Mapping[str, int]
    due: float | None = None
    parks: Mapping[str, int] = field(default_factory=dict)
    kept: bool = False
    lent: str = ""

    def to_json(self) -> dict:
        """A compact dict.

        Keys: p policy, i interaction, a agent, w waited, T target, u urgency, e tier, s step, k
        skipped, b batch, x excluded, n considered, t names of terms, c [agent, term…] rows, m margin, o winners
        without, l levels, d due, f parks, h kept, g lent; what is nought or empty is left out.
        """
        names = [name for name in _term_names(self.candidates) if any(one.terms.get(name) for one in self.candidates)]
        rows = [[one.agent, *(one.terms.get(name, 0) for name in names)] for one in self.candidates]
        brief = {
            "p": self.policy, "i": self.interaction, "a": self.agent, "w": round(self.waited, 1), "T": self.target,
            "u": round(self.urgency, 3), "e": self.tier, "s": self.step, "k": self.skipped,
            "b": int(self.phase == "batch"),
            "x": dict(self.excluded), "n": self.considered, "t": " ".join(names), "c": rows, "m": self.margin,
            "o": dict(self.without), "l": dict(self.levels),
            "d": self.due, "f": dict(self.parks), "h": int(self.kept), "g": self.lent,
        }  # fmt: skip
        return {key: value for key, value in brief.items() if value or key in _ALWAYS}

    @classmethod
    def from_json(cls, brief: Mapping) -> Explanation:
        names = brief.get("t", "").split()
        tied = 0 if brief.get("n", 0) > 1 else None
        candidates = tuple(Candidate(row[0], dict(zip(names, row[1:], strict=True))) for row in brief.get("c", []))
        return cls(
            policy=brief["p"], interaction=brief["i"], agent=brief["a"], waited=brief["w"], target=brief["T"],
            urgency=brief["u"], tier=brief.get("e", 0), step=brief.get("s", 0), skipped=brief.get("k", 0),
            phase="batch" if brief.get("b") else "greedy", excluded=brief.get("x", {}), considered=brief.get("n", 0),
            candidates=candidates, margin=brief.get("m", tied), without=brief.get("o", {}), levels=brief.get("l", {}),
            due=brief.get("d"), parks=brief.get("f", {}), kept=bool(brief.get("h")), lent=brief.get("g", ""),
        )  # fmt: skip


_ALWAYS = frozenset({"p", "i", "a", "w", "T", "u"})


@dataclass(frozen=True, slots=True)
class Assigned:
    """This interaction is to be offered to this agent, and takes `cost` units of theirs.

    At least `parks` units of the work they are at must be parked first, of the channels that this one interrupts.
    """

    interaction: int
    agent: int
    explanation: Explanation
    cost: int = 0
    parks: int = 0


@dataclass(frozen=True, slots=True)
class Unplaced:
    """This interaction goes on waiting.

    `reasons` counts the agents by first failing reason; at `next_due` a relaxation or the end of a cooldown or hold may
    help. `held_for` is the agent it is kept for.
    """

    interaction: int
    reasons: Mapping[str, int]
    next_due: float | None
    step: int = 0
    held_for: int | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """The engine's answer. `next_due` is the earliest time at which waiting alone could change it."""

    assigned: tuple[Assigned, ...]
    unplaced: Sequence[Unplaced]
    next_due: float | None


def _term_names(candidates: Sequence[Candidate]) -> tuple[str, ...]:
    return tuple(candidates[0].terms) if candidates else ()


def _to_json(fact: Any) -> Any:
    """Plain JSON for a fact, leaving out what is as it is by default."""
    if isinstance(fact, Mapping):
        return {str(key): _to_json(value) for key, value in fact.items()}
    if isinstance(fact, frozenset):
        return sorted(fact)
    if isinstance(fact, Sequence) and not isinstance(fact, str):
        return [_to_json(one) for one in fact]
    if not hasattr(fact, "__dataclass_fields__"):
        return fact
    return {f.name: _to_json(getattr(fact, f.name)) for f in fields(fact) if getattr(fact, f.name) != _default(f)}


def _default(one: Field) -> object:
    if one.default_factory is not MISSING:
        return one.default_factory()
    return one.default


def _waiting_from_json(written: Mapping) -> Waiting:
    cooldown = {int(agent): until for agent, until in written.get("cooldown", {}).items()}
    return Waiting(**{**written, "cooldown": cooldown})


def _agent_from_json(written: Mapping) -> Agent:
    return Agent(**{**written, "channels": frozenset(written.get("channels", ()))})


def _queue_from_json(written: Mapping) -> QueuePolicy:
    return QueuePolicy(**{**written, "relax": tuple(RelaxStep(**step) for step in written.get("relax", ()))})
