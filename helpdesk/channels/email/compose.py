"""What a customer finds in their mail program: an agent's reply, frozen to bytes before the first try to send it."""

import html
from email.utils import format_datetime

from django.db import transaction
from django.utils import timezone

from helpdesk.channels.email import mailboxes, tokens
from helpdesk.channels.email.mailboxes import NoMailbox
from helpdesk.channels.email.mime_out import File, as_html, id_chain, mailbox, plain, render, words
from helpdesk.models import Delivery, EntryPoint
from tickets.models import Channel, Message, Ticket

__all__ = ["NoMailbox", "automatic", "freeze", "reply"]

QUOTED_LINES = 30
QUOTED_CHARS = 2000
CHAIN = 60


@transaction.atomic
def freeze(delivery: Delivery) -> None:
    """Write the bytes, the Message-ID and the envelope of a reply, once: later tries send the very same mail.

    Raises NoMailbox when the desk has none to write from, ValueError when the recipient's address is no address.
    """
    if delivery.mime:
        return
    entry_point = mailboxes.of_ticket(delivery.ticket)
    domain = entry_point.address.rpartition("@")[2]
    # Whoever gets a copy gets the same mail: the first delivery to be frozen names it for all.
    delivery.message = Message.objects.select_for_update().get(pk=delivery.message_id)
    delivery.mail_id = delivery.message.mail_id or tokens.message_id(delivery.ticket_id, domain)
    delivery.envelope_sender = tokens.bounce_address(delivery.pk, domain)
    delivery.mime = reply(delivery, entry_point)
    delivery.save(update_fields=["mail_id", "envelope_sender", "mime"])
    Message.objects.filter(pk=delivery.message_id, mail_id="").update(mail_id=delivery.mail_id)


def reply(delivery: Delivery, entry_point: EntryPoint) -> bytes:
    """The bytes of an agent's reply to one recipient."""
    message, asked = delivery.message, last_inbound(delivery.ticket)
    addressee = message.deliveries.order_by("id").values_list("recipient", flat=True)[0]
    headers = [
        *_common_headers(delivery.ticket, entry_point, to=_named(delivery.ticket, addressee), mail_id=delivery.mail_id),
        ("Cc", _copied(message, addressee)),
        ("Subject", words(_reply_subject(delivery.ticket, asked))),
        *thread_headers(delivery.ticket, asked, before=message),
    ]
    text = "\n\n".join(part for part in (message.text.strip(), _signature(entry_point), _quote(asked)) if part)
    return render(headers, text=text, html_text=_html_body(message, entry_point, asked), files=_files(message))


def automatic(answered: Message, entry_point: EntryPoint, *, mail_id: str, subject: str, text: str) -> bytes:
    """The bytes of a mail that no person wrote, such as a receipt; it says so to every machine that reads it."""
    ticket = answered.ticket
    headers = [
        *_common_headers(ticket, entry_point, to=(ticket.customer.name, answered.sender), mail_id=mail_id),
        ("Subject", words(subject)),
        ("In-Reply-To", id_chain([answered.mail_id])),
        ("References", id_chain([answered.mail_id])),
        ("Auto-Submitted", "auto-replied"),
        ("Precedence", "auto_reply"),
        ("X-Auto-Response-Suppress", "All"),
    ]
    return render(headers, text=text, html_text=as_html(text))


def last_inbound(ticket: Ticket) -> Message | None:
    """What the customer last mailed: the message that an answer answers."""
    mails = ticket.messages.filter(kind=Message.Kind.INBOUND, channel=Channel.EMAIL, is_stranger=False)
    return mails.order_by("-created_at", "-id").first()


def thread_headers(ticket: Ticket, asked: Message | None, *, before: Message | None = None) -> list[tuple[str, str]]:
    """In-Reply-To and References, by which the customer's mail program keeps the conversation together."""
    mails = ticket.messages.exclude(mail_id="").exclude(is_stranger=True)
    if before:
        mails = mails.filter(created_at__lte=before.created_at).exclude(pk=before.pk)
    chain = list(mails.order_by("created_at", "id").values_list("mail_id", flat=True)[:CHAIN])
    answered = [asked.mail_id] if asked and asked.mail_id else []
    chain = [mail_id for mail_id in chain if mail_id not in answered] + answered
    return [("In-Reply-To", id_chain(answered)), ("References", id_chain(chain))]


def _common_headers(ticket, entry_point, *, to, mail_id):
    return [
        ("Date", format_datetime(timezone.now())),
        ("From", mailbox(entry_point.name, entry_point.address)),
        ("To", mailbox(*to)),
        ("Reply-To", mailbox(entry_point.name, tokens.reply_address(entry_point.address, ticket.pk))),
        ("Message-ID", f"<{mail_id}>"),
        ("X-Loop", tokens.loop_mark()),
    ]


def _named(ticket, recipient):
    is_customers = ticket.customer.addresses.filter(kind="email", value=recipient.lower()).exists()
    return (ticket.customer.name if is_customers else "", recipient)


def _copied(message, recipient):
    others = [address for address in message.copied if address.lower() != recipient.lower()]
    return ",\r\n ".join(mailbox("", address) for address in others)


def _reply_subject(ticket, asked):
    subject = plain((asked and asked.subject) or ticket.subject) or "Your message"
    subject = subject if subject.lower().startswith("re:") else f"Re: {subject}"
    number = f"[#{ticket.number}]"
    return subject if number in subject else f"{subject} {number}"


def _signature(entry_point):
    signature = entry_point.signature.strip()
    return f"-- \n{signature}" if signature else ""


def _quote(asked):
    if asked is None or not asked.text.strip():
        return ""
    lines = asked.text[:QUOTED_CHARS].strip().splitlines()[:QUOTED_LINES]
    return "\n".join([_wrote(asked), *(f"> {line}" for line in lines)])


def _wrote(asked):
    who = plain(asked.customer.name if asked.customer and asked.customer.name else asked.sender)
    return f"On {asked.created_at:%a, %d %b %Y at %H:%M} UTC, {who} wrote:"


def _html_body(message, entry_point, asked):
    parts = [message.html or as_html(message.text)]
    if entry_point.signature.strip():
        parts.append(f"<p>-- <br>\n{html.escape(entry_point.signature.strip()).replace(chr(10), '<br>' + chr(10))}</p>")
    if _quote(asked):
        quoted = "\n".join(asked.text[:QUOTED_CHARS].strip().splitlines()[:QUOTED_LINES])
        parts.append(f'<p>{html.escape(_wrote(asked))}</p>\n<blockquote type="cite">{as_html(quoted)}</blockquote>')
    return "<!doctype html>\n<html><body>\n" + "\n".join(parts) + "\n</body></html>\n"


def _files(message):
    return [File(one.filename, one.content_type, bytes(one.content)) for one in message.attachments.all()]
