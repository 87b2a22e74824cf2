"""WHO HANDLES IT NOW: agents and their skills, interactions, offers, and the decisions between them."""

from routing.models.domains import Domain, Policy, Replay
from routing.models.floor import Agent, AgentSkill, QueueRouting, QueueSkill, Skill
from routing.models.interactions import Disposition, Interaction
from routing.models.offers import Decision, Dispatch, Offer

__all__ = [
    "Agent",
    "AgentSkill",
    "Decision",
    "Dispatch",
    "Disposition",
    "Domain",
    "Interaction",
    "Offer",
    "Policy",
    "QueueRouting",
    "QueueSkill",
    "Replay",
    "Skill",
]
