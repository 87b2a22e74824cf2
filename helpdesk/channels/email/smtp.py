"""The SMTP listener: it says 250 only after the bytes are committed, and 451 when they could not be."""

import asyncio
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import partial
from threading import Barrier

import structlog
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.db import Error as DatabaseDown
from django.db import connection
from structlog.contextvars import bind_contextvars

from helpdesk.channels.email.mailboxes import takes_mail_for
from helpdesk.channels.email.store import MAX_BYTES, MailTooLarge, store

log = structlog.get_logger(__name__)

MAX_CONNECTIONS = 100
MAX_RECIPIENTS = 100
MAX_LINE = 1024 * 1024  # odd mailers send a body as one line; the standard's 998 would refuse it
IDLE_SECONDS = 60
THREADS = 4

NOT_NOW = "451 4.3.0 The mail could not be stored right now; please try again later"
BUSY = b"421 4.3.2 Too many connections at once; please try again in a minute\r\n"


class Listener:
    """What the desk answers to each SMTP command. One instance serves all connections of a process."""

    def __init__(self):
        self.threads = ThreadPoolExecutor(THREADS, thread_name_prefix="smtp")

    async def handle_RCPT(self, server, session: Session, envelope: Envelope, address: str, options: list) -> str:
        if len(envelope.rcpt_tos) >= MAX_RECIPIENTS:
            return f"452 4.5.3 At most {MAX_RECIPIENTS} recipients at a time; please send the rest separately"
        try:
            is_ours = await self._in_thread(takes_mail_for, address)
        except DatabaseDown:
            return "451 4.3.0 The recipient could not be looked up right now; please try again later"
        if not is_ours:
            return "550 5.1.1 Nobody here reads mail to that address; please check it for a slip"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 Ok"

    async def handle_DATA(self, server, session: Session, envelope: Envelope) -> str:
        bind_contextvars(request_id=uuid.uuid4().hex)  # goes along to whoever takes the mail in
        try:
            kept = await self._in_thread(_keep, envelope.content, _envelope(session, envelope))
        except MailTooLarge as refusal:
            return f"552 5.3.4 {refusal}"
        except DatabaseDown as error:
            log.error("mail.not_stored", error=str(error), size=len(envelope.content))
            return NOT_NOW
        log.info("mail.stored", inbound=kept.pk, size=kept.size)
        return f"250 2.0.0 Stored as {kept.pk}"

    async def handle_exception(self, error: Exception) -> str:
        log.error("smtp.failed", exc_info=error)
        return NOT_NOW

    def close(self) -> None:
        """Give the threads and their database connections back."""
        everyone = Barrier(THREADS)
        for _ in range(THREADS):
            self.threads.submit(_close_connection, everyone)
        self.threads.shutdown()

    async def _in_thread(self, ask: Callable, *args):
        ask = partial(copy_context().run, _with_connection, partial(ask, *args))
        return await asyncio.get_running_loop().run_in_executor(self.threads, ask)


class _Conversation(SMTP):
    """One client's SMTP conversation."""

    line_length_limit = MAX_LINE


class Doorman:
    """Makes the protocol of each connection, and turns away those beyond the limit."""

    def __init__(self, listener: Listener, *, hostname: str):
        self.listener = listener
        self.hostname = hostname
        self.open = 0

    def __call__(self) -> asyncio.Protocol:
        if self.open >= MAX_CONNECTIONS:
            return _Refusal()
        return _Counted(self)


class _Counted(_Conversation):
    def __init__(self, doorman: Doorman):
        super().__init__(
            doorman.listener,
            hostname=doorman.hostname,
            ident="Trunkline",
            data_size_limit=MAX_BYTES,
            enable_SMTPUTF8=True,
            timeout=IDLE_SECONDS,
        )
        self.doorman = doorman

    def connection_made(self, transport):
        self.doorman.open += 1
        super().connection_made(transport)

    def connection_lost(self, error):
        self.doorman.open -= 1
        super().connection_lost(error)


class _Refusal(asyncio.Protocol):
    def connection_made(self, transport):
        transport.write(BUSY)
        transport.close()


def _close_connection(everyone):
    everyone.wait()  # so that each thread gets one of these
    connection.close()


def _keep(raw, envelope):
    return store(raw, envelope=envelope, source="smtp")


def _envelope(session, envelope):
    return {
        "sender": (envelope.mail_from or "").strip(" <>"),
        "recipients": list(envelope.rcpt_tos),
        "peer": str(session.peer[0]) if session.peer else "",
    }


def _with_connection(ask):
    """Run a database call on this thread's own connection, once more on a new one when the old one had died."""
    is_fresh = connection.connection is None
    try:
        return ask()
    except DatabaseDown:
        connection.close()
        if is_fresh:
            raise
        # A commit whose answer was lost is repeated here; taking in knows the same mail by its digest.
        return ask()
