"""THE DOOR OUT. Whatever we say to a customer, on any channel, goes through `reply`."""

from dataclasses import dataclass

from django.db import IntegrityError, transaction

from customers.identify import current, same_person
from customers.models import Address
from helpdesk import outbox
from tickets.messages import add_outbound, note
from tickets.models import Channel, Message, Ticket

# A ticket's channel, and by which kind of address it is answered.
ANSWERED_BY = {Channel.EMAIL: Address.Kind.EMAIL, Channel.CHAT: Address.Kind.CHAT, Channel.VOICE: Address.Kind.EMAIL}


class NoWayOut(Exception):
    """The customer cannot be reached on that channel; the message says what is missing."""


@dataclass(frozen=True, slots=True)
class Way:
    """A channel and address by which the customer can be answered."""

    channel: str
    address: str


def reply(
    ticket: Ticket, *, by, text: str, channel: str = "", html: str = "", copied=(), key: str = "", attachments=()
):
    """Answer the customer: one message on the ticket, one delivery per recipient, sent after commit.

    `channel` is the ticket's own when empty. The same `key` from the same user again returns the first message. Raises
    NoWayOut when the customer has no address there, or nothing was written.
    """
    if said := _said_already(by, key):
        return said
    if not text.strip() and not attachments:
        raise NoWayOut("The message is empty; write something first.")
    way = way_out(ticket, channel)
    try:
        return _send(ticket, way, by=by, text=text, html=html, copied=copied, key=key, attachments=attachments)
    except IntegrityError:
        if said := _said_already(by, key):
            return said
        raise


def add_note(ticket: Ticket, *, by, text: str, key: str = "") -> Message:
    """Leave an internal note; the same `key` from the same user again returns the first one."""
    if said := _said_already(by, key):
        return said
    if not text.strip():
        raise NoWayOut("The note is empty; write something first.")
    try:
        return note(ticket, by=by, text=text, external_id=_external_id(by, key))
    except IntegrityError:
        if said := _said_already(by, key):
            return said
        raise


def ways_out(ticket: Ticket) -> list[Way]:
    """How this customer can be answered: the ticket's own channel first, and there the address they last wrote from."""
    person = current(ticket.customer)
    addresses = list(Address.objects.filter(customer__in=same_person(person).values("pk")))
    last = ticket.messages.filter(kind=Message.Kind.INBOUND, is_stranger=False).order_by("-created_at", "-id")
    recent = list(dict.fromkeys(last.values_list("sender", flat=True)[:20]))
    rank = {value: position for position, value in enumerate(recent)}
    addresses.sort(key=lambda address: rank.get(address.value, len(rank)))
    channels = sorted((Channel.EMAIL, Channel.CHAT), key=lambda channel: channel != ticket.channel)
    return [Way(channel, a.value) for channel in channels for a in addresses if a.kind == ANSWERED_BY[channel]]


def way_out(ticket: Ticket, channel: str = "") -> Way:
    """The best way on `channel`, or on the ticket's own. Raises NoWayOut."""
    ways = ways_out(ticket)
    chosen = [way for way in ways if way.channel == channel] if channel else ways
    if chosen:
        return chosen[0]
    wanted = Channel(channel).label.lower() if channel in Channel.values else "any"
    raise NoWayOut(f"{ticket.customer} has no {wanted} address we can write to; add one, or choose another channel.")


@transaction.atomic
def _send(ticket, way, *, by, text, html, copied, key, attachments):
    message = add_outbound(
        ticket,
        by=by,
        channel=way.channel,
        sender=way.address,
        text=text,
        html=html,
        copied=list(copied),
        external_id=_external_id(by, key),
        attachments=attachments,
    )
    others = copied if way.channel == Channel.EMAIL else ()
    for recipient in dict.fromkeys([way.address, *others]):
        outbox.enqueue(ticket, channel=way.channel, recipient=recipient, message=message)
    return message


def _external_id(by, key):
    return f"op:{by.pk}:{key}"[:1000] if key else ""


def _said_already(by, key):
    return Message.objects.filter(external_id=_external_id(by, key)).first() if key else None
