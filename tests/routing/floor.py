"""A floor at work, brought there by the product's own verbs."""

from django.db.models.functions import Now

from routing.dispatch import dispatch
from routing.interactions import end, enqueue
from routing.models import Domain, Interaction, Offer
from routing.offers import accept
from tests import factories as make


def waiting(queue=None, *, channel="chat", language="", customer=None) -> Interaction:
    """A customer who waits in line."""
    ticket = make.make_ticket(queue=queue, channel=channel, customer=customer, text="Hello")
    return enqueue(ticket, channel=channel, language=language)


def route() -> list[Offer]:
    """One dispatch of the main domain; returns the offers it made, oldest first."""
    known = set(Offer.objects.values_list("pk", flat=True))
    dispatch(Domain.main().pk)
    return list(Offer.objects.exclude(pk__in=known).select_related("interaction", "agent__user").order_by("id"))


def ringing(agent=None, *, channel="chat", queue=None) -> Offer:
    """An offer that rings on the desk of `agent`, or of a new one."""
    agent = agent or make.make_agent()
    interaction = waiting(queue, channel=channel)
    Interaction.objects.filter(pk=interaction.pk).update(reserved_for=agent)
    return next(offer for offer in route() if (offer.interaction_id, offer.agent) == (interaction.pk, agent))


def talking(agent=None, *, channel="chat", queue=None) -> Interaction:
    """A contact that `agent`, or a new one, has accepted."""
    offer = ringing(agent, channel=channel, queue=queue)
    return accept(offer, by=offer.agent)


def wrapping_up(agent=None, *, channel="chat", queue=None) -> Interaction:
    """A contact that has ended and is being wrapped up."""
    interaction = talking(agent, channel=channel, queue=queue)
    end(interaction, by=interaction.agent.user)
    return interaction


def overdue(offer) -> Offer:
    """The same offer, its time over."""
    Offer.objects.filter(pk=offer.pk).update(expires_at=Now())
    return offer


def now(row):
    """The row as it is now."""
    return type(row).objects.get(pk=row.pk)
