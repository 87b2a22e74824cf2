"""THE DOOR IN. Whatever a customer says, on any channel, comes through `receive`."""

from dataclasses import dataclass, field, fields, replace
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone

from customers.events import together
from customers.identify import identify
from customers.models import Address, Customer
from helpdesk.models import EntryPoint
from routing.interactions import enqueue
from routing.models import Interaction
from tickets.messages import add_inbound, open_by_message
from tickets.models import Message, Ticket

ADDRESS_KIND = {"email": Address.Kind.EMAIL, "chat": Address.Kind.CHAT, "voice": Address.Kind.PHONE}
# A visitor who comes back within this time goes on with the ticket they had.
SAME_VISIT = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Inbound:
    """One thing a customer said, as a channel understood it.

    `sender` is their address on that channel. `external_id` (with `digest`) makes it idempotent: the same pair arrives
    once. `ticket` is set when the channel knows what it is about (a mail's thread); a stranger's or a machine's message
    is kept, but wakes nobody. `attachments` are dicts of Attachment's fields without size.
    """

    channel: str
    entry_point: EntryPoint
    sender: str
    sender_name: str = ""
    external_id: str = ""
    digest: str = ""
    subject: str = ""
    text: str = ""
    html: str = ""
    hidden_text: str = ""
    mail_id: str = ""
    copied: tuple[str, ...] = ()
    ticket: Ticket | None = None
    language: str = ""
    is_stranger: bool = False
    is_automatic: bool = False
    attachments: tuple[dict, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of an inbound: "created", "appended" or "duplicate", and where it is now."""

    outcome: str
    ticket: Ticket
    message: Message
    interaction: Interaction | None = None


# What a row can hold; a channel may send anything.
MOST_CHARS = {"sender": 320, "sender_name": 200, "subject": 300, "language": 8, "mail_id": 998, "external_id": 1000}

KEPT = (
    "channel", "sender", "text", "html", "hidden_text", "subject", "mail_id", "external_id", "digest",
    "is_automatic", "is_stranger", "attachments",
)  # fmt: skip


def receive(inbound: Inbound) -> Receipt:
    """Take in what a customer said: customer, ticket, message and interaction in one transaction, or nothing at all.

    The same external id and digest again gives the first receipt's message back as a duplicate, also when both arrive
    at the same moment: the unique constraint decides. Raises customers.identify.Nameless for an empty sender, and
    within a transaction IntegrityError when it lost such a race: roll back and call again.
    """
    inbound = _storable(inbound)
    if known := _known(inbound):
        return known
    try:
        return _receive(inbound)
    except IntegrityError:
        if transaction.get_connection().in_atomic_block:
            raise
        if known := _known(inbound):
            return known
        raise


def _storable(inbound):
    """The inbound without what PostgreSQL refuses in a text: NUL, lone surrogates, more than there is room for."""
    texts = {one.name: getattr(inbound, one.name) for one in fields(inbound) if one.type is str}
    storable = {name: _plain(value)[: MOST_CHARS.get(name)] for name, value in texts.items()}
    copied = tuple(_plain(address)[:320] for address in inbound.copied)
    attachments = tuple({name: _plain_if_text(value) for name, value in one.items()} for one in inbound.attachments)
    return replace(inbound, copied=copied, attachments=attachments, **storable)


def _plain_if_text(value):
    return _plain(value) if isinstance(value, str) else value


def _plain(text):
    return text.replace("\0", "").encode("utf-8", "replace").decode()


@transaction.atomic(savepoint=False)
@together()
def _receive(inbound):
    address = identify(
        kind=ADDRESS_KIND[inbound.channel],
        value=inbound.sender,
        name=inbound.sender_name,
        language="" if inbound.is_automatic else inbound.language,
    )
    customer = address.customer
    ticket = inbound.ticket or _recent(inbound, customer)
    message = _add(inbound, ticket, customer) if ticket else _open(inbound, customer)
    wakes = not (inbound.is_automatic or inbound.is_stranger)
    line = {"channel": inbound.channel, "language": inbound.language, "is_first": ticket is None}
    interaction = enqueue(message.ticket, **line) if wakes else None
    return Receipt("appended" if ticket else "created", message.ticket, message, interaction)


def _known(inbound):
    if not inbound.external_id:
        return None
    same = Message.objects.filter(channel=inbound.channel, external_id=inbound.external_id, digest=inbound.digest)
    # Said as a literal, or a prepared statement cannot use the partial index and is planned each time.
    if not same.extra(where=["external_id <> ''"]).exists():
        return None
    message = same.select_related("ticket").get()
    return Receipt("duplicate", message.ticket, message)


def _recent(inbound, customer):
    """A chat goes on where it was: on the visitor's ticket of the same visit. Two messages at once wait in turn."""
    if inbound.channel != "chat":
        return None
    Customer.objects.select_for_update(no_key=True).filter(pk=customer.pk).values_list("pk").get()
    since = timezone.now() - SAME_VISIT
    chats = Ticket.objects.filter(customer=customer, messages__channel="chat", last_message_at__gt=since)
    return chats.order_by("-last_message_at").first()


def _open(inbound, customer):
    return open_by_message(
        customer=customer,
        queue=inbound.entry_point.queue,
        language=inbound.language or customer.language,
        **_said(inbound),
    )


def _add(inbound, ticket, customer):
    return add_inbound(ticket, customer=customer, **_said(inbound))


def _said(inbound):
    """What the message keeps of it."""
    kept = {name: getattr(inbound, name) for name in KEPT}
    return {**kept, "copied": list(inbound.copied)}
