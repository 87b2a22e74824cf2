"""One try to hand a frozen mail to the mail server, and what came of it.

After DATA has begun and the connection is lost nobody knows whether the server has the mail: that is its own outcome,
and the caller must not blindly send again.
"""

import re
import smtplib
import ssl
from urllib.parse import parse_qs, unquote, urlsplit

from django.conf import settings

from helpdesk.channels.email.mime_out import ascii_address
from helpdesk.models import Delivery
from helpdesk.outbox import Deferred, Failed, Unknown, begin_hand_over

TIMEOUT_SECONDS = 15
BARE_LINE_END = re.compile(rb"\r\n|\r|\n")
LEADING_DOT = re.compile(rb"(?m)^\.")


def send(delivery: Delivery) -> None:
    """Send the frozen bytes of `delivery` to its recipient by HELPDESK_SMTP_URL. Raises Deferred, Failed or Unknown."""
    sender, recipient = _envelope(delivery)
    server = _connect(urlsplit(settings.HELPDESK_SMTP_URL))
    try:
        _ask(server, "MAIL", f"FROM:<{sender}>")
        _ask(server, "RCPT", f"TO:<{recipient}>")
        _ask(server, "DATA")
        if not begin_hand_over(delivery):
            raise Deferred("Another worker has taken this mail over.")
        _hand_over(server, bytes(delivery.mime))
    finally:
        server.close()


def _envelope(delivery):
    """Sender and recipient; a machine's mail has the null sender, so that nothing answers it (RFC 3834, 3.3)."""
    try:
        sender = delivery.envelope_sender and ascii_address(delivery.envelope_sender)
        return sender, ascii_address(delivery.recipient)
    except ValueError as error:
        raise Failed(str(error)) from error


def _connect(url):
    options = parse_qs(url.query, keep_blank_values=True)
    host, port = url.hostname or "127.0.0.1", url.port or (465 if url.scheme == "smtps" else 25)
    # Our own name, or smtplib asks the resolver for it before every mail.
    own_name = {"local_hostname": settings.HELPDESK_MAIL_DOMAIN, "timeout": TIMEOUT_SECONDS}
    try:
        if url.scheme == "smtps":
            server = smtplib.SMTP_SSL(host, port, context=ssl.create_default_context(), **own_name)
        else:
            server = smtplib.SMTP(host, port, **own_name)
        server.ehlo_or_helo_if_needed()
        if "starttls" in options:
            server.starttls(context=ssl.create_default_context())
            server.ehlo()
        if url.username:
            server.login(unquote(url.username), unquote(url.password or ""))
        return server
    except (OSError, smtplib.SMTPException) as error:
        raise Deferred(f"The mail server {host}:{port} cannot be used right now: {_why(error)}.") from error


def _ask(server, command, argument=""):
    try:
        code, answer = server.docmd(command, argument)
    except (OSError, smtplib.SMTPException) as error:
        raise Deferred(f"The mail server broke off at {command}: {_why(error)}.") from error
    if code >= 500:
        raise Failed(f"The mail server refused {_what(command)}: {code} {_words(answer)}")
    if code >= 400 or code < 0:
        raise Deferred(f"The mail server does not take {_what(command)} now: {code} {_words(answer)}")


def _hand_over(server, mime):
    try:
        server.send(_on_the_wire(mime))
        code, answer = server.getreply()
    except (OSError, smtplib.SMTPException) as error:
        raise Unknown(
            f"The connection was lost while the mail went over ({_why(error)}): it may have arrived. "
            "Ask the customer, or send it again if in doubt."
        ) from error
    if code >= 500:
        raise Failed(f"The mail server refused the mail: {code} {_words(answer)}")
    if code >= 400 or code < 0:
        raise Deferred(f"The mail server does not take the mail now: {code} {_words(answer)}")


def _on_the_wire(mime):
    lines = BARE_LINE_END.sub(b"\r\n", mime)
    if not lines.endswith(b"\r\n"):
        lines += b"\r\n"
    return LEADING_DOT.sub(b"..", lines) + b".\r\n"


def _what(command):
    return {"MAIL": "our sender address", "RCPT": "the recipient"}.get(command, "the mail")


def _words(answer):
    return " ".join(answer.decode("utf-8", "replace").split())[:300]


def _why(error):
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{error.smtp_code} {_words(error.smtp_error)}"
    return " ".join(str(error).split())[:300] or type(error).__name__
