"""The customers' mailbox of the demo: files of what the desk sent, and mails that are written in answer to them."""

import contextlib
import os
import re
import secrets
import smtplib
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from pathlib import Path

from django.conf import settings

from helpdesk.channels.email.parse import ParsedMail, parse

SHOWN = 60
KEPT = 500
NAME = re.compile(r"\d{20}-[0-9a-f]{8}")
HEADERS_SHOWN = (
    "Date", "From", "To", "Cc", "Reply-To", "Subject", "Message-ID", "In-Reply-To", "References", "Auto-Submitted",
)  # fmt: skip


class NotDelivered(Exception):
    """The desk's listener did not take the mail; the message says what it answered."""


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail that the desk sent to a customer."""

    name: str
    arrived_at: datetime
    raw: bytes
    mail: ParsedMail

    @property
    def recipient(self) -> str:
        """Whose mailbox it lies in: the envelope's recipient, written on top as a mail server does."""
        return self.mail.recipients[0] if self.mail.recipients else ""

    @property
    def answer_to(self) -> str:
        """Where an answer goes."""
        return (self.mail.reply_to or self.mail.sender).address

    @property
    def headers(self) -> list[tuple[str, str]]:
        found = [(name, self.mail.headers.text(name.lower())) for name in HEADERS_SHOWN]
        return [(name, value) for name, value in found if value]


def folder() -> Path:
    """Where the letters lie; thrown away with the demo's files."""
    path = Path(settings.MEDIA_ROOT) / "mailbox"
    path.mkdir(parents=True, exist_ok=True)
    return path


def keep(raw: bytes, *, recipients: list[str]) -> str:
    """Put a mail into the mailbox of each recipient; returns the name of the last letter."""
    for recipient in recipients:
        name = f"{time.time_ns():020d}-{secrets.token_hex(4)}"
        draft = folder() / f"{name}.draft"
        draft.write_bytes(f"Delivered-To: {recipient}\r\n".encode() + raw)
        os.replace(draft, folder() / f"{name}.eml")
    for old in _newest_first()[KEPT:]:
        old.unlink(missing_ok=True)
    return name


def letters(limit: int = SHOWN) -> list[Letter]:
    """The newest letters, newest first."""
    return [found for path in _newest_first()[:limit] if (found := letter(path.stem))]


def letter(name: str) -> Letter | None:
    """The letter of that name, or None."""
    if not NAME.fullmatch(name):
        return None
    with contextlib.suppress(FileNotFoundError):
        raw = (folder() / f"{name}.eml").read_bytes()
        return Letter(name, datetime.fromtimestamp(int(name[:20]) / 1e9, UTC), raw, parse(raw))
    return None


def answer(to_letter: Letter, *, text: str) -> None:
    """Write back as the customer, as their mail program would: threaded, with the letter quoted below."""
    mail = to_letter.mail
    quoted = "\n".join(f"> {line}" for line in mail.full_text.strip().splitlines())
    wrote = f"On {to_letter.arrived_at:%a, %d %b %Y at %H:%M}, {mail.sender.name or mail.sender.address} wrote:"
    subject = mail.subject if mail.subject.lower().startswith("re:") else f"Re: {mail.subject}"
    write(
        sender=to_letter.recipient,
        to=to_letter.answer_to,
        subject=subject,
        text=f"{text.strip()}\n\n{wrote}\n{quoted}\n",
        answered=(mail.message_id, *mail.references),
    )


def write(*, sender: str, to: str, subject: str, text: str, answered: tuple[str, ...] = ()) -> None:
    """Send a mail to the desk by SMTP, as anybody could. Raises NotDelivered."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = _line(sender), _line(to), _line(subject)
    message["Date"] = format_datetime(datetime.now(UTC))
    message["Message-ID"] = make_msgid(domain="mailbox.example")
    if answered:
        message["In-Reply-To"] = f"<{answered[0]}>"
        message["References"] = " ".join(f"<{mail_id}>" for mail_id in (*answered[1:], answered[0]))
    message.set_content(text)
    host, _, port = settings.HELPDESK_SMTP_LISTEN.rpartition(":")
    try:
        with smtplib.SMTP(host, int(port), local_hostname="mailbox.example", timeout=10) as server:
            server.send_message(message)
    except smtplib.SMTPRecipientsRefused as refusal:
        answers = [words.decode("utf-8", "replace") for _, words in refusal.recipients.values()]
        raise NotDelivered(f"The desk did not take it: {' '.join(answers)}.") from refusal
    except (OSError, smtplib.SMTPException) as error:
        raise NotDelivered(f"The desk did not take it at {settings.HELPDESK_SMTP_LISTEN}: {error}.") from error


def _newest_first():
    return sorted(folder().glob("*.eml"), reverse=True)


def _line(value):
    return " ".join(value.split())
