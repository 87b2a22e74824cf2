"""Why this agent: the record of one decision, and the same in words for those who look at it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from routing.engine.facts import MEMBER, Candidate, Explanation, Waiting
from routing.engine.lines import UNNAMED, Line
from routing.engine.roster import Roster
from routing.engine.urgency import Rank

SHOWN = 5
THOUSAND = 1000


@dataclass(frozen=True, slots=True)
class Choice:
    """One interaction among the agents who fit: `terms` (rows) and `total` over `line.pos[here]`, and who won."""

    one: Waiting
    line: Line
    here: np.ndarray
    terms: np.ndarray
    total: np.ndarray
    winner: int
    in_batch: bool


@dataclass(frozen=True, slots=True)
class Names:
    """What to call skills and queues (by slug) and agents (by id); a slug or number serves where a name is missing."""

    skills: Mapping[str, str] = field(default_factory=dict)
    agents: Mapping[int, str] = field(default_factory=dict)
    queues: Mapping[str, str] = field(default_factory=dict)

    def skill(self, slug: str) -> str:
        """A membership, which is told to the engine as a skill, is called by its queue."""
        if slug.startswith(MEMBER):
            return f"membership of {self.queue(slug.removeprefix(MEMBER))}"
        return self.skills.get(slug) or _spelled(slug.rpartition(".")[2])

    def having(self, slug: str, level: int) -> str:
        """ "Polish 3"; a membership has no levels."""
        return self.skill(slug) if slug.startswith(MEMBER) else f"{self.skill(slug)} {level}"

    def queue(self, slug: str) -> str:
        return self.queues.get(slug) or _spelled(slug)

    def agent(self, number: int) -> str:
        return self.agents.get(number) or f"agent {number}"


def _spelled(slug: str) -> str:
    return slug.replace("-", " ").replace("_", " ").capitalize()


def sentences(written: Mapping, names: Names | None = None) -> list[str]:
    """A stored explanation (the dict of `Explanation.to_json`) in plain words, one thought a sentence."""
    why, names = Explanation.from_json(written), names or Names()
    told = [_wait(why), _asked_less(why), _left_out(why, names), _ranking(why, names), _deciding(why, names)]
    told += [_kept(why, names), _lent(why, names), _interrupted(why, names)]
    return [sentence for sentence in told if sentence]


def why_you(written: Mapping, names: Names | None = None) -> str:
    """One short line for the agent whose desk rings: "You have Returns 4, English 5; idle longest"."""
    why, names = Explanation.from_json(written), names or Names()
    skills = ", ".join(names.having(skill, level) for skill, level in why.levels.items())
    meanwhile = f"{_work(why.parks)} of yours {_is_parked(why.parks)} meanwhile" if why.parks else ""
    lent = ("lent by another group" if why.lent == UNNAMED else f"lent by {names.queue(why.lent)}") if why.lent else ""
    parts = [f"You have {skills}" if skills else "", _short_reason(why), lent, meanwhile]
    line = "; ".join(part for part in parts if part)
    return line[:1].upper() + line[1:]


def explained(why: Choice, roster: Roster, rank: Rank, names: tuple[str, ...], version: int) -> Explanation:
    """The record of a choice."""
    ids, need = roster.ids[why.line.pos[why.here]], why.line.need
    place = int(why.line.pos[why.here[why.winner]])
    return Explanation(
        policy=version,
        interaction=why.one.id,
        agent=int(ids[why.winner]),
        waited=rank.waited,
        target=rank.target,
        urgency=rank.urgency,
        tier=int(rank.is_starving),
        step=need.step,
        skipped=need.skipped,
        phase="batch" if why.in_batch else "greedy",
        excluded={**why.line.excluded, **why.line.without_room(roster)},
        considered=len(why.here),
        candidates=_candidates(why, ids, names),
        margin=_margin(why),
        without=_winners_without(why, ids, names),
        levels={skill: level for skill in need.asked if (level := roster.agents[place].skills.get(skill, 0))},
        due=_due(why.one, rank),
        parks=_parks(why, roster, place),
        kept=why.line.keeps_others_waiting(roster),
        lent=need.lender_of(place),
    )


def _parks(why: Choice, roster: Roster, place: int) -> dict[str, int]:
    """How many pieces of the winner's work are parked, by channel; those of a channel are taken to be of one size."""
    agent = roster.agents[place]
    parked = roster.to_park(place, int(why.line.units[why.here[why.winner]]), why.line.channel)
    sizes = {channel: max(1.0, agent.held[channel] / max(1, agent.live.get(channel, 1))) for channel in parked}
    return {channel: math.ceil(units / sizes[channel]) for channel, units in parked.items()}


