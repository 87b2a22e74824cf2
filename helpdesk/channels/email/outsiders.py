"""Who wrote a mail, and who else was to read it: people outside the desk, or, when it runs in a circle, ourselves."""

from collections.abc import Container

from helpdesk.channels.email.parse import ParsedMail
from helpdesk.channels.email.tokens import loop_mark

MAX_ADDRESS = 320
MAX_COPIED = 50


class Nameless(Exception):
    """The mail names nobody who could be answered; the message says so."""


def sender_of(mail: ParsedMail, *, envelope_sender: str | None) -> str:
    """The address of whoever wrote the mail: From, else the envelope. Raises Nameless."""
    for address in (mail.sender.address, (envelope_sender or "").strip().lower()):
        if "@" in address and len(address) <= MAX_ADDRESS:
            return address
    raise Nameless("The mail names no sender's address, so there is nobody to answer.")


def copied(mail: ParsedMail, *, ours: Container[str]) -> tuple[str, ...]:
    """The addresses in Cc without `ours`; shown to the agent, who decides whether they get the answer."""
    found = dict.fromkeys(box.address for box in mail.cc if box.address and len(box.address) <= MAX_ADDRESS)
    return tuple(address for address in found if address not in ours)[:MAX_COPIED]


def is_our_own(mail: ParsedMail, *, ours: Container[str]) -> str:
    """Why this mail was sent by the desk itself, as a sentence; "" when it was not."""
    if loop_mark() in mail.headers.text("x-loop").lower():
        return "The desk itself sent this mail (X-Loop); taking it in would run in a circle."
    if mail.sender.address in ours:
        return "It claims to come from one of the desk's own mailboxes; answering it would run in a circle."
    return ""
