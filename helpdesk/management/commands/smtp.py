"""Listen for mail: `manage.py smtp`."""

import asyncio
import os
import signal

import structlog
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from helpdesk.channels.email.smtp import Doorman, Listener

log = structlog.get_logger(__name__)

GRACE_SECONDS = 3


class Command(BaseCommand):
    help = "Take mail in by SMTP, at HELPDESK_SMTP_LISTEN, until stopped."

    def add_arguments(self, parser):
        parser.add_argument("--listen", default=settings.HELPDESK_SMTP_LISTEN, help="host:port")

    def handle(self, *args, listen: str, **options):
        host, _, port = listen.rpartition(":")
        try:
            asyncio.run(_serve(host.strip("[]"), int(port)))
        except OSError as error:
            why = os.strerror(error.errno) if error.errno and error.errno > 0 else error.strerror
            raise CommandError(f"Cannot listen on {listen}: {why}. Set HELPDESK_SMTP_LISTEN to another.") from error
        except (ValueError, OverflowError) as error:
            raise CommandError(f"“{listen}” is no host:port, e.g. 127.0.0.1:2525.") from error


async def _serve(host, port):
    listener = Listener()
    doorman = Doorman(listener, hostname=settings.HELPDESK_MAIL_DOMAIN)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(doorman, host, port)
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    log.info("smtp.listening", host=host, port=port)
    await stop.wait()
    server.close()
    await _let_finish(doorman)
    listener.close()


async def _let_finish(doorman):
    """Give the conversations under way a moment to reach their 250."""
    for _ in range(GRACE_SECONDS * 10):
        if not doorman.open:
            return
        await asyncio.sleep(0.1)
