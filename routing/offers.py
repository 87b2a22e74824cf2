"""An agent's desk rings: accept, decline, or let it expire. One answer wins; the database decides which."""

from django.db import transaction
from django.db.models.functions import Now

from customers import clock
from customers.events import nudge, record
from routing.interactions import DISPATCH, cooled, lock_with_agents, put_back, where_it_is
from routing.models import Agent, Interaction, Offer
from routing.policies import general_rules
from tickets import lifecycle

Outcome = Offer.Outcome


class OfferGone(Exception):
    """The offer is not open any more; the message says who or what closed it."""


@transaction.atomic
def accept(offer: Offer, *, by: Agent) -> Interaction:
    """Take the interaction; its agent becomes the ticket's assignee. Raises OfferGone when it is too late."""
    interaction = offer.interaction
    lifecycle.assign(interaction.ticket, by.user, by=by.user)
    agent = lock_with_agents(interaction, by)[by.pk]
    _answer(offer, Outcome.ACCEPTED, by=agent)
    interaction.status, interaction.accepted_at = Interaction.Status.ACTIVE, clock.now()
    interaction.save(update_fields=["status", "accepted_at"])
    agent.misses = 0
    agent.save(update_fields=["misses"])
    nudge(DISPATCH, agent.domain_id, coalesce=True)  # the desk is silent: it may ring for the next
    record("offer.accepted", offer, by=by.user)
    return interaction


@transaction.atomic
def decline(offer: Offer, *, by: Agent, reason: str = "") -> None:
    """Send an offer back to its queue; the next best agent is asked, this one not at once again."""
    agent = lock_with_agents(offer.interaction, by)[by.pk]
    _answer(offer, Outcome.DECLINED, by=agent, reason=reason, cooldown_until=cooled(agent))
    _return(offer, agent)
    record("offer.declined", offer, by=by.user, reason=reason)


@transaction.atomic
def expire(offer: Offer) -> bool:
    """Nobody answered in time: back to the queue; too many misses send the agent away. False if answered since."""
    agent = lock_with_agents(offer.interaction, offer.agent)[offer.agent_id]
    overdue = Offer.objects.open().filter(pk=offer.pk, expires_at__lte=Now())
    if not overdue.update(outcome=Outcome.EXPIRED, answered_at=Now(), cooldown_until=cooled(agent)):
        return False
    _return(offer, agent)
    record("offer.expired", offer)
    _count_miss(agent, offer.interaction.channel)
    return True


@transaction.atomic
def withdraw_offer(offer: Offer, *, reason: str) -> bool:
    """Stop ringing and return the interaction to its queue, at nobody's fault. False if answered since."""
    agent = lock_with_agents(offer.interaction, offer.agent)[offer.agent_id]
    still_open = Offer.objects.open().filter(pk=offer.pk)
    if not still_open.update(outcome=Outcome.WITHDRAWN, answered_at=Now(), reason=reason[:80]):
        return False
    _return(offer, agent)
    record("offer.withdrawn", offer, reason=reason)
    return True


def _return(offer, agent):
    """Locked: what the offer rang for waits again; unless, against all rules, it is elsewhere already."""
    offer.agent = agent
    if offer.interaction.status == Interaction.Status.OFFERED and offer.interaction.agent_id == agent.pk:
        put_back(offer.interaction, agent)


def _answer(offer, outcome, *, by, reason="", cooldown_until=None):
    """Compare and swap: only an open offer of this agent, in time by the database's clock, can be answered."""
    still_open = Offer.objects.open().filter(pk=offer.pk, agent=by, expires_at__gt=Now())
    changed = {"outcome": outcome, "answered_at": Now(), "reason": reason[:80], "cooldown_until": cooldown_until}
    if not still_open.update(**changed):
        raise OfferGone(_what_happened(offer.pk, by))
    offer.refresh_from_db(fields=["outcome", "answered_at", "reason"])
    offer.agent = by


def _what_happened(offer_id, by):
    """Who or what closed the offer, and where the interaction is now."""
    related = ("agent__user", "interaction__agent__user", "interaction__queue")
    offer = Offer.objects.select_related(*related).get(pk=offer_id)
    if offer.agent_id != by.pk:
        return f"This offer rings for {offer.agent}, not for you."
    if offer.outcome == Outcome.OPEN or offer.outcome == Outcome.EXPIRED:
        return f"The time to answer was over; {_who_is_next(offer.interaction)}."
    if offer.outcome == Outcome.WITHDRAWN:
        return _why_withdrawn(offer)
    ago = round((clock.now() - offer.answered_at).total_seconds())
    return f"You {offer.outcome} this offer {ago} s ago."


def _who_is_next(interaction):
    taken = interaction.accepted_at and interaction.agent
    return f"{taken} has it now" if taken else "the next best agent is being asked"


def _why_withdrawn(offer):
    interaction = offer.interaction
    if interaction.accepted_at:
        return f"{interaction.agent} took it meanwhile."
    if interaction.status == Interaction.Status.DONE:
        return "The customer left, or it was solved, meanwhile."
    return f"It stopped ringing for you: {offer.reason}. {where_it_is(interaction)}"


def _count_miss(agent, channel):
    agent.misses += 1
    agent.save(update_fields=["misses"])
    sends_away = general_rules(agent.domain.policy_id).offer.sends_away(channel, agent.misses)
    if sends_away and agent.presence == Agent.Presence.AVAILABLE:
        agent.become(Agent.Presence.AWAY, reason="missed")
        record("agent.presence", agent, presence=agent.presence, reason=agent.reason)
