"""First the bytes, then the meaning: a mail is kept in PostgreSQL before anybody looks into it."""

import hashlib
from datetime import timedelta

from customers import clock
from customers.events import nudge
from helpdesk.models import InboundRaw
from tickets.models import Channel

MAX_BYTES = 25 * 1024 * 1024
LEASE = timedelta(seconds=15)  # how long a mail lies still when its worker dies


class MailTooLarge(Exception):
    """The mail is larger than we take; the message says so to its sender."""


def store(raw: bytes, *, envelope: dict, source: str, is_taken_in_here: bool = False) -> InboundRaw:
    """Keep a mail's bytes and wake the worker that takes it in, unless the caller does so itself, at once.

    Then it is stored as claimed already (`take_in.take_in_claimed`); if the caller dies, the sweep has it after LEASE.

    `envelope` has sender ("" for the null sender, None unknown), recipients, peer and filename, where known.
    Raises MailTooLarge above 25 MB, and django.db.OperationalError when PostgreSQL does not take it.
    """
    if len(raw) > MAX_BYTES:
        raise MailTooLarge("The mail is larger than 25 MB; please share large files by a link.")
    now = clock.now()
    kept = InboundRaw.objects.create(
        channel=Channel.EMAIL,
        source=source,
        raw=raw,
        size=len(raw),
        sha256=hashlib.sha256(raw).hexdigest(),
        envelope=envelope,
        received_at=now,
        next_try_at=now + LEASE if is_taken_in_here else now,
        tries=int(is_taken_in_here),
    )
    if not is_taken_in_here:
        nudge("helpdesk.take_in", kept.pk)
    return kept
