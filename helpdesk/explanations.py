"""Decisions in words: the engine writes the sentences, this gives it the names of skills and people."""

from dataclasses import asdict, dataclass

from routing.engine.explain import Names, reason, sentences
from routing.engine.facts import Explanation
from routing.models import Agent, Decision, Skill


@dataclass(frozen=True, slots=True)
class Told:
    """A decision for readers: its sentences, who was left out for what, and the record with every name spelt out."""

    sentences: list[str]
    left_out: list[str]
    record: dict


def tell(decision: Decision) -> Told:
    """Why this agent; empty for a decision without a record. Scores and their terms are in points of 1."""
    if not decision.explanation:
        return Told([], [], {})
    why = Explanation.from_json(decision.explanation)
    names = _names_in(why)
    left_out = [reason(key, count, names) for key, count in why.excluded.items()]
    return Told(sentences(decision.explanation, names), left_out, _record(why, names))


def _names_in(why):
    ids = {one.agent for one in why.candidates} | {why.agent, *why.without.values()}
    agents = Agent.objects.filter(pk__in=ids).select_related("user")
    return Names(
        skills=dict(Skill.objects.values_list("slug", "name")), agents={agent.pk: str(agent) for agent in agents}
    )


def _record(why, names):
    candidates = [
        {
            "agent": one.agent,
            "name": names.agent(one.agent),
            "score": one.score / 1000,
            "terms": {term: points / 1000 for term, points in one.terms.items()},
        }
        for one in why.candidates
    ]
    return {**asdict(why), "candidates": candidates}
