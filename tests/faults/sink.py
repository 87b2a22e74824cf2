"""A mail server at the other end, which remembers what it took, and can be told to think before it says so."""

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from email import message_from_bytes

from aiosmtpd.controller import Controller


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail that the desk sent."""

    recipient: str
    mail_id: str
    text: str


class Sink:
    """Takes every mail. `before_answer(letter)` is called, in a thread, when it has one and before it answers 250."""

    def __init__(self, port: int):
        self.taken: list[Letter] = []
        self.before_answer: Callable[[Letter], None] | None = None
        self.controller = Controller(self, hostname="127.0.0.1", port=port, server_hostname="sink.test")

    def forget(self) -> None:
        self.taken, self.before_answer = [], None

    def with_text(self, text: str) -> list[Letter]:
        return [letter for letter in self.taken if text in letter.text]

    def doubled(self) -> list[tuple[str, str]]:
        """(recipient, Message-ID) of what came more than once."""
        counts = Counter((letter.recipient, letter.mail_id) for letter in self.taken)
        return [letter for letter, count in counts.items() if count > 1]

    async def handle_DATA(self, server, session, envelope):
        mail = message_from_bytes(envelope.content)
        first = next(part for part in mail.walk() if not part.is_multipart())
        text = (first.get_payload(decode=True) or b"").decode("utf-8", "replace")
        letters = [Letter(recipient, mail["Message-ID"], text) for recipient in envelope.rcpt_tos]
        self.taken += letters
        if self.before_answer:
            for letter in letters:
                await asyncio.to_thread(self.before_answer, letter)
        return "250 2.0.0 Taken"
