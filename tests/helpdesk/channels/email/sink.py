"""Real SMTP servers for tests, that take mail, refuse it, or break off."""

import asyncio
import contextlib
import threading
from collections.abc import Callable

from aiosmtpd.smtp import SMTP


class Sink:
    """Takes every mail and keeps it. Subclasses answer differently."""

    def __init__(self):
        self.mails = []

    async def handle_DATA(self, server, session, envelope):
        self.mails.append(envelope)
        return "250 2.0.0 taken"


class Refusing(Sink):
    """Answers every recipient with `answer`."""

    def __init__(self, answer: str):
        super().__init__()
        self.answer = answer

    async def handle_RCPT(self, server, session, envelope, address, options):
        return self.answer


class RefusingMail(Sink):
    """Answers every mail, after it has gone over, with `answer`."""

    def __init__(self, answer: str):
        super().__init__()
        self.answer = answer

    async def handle_DATA(self, server, session, envelope):
        return self.answer


class BreakingOff(Sink):
    """Takes the mail, and hangs up instead of saying so."""

    async def handle_DATA(self, server, session, envelope):
        self.mails.append(envelope)
        server.transport.abort()
        return "250 never heard"


class HangingUpOnRecipient(Sink):
    """Hangs up before any mail could have gone over."""

    async def handle_RCPT(self, server, session, envelope, address, options):
        server.transport.abort()
        return "250 never heard"


@contextlib.contextmanager
def listening(handler, factory: Callable | None = None):
    """Run `handler` on a free port of this machine, in a thread of its own; gives the smtp:// address."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    factory = factory or (lambda: SMTP(handler, hostname="sink.test", loop=loop))
    server = asyncio.run_coroutine_threadsafe(loop.create_server(factory, "127.0.0.1", 0), loop).result(5)
    try:
        yield f"smtp://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        loop.call_soon_threadsafe(server.close)
        asyncio.run_coroutine_threadsafe(_cancel_all(), loop).result(5)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)
        loop.close()


async def _cancel_all():
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
