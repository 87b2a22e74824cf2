"""What was said: opening a ticket and adding to its conversation."""

from django.db import transaction

from customers import clock
from customers.events import record
from customers.models import Customer
from tickets.models import Attachment, Message, Queue, Ticket

PREVIEW_CHARS = 160


@transaction.atomic(savepoint=False)
def open_ticket(*, customer: Customer, queue: Queue, channel: str, by, subject: str = "", language: str = "") -> Ticket:
    """Open a ticket for what `customer` wants. `by` is a user or "customer"."""
    ticket = Ticket.objects.create(
        customer=customer, queue=queue, channel=channel, subject=subject[:300], language=language
    )
    record("ticket.opened", ticket, by=by, queue=queue.name, channel=channel)
    return ticket


@transaction.atomic(savepoint=False)
def open_by_message(
    *, customer: Customer, queue: Queue, channel: str, language: str = "", attachments=(), **said
) -> Message:
    """Open a ticket by the first thing `customer` said: `open_ticket` and `add_inbound` in half the statements.

    Nobody else can see the ticket yet, so nothing of it is locked or read again. `said` and the rest are as there; a
    ticket without a subject is called by its first words.
    """
    preview = _preview(said)
    ticket = Ticket.objects.create(
        customer=customer,
        queue=queue,
        channel=channel,
        subject=(said.get("subject") or preview)[:300],
        language=language,
        preview=preview,
        message_count=1,
    )
    message = _say(ticket, customer, attachments, channel=channel, **said)
    record("ticket.opened", ticket, by="customer", queue=queue.name, channel=channel)
    record("message.received", message, by="customer", channel=channel, preview=ticket.preview)
    return message


@transaction.atomic(savepoint=False)
def add_inbound(ticket: Ticket, *, customer: Customer, attachments=(), **said) -> Message:
    """Add what `customer` said; a solved, pending or held ticket opens again, unless a machine or a stranger wrote.

    `said` are fields of Message (channel, text, html, mail_id, …); `attachments` are dicts of Attachment's fields
    without size. Raises IntegrityError when (channel, external_id, digest) is there already: check first.
    """
    ticket.touch()
    message = _say(ticket, customer, attachments, **said)
    was = ticket.status
    quiet = message.is_automatic or message.is_stranger
    _note_last_words(ticket, message, **({} if quiet else _woken(ticket, message)))
    reopened = {"reopened": was} if was != ticket.status else {}
    record("message.received", message, by="customer", channel=message.channel, preview=ticket.preview, **reopened)
    return message


@transaction.atomic
def add_outbound(ticket: Ticket, *, by, attachments=(), **said) -> Message:
    """Add our answer to the conversation. Sending it is the outbox's work."""
    ticket.touch()
    message = Message.objects.create(ticket=ticket, kind=Message.Kind.OUTBOUND, user=by, **said)
    _attach(message, attachments)
    status = Ticket.Status.OPEN if ticket.status == Ticket.Status.NEW else ticket.status
    _note_last_words(ticket, message, is_answered=True, status=status)
    record("message.sent", message, by=by, channel=message.channel)
    return message


@transaction.atomic
def note(ticket: Ticket, *, by, text: str, **said) -> Message:
    """Add an internal note, which no customer ever sees."""
    ticket.touch()
    message = Message.objects.create(
        ticket=ticket, kind=Message.Kind.NOTE, user=by, text=text, channel=ticket.channel, **said
    )
    record("message.noted", message, by=by)
    return message


def preview_of(text: str) -> str:
    """The first words of a text on one line, at most 160 characters."""
    return " ".join(text[:2000].split())[:PREVIEW_CHARS]


def _preview(said):
    return preview_of(said.get("text", "")) or said.get("subject", "")[:PREVIEW_CHARS]


def _say(ticket, customer, attachments, **said):
    message = Message.objects.create(ticket=ticket, kind=Message.Kind.INBOUND, customer=customer, **said)
    _attach(message, attachments)
    return message


def _attach(message, attachments):
    Attachment.objects.bulk_create(
        Attachment(message=message, size=len(attachment["content"]), **attachment) for attachment in attachments
    )


def _woken(ticket, message):
    woken = {"is_answered": False, "channel": message.channel}
    if ticket.status in (Ticket.Status.NEW, Ticket.Status.OPEN):
        return woken
    return {**woken, "status": Ticket.Status.OPEN, "solved_at": None}


def _note_last_words(ticket, message, **changes):
    """On a touched ticket."""
    changes |= {
        "preview": _preview({"text": message.text, "subject": message.subject}),
        "last_message_at": clock.now(),
        "message_count": ticket.message_count + 1,
    }
    for field, value in changes.items():
        setattr(ticket, field, value)
    Ticket.objects.filter(pk=ticket.pk).update(**changes)
