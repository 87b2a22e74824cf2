"""Which ticket is this e-mail about? Pure: told everything, asks nobody.

Three clues, best first: a name that we signed (the reply address it was sent to, or a Message-ID of ours it
answers), a Message-ID that is stored with a ticket, and `[#number]` in the subject. A clue counts only when the
sender takes part in that ticket; the subject's words are never compared.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum

MAX_IDS = 100
NUMBER = re.compile(r"\[#(\d{1,18})\]")


class Clue(IntEnum):
    """What points at a ticket, best first."""

    SIGNED = 1
    REFERENCE = 2
    SUBJECT = 3


@dataclass(frozen=True, slots=True)
class Candidate:
    """A ticket that a clue points at, with the lower-case addresses of who takes part in it."""

    ticket_id: int
    clue: Clue
    participants: frozenset[str]
    is_over: bool = False  # solved so long ago that a new ticket serves the customer better


@dataclass(frozen=True, slots=True)
class Found:
    """The ticket to add a mail to; `is_stranger` when its sender takes no part in it."""

    ticket_id: int
    is_stranger: bool


def choose(candidates: Iterable[Candidate], *, sender: str) -> Found | None:
    """The ticket for a mail from `sender`, or None for a new one.

    Somebody else who holds a signed name was forwarded our mail: what they write is kept on that ticket as a
    stranger's, which opens nothing and shows them nothing. Without a signed name a stranger begins anew.
    """
    living = sorted((one for one in candidates if not one.is_over), key=lambda one: one.clue)
    for candidate in living:
        if sender.lower() in candidate.participants:
            return Found(candidate.ticket_id, is_stranger=False)
    signed = next((one for one in living if one.clue == Clue.SIGNED), None)
    return Found(signed.ticket_id, is_stranger=True) if signed else None


def referenced_ids(in_reply_to: Iterable[str], references: Iterable[str]) -> list[str]:
    """The Message-IDs a mail answers, nearest first, at most 100: In-Reply-To, then References from the right."""
    ordered = [*in_reply_to, *reversed(list(references))]
    return list(dict.fromkeys(ordered))[:MAX_IDS]


def numbers_in(subject: str) -> list[int]:
    """The ticket numbers that stand in a subject as `[#1042]`."""
    return [int(number) for number in NUMBER.findall(subject[:1000])][:3]
