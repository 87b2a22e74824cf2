"""Decisions in words: the engine writes sentences, this gives it the names of skills and people."""

from routing.engine.explain import Names, sentences
from routing.models import Agent, Decision, Skill


def explained(decision: Decision) -> list[str]:
    """Why this agent, in sentences; empty for a decision without a record."""
    if not decision.explanation:
        return []
    return sentences(decision.explanation, names_in(decision.explanation))


def names_in(explanation: dict) -> Names:
    """The names of all skills, and of the agents that a stored explanation mentions."""
    ids = {one["agent"] for one in explanation.get("candidates", [])}
    ids |= {explanation.get("agent"), *explanation.get("without", {}).values()}
    agents = Agent.objects.filter(pk__in=ids - {None}).select_related("user")
    return Names(
        skills=dict(Skill.objects.values_list("slug", "name")), agents={agent.pk: str(agent) for agent in agents}
    )
