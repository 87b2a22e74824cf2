"""From the written rules and the queues' own pages to what the engine and the desk take.

What is said for one queue in the document counts most, then what the queue's own page says, then what the document says
for all, then the ordinary rules.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from routing.engine.facts import LANGUAGE, Policy, QueuePolicy, RelaxStep, Weights, units_of
from routing.rules.company import MEMBER, Company, QueueSetup
from routing.rules.durations import BadDuration, seconds, targets
from routing.rules.expressions import PRIORITIES, BadExpression, read
from routing.rules.guards import BadGuard, read_guard
from routing.rules.ordinary import ordinary

DEFAULT = "default"
HIGH = PRIORITIES.index("high")
# How a relaxation step names groups of skills, and what the engine calls them.
GROUPS = {"topics": "*", "languages": LANGUAGE}


class BadRules(ValueError):
    """The document cannot be followed. Validate it: that says what is wrong with it, and where."""


@dataclass(frozen=True, slots=True)
class Classified:
    """What the rules make of something that came in: `queue` and `priority` None where they leave them as they are.

    A level of 0 in `needs` takes the skill off. `rules` are the names of the rules that held.
    """

    queue: str | None = None
    priority: int | None = None
    is_vip: bool = False
    importance: float = 1.0
    needs: Mapping[str, int] = field(default_factory=dict)
    wants: Mapping[str, int] = field(default_factory=dict)
    rules: tuple[str, ...] = ()

    def priority_in_line(self, priority: int) -> int:
        """The priority with which it waits, given its ticket's."""
        return max(priority, HIGH) if self.is_vip else priority


@dataclass(frozen=True, slots=True)
class Offering:
    """How desks ring: seconds by channel (see Rules.ring for a queue's own), cooldown in seconds, misses by channel."""

    ring: Mapping[str, float]
    decline_cooldown: float
    misses: Mapping[str, int]
    on_timeout: str

    def sends_away(self, channel: str, misses: int) -> bool:
        """Whether an agent who missed so many in a row, the last on `channel`, is sent away."""
        return self.on_timeout == "away" and misses >= self.misses[channel]


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of classification, its condition read."""

    name: str
    holds: Callable[[Mapping[str, Any]], bool]
    sets: Mapping[str, Any]
    stops: bool


@dataclass(frozen=True, slots=True)
class Classifier:
    """The rules of classification; they depend on the document alone. `names` are those their conditions use."""

    rules: tuple[Rule, ...] = ()
    names: frozenset[str] = frozenset()

    def classify(self, facts: Mapping[str, Any], *, may_move: bool = True) -> Classified:
        """From top to bottom; what a rule sets, those below it see, and may set anew.

        Without `may_move` queue and priority stay as they are, also in the eyes of the rules below.
        """
        known, found = dict(facts), Classified()
        for rule in self.rules:
            if not rule.holds(known):
                continue
            found = replace(_with(found, rule.sets, may_move=may_move), rules=(*found.rules, rule.name))
            known["queue"] = found.queue or known.get("queue", "")
            known["ticket.priority"] = known.get("ticket.priority") if found.priority is None else found.priority
            if rule.stops:
                break
        return found


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules in force, ready for use. `shares` is the percentage promised, by queue and channel, where one is."""

    engine: Policy
    classifier: Classifier
    offer: Offering
    rings: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    shares: Mapping[str, Mapping[str, float]] = field(default_factory=dict)

    @property
    def costs(self) -> Mapping[str, int]:
        """Units of an agent's budget by channel, where neither the agent nor the queue has their own."""
        return self.engine.costs

    @property
    def interrupts(self) -> Mapping[str, tuple[str, ...]]:
        """By channel, those whose work may be parked for it."""
        return self.engine.interrupts

    def policy(self, version: int) -> Policy:
        """What the engine follows, under the number of the published version."""
        return replace(self.engine, version=version)

    def classify(self, facts: Mapping[str, Any]) -> Classified:
        """What to make of something that came in; `facts` by the names of expressions.NAMES."""
        return self.classifier.classify(facts)

    def cost(self, queue: str, channel: str, own: Mapping[str, int]) -> int:
        """Units that one interaction of this queue takes from an agent with these costs of their `own`."""
        return int(units_of(channel, self.engine.cost(queue, channel), own))

    def ring(self, queue: str, channel: str) -> float:
        """Seconds for which an offer of this queue rings."""
        return self.rings.get(queue, self.offer.ring).get(channel, self.offer.ring[channel])


