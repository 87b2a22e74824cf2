"""Raw mail in, a plain description of it out. Pure: no database, no clock, no network; nothing here trusts the mail."""

import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from helpdesk.channels.email.addresses import NOBODY, Mailbox, first_mailbox, mailboxes
from helpdesk.channels.email.automatic import automatic_reason
from helpdesk.channels.email.body import Body, ParsedAttachment, read_body
from helpdesk.channels.email.bounces import Bounce, read_bounce
from helpdesk.channels.email.charsets import clean_line
from helpdesk.channels.email.headers import Headers
from helpdesk.channels.email.html import sanitise, to_text
from helpdesk.channels.email.mime import Part, tree
from helpdesk.channels.email.quoting import split_reply, split_reply_html

__all__ = ["Bounce", "Mailbox", "ParsedAttachment", "ParsedMail", "Unparseable", "parse"]

MAX_RAW = 25 * 1024 * 1024
MAX_IDS = 100
MAX_SUBJECT = 1000
SENDER_FIELDS = ("from", "reply-to", "sender", "return-path", "x-original-from", "resent-from")
RECIPIENT_FIELDS = ("delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "x-delivered-to", "to", "cc")
TRACE = re.compile(
    r"^(?:received|received-spf|return-path|delivered-to|envelope-to|delivery-date|x-.*|authentication-results.*"
    r"|dkim-signature|domainkey-signature|arc-.*|status|bcc|resent-.*|old-.*|content-length|lines)$"
)
MESSAGE_ID = re.compile(r"<([^<>\s]{1,900})>")


class Unparseable(Exception):
    """There is nothing to understand in these bytes; the message says why."""


@dataclass(frozen=True, slots=True)
class ParsedMail:
    """One mail as we understood it. Text is clean (no controls, no lone surrogates), HTML is sanitised."""

    message_id: str
    digest: str
    sender: Mailbox
    reply_to: Mailbox | None
    to: tuple[Mailbox, ...]
    cc: tuple[Mailbox, ...]
    recipients: tuple[str, ...]
    subject: str
    sent_at: datetime | None
    in_reply_to: tuple[str, ...]
    references: tuple[str, ...]
    text: str
    full_text: str
    hidden_text: str
    html: str
    attachments: tuple[ParsedAttachment, ...]
    automatic: str
    bounce: Bounce | None
    content_language: str
    problems: tuple[str, ...]
    headers: Headers  # the mail's own, for loop ids, spam verdicts and the like


def parse(raw: bytes, *, envelope_sender: str | None = None) -> ParsedMail:
    """Understand a raw mail. `envelope_sender` "" is the null sender, None unknown. Raises Unparseable."""
    root = _readable_tree(raw)
    body = read_body(root)
    headers = Headers(root.headers.fields, root.headers.problems, body.charset)
    visible, hidden = _split(body)
    subject = headers.text("subject")[:MAX_SUBJECT]
    sender = _sender(headers)
    bounce = read_bounce(root, body.text, raw, sender=sender.address, subject=subject)
    return ParsedMail(
        message_id=_message_id(headers),
        digest=digest(headers, root.raw),
        sender=sender,
        reply_to=_reply_to(headers),
        to=_all_mailboxes(headers, "to"),
        cc=_all_mailboxes(headers, "cc"),
        recipients=_recipients(headers),
        subject=subject,
        sent_at=_sent_at(headers.text("date")),
        in_reply_to=_ids(headers, "in-reply-to"),
        references=_ids(headers, "references"),
        text=visible,
        full_text=body.text,
        hidden_text=hidden,
        html=sanitise(body.html) if body.html else "",
        attachments=body.attachments,
        automatic=_automatic(headers, root, sender, subject, envelope_sender, bounce),
        bounce=bounce,
        content_language=_language(headers),
        problems=_problems(body, sender, headers),
        headers=headers,
    )


def digest(headers: Headers, body: bytes) -> str:
    """sha256 of what does not change on the way: the same mail delivered twice has the same digest."""
    kept = sorted((name, b" ".join(value.split())) for name, value in headers.fields if not TRACE.match(name))
    normal = hashlib.sha256()
    for name, value in kept:
        normal.update(name.encode() + b":" + value + b"\n")
    normal.update(b"\n" + body.replace(b"\r\n", b"\n").strip(b"\n"))
    return normal.hexdigest()


def _readable_tree(raw: bytes) -> Part:
    if not raw.strip():
        raise Unparseable("The mail is empty.")
    if len(raw) > MAX_RAW:
        raise Unparseable(
            f"The mail is larger than {MAX_RAW // 1024 // 1024} MB; ask the sender to share files by a link."
        )
    if b"\n" not in raw:
        raw = raw.replace(b"\r", b"\n")
    root = tree(raw.removeprefix(b"\xef\xbb\xbf"))
    if not root.headers.fields:
        raise Unparseable("This is no mail: it has not a single header.")
    return root


def _split(body: Body) -> tuple[str, str]:
    """Cut the plain text; where it has no visible quote but the HTML marks one, trust the HTML."""
    visible, hidden = split_reply(body.text)
    if body.html and not hidden.strip():
        shown, folded = split_reply_html(body.html)
        if folded:
            visible, signature = split_reply(to_text(shown))
            hidden = "\n".join(piece for piece in (signature, to_text(folded)) if piece.strip())
    if not visible.strip():
        return body.text, ""
    return visible, hidden


def _sender(headers: Headers) -> Mailbox:
    found = [
        first_mailbox(value, hint=headers.hint) for field in SENDER_FIELDS for value in headers.all_raw(field) if value
    ]
    addressed = next((box for box in found if box.address), None)
    return addressed or (found[0] if found else NOBODY)


def _reply_to(headers: Headers) -> Mailbox | None:
    box = first_mailbox(headers.raw("reply-to"), hint=headers.hint)
    return box if box.address else None


def _all_mailboxes(headers: Headers, field: str) -> tuple[Mailbox, ...]:
    return mailboxes(", ".join(headers.all_raw(field)), hint=headers.hint)


def _recipients(headers: Headers) -> tuple[str, ...]:
    found = (box.address for field in RECIPIENT_FIELDS for box in _all_mailboxes(headers, field))
    return tuple(dict.fromkeys(address for address in found if address))


def _message_id(headers: Headers) -> str:
    value = headers.text("message-id")
    found = MESSAGE_ID.search(value)
    return found[1] if found else re.sub(r"\s", "", value.strip("<> "))[:900]


def _ids(headers: Headers, field: str) -> tuple[str, ...]:
    value = clean_line(" ".join(headers.all_raw(field)))
    found = MESSAGE_ID.findall(value) or [word for word in value.split() if "@" in word and len(word) < 900]
    return tuple(dict.fromkeys(found))[-MAX_IDS:]


def _sent_at(value: str) -> datetime | None:
    try:
        sent = parsedate_to_datetime(value[:200])
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    sent = sent if sent.tzinfo else sent.replace(tzinfo=UTC)
    return sent if 1970 < sent.year < 9998 else None


def _automatic(
    headers: Headers, root: Part, sender: Mailbox, subject: str, envelope_sender: str | None, bounce: Bounce | None
) -> str:
    reason = automatic_reason(
        headers,
        sender=sender.address,
        subject=subject,
        content_type=root.content_type,
        envelope_sender=envelope_sender,
    )
    return reason or ("bounce" if bounce else "")


def _language(headers: Headers) -> str:
    found = re.match(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*", headers.text("content-language"))
    return found[0] if found else ""


def _problems(body: Body, sender: Mailbox, headers: Headers) -> tuple[str, ...]:
    problems = list(body.problems)
    if not sender.address:
        problems.append("The mail names no sender's address.")
    if len(headers.all_raw("from")) > 1:
        problems.append("The mail has more than one From header.")
    return tuple(dict.fromkeys(problems))
