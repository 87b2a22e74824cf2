"""Decisions in words and drawn: the engine writes the sentences, this knows what everybody and everything is called."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

from django.db.models import Case, F, Value, When

from helpdesk.access import queues_for
from routing.engine.explain import Names, reason, sentences
from routing.engine.facts import Explanation
from routing.inputs import InputsForgotten, decide_again
from routing.models import Agent, Decision, Offer, Policy, Skill
from tickets.models import Queue

# What a consideration is called where there is little room, and what it means.
TERMS = {
    "match": ("Match", "how well their skills fit what is asked and wanted"),
    "affinity": ("Knows them", "served this customer last, or owns the ticket"),
    "fairness": ("Idle", "how long they have been without work"),
    "idle": ("Idle", "how long they have been without work"),
    "load": ("Load", "how full their hands are"),
    "spare": ("Room", "how much room they have"),
    "scarcity": ("Rare skills", "kept free for skills that few have"),
    "guard": ("Calls", "kept free for calls"),
    "parking": ("Interrupts", "would have to park what they are at"),
    "occupancy": ("Rest", "has had too little rest lately"),
    "pace": ("Speed", "how fast they are in this queue"),
    "turn": ("Turn", "whose turn it is"),
    "skill": ("Skill", "the level of the skill asked for"),
    "chance": ("Lot", "drawn by lot"),
}
TRIGGERS = {
    "nudge": "something changed: work came in, or an agent had room",
    "due": "its time had come to be asked again",
    "sweep": "of the regular look at all lines",
}
WIDE = 100.0
UNNAMED = "Another queue"


@dataclass(frozen=True, slots=True)
class Bar:
    """A number drawn: `x` and `width` of 100, `sign` "plus", "minus" or "none"."""

    points: float
    x: float
    width: float
    sign: str


@dataclass(frozen=True, slots=True)
class Line:
    """A candidate: a bar for each term, and one for the sum."""

    agent: int
    name: str
    total: Bar
    bars: list[Bar]


@dataclass(frozen=True, slots=True)
class Chart:
    """The best few, term by term, all bars by one scale. `without` names who had won without the term of the column."""

    terms: list[tuple[str, str]] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    without: list[str] = field(default_factory=list)
    zero: float = 0.0


@dataclass(frozen=True, slots=True)
class Told:
    """A decision for readers: its sentences, who was left out for what, and the record with every name spelt out."""

    sentences: list[str]
    left_out: list[str]
    record: dict
    chart: Chart = Chart()


def tell(decision: Decision, *, reader=None) -> Told:
    """Why this agent; empty for a decision without a record. Scores and their terms are in points of 1."""
    if not decision.explanation:
        return Told([], [], {})
    why = Explanation.from_json(decision.explanation)
    names = names_of(_agents_in(why), reader=reader)
    left_out = [reason(key, count, names) for key, count in why.excluded.items()]
    record = {**asdict(why), "candidates": [_candidate(one, names) for one in why.candidates]}
    return Told(sentences(decision.explanation, names), left_out, record, _chart(why, names))


def names_of(agents, *, reader=None) -> Names:
    """What to call skills, queues, and these agents (a queryset); queues a `reader` may not see stay unnamed."""
    queues = Queue.objects.all()
    if reader and not reader.supervises:
        queues = queues.annotate(called=Case(When(pk__in=queues_for(reader), then="name"), default=Value(UNNAMED)))
    else:
        queues = queues.annotate(called=F("name"))
    return Names(
        skills=dict(Skill.objects.values_list("slug", "name")),
        agents={agent.pk: str(agent) for agent in agents.select_related("user")},
        queues=dict(queues.values_list("slug", "called")),
    )


def occasion(decision: Decision) -> str:
    """By which rules it was decided, and what for."""
    because = TRIGGERS.get(decision.trigger, f"of “{decision.trigger}”")
    return f"Decided by {_rules(decision)}, because {because}; run {decision.epoch} of the router."


def outcome(decision: Decision) -> str:
    """What became of the offer, or an empty string."""
    offer = getattr(decision, "offer", None)
    if offer is None or offer.outcome == Offer.Outcome.OPEN:
        return f"It rings for {decision.agent} now." if offer else ""
    took = max(0, round((offer.answered_at - offer.made_at).total_seconds()))
    if offer.outcome == Offer.Outcome.WITHDRAWN:
        return f"It stopped ringing after {took} s: {offer.reason or 'withdrawn'}."
    words = {"accepted": "accepted it", "declined": "declined it", "expired": "did not answer"}[offer.outcome]
    because = f": {offer.reason}" if offer.reason else ""
    return f"{decision.agent} {words} after {took} s{because}."


def tell_again(decision: Decision) -> dict:
    """Decided again from what the router was told then: `is_same`, the `agent` (id or None), and a `sentence`."""
    try:
        again = decide_again(decision)
    except InputsForgotten as refusal:
        return {"is_same": None, "agent": None, "sentence": str(refusal)}
    agent = again and again.agent
    if agent == decision.agent_id:
        sentence = f"Told the same, the router has it ring for {decision.agent} again."
        return {"is_same": True, "agent": agent, "sentence": sentence}
    who = Agent.objects.filter(pk=agent).select_related("user").first() or "nobody"
    return {"is_same": False, "agent": agent, "sentence": f"Told the same, the router has it ring for {who}."}


def _agents_in(why):
    ids = {one.agent for one in why.candidates} | {why.agent, *why.without.values()}
    return Agent.objects.filter(pk__in=ids)


def _candidate(one, names):
    return {
        "agent": one.agent,
        "name": names.agent(one.agent),
        "score": one.score / 1000,
        "terms": {term: points / 1000 for term, points in one.terms.items()},
    }


def _chart(why: Explanation, names: Names) -> Chart:
    keys = [key for key in (why.candidates[0].terms if why.candidates else ()) if _matters(key, why)]
    points = [one.terms.get(key, 0) for one in why.candidates for key in keys]
    low, high = min(0, *points, 0), max(0, *points, 0)
    scale = WIDE / max(1, high - low)
    best = max((one.score for one in why.candidates), default=0)
    lines = [
        Line(
            one.agent,
            names.agent(one.agent),
            _bar(max(0, one.score), 0.0, WIDE / max(1, best), one.score),
            [_bar(one.terms.get(key, 0), -low * scale, scale) for key in keys],
        )
        for one in sorted(why.candidates, key=lambda one: -one.score)
    ]
    return Chart([_head(key) for key in keys], lines, _without(keys, why, names), round(-low * scale, 2))


def _matters(key, why):
    return any(one.terms.get(key) for one in why.candidates)


def _head(key):
    return TERMS.get(key, (key.capitalize(), key))


def _bar(points, zero, scale, shown=None) -> Bar:
    width = abs(points) * scale
    sign = "plus" if points > 0 else "minus" if points < 0 else "none"
    x = zero - width if points < 0 else zero
    return Bar((points if shown is None else shown) / 1000, round(x, 2), round(width, 2), sign)


def _without(keys, why: Explanation, names: Names) -> list[str]:
    """A name for each term; empty where nobody could tell, since the pairs were chosen together."""
    if why.margin is None or why.margin < 0:
        return []
    without: Mapping[str, int] = why.without
    return [names.agent(without.get(key, why.agent)) for key in keys]


def _rules(decision):
    if not decision.policy_version:
        return "the ordinary rules"
    rows = Policy.objects.filter(domain=decision.domain_id, number=decision.policy_version)
    rules = rows.select_related("by").defer("document").first()
    told = f"version {decision.policy_version} of the rules"
    return f"{told} (published {rules.published_at:%-d %b %Y} by {rules.by or 'the desk'})" if rules else told