def compiled(document: Mapping[str, Any], company: Company) -> Rules:
    """The rules of a document for a company; of that only the queues are looked at. Raises BadRules."""
    try:
        return _compiled(document, company)
    except (BadDuration, BadExpression, BadGuard) as error:
        raise BadRules(str(error)) from error
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise BadRules(f"The rules are not shaped as they should be ({error}); validate them.") from error


def classifier_of(document: Mapping[str, Any]) -> Classifier:
    """The rules of classification of a document. Raises BadExpression."""
    rules: list[Rule] = []
    names: set[str] = set()
    for place, written in enumerate(document.get("classify", ()), start=1):
        name = written.get("name") or f"rule {place}"
        condition = read(written["when"]) if "when" in written else None
        names |= condition.names if condition else set()
        rules.append(Rule(name, condition.test if condition else _always, written["set"], bool(written.get("stop"))))
    return Classifier(tuple(rules), frozenset(names))


def share_and_seconds(written: Any) -> tuple[float | None, float]:
    """A target as (percent or None, seconds): "20s" or [80, "20s"]. Raises BadDuration."""
    if isinstance(written, list | tuple):
        return float(written[0]), seconds(written[1])
    return None, seconds(written)


def relax_steps(written: list[Mapping[str, Any]], queue: QueueSetup, company: Company) -> tuple[RelaxStep, ...]:
    """A queue's steps; one that asks a queue which is gone to lend is left out. Raises BadDuration, BadGuard."""
    there = {queue.slug, *company.queues}
    steps = [_step(one, queue, company) for one in written if one.get("add", queue.slug) in there]
    return tuple(sorted(steps, key=lambda step: step.after))


def _compiled(document: Mapping[str, Any], company: Company) -> Rules:
    base = ordinary()
    written = document.get("queues", {})
    return Rules(
        engine=_engine(document, base, company),
        classifier=classifier_of(document),
        offer=_offering({**base["offer"], **document.get("offer", {})}, base["offer"]),
        rings={
            slug: {**_times(written.get(DEFAULT, {}).get("ring", {})), **setup.rings, **_times(own.get("ring", {}))}
            for slug, setup in company.queues.items()
            for own in [written.get(slug, {})]
        },
        shares={slug: _shares(slug, written) for slug in company.queues},
    )


def _engine(document: Mapping[str, Any], base: Mapping[str, Any], company: Company) -> Policy:
    prefer = {**base["prefer"], **document.get("prefer", {})}
    capacity = document.get("capacity", {})
    interrupts = {**base["capacity"]["interrupts"], **capacity.get("interrupts", {})}
    return Policy(
        version=0,
        queues={slug: _queue(setup, document, base, company) for slug, setup in company.queues.items()},
        default_queue=_queue(QueueSetup(""), document, base, company),
        weights=Weights(**{one.name: prefer[one.name] for one in fields(Weights)}),
        costs={**base["capacity"]["cost"], **capacity.get("cost", {})},
        strategy=prefer["agents"],
        line=prefer["line"],
        offers_at_once=1,
        interrupts={channel: tuple(parked) for channel, parked in interrupts.items() if parked},
        occupancy_cap=prefer["occupancy_cap"] / 100,
        affinity_days=float(prefer["affinity_days"]),
        idle_full=seconds(prefer["idle_full"]),
        queue_costs={slug: own["cost"] for slug, own in document.get("queues", {}).items() if "cost" in own},
    )


