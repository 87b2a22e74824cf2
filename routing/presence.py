"""Who is there: presence with reason codes, and the socket's sign of life."""

from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from customers.events import nudge, record
from routing.interactions import DISPATCH
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
    """Say whether `agent` can be rung. Going offline stops what rings and frees what was kept for them."""
    if presence not in Presence.values:
        raise PresenceRefused(f"“{presence}” is no presence; choose one of {', '.join(Presence.values)}.")
    if presence == Presence.OFFLINE:
        _let_go(agent)
    agent.touch()
    agent.become(presence, reason=reason[:40])
    if presence != Presence.OFFLINE:
        Agent.objects.filter(pk=agent.pk).update(last_seen=Now())
    nudge(DISPATCH, agent.domain_id, coalesce=True)
    record("agent.presence", agent, by=by, presence=presence, reason=reason)


def seen_alive(agent_ids) -> None:
    """These agents' sockets gave a sign of life just now."""
    Agent.objects.filter(pk__in=list(agent_ids)).update(last_seen=Now())


def send_silent_offline() -> int:
    """Send agents offline who gave no sign of life for GRACE_SECONDS; returns how many."""
    limit = timezone.now() - timedelta(seconds=GRACE_SECONDS)
    silent = Agent.objects.exclude(presence=Presence.OFFLINE).filter(Q(last_seen__lt=limit) | Q(last_seen=None))
    agents = list(silent)
    for agent in agents:
        set_presence(agent, Presence.OFFLINE, by="system", reason="connection lost")
    return len(agents)


def _let_go(agent):
    for offer in Offer.objects.open().filter(agent=agent).select_related("interaction", "agent").order_by("id"):
        withdraw_offer(offer, reason=f"{agent} went offline")
    Interaction.objects.waiting().filter(reserved_for=agent).update(reserved_for=None)
