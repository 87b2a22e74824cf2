"""Signed names in our mail: the reply address and the Message-ID say which ticket, the bounce address which delivery.

Each carries 80 bits of HMAC-SHA256 in base32, so that nobody can guess their way onto another's ticket. Letter case
is of no meaning: mail servers change it.
"""

import base64
import re
import uuid

from django.conf import settings
from django.utils.crypto import constant_time_compare, salted_hmac

SIGNATURE_BYTES = 10
REPLY = re.compile(r"(?P<local>[^@]+)\+t\.(?P<ticket>\d{1,18})\.(?P<signature>[a-z2-7]{16})@(?P<domain>[^@]+)")
BOUNCE = re.compile(r"bounce\+(?P<delivery>\d{1,18})\.(?P<signature>[a-z2-7]{16})@(?P<domain>[^@]+)")
MESSAGE_ID = re.compile(r"t\.(?P<ticket>\d{1,18})\.(?P<unique>[0-9a-f]{12})\.(?P<signature>[a-z2-7]{16})@[^@]+")


def reply_address(mailbox: str, ticket_id: int) -> str:
    """`support@desk.example` for ticket 7: `support+t.7.<signature>@desk.example`."""
    local, _, domain = mailbox.lower().rpartition("@")
    return f"{local}+t.{ticket_id}.{_sign('reply', local, ticket_id)}@{domain}"


def ticket_of_address(address: str) -> int | None:
    """The ticket that a signed reply address names; None if it is none, or its signature is not ours."""
    found = REPLY.fullmatch(address.lower())
    if found and _is_ours(found["signature"], "reply", found["local"], found["ticket"]):
        return int(found["ticket"])
    return None


def mailbox_of_address(address: str) -> str:
    """The mailbox behind a signed reply address; any other address is its own."""
    found = REPLY.fullmatch(address.lower())
    if found and ticket_of_address(address):
        return f"{found['local']}@{found['domain']}"
    return address.lower()


def message_id(ticket_id: int, domain: str) -> str:
    """A new Message-ID, without <>, that names its ticket."""
    unique = uuid.uuid4().hex[:12]
    return f"t.{ticket_id}.{unique}.{_sign('message', ticket_id, unique)}@{domain}"


def ticket_of_message_id(mail_id: str) -> int | None:
    """The ticket that one of our own Message-IDs names; None for anybody else's."""
    found = MESSAGE_ID.fullmatch(mail_id.lower())
    if found and _is_ours(found["signature"], "message", found["ticket"], found["unique"]):
        return int(found["ticket"])
    return None


def bounce_address(delivery_id: int, domain: str) -> str:
    """The envelope sender of one delivery: what comes back to it is about that delivery."""
    return f"bounce+{delivery_id}.{_sign('bounce', delivery_id)}@{domain}"


def delivery_of_address(address: str) -> int | None:
    """The delivery that a signed bounce address names, or None."""
    found = BOUNCE.fullmatch(address.lower())
    if found and _is_ours(found["signature"], "bounce", found["delivery"]):
        return int(found["delivery"])
    return None


def loop_mark() -> str:
    """What all our mail carries in X-Loop; a mail that comes in with it was sent by this desk."""
    return f"{settings.HELPDESK_MAIL_DOMAIN}.{_sign('loop', settings.HELPDESK_MAIL_DOMAIN)}"


def _is_ours(signature, *parts):
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return any(constant_time_compare(signature, _sign(*parts, secret=key)) for key in keys)


def _sign(purpose, *parts, secret=None):
    text = "|".join(map(str, parts))
    digest = salted_hmac(f"helpdesk.mail.{purpose}", text, secret=secret, algorithm="sha256").digest()
    return base64.b32encode(digest[:SIGNATURE_BYTES]).decode().lower()
