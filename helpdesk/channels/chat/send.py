"""Deliver an answer to a visitor: it is stored already, so all there is to do is to say that it is there."""

from customers.events import hint
from customers.models import Address, Refs
from helpdesk.models import Delivery


def send(delivery: Delivery) -> None:
    """Hint the visitor's socket, which reads the message from the database; who is offline sees it when back."""
    address = Address.objects.filter(kind=Address.Kind.CHAT, value=delivery.recipient).only("pk").first()
    if address:
        hint(Refs(topics={f"visitor:{address.pk}": None}), "message.sent")
