"""What a visitor sees and says: their own chat and nothing else.

A visitor's messages are those that came from their key, and what was delivered to it: no notes, nothing of other
channels, and nothing of the customer they may have been merged with.
"""

import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Prefetch, Q
from django.urls import reverse
from django.utils import timezone

from customers.identify import current
from customers.models import Address
from helpdesk.channels.chat.files import key_of
from helpdesk.channels.chat.visitors import Visitor, entry_point_of, keep_claims
from helpdesk.channels.chat.visits import keep_visit
from helpdesk.intake import Inbound, Receipt, receive
from helpdesk.language import detect
from helpdesk.models import ChatVisit, Delivery
from routing.interactions import InteractionRefused, end, enqueue, withdraw
from routing.models import Interaction
from routing.service_level import place_in_line
from tickets.models import Attachment, Channel, Message

MAX_CHARS = 4000
SHOWN = 100
CLIENT_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
# So often a chat may change hands while its visitor leaves.
HURDLES = 3
# Who left the line and is back within this time stands in it again without saying a word.
BACK_SOON = timedelta(minutes=30)

Status = Interaction.Status
STAGES = {Status.WAITING: "waiting", Status.OFFERED: "waiting", Status.ACTIVE: "talking", Status.PARKED: "talking"}


class MessageRefused(Exception):
    """The visitor's message was not taken in; the message says why and the way on."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A visitor's chat as it is now: messages, oldest first, and the state; the ids name the groups to listen to."""

    messages: list[dict]
    state: dict
    address_id: int | None = None
    ticket_id: int | None = None


def snapshot(visitor: Visitor) -> Snapshot:
    """The visitor's newest 100 messages and where their chat stands. In at most nine queries."""
    address = _address(visitor)
    if address is None:
        return Snapshot([], {"stage": "new", "agent": None, "place": None})
    visit = ChatVisit.objects.filter(address=address).first()
    interaction = _interaction(visit)
    messages = [_row(message, visitor) for message in _messages(visitor, address)]
    return Snapshot(messages, _state(interaction), address.pk, visit and visit.ticket_id)


@transaction.atomic
def say(visitor: Visitor, *, client_id: str, text: str) -> dict:
    """Take in what the visitor wrote; the same client id again is the same message. Returns its row.

    `client_id` is 1 to 64 letters, digits, "-" and "_". Raises MessageRefused, VisitorRefused.
    """
    if not isinstance(client_id, str) or not CLIENT_ID.fullmatch(client_id):
        raise MessageRefused("A message needs an id of its own, of at most 64 letters and digits.")
    receipt = receive(_inbound(visitor, client_id, _checked(text)))
    if receipt.outcome != "duplicate":
        _keep_traces(visitor, receipt)
    return _row(receipt.message, visitor)


def leave(visitor: Visitor) -> None:
    """The visitor ends the chat: they leave the line, or the agent goes on to wrap-up. Else nothing changes."""
    interaction = _current_interaction(visitor)
    if interaction is None or interaction.status not in STAGES:
        return
    for verb in (withdraw, end) * HURDLES:  # it may be taken, or given back to the line, between the two
        with suppress(InteractionRefused):
            verb(interaction, reason="customer", by="customer")
            return


@transaction.atomic
def come_back(visitor: Visitor) -> None:
    """Somebody opens their chat: who was lost from the line not long ago is back in it, and claims are noted."""
    address = _address(visitor)
    if address is None:
        return
    keep_claims(current(address.customer), visitor)
    interaction = _current_interaction(visitor)
    since = timezone.now() - BACK_SOON
    if interaction and interaction.end_reason == "abandoned" and interaction.done_at > since:
        enqueue(interaction.ticket, channel=Channel.CHAT, language=visitor.language)


def _address(visitor):
    chats = Address.objects.filter(kind=Address.Kind.CHAT, value=visitor.key)
    return chats.select_related("customer__merged_into").first()


def _messages(visitor, address):
    customers = {address.customer_id, current(address.customer).pk}
    delivered = Delivery.objects.filter(message=OuterRef("pk"), channel=Channel.CHAT, recipient=visitor.key)
    own = Q(kind=Message.Kind.INBOUND, sender=visitor.key)
    sent = Q(kind=Message.Kind.OUTBOUND) & Exists(delivered)
    rows = Message.objects.filter(ticket__customer__in=customers, channel=Channel.CHAT).filter(own | sent)
    files = Prefetch("attachments", Attachment.objects.defer("content"))
    newest = rows.select_related("user").prefetch_related(files).defer("html", "hidden_text", "search")
    return reversed(newest.order_by("-created_at", "-id")[:SHOWN])


def _interaction(visit):
    if visit is None:
        return None
    chats = Interaction.objects.filter(ticket=visit.ticket_id, channel=Channel.CHAT)
    return chats.select_related("agent__user", "ticket").order_by("-id").first()


def _current_interaction(visitor):
    return _interaction(ChatVisit.objects.filter(address__kind=Address.Kind.CHAT, address__value=visitor.key).first())


def _state(interaction):
    stage = STAGES.get(interaction.status, "ended") if interaction else "new"
    agent = interaction.agent if stage == "talking" else None
    return {
        "stage": stage,
        "agent": {"name": agent.user.get_short_name(), "initials": _initials(agent.user)} if agent else None,
        "place": _place(interaction) if stage == "waiting" else None,
    }


def _place(interaction):
    place = place_in_line(interaction)
    return {"position": place.position, "expected_wait": place.expected_wait and round(place.expected_wait)}


def _row(message, visitor):
    """One message as the visitor may see it: of the author the first name, and of an own one the client's id."""
    is_own = message.kind == Message.Kind.INBOUND
    return {
        "id": message.pk,
        "at": message.created_at.isoformat().replace("+00:00", "Z"),
        "from": "you" if is_own else "us",
        "text": message.text,
        "author": None if is_own or not message.user else message.user.get_short_name(),
        "initials": "" if is_own or not message.user else _initials(message.user),
        "files": [] if is_own else [_file(attachment) for attachment in message.attachments.all()],
        "client_id": message.external_id.removeprefix(f"{visitor.key}:") if is_own else "",
    }


def _file(attachment):
    return {
        "name": attachment.filename,
        "size": attachment.size,
        "path": reverse("widget-file", args=[key_of(attachment)]),
    }


def _initials(user):
    return "".join(word[0] for word in str(user).split()[:2]).upper()


def _checked(text):
    text = text.replace("\x00", "").strip() if isinstance(text, str) else ""
    if not text:
        raise MessageRefused("An empty message was not sent.")
    if len(text) > MAX_CHARS:
        raise MessageRefused(f"A message holds at most {MAX_CHARS:,} characters; this one has {len(text):,}. Split it.")
    return text


def _inbound(visitor, client_id, text) -> Inbound:
    return Inbound(
        channel=Channel.CHAT,
        entry_point=entry_point_of(visitor),
        sender=visitor.key,
        sender_name=visitor.name,
        external_id=f"{visitor.key}:{client_id}",
        text=text,
        language=detect(text) or visitor.language,
    )


def _keep_traces(visitor, receipt: Receipt):
    keep_visit(visitor, receipt.ticket)
    keep_claims(receipt.message.customer, visitor)
