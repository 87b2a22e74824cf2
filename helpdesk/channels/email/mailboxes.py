"""Our own mailboxes: which one a mail came to, and which one a ticket's answers come from."""

from collections.abc import Iterable

from django.db.models.functions import Lower

from helpdesk.channels.email.tokens import delivery_of_address, mailbox_of_address
from helpdesk.models import EntryPoint, InboundRaw
from tickets.models import Ticket


class NoMailbox(Exception):
    """The desk has no mailbox to write from or to file under; the message says how to make one."""


NO_MAILBOX = "The desk has no active mailbox. Add one under Settings, Entry points, and try again."


def takes_mail_for(address: str) -> bool:
    """Whether mail to `address` is ours: an active mailbox, its signed reply addresses, our bounce addresses."""
    if delivery_of_address(address):
        return True
    return active().filter(address__iexact=mailbox_of_address(address)).exists()


def among(addresses: Iterable[str]) -> dict[str, EntryPoint]:
    """Those of `addresses` that are ours, active or not, each with its mailbox; in one query."""
    wanted = {address: mailbox_of_address(address) for address in addresses if address}
    mailboxes = EntryPoint.objects.filter(kind=EntryPoint.Kind.MAILBOX).alias(lower=Lower("address"))
    ours = mailboxes.filter(lower__in=set(wanted.values())).select_related("queue__routing__domain")
    found = {mailbox.address.lower(): mailbox for mailbox in ours}
    return {address: found[mailbox] for address, mailbox in wanted.items() if mailbox in found}


def default() -> EntryPoint:
    """The mailbox of what names none, such as a piped file: the oldest. Raises NoMailbox."""
    mailbox = active().order_by("id").first()
    if mailbox is None:
        raise NoMailbox(NO_MAILBOX)
    return mailbox


def of_ticket(ticket: Ticket) -> EntryPoint:
    """The mailbox the customer last wrote to, else the one of the ticket's queue, else the oldest. Raises NoMailbox."""
    last = InboundRaw.objects.filter(message__ticket=ticket).order_by("-id").values_list("envelope", flat=True).first()
    mailbox_id = (last or {}).get("entry_point")
    return (
        active().filter(pk=mailbox_id).first()
        or active().filter(queue_id=ticket.queue_id).order_by("id").first()
        or default()
    )


def active():
    """The mailboxes in use, with their queues and how those are routed."""
    return EntryPoint.objects.filter(kind=EntryPoint.Kind.MAILBOX, is_active=True).select_related(
        "queue__routing__domain"
    )
