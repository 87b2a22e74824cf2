"""A bounce: it settles the delivery it is about, and is an event on that ticket, never a customer's message."""

from django.db import transaction

from customers.events import record
from helpdesk import outbox
from helpdesk.channels.email.parse import ParsedMail
from helpdesk.channels.email.tokens import delivery_of_address
from helpdesk.models import Delivery


def find_delivery(mail: ParsedMail, *, recipients: tuple[str, ...]) -> Delivery | None:
    """The delivery that a bounce is about: by our signed bounce address, else by Message-ID and recipient together.

    Anybody can send us a mail that looks like a bounce; only one that knows what we sent to whom counts.
    """
    deliveries = Delivery.objects.select_related("ticket", "message")
    for address in recipients:
        if delivery_id := delivery_of_address(address):
            return deliveries.filter(pk=delivery_id).first()
    if mail.bounce is None or not mail.bounce.original_message_id:
        return None
    reached = [address.lower() for address in mail.bounce.recipients]
    return deliveries.filter(mail_id=mail.bounce.original_message_id, recipient__in=reached).first()


@transaction.atomic
def return_delivery(delivery: Delivery, *, mail: ParsedMail) -> None:
    """Say on the ticket that a delivery did not arrive; one that never will is failed, for a person to see."""
    reason = " ".join((mail.bounce.reason if mail.bounce else "").split())[:300] or "no reason was given"
    is_permanent = mail.bounce is not None and mail.bounce.is_permanent
    if is_permanent:
        outbox.bounced(delivery, f"It came back from the mail server of {delivery.recipient}: {reason}")
    else:
        record("delivery.delayed", delivery, recipient=delivery.recipient, reason=reason)
