"""Is the visitor still there? Their socket's sign of life is a time in PostgreSQL, and a sweep looks at it."""

from datetime import timedelta

from django.db.models import Exists, OuterRef
from django.db.models.functions import Now

from customers import clock
from customers.models import Address
from helpdesk.channels.chat.visitors import Visitor
from helpdesk.models import ChatVisit
from routing.interactions import InteractionRefused, withdraw
from routing.models import Interaction
from tickets.models import Channel, Ticket

SIGN_SECONDS = 20
# Three signs of life, and time for a page that reloads.
GRACE_SECONDS = 75
NOT_YET_ANSWERED = (Interaction.Status.WAITING, Interaction.Status.OFFERED)


def keep_visit(visitor: Visitor, ticket: Ticket) -> None:
    """Note that the visitor is here, on this ticket."""
    address = Address.objects.get(kind=Address.Kind.CHAT, value=visitor.key)
    ChatVisit.objects.update_or_create(
        address=address,
        defaults={"entry_point_id": visitor.entry_point_id, "ticket": ticket, "seen_at": clock.now()},
    )


def give_sign_of_life(address_id: int | None) -> None:
    """The visitor's socket lives."""
    ChatVisit.objects.filter(address=address_id).update(seen_at=Now())


def withdraw_left() -> int:
    """Take out of line who has left: no socket of theirs gave a sign of life for GRACE_SECONDS. Returns how many."""
    visits = ChatVisit.objects.filter(ticket=OuterRef("ticket"))
    there = visits.filter(seen_at__gt=Now() - timedelta(seconds=GRACE_SECONDS))
    waiting = Interaction.objects.filter(channel=Channel.CHAT, status__in=NOT_YET_ANSWERED)
    left = waiting.filter(Exists(visits), ~Exists(there)).select_related("ticket", "queue").order_by("id")
    return sum(_withdraw(interaction) for interaction in left)


def _withdraw(interaction) -> bool:
    try:
        withdraw(interaction, reason="abandoned", by="customer")
    except InteractionRefused:
        return False
    return True
