"""Take mail in from files or a mail server's pipe: `manage.py receive_email [FILE…|-]`."""

import json
import re
import sys
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.db import Error as DatabaseDown

from customers.identify import current
from helpdesk.channels.email.outsiders import Nameless, sender_of
from helpdesk.channels.email.store import MailTooLarge, store
from helpdesk.channels.email.take_in import Taken, take_in_claimed

EX_UNAVAILABLE = 69  # a mail server sends the mail back
EX_NOINPUT = 66
EX_TEMPFAIL = 75  # a mail server keeps the mail and tries again later

# Only a whole "From " line after an empty one begins a mail; bodies begin lines with "From " too.
MBOX_LINE = re.compile(rb"(?:\A|(?<=\n\n)|(?<=\n\r\n))From [^\r\n]*\d\d?:\d\d(?::\d\d)?[^\r\n]*\b\d{4}\b[^\r\n]*\r?\n")
ESCAPED_FROM = re.compile(rb"(?m)^>(>*From )")


class Command(BaseCommand):
    help = (
        "Take mail in from RFC 5322 files, mbox files or standard input (-, the default). "
        f"Exits with {EX_TEMPFAIL} when a mail could not be stored, so that a mail server keeps it and tries again."
    )

    def add_arguments(self, parser):
        parser.add_argument("files", nargs="*", default=["-"], metavar="FILE", help="a file, or - for standard input")
        parser.add_argument("--json", action="store_true", dest="as_json", help="print one line of JSON a message")
        parser.add_argument("--sender", help="the envelope sender, where the mail server tells it; empty for bounces")
        parser.add_argument("--recipient", action="append", default=[], help="an envelope recipient; may be repeated")

    def handle(self, *args, files, as_json, sender, recipient, **options):
        self.say = _say_json if as_json else _say_words
        envelope = {"sender": sender, "recipients": recipient}
        worst = 0
        for file in files or ["-"]:
            for raw in messages_in(_read(file)):
                worst = max(worst, self._take_in(file, raw, envelope))
        if worst:
            sys.exit(worst)

    def _take_in(self, file, raw, envelope):
        """Store one mail and take it in here and now; returns the exit code that it deserves."""
        source = "pipe" if file == "-" else "file"
        try:
            kept = store(raw, envelope={**envelope, "filename": Path(file).name}, source=source, is_taken_in_here=True)
        except MailTooLarge as refusal:
            self._print(file, Taken("rejected", str(refusal)))
            return EX_UNAVAILABLE
        except Exception as error:  # whatever it was: the mail server must keep the mail
            self.stderr.write(f"{file}: The mail could not be stored, keep it and try again: {error}")
            return EX_TEMPFAIL
        try:
            taken = take_in_claimed(kept)
        except DatabaseDown as error:
            self.stderr.write(f"{file}: Stored as {kept.pk}; it is taken in when the database is back: {error}")
            return 0
        self._print(file, taken)
        return 0

    def _print(self, file, taken):
        self.stdout.write(self.say(file, taken))


def messages_in(raw: bytes) -> list[bytes]:
    """The mails in a file's bytes: one, or those of an mbox."""
    starts = [found.span() for found in MBOX_LINE.finditer(raw)] if raw.startswith(b"From ") else []
    if not starts:
        return [raw]
    ends = [start for start, _ in starts[1:]] + [len(raw)]
    bodies = [raw[begin:end] for (_, begin), end in zip(starts, ends, strict=True)]
    return [ESCAPED_FROM.sub(rb"\1", body) for body in bodies]


def _read(file):
    if file == "-":
        return sys.stdin.buffer.read()
    try:
        return Path(file).read_bytes()
    except OSError as error:
        raise CommandError(f"Cannot read {file}: {error.strerror}.", returncode=EX_NOINPUT) from error


def _say_words(file, taken):
    where = f" ticket #{taken.ticket.number}" if taken.ticket else ""
    return f"{file}: {taken.outcome}{where}{f' ({taken.reason})' if taken.reason else ''}"


def _say_json(file, taken):
    return json.dumps(_facts(file, taken), ensure_ascii=False)


def _facts(file, taken):
    """One object a message, the same keys whatever became of it."""
    mail = taken.mail
    return {
        "file": file,
        "outcome": taken.outcome,
        "reason": taken.reason,
        "ticket": taken.ticket and taken.ticket.pk,
        "message": taken.message and taken.message.pk,
        "customer": taken.ticket and current(taken.ticket.customer).pk,
        "from": _sender(mail),
        "subject": mail.subject if mail else "",
        "text": mail.text if mail else "",
        "html": mail.html if mail else "",
        "attachments": [
            {"filename": one.filename, "content_type": one.content_type, "size": len(one.content)}
            for one in (mail.attachments if mail else ())
        ],
    }


def _sender(mail):
    try:
        return sender_of(mail, envelope_sender=None) if mail else ""
    except Nameless:
        return ""
