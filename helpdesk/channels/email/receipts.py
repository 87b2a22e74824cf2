"""The automatic receipt: "we have your mail, its number is #1042". At most one a ticket, never to a machine.

A receipt goes to whatever address the mail claims to be from, so it never repeats what the mail says, and nobody
gets many of them: else the desk would send a forger's words, or a flood, to a victim.
"""

from datetime import timedelta
from string import Template

import structlog
from django.core.cache import cache
from django.utils import timezone

from helpdesk import outbox
from helpdesk.channels.email import compose, mailboxes, tokens
from helpdesk.channels.email.parse import ParsedMail
from helpdesk.models import Delivery, EntryPoint
from tickets.models import Channel, Message

log = structlog.get_logger(__name__)

PER_HOUR, PER_DAY = 3, 10  # to one address
PER_MINUTE = 60  # of one mailbox: above, something is wrong, and receipts pause

SUBJECTS = {
    "en": "We have received your message [#$number]",
    "pl": "Otrzymaliśmy Twoją wiadomość [#$number]",
    "de": "Wir haben Ihre Nachricht erhalten [#$number]",
}
TEXTS = {
    "en": (
        "Hello,\n\nthank you for your message. It has reached us as number #$number, and one of us will answer you as "
        "soon as possible. To add something, just reply to this mail.\n\n$name\n\n"
        "This is an automatic confirmation."
    ),
    "pl": (
        "Dzień dobry,\n\ndziękujemy za wiadomość. Dotarła do nas pod numerem #$number i odpowiemy na nią jak "
        "najszybciej. Jeśli chcesz coś dodać, po prostu odpowiedz na tę wiadomość.\n\n$name\n\n"
        "To jest automatyczne potwierdzenie."
    ),
    "de": (
        "Guten Tag,\n\nvielen Dank für Ihre Nachricht. Sie ist bei uns unter der Nummer #$number eingegangen, und wir "
        "antworten Ihnen so bald wie möglich. Um etwas zu ergänzen, antworten Sie einfach auf diese Mail.\n\n$name\n\n"
        "Dies ist eine automatische Bestätigung."
    ),
}


def acknowledge(message: Message, *, mail: ParsedMail, entry_point: EntryPoint) -> Delivery | None:
    """Put the receipt for a new ticket's first message into the outbox; None when there is a reason to send none."""
    ticket, recipient = message.ticket, message.sender
    reason = _reason_not_to(mail, recipient, entry_point)
    if reason:
        log.info("receipt.withheld", ticket=ticket.pk, reason=reason)
        return None
    return outbox.enqueue(
        ticket, purpose=Delivery.Purpose.RECEIPT, channel=Channel.EMAIL, recipient=recipient, envelope_sender=""
    )


def freeze(delivery: Delivery) -> None:
    """Write the bytes and the Message-ID of a receipt, once: later tries send the very same mail.

    Raises NoMailbox when the desk has none to write from, ValueError when the recipient's address is no address.
    """
    if delivery.mime:
        return
    ticket = delivery.ticket
    entry_point = mailboxes.of_ticket(ticket)
    language, facts = _language(ticket, entry_point), {"number": ticket.number, "name": entry_point.name}
    delivery.mail_id = tokens.message_id(ticket.pk, entry_point.address.rpartition("@")[2])
    delivery.mime = compose.automatic(
        ticket.messages.filter(kind=Message.Kind.INBOUND, channel=Channel.EMAIL).order_by("id").first(),
        entry_point,
        mail_id=delivery.mail_id,
        subject=Template(SUBJECTS[language]).substitute(facts),
        text=Template(TEXTS[language]).substitute(facts),
    )
    delivery.save(update_fields=["mail_id", "mime"])


def _reason_not_to(mail, recipient, entry_point):
    if not entry_point.sends_receipt:
        return "the mailbox sends none"
    if mail.automatic:
        return f"written by a machine: {mail.automatic}"
    if _has_had_enough(recipient):
        return "the address has had enough of them"
    if _is_flooded(entry_point):
        return "the mailbox sends too many at once"
    return ""


def _has_had_enough(recipient):
    now = timezone.now()
    had = Delivery.objects.filter(purpose=Delivery.Purpose.RECEIPT, recipient=recipient)
    times = list(had.filter(created_at__gt=now - timedelta(days=1)).values_list("created_at", flat=True)[:PER_DAY])
    return len(times) >= PER_DAY or sum(at > now - timedelta(hours=1) for at in times) >= PER_HOUR


def _is_flooded(entry_point):
    """Counted in Redis: losing the count costs a few receipts too many, counting in rows would cost every mail."""
    key = f"receipts:{entry_point.pk}:{timezone.now():%H%M}"
    sent = (cache.get(key) or 0) + 1
    cache.set(key, sent, timeout=120)
    if sent == PER_MINUTE + 1:
        log.error("receipt.paused", mailbox=entry_point.address, per_minute=PER_MINUTE)
    return sent > PER_MINUTE


def _language(ticket, entry_point):
    spoken = (ticket.language, ticket.customer.language, entry_point.language)
    return next((language[:2] for language in spoken if language and language[:2] in TEXTS), "en")