def _queue(setup: QueueSetup, document: Mapping, base: Mapping, company: Company) -> QueuePolicy:
    written, usual = document.get("queues", {}), base["queues"][DEFAULT]
    own, general = written.get(setup.slug, {}), written.get(DEFAULT, {})
    relax = {**base["relax"], **document.get("relax", {})}
    within = {
        **_within(usual["target"]),
        **_within(general.get("target", {})),
        **setup.targets,
        **_within(own.get("target", {})),
    }
    longest = {**usual["max_wait"], **general.get("max_wait", {}), **own.get("max_wait", {})}
    return QueuePolicy(
        targets=within,
        max_wait=_times(longest, within),
        importance=own.get("importance", setup.importance),
        head_start=own.get("head_start", general.get("head_start", usual["head_start"])),
        relax=relax_steps(relax.get(setup.slug, relax[DEFAULT]), setup, company),
        hold=_times({**general.get("hold", {}), **own.get("hold", {})}, within),
    )


def _within(written: Mapping[str, Any]) -> dict[str, float]:
    return {channel: share_and_seconds(target)[1] for channel, target in written.items()}


def _shares(slug: str, written: Mapping[str, Any]) -> dict[str, float]:
    promised = {**written.get(DEFAULT, {}).get("target", {}), **written.get(slug, {}).get("target", {})}
    shares = {channel: share_and_seconds(target)[0] for channel, target in promised.items()}
    return {channel: share for channel, share in shares.items() if share is not None}


def _times(written: Mapping[str, Any], within: Mapping[str, float] | None = None) -> dict[str, float]:
    return {channel: seconds(time, target=(within or {}).get(channel)) for channel, time in written.items()}


def _step(written: Mapping[str, Any], queue: QueueSetup, company: Company) -> RelaxStep:
    asked = written.get("need", {}).items()
    lower = {GROUPS.get(name, name): -change for name, change in asked if not name.startswith(MEMBER)}
    if "*" in lower:
        lower = {GROUPS["languages"]: 0, **lower}
    step = RelaxStep(
        after=targets(written["after"]),
        lower={**lower, MEMBER: 0} if lower else {},
        drop_preferred=written.get("drop") == "want",
    )
    return _lent(step, written, queue, company) if "add" in written else step


def _lent(step: RelaxStep, written: Mapping[str, Any], queue: QueueSetup, company: Company) -> RelaxStep:
    """Who may see a private queue's tickets is not lent: they must be its members all the same."""
    guard = read_guard(written["if"]) if written.get("if") else None
    lender = company.queues.get(written["add"], queue)
    return replace(
        step,
        add={**lender.asked(), **queue.membership()},
        lender=lender.slug,
        lender_level=guard.level if guard else 0.0,
        lender_wait=guard.wait if guard else None,
    )


def _offering(offer: Mapping[str, Any], usual: Mapping[str, Any]) -> Offering:
    return Offering(
        ring=_times({**usual["ring"], **offer["ring"]}),
        decline_cooldown=seconds(offer["decline_cooldown"]),
        misses={**usual["misses"], **offer["misses"]},
        on_timeout=offer["on_timeout"],
    )


def _always(facts: Mapping[str, Any]) -> bool:
    return True


def _with(found: Classified, sets: Mapping[str, Any], *, may_move: bool) -> Classified:
    return replace(
        found,
        queue=sets.get("queue", found.queue) if may_move else None,
        priority=_priority(sets["priority"]) if "priority" in sets and may_move else found.priority,
        is_vip=sets.get("vip", found.is_vip),
        importance=sets.get("importance", found.importance),
        needs={**found.needs, **sets.get("need", {})},
        wants={**found.wants, **sets.get("want", {})},
    )


def _priority(written: str | int) -> int:
    return PRIORITIES.index(written) if isinstance(written, str) else written
