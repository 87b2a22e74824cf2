"""The demo's mail server for what the desk sends: `manage.py mail_sink`. It keeps all and delivers nothing."""

import asyncio
import signal

from aiosmtpd.smtp import SMTP
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from helpdesk.demo import mailbox


class Sink:
    """Puts every mail into the demo's mailbox."""

    async def handle_DATA(self, server, session, envelope):
        await asyncio.to_thread(mailbox.keep, envelope.content, recipients=envelope.rcpt_tos)
        return "250 2.0.0 Kept for the demo's mailbox"


class Command(BaseCommand):
    help = "Keep the demo's outgoing mail for /demo/mailbox/; listens at HELPDESK_SINK_LISTEN until stopped."

    def add_arguments(self, parser):
        parser.add_argument("--listen", default=settings.HELPDESK_SINK_LISTEN, help="host:port")

    def handle(self, *args, listen: str, **options):
        if not settings.HELPDESK_DEMO:
            raise CommandError("The mail sink delivers nothing, so it runs in the demo only; set HELPDESK_SMTP_URL.")
        host, _, port = listen.rpartition(":")
        try:
            asyncio.run(_serve(host, int(port), self.stdout.write))
        except OSError as error:
            raise CommandError(f"Cannot listen on {listen}: {error.strerror}.") from error


async def _serve(host, port, say):
    loop = asyncio.get_running_loop()
    sink = Sink()
    server = await loop.create_server(lambda: SMTP(sink, hostname="sink.example"), host, port)
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    say(f"Keeping outgoing mail on {host}:{port}")
    await stop.wait()
    server.close()