def _due(one: Waiting, rank: Rank) -> float | None:
    """In how many seconds its ticket is due, where that comes before the queue's own target."""
    if one.due_at is None or one.due_at >= one.waiting_since + rank.target:
        return None
    return round(one.due_at - one.waiting_since - rank.waited, 1)


def _candidates(why: Choice, ids: np.ndarray, names: tuple[str, ...]) -> tuple[Candidate, ...]:
    """The best few by score, the winner always among them."""
    best = np.argsort(-why.total, kind="stable")[:SHOWN].tolist()
    if why.winner not in best:
        best[-1] = why.winner
    terms = np.rint(why.terms.take(best, axis=1) * THOUSAND).astype(np.int64).T.tolist()
    agents = ids.take(best).tolist()
    return tuple(Candidate(agent, dict(zip(names, row, strict=True))) for agent, row in zip(agents, terms, strict=True))


def _margin(why: Choice) -> int | None:
    if len(why.total) < 2:
        return None
    others = why.total.copy()
    others[why.winner] = -np.inf
    return round(float(why.total[why.winner] - others.max()) * THOUSAND)


def _winners_without(why: Choice, ids: np.ndarray, names: tuple[str, ...]) -> dict[str, int]:
    """Who would have won without each term, where that is another; empty if the winner was not the best alone."""
    if int(np.argmax(why.total)) != why.winner:
        return {}
    best = (why.total - why.terms).argmax(axis=1).tolist()
    return {name: int(ids[place]) for name, place in zip(names, best, strict=True) if place != why.winner}


_FIRST_FOR = {
    "match": "best match",
    "affinity": "you know this customer",
    "fairness": "idle longest",
    "idle": "idle longest",
    "load": "most room",
    "spare": "most room",
    "scarcity": "the others are kept for rarer skills",
    "guard": "the others are kept free for calls",
    "parking": "the others would have to park their work",
    "occupancy": "the others have had no rest",
    "pace": "fastest at this",
    "turn": "it is your turn",
    "skill": "highest level",
    "chance": "drawn by lot",
}

_TERMS = {
    "match": "skill match",
    "affinity": "knowing the customer",
    "fairness": "idle time",
    "idle": "idle time",
    "load": "load",
    "spare": "spare capacity",
    "scarcity": "saving rare skills",
    "guard": "keeping agents free for calls",
    "parking": "not interrupting work",
    "occupancy": "sparing who has had no rest",
    "pace": "speed",
    "turn": "turn",
    "skill": "skill level",
    "chance": "the lot",
}

_WORK = {"voice": "call", "chat": "chat", "email": "mail"}

_REASONS = {
    "offline": "offline",
    "away": "not available",
    "channel": "not on this channel",
    "cooldown": "asked a moment ago",
    "reserved": "not the one it is for",
    "ringing": "being asked something else",
    "full": "without room",
    "held": "not the one it is kept for",
}


def reason(key: str, count: int, names: Names) -> str:
    """ "2 lack Polish", "3 not available"."""
    if key.startswith("skill:"):
        return f"{count} {'lacks' if count == 1 else 'lack'} {names.skill(key.partition(':')[2])}"
    return f"{count} {_REASONS.get(key, key)}"


def span(seconds: float) -> str:
    """A duration as people say it: 42 s, 3 min 20 s, 5 h 10 min, 2 days 3 h."""
    whole = round(seconds)
    for size, unit, smaller, name in ((86_400, "days", 3_600, "h"), (3_600, "h", 60, "min"), (60, "min", 1, "s")):
        if whole >= size * (2 if unit == "days" else 1):
            count, rest = whole // size, whole % size // smaller
            return f"{count} {unit} {rest} {name}" if rest else f"{count} {unit}"
    return f"{whole} s"


