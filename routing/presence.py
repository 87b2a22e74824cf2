"""Who is there: presence with reason codes, and the socket's sign of life."""

from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now

from customers import clock
from customers.events import nudge, record
from routing.interactions import CONVERSING, DISPATCH, give_back
from routing.models import Agent, Interaction, Offer
from routing.offers import withdraw_offer

Presence = Agent.Presence
REASONS = {
    Presence.BUSY: ["Back office", "Meeting", "Training"],
    Presence.BREAK: ["Short break", "Lunch"],
    Presence.AWAY: ["Technical problem"],
}
# Three beats of the agent's socket.
GRACE_SECONDS = 75


class PresenceRefused(Exception):
    """There is no such presence; the message lists those there are."""


@transaction.atomic
def set_presence(agent: Agent, presence: str, *, by, reason: str = "") -> None:
    """Say whether `agent` can be rung. Going offline stops what rings, frees what was kept for them, and gives their
    chats and calls back to the line: the customer is there and the agent is not. Their mails stay theirs.

    Saying again what is so already changes nothing. Raises PresenceRefused for a word that is none.
    """
    if presence not in Presence.values:
        raise PresenceRefused(f"“{presence}” is no presence; choose one of {', '.join(Presence.values)}.")
    agent.touch()
    if presence != Presence.OFFLINE:
        seen_alive([agent.pk])
    if (agent.presence, agent.reason) == (presence, reason[:40]):
        return
    agent.become(presence, reason=reason[:40])
    if presence == Presence.OFFLINE:
        _let_go(agent, clock.now())
    nudge(DISPATCH, agent.domain_id, coalesce=True)
    record("agent.presence", agent, by=by, presence=presence, reason=reason[:40])


def seen_alive(agent_ids) -> None:
    """These agents gave a sign of life just now, by their socket or by asking what rings."""
    Agent.objects.filter(pk__in=agent_ids).update(last_seen=Now())


def silent_agents():
    """Who is not offline, though no socket of theirs gave a sign of life for GRACE_SECONDS."""
    limit = Now() - timedelta(seconds=GRACE_SECONDS)
    is_silent = Q(last_seen__lt=limit) | Q(last_seen=None)
    return Agent.objects.exclude(presence=Presence.OFFLINE).filter(is_silent).order_by("id")


@transaction.atomic
def send_offline(agent: Agent) -> bool:
    """Send a silent agent offline. False if they gave a sign of life meanwhile."""
    agent.touch()
    is_silent = silent_agents().filter(pk=agent.pk).exists()
    if is_silent:
        _give_back_chats(agent, agent.last_seen or clock.now())
        set_presence(agent, Presence.OFFLINE, by="system", reason="connection lost")
    return is_silent


def _let_go(agent, since):
    for offer in Offer.objects.open().filter(agent=agent).select_related("interaction").order_by("id"):
        offer.agent = agent
        withdraw_offer(offer, reason=f"{agent} went offline")
    Interaction.objects.waiting().filter(reserved_for=agent).update(reserved_for=None)
    _give_back_chats(agent, since)


def _give_back_chats(agent, since):
    """And calls; who was left alone stands in line as if they had waited on since then."""
    for interaction in agent.interactions.held().filter(channel__in=CONVERSING).order_by("id"):
        give_back(interaction, since=since, reason=f"{agent} went offline")
