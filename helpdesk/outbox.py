"""The outbox: every message on its way out is a row, claimed by one worker at a time and settled once.

A claim is a compare-and-swap with a lease. When a worker dies in the middle, the lease runs out: a mail that may have
gone is then marked unknown and never blindly sent again; a chat message, which the visitor reads from our own rows,
is simply hinted anew.
"""

from datetime import timedelta

from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Now

from customers import clock
from customers.events import nudge, record
from helpdesk.models import Delivery
from tickets.models import Channel

State = Delivery.State
TASKS = {Channel.EMAIL: "helpdesk.deliver_mail", Channel.CHAT: "helpdesk.deliver_chat"}
LEASE = timedelta(seconds=90)
# Minutes until the next try; after the last the delivery has failed and a person decides.
BACKOFF_MINUTES = (1, 5, 15, 60, 180, 360, 720, 1440)
LOST_MID_SEND = (
    "The worker was lost while sending: it may have arrived. Ask the customer, or send it again if in doubt."
)


class NotSent(Exception):
    """The delivery was not made, as far as we know; the message says why in a sentence for the agent."""


class Deferred(NotSent):
    """Not now: the other side is away or asks for patience. Trying later is right."""


class Failed(NotSent):
    """Never: the other side refuses. Trying again is of no use until somebody changes something."""


class Unknown(NotSent):
    """The connection was lost while it went over: it may have arrived."""


class CannotRetry(Exception):
    """This delivery is not in a state to be tried again."""


@transaction.atomic(savepoint=False)
def enqueue(ticket, *, channel: str, recipient: str, message=None, **fields) -> Delivery:
    """Put one message to one recipient into the outbox; a worker sends it after commit."""
    fields = {"due_at": clock.now(), "created_at": clock.now(), **fields}
    delivery = Delivery.objects.create(ticket=ticket, message=message, channel=channel, recipient=recipient, **fields)
    nudge(TASKS[channel], delivery.pk)
    return delivery


def due():
    """Deliveries that a worker should have in hand: queued or deferred and due, or with a lease that ran out."""
    waiting = Q(state__in=[State.QUEUED, State.DEFERRED], due_at__lte=Now())
    return Delivery.objects.filter(waiting | Q(state=State.SENDING, lease_until__lt=Now())).order_by("due_at", "id")


def claim(delivery_id: int) -> Delivery | None:
    """Take a due delivery to send it; None when it is another's, settled, or not due.

    A mail whose sender died is settled as unknown here, and not handed out.
    """
    mine = Delivery.objects.filter(pk=delivery_id, state__in=[State.QUEUED, State.DEFERRED], due_at__lte=Now())
    claimed = {"state": State.SENDING, "lease_until": Now() + LEASE, "tries": F("tries") + 1}
    if mine.update(**claimed) or _abandoned(delivery_id).update(**claimed):
        return Delivery.objects.select_related("message", "ticket").get(pk=delivery_id)
    return None


@transaction.atomic
def sent(delivery: Delivery) -> None:
    """The other side has taken it."""
    if _settle(delivery, State.SENT, sent_at=clock.now(), error=""):
        record("delivery.sent", delivery, recipient=delivery.recipient)


@transaction.atomic
def deferred(delivery: Delivery, why: str) -> None:
    """Not now: tried again after a while that grows; after two and a half days it has failed."""
    if delivery.tries > len(BACKOFF_MINUTES):
        return failed(delivery, f"{why} Given up after {delivery.tries} tries.")
    wait = timedelta(minutes=BACKOFF_MINUTES[delivery.tries - 1])
    if _settle(delivery, State.DEFERRED, error=why, due_at=clock.now() + wait):
        record("delivery.deferred", delivery, recipient=delivery.recipient, error=why)
    return None


@transaction.atomic
def failed(delivery: Delivery, why: str) -> None:
    """It will not arrive; it shows on the message with Retry."""
    if _settle(delivery, State.FAILED, error=why):
        record("delivery.failed", delivery, recipient=delivery.recipient, error=why)


@transaction.atomic
def unknown(delivery: Delivery, why: str) -> None:
    """It may have arrived: nothing sends it again but a person."""
    if _settle(delivery, State.UNKNOWN, error=why):
        record("delivery.unknown", delivery, recipient=delivery.recipient, error=why)


@transaction.atomic
def bounced(delivery: Delivery, why: str) -> None:
    """It was taken, and came back."""
    delivery.ticket.touch()
    if Delivery.objects.filter(pk=delivery.pk).exclude(state=State.FAILED).update(state=State.FAILED, error=why):
        record("delivery.bounced", delivery, recipient=delivery.recipient, error=why)


@transaction.atomic
def retry(delivery: Delivery, *, by) -> None:
    """A person wants it tried again now. Raises CannotRetry while it is under way or when it has arrived."""
    delivery.ticket.touch()
    stuck = Delivery.objects.filter(pk=delivery.pk, state__in=[State.FAILED, State.UNKNOWN, State.DEFERRED])
    if not stuck.update(state=State.QUEUED, due_at=Now(), tries=0, error="", lease_until=None):
        raise CannotRetry("It is on its way, or has arrived; there is nothing to try again.")
    record("delivery.retried", delivery, by=by, recipient=delivery.recipient)
    nudge(TASKS[delivery.channel], delivery.pk)


def give_up_lost_mails() -> int:
    """Settle as unknown the mails whose sender died in the middle; returns how many."""
    lost = Delivery.objects.filter(
        state=State.SENDING, lease_until__lt=Now(), channel=Channel.EMAIL, is_handed_over=True
    )
    deliveries = list(lost.select_related("ticket"))
    for delivery in deliveries:
        unknown(delivery, LOST_MID_SEND)
    return len(deliveries)


def begin_hand_over(delivery: Delivery) -> bool:
    """From here on it may have gone; False when the lease was lost meanwhile, and nothing may be sent."""
    is_mine = bool(_mine(delivery).update(is_handed_over=True, lease_until=Now() + LEASE))
    if is_mine:
        delivery.refresh_from_db(fields=["is_handed_over", "lease_until"])
    return is_mine


def _abandoned(delivery_id):
    """Claimed by a worker that died before anything had gone over."""
    return Delivery.objects.filter(pk=delivery_id, state=State.SENDING, lease_until__lt=Now(), is_handed_over=False)


def _mine(delivery):
    """The row, while the claim that `delivery` was read with holds; its lease tells one claim from the next."""
    return Delivery.objects.filter(
        pk=delivery.pk, state=State.SENDING, tries=delivery.tries, lease_until=delivery.lease_until
    )


def _settle(delivery, state, **changes):
    """Compare and swap: only the worker whose claim this is may settle it. The ticket's screen shows it."""
    delivery.ticket.touch()
    return bool(_mine(delivery).update(state=state, lease_until=None, is_handed_over=False, **changes))
