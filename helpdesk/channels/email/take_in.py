"""From stored bytes to a ticket: parse, thread, and go through the door in; or say why not, and keep the bytes."""

from dataclasses import dataclass

import structlog
from django.db import IntegrityError, InterfaceError, OperationalError, transaction
from django.db.models.functions import Now

from customers.events import nudge, record
from helpdesk import language
from helpdesk.channels.email import mailboxes, outsiders
from helpdesk.channels.email.mailboxes import NoMailbox
from helpdesk.channels.email.parse import ParsedMail, Unparseable, parse
from helpdesk.channels.email.receipts import acknowledge
from helpdesk.channels.email.returned import find_delivery, return_delivery
from helpdesk.channels.email.store import LEASE
from helpdesk.channels.email.threads import find_ticket
from helpdesk.intake import Inbound, receive
from helpdesk.models import InboundRaw
from tickets.models import Channel, Message, Ticket

log = structlog.get_logger(__name__)

State = InboundRaw.State
MAX_TRIES = 5
CLAIM = """
    UPDATE helpdesk_inboundraw SET tries = tries + 1, next_try_at = statement_timestamp() + %s
    WHERE id = %s AND state = 'received' AND next_try_at <= statement_timestamp() RETURNING *
"""


class NotInQuarantine(Exception):
    """Only a quarantined mail can be tried again; the message says where this one is."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a stored mail."""

    outcome: str
    reason: str = ""
    ticket: Ticket | None = None
    message: Message | None = None
    mail: ParsedMail | None = None


def take_in(raw_id: int) -> Taken | None:
    """Understand one stored mail and take it in; None when it is settled, or another worker has it.

    A mail that cannot be taken in is quarantined with the reason, and its bytes stay. Raises only when the database
    is away: then the row is as it was, and the sweep finds it.
    """
    raw = _claim(raw_id)
    return take_in_claimed(raw) if raw else None


def take_in_claimed(raw: InboundRaw) -> Taken:
    """The same for a mail that nobody else has in hand: claimed, or stored by the caller to be taken in here."""
    if raw.tries > MAX_TRIES:
        return _quarantine(raw, "It was tried several times, and each time the worker was lost over it.")
    mail = None
    try:
        mail = parse(bytes(raw.raw), envelope_sender=raw.envelope.get("sender"))
        return _take_in_though_raced(raw, mail)
    except (Unparseable, NoMailbox, outsiders.Nameless) as refusal:
        return _quarantine(raw, str(refusal), mail)
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:
        log.exception("mail.not_taken_in", inbound=raw.pk)
        return _quarantine(raw, f"It could not be taken in ({type(error).__name__}: {str(error)[:300]}).", mail)


@transaction.atomic
def try_again(raw: InboundRaw, *, by) -> None:
    """A person wants a quarantined mail taken in anew. Raises NotInQuarantine."""
    quarantined = InboundRaw.objects.filter(pk=raw.pk, state=State.QUARANTINED)
    if not quarantined.update(state=State.RECEIVED, reason="", outcome="", tries=0, next_try_at=Now()):
        raise NotInQuarantine("This mail is not in quarantine any more; look for it among the tickets.")
    record("inbound.retried", raw, by=by)
    nudge("helpdesk.take_in", raw.pk)


def _claim(raw_id):
    """Compare and swap: whoever moves the next try into the future has the mail until then."""
    claimed = InboundRaw.objects.raw(CLAIM, [LEASE, raw_id])
    return next(iter(claimed), None)


def _take_in_though_raced(raw, mail):
    try:
        return _take_in(raw, mail)
    except IntegrityError:  # the same mail, or the same new customer's, was taken in at this moment
        return _take_in(raw, mail)


@transaction.atomic
def _take_in(raw, mail):
    recipients = (*raw.envelope.get("recipients", ()), *mail.recipients)
    ours = mailboxes.among((*recipients, mail.sender.address))
    if reason := outsiders.is_our_own(mail, ours=ours):
        return _settle(raw, Taken("rejected", reason, mail=mail), state=State.IGNORED)
    if mail.bounce and (delivery := find_delivery(mail, recipients=recipients)):
        return_delivery(delivery, mail=mail)
        return _settle(raw, Taken("bounce", mail.bounce.reason, delivery.ticket, mail=mail))
    if mail.bounce and mail.automatic != "bounce":
        reason = "It says that a mail did not arrive, but not one that this desk sent."
        return _settle(raw, Taken("bounce", reason, mail=mail), state=State.IGNORED)
    return _receive(raw, mail, recipients, ours)


def _receive(raw, mail, recipients, ours):
    entry_point = next((ours[one] for one in recipients if one in ours and ours[one].is_active), None)
    entry_point = entry_point or mailboxes.default()
    sender = outsiders.sender_of(mail, envelope_sender=raw.envelope.get("sender"))
    ticket, is_stranger = find_ticket(mail, recipients=recipients, sender=sender)
    inbound = Inbound(
        channel=Channel.EMAIL,
        entry_point=entry_point,
        sender=sender,
        sender_name=mail.sender.name[:200],
        external_id=mail.message_id[:998] or mail.digest,
        digest=mail.digest,
        subject=mail.subject,
        text=mail.text,
        html=mail.html,
        hidden_text=mail.hidden_text,
        mail_id=mail.message_id[:998],
        copied=outsiders.copied(mail, ours=ours),
        ticket=ticket,
        language=language.detect(mail.text, content_language=mail.content_language),
        is_stranger=is_stranger,
        is_automatic=bool(mail.automatic),
        attachments=tuple(_attachment(one) for one in mail.attachments),
    )
    receipt = receive(inbound)
    if receipt.outcome == "created":
        acknowledge(receipt.message, mail=mail, entry_point=entry_point)
    raw.envelope = {**raw.envelope, "entry_point": entry_point.pk}
    return _settle(raw, Taken(*_outcome(receipt.outcome, mail), receipt.ticket, receipt.message, mail))


def _outcome(outcome, mail):
    """The outcome and its reason: a machine's mail is filed like any other, but says what it is."""
    if outcome == "duplicate":
        return outcome, "The same mail has come in before."
    if mail.automatic:
        return ("bounce" if mail.bounce else "auto_reply"), f"Written by a machine ({mail.automatic})."
    return outcome, ""


def _attachment(one):
    return {
        "filename": one.filename[:255],
        "content_type": one.content_type[:127],
        "content": one.content,
        "content_id": one.content_id[:255],
        "is_inline": one.is_inline,
    }


def _settle(raw, taken, *, state=State.TAKEN_IN):
    raw.state, raw.outcome, raw.reason, raw.message = state, taken.outcome, taken.reason, taken.message
    raw.save(update_fields=["state", "outcome", "reason", "message", "envelope"])
    if state == State.IGNORED:
        record("inbound.ignored", raw, reason=taken.reason)
    log.info("mail.taken_in", inbound=raw.pk, outcome=taken.outcome, ticket_id=taken.ticket and taken.ticket.pk)
    return taken


@transaction.atomic
def _quarantine(raw, reason, mail=None):
    raw.state, raw.outcome, raw.reason = State.QUARANTINED, "quarantined", reason.replace("\x00", "")
    raw.save(update_fields=["state", "outcome", "reason"])
    record("inbound.quarantined", raw, reason=raw.reason)
    log.warning("mail.quarantined", inbound=raw.pk, reason=raw.reason)
    return Taken("quarantined", raw.reason, mail=mail)
