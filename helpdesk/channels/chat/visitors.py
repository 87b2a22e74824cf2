"""Who a visitor is: a random key, signed, kept by the widget's page; a chat address once something was said.

A name or an e-mail address that a visitor gives is a claim. It is shown to agents as such, and never finds, shows or
merges the customer who really has that address.
"""

import secrets
from dataclasses import asdict, dataclass
from datetime import timedelta

from django.core import signing
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from customers.events import record
from customers.models import Address, Customer
from helpdesk.models import EntryPoint

SALT = "helpdesk.visitor"
VALID_FOR = timedelta(days=30)
NAME_CHARS = 80


class VisitorRefused(Exception):
    """The visitor may not come in like that; the message says why and the way on."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody on a web page that carries one of our widgets. `email` is a claim; `language` is ISO 639-1 or empty."""

    key: str
    entry_point_id: int
    name: str = ""
    email: str = ""
    language: str = ""


def arrive(entry_point: EntryPoint, *, token: str = "", name: str = "", email: str = "", language: str = "") -> Visitor:
    """The visitor who has this token, or a new one; what they now say about themselves replaces what they said before.

    A token of another entry point, or one too old, makes a new visitor. Raises VisitorRefused for a bad address.
    """
    known = _known(entry_point, token)
    return Visitor(
        key=known.key if known else secrets.token_urlsafe(18),
        entry_point_id=entry_point.pk,
        name=_one_line(name)[:NAME_CHARS] or (known.name if known else ""),
        email=_checked(email) or (known.email if known else ""),
        language=_language(language) or (known.language if known else ""),
    )


def token_of(visitor: Visitor) -> str:
    """The visitor, signed: who has it is that visitor, for 30 days from now."""
    return signing.dumps(asdict(visitor), salt=SALT)


def visitor_of(token: str) -> Visitor:
    """Who this token was given to. Raises VisitorRefused."""
    try:
        return Visitor(**signing.loads(token, salt=SALT, max_age=VALID_FOR))
    except (signing.BadSignature, TypeError, AttributeError):
        raise VisitorRefused("This chat session is not valid any more; please reload the page.") from None


def entry_point_of(visitor: Visitor) -> EntryPoint:
    """The widget this visitor uses. Raises VisitorRefused when it was switched off."""
    entry_point = _widgets().filter(pk=visitor.entry_point_id).first()
    if entry_point is None:
        raise VisitorRefused("This chat was closed by its owner.")
    return entry_point


def widget_of(key) -> EntryPoint:
    """The widget with this key. Raises VisitorRefused."""
    try:
        return _widgets().get(key=key)
    except (EntryPoint.DoesNotExist, ValidationError):
        raise VisitorRefused(
            "There is no chat with this key. Compare data-key in the script tag with the entry point's key in settings."
        ) from None


def may_embed(entry_point: EntryPoint, origin: str, *, own: str) -> bool:
    """Whether a page of `origin` ("https://shop.example") may carry this widget; our `own` pages always may."""
    allowed = {allowed.rstrip("/").lower() for allowed in entry_point.origins}
    return not allowed or origin.lower() in allowed | {own}


@transaction.atomic
def keep_claims(customer: Customer, visitor: Visitor) -> None:
    """Note on the visitor's customer, for agents, the e-mail address they say is theirs."""
    customer = Customer.objects.select_for_update().get(pk=customer.pk)
    if not visitor.email or customer.attributes.get("claimed_email") == visitor.email:
        return
    if customer.addresses.filter(kind=Address.Kind.EMAIL, value=visitor.email).exists():
        return
    customer.attributes["claimed_email"] = visitor.email
    customer.save(update_fields=["attributes"])
    record("customer.claimed_email", customer, by="customer", email=visitor.email)


def _known(entry_point, token):
    try:
        visitor = visitor_of(token)
    except VisitorRefused:
        return None
    return visitor if visitor.entry_point_id == entry_point.pk else None


def _widgets():
    chats = EntryPoint.objects.filter(kind=EntryPoint.Kind.WIDGET, is_active=True, queue__is_active=True)
    return chats.select_related("queue")


def _one_line(text):
    return " ".join("".join(c for c in str(text) if c.isprintable()).split())


def _checked(email):
    email = str(email).strip().lower()
    if not email:
        return ""
    try:
        validate_email(email)
    except ValidationError:
        raise VisitorRefused(f"“{email[:80]}” is no e-mail address; correct it or leave it empty.") from None
    return email


def _language(tag):
    code = str(tag).strip().lower().replace("_", "-").split("-")[0]
    return code if code.isascii() and code.isalpha() and len(code) in (2, 3) else ""
