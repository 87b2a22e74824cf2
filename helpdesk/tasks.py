"""What the workers run: mails taken in, deliveries made, and the sweeps that find what a crash left."""

from functools import partial

import structlog
from celery import shared_task
from django.db.models.functions import Now

from customers.events import nudge, seen
from helpdesk import language, outbox
from helpdesk.channels.chat import send as chat
from helpdesk.channels.chat import visits
from helpdesk.channels.email import compose, receipts
from helpdesk.channels.email import send as email
from helpdesk.channels.email.take_in import take_in
from helpdesk.models import Delivery, InboundRaw

log = structlog.get_logger(__name__)

# A sweep wakes this many at the most, and each of them once in a while: work that only waits its turn in a backlog
# must not be queued over and over. A task that begins clears its mark: if it fails, the next sweep wakes it again.
AT_ONCE = 200
AGAIN_SECONDS = 60

FREEZE = {Delivery.Purpose.REPLY: compose.freeze, Delivery.Purpose.RECEIPT: receipts.freeze}


@shared_task(name="helpdesk.take_in", warm_up=staticmethod(language.load))
def take_in_mail(raw_id: int) -> None:
    """Understand one stored mail and take it in by the door."""
    seen("helpdesk.take_in", raw_id)
    take_in(raw_id)


@shared_task(name="helpdesk.deliver_mail")
def deliver_mail(delivery_id: int) -> None:
    """Freeze and send one mail of the outbox."""
    seen("helpdesk.deliver_mail", delivery_id)
    _deliver(delivery_id, _send_mail)


@shared_task(name="helpdesk.deliver_chat")
def deliver_chat(delivery_id: int) -> None:
    """Tell a visitor's widget that there is something new to read."""
    seen("helpdesk.deliver_chat", delivery_id)
    _deliver(delivery_id, chat.send)


@shared_task(name="helpdesk.sweep_inbound")
def sweep_inbound() -> None:
    """Wake the taking in of mails that are stored but not understood, and due."""
    due = InboundRaw.objects.filter(state=InboundRaw.State.RECEIVED, next_try_at__lte=Now()).order_by(
        "next_try_at", "id"
    )
    for raw_id in due.values_list("pk", flat=True)[:AT_ONCE]:
        nudge("helpdesk.take_in", raw_id, coalesce=True, for_seconds=AGAIN_SECONDS)


@shared_task(name="helpdesk.sweep_deliveries")
def sweep_deliveries() -> None:
    """Settle mails whose worker died, and wake whatever else is due."""
    outbox.give_up_lost_mails()
    for delivery_id, channel in outbox.due().values_list("pk", "channel")[:AT_ONCE]:
        nudge(outbox.TASKS[channel], delivery_id, coalesce=True, for_seconds=AGAIN_SECONDS)


@shared_task(name="helpdesk.sweep_chats")
def sweep_chats() -> None:
    """Take out of line the visitors whose page is gone."""
    visits.withdraw_left()


def _send_mail(delivery):
    try:
        FREEZE[delivery.purpose](delivery)
    except (compose.NoMailbox, ValueError) as error:
        raise outbox.Failed(str(error)) from error
    email.send(delivery)


def _deliver(delivery_id, send):
    delivery = outbox.claim(delivery_id)
    if delivery is None:
        return
    settle = partial(outbox.sent, delivery)
    try:
        send(delivery)
    except outbox.Deferred as error:
        settle = partial(outbox.deferred, delivery, str(error))
    except outbox.Failed as error:
        settle = partial(outbox.failed, delivery, str(error))
    except outbox.Unknown as error:
        settle = partial(outbox.unknown, delivery, str(error))
    settle()
    log.info("delivery.settled", delivery=delivery_id, ticket_id=delivery.ticket_id)
