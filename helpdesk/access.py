"""What a member of staff may see. Every list and every object of every edge starts here.

Somebody without a role sees nothing. Agents see everything but the tickets of private queues they are no member of,
and what hangs on those. Supervisors and administrators see all.
"""

from django.db.models import Exists, OuterRef, Q, QuerySet

from customers.models import Customer, Event
from helpdesk.models import Delivery, InboundRaw
from routing.models import Agent, Decision, Interaction, Offer, Replay
from tickets.models import Attachment, Message, Queue, Ticket


def queues_for(user) -> QuerySet[Queue]:
    """The queues whose tickets this user may see."""
    if not _has_a_role(user):
        return Queue.objects.none()
    if user.supervises:
        return Queue.objects.all()
    return Queue.objects.filter(Q(is_private=False) | Q(pk__in=user.private_queues.values("pk")))


def tickets_for(user) -> QuerySet[Ticket]:
    return _within_queues(user, Ticket.objects.all(), "queue")


def messages_for(user) -> QuerySet[Message]:
    return _within_queues(user, Message.objects.all(), "ticket__queue")


def attachments_for(user) -> QuerySet[Attachment]:
    return _within_queues(user, Attachment.objects.all(), "message__ticket__queue")


def interactions_for(user) -> QuerySet[Interaction]:
    return _within_queues(user, Interaction.objects.all(), "ticket__queue")


def decisions_for(user) -> QuerySet[Decision]:
    return _within_queues(user, Decision.objects.all(), "interaction__ticket__queue")


def deliveries_for(user) -> QuerySet[Delivery]:
    return _within_queues(user, Delivery.objects.all(), "ticket__queue")


def offers_for(user) -> QuerySet[Offer]:
    """The offers that ring, or rang, for this user; an offer in a private queue is seen by whom it rings for."""
    return Offer.objects.filter(agent__user=user) if _has_a_role(user) else Offer.objects.none()


def replays_for(user) -> QuerySet[Replay]:
    """They look at everybody's work: for supervisors only."""
    return Replay.objects.all() if _has_a_role(user) and user.supervises else Replay.objects.none()


def customers_for(user) -> QuerySet[Customer]:
    """Everybody who was not merged into somebody else."""
    return Customer.objects.filter(merged_into=None) if _has_a_role(user) else Customer.objects.none()


def agents_for(user) -> QuerySet[Agent]:
    return Agent.objects.filter(user__is_active=True) if _has_a_role(user) else Agent.objects.none()


def events_for(user) -> QuerySet[Event]:
    """What happened, less what happened on tickets this user may not see."""
    if not _has_a_role(user):
        return Event.objects.none()
    if user.supervises:
        return Event.objects.all()
    hidden = Ticket.objects.filter(pk=OuterRef("ticket_id")).exclude(queue__in=queues_for(user))
    return Event.objects.filter(~Exists(hidden))


def inbound_for(user) -> QuerySet[InboundRaw]:
    """Raw mail may be anybody's: administrators only."""
    return InboundRaw.objects.all() if _has_a_role(user) and user.administers else InboundRaw.objects.none()


def may_follow(user, topic: str) -> bool:
    """Whether this user's socket may be told that `topic` ("ticket:7", "queue:2", "agent:3", "lists") changed."""
    if not _has_a_role(user):
        return False
    kind, _, key = topic.partition(":")
    if kind == "lists":
        return True
    if kind == "floor":
        return user.supervises
    if not key.isdecimal() or len(key) > 18:
        return False
    rows = {"ticket": tickets_for, "queue": queues_for, "customer": customers_for, "interaction": interactions_for}
    if kind == "agent":
        agents = agents_for(user) if user.supervises else agents_for(user).filter(user=user)
        return agents.filter(pk=key).exists()
    return kind in rows and rows[kind](user).filter(pk=key).exists()


def _has_a_role(user):
    return bool(user.is_authenticated and user.is_active and user.role)


def _within_queues(user, rows, path):
    if not _has_a_role(user):
        return rows.none()
    return rows if user.supervises else rows.filter(**{f"{path}__in": queues_for(user)})