def _short_reason(why: Explanation) -> str:
    own = next((one for one in why.candidates if one.agent == why.agent), None)
    if own and own.terms.get("affinity", 0) > 0:
        return _FIRST_FOR["affinity"]
    if why.considered == 1:
        return "the only one free who fits"
    if why.margin is not None and why.margin < 0:
        return "best for all who wait together"
    told = [_FIRST_FOR[term] for term in why.without if term in _FIRST_FOR]
    return told[0] if told else _leads_in(own, why)


def _leads_in(own: Candidate | None, why: Explanation) -> str:
    """The term in which the winner is further ahead of the next best than in any other."""
    others = [one for one in why.candidates if one.agent != why.agent]
    if not own or not others:
        return ""
    ahead = {term: points - max(one.terms.get(term, 0) for one in others) for term, points in own.terms.items()}
    best = max(ahead, key=lambda term: ahead[term], default=None)
    return _FIRST_FOR.get(best, "") if best and ahead[best] > 0 else "as good as anyone free"


def _wait(why: Explanation) -> str:
    told = f"It had waited {span(why.waited)}; the target is {span(why.target)} (urgency {why.urgency:.2f})."
    if why.due is not None:
        when = f"due in {span(why.due)}" if why.due >= 0 else f"{span(-why.due)} overdue"
        told = f"{told} Its ticket was {when}, which counts because it is earlier."
    return f"{told} That is past the longest wait allowed, so it went first." if why.tier else told


def _asked_less(why: Explanation) -> str:
    if not why.step:
        return ""
    told = f"{counted(why.step, 'relaxation step')} in force"
    return (
        f"{told}, {why.skipped} of them early because nobody signed in could have served."
        if why.skipped
        else f"{told}."
    )


def _left_out(why: Explanation, names: Names) -> str:
    if not why.excluded:
        return f"{counted(why.considered, 'agent')} could take it, nobody was left out."
    told = ", ".join(reason(key, count, names) for key, count in why.excluded.items())
    return f"{counted(why.considered, 'agent')} could take it; {sum(why.excluded.values())} could not: {told}."


def _ranking(why: Explanation, names: Names) -> str:
    told = ", ".join(f"{names.agent(one.agent)} {one.score / THOUSAND:.2f}" for one in why.candidates)
    return f"Scores: {told}." if told else ""


def _deciding(why: Explanation, names: Names) -> str:
    winner = names.agent(why.agent)
    if why.margin is None:
        return f"{winner} was the only choice."
    if why.margin < 0:
        return f"{winner} was chosen because the pairs are best together: who scored higher serves another better."
    told = [f"without {_TERMS.get(term, term)} it would be {names.agent(other)}" for term, other in why.without.items()]
    lead = f"{winner} leads by {why.margin / THOUSAND:.2f}"
    return f"{lead}; {', '.join(told)}." if told else f"{lead}, and would win without any one of the considerations."


def _kept(why: Explanation, names: Names) -> str:
    return f"It was kept for {names.agent(why.agent)}, who knows the customer." if why.kept else ""


def _lent(why: Explanation, names: Names) -> str:
    if not why.lent:
        return ""
    lender = "another group" if why.lent == UNNAMED else names.queue(why.lent)
    return f"{names.agent(why.agent)} is lent by {lender}."


def _interrupted(why: Explanation, names: Names) -> str:
    if not why.parks:
        return ""
    parked = f"{_work(why.parks)} of {names.agent(why.agent)}'s {_is_parked(why.parks)}"
    return f"To make room {parked} until there is room again."


def _work(parks: Mapping[str, int]) -> str:
    """ "2 mails", "1 mail and 1 chat"."""
    return " and ".join(counted(number, _WORK.get(channel, channel)) for channel, number in parks.items())


def _is_parked(parks: Mapping[str, int]) -> str:
    return "is parked" if sum(parks.values()) == 1 else "are parked"


def counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
