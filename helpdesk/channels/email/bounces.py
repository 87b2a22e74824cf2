"""Bounces: who could not be reached, for how long, and which of our mails it was."""

from dataclasses import dataclass

from helpdesk.channels.email.headers import Headers
from helpdesk.channels.email.mime import Part


@dataclass(frozen=True, slots=True)
class Bounce:
    """A report that a mail did not arrive (or was reported as spam)."""

    recipients: tuple[str, ...]
    is_permanent: bool
    reason: str
    original_message_id: str
    status: str = ""
    is_spam_report: bool = False


def read_bounce(root: Part, text: str, raw: bytes, *, sender: str, subject: str) -> Bounce | None:
    """The bounce this mail reports, None when it is none."""
    return None
