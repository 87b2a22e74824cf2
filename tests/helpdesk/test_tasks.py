from datetime import timedelta

import pytest
from django.utils import timezone
from redis import Redis

from customers.models import Event
from helpdesk import outbox
from helpdesk.models import Delivery
from helpdesk.tasks import deliver_chat, sweep_deliveries, sweep_inbound
from tests import factories as make

pytestmark = pytest.mark.django_db(transaction=True)

LONG_AGO = timezone.now() - timedelta(hours=1)


@pytest.fixture
def redis(services):
    return Redis.from_url(services.redis.url)


def _delivery(**fields):
    ticket = make.make_ticket(channel=fields.get("channel", "email"))
    return make.make_delivery(make.make_message(ticket, kind="outbound"), **fields)


def test_an_answer_by_chat_is_delivered_by_a_hint():
    delivery = _delivery(channel="chat")

    deliver_chat(delivery.pk)

    delivery.refresh_from_db()
    assert (delivery.state, delivery.tries) == ("sent", 1)


def test_what_somebody_else_has_in_hand_is_left_alone():
    delivery = _delivery(channel="chat")
    outbox.claim(delivery.pk)

    deliver_chat(delivery.pk)

    delivery.refresh_from_db()
    assert (delivery.state, delivery.tries) == ("sending", 1)


def test_the_sweep_wakes_what_is_due_once_in_a_while(redis):
    _delivery(), _delivery(channel="chat"), _delivery(state="sent")
    _delivery(due_at=timezone.now() + timedelta(hours=1))

    sweep_deliveries()
    sweep_deliveries()

    assert (redis.llen("mail"), redis.llen("chat")) == (1, 1)


def test_the_sweep_settles_mails_whose_worker_died():
    delivery = outbox.claim(_delivery().pk)
    outbox.begin_hand_over(delivery)
    Delivery.objects.update(lease_until=LONG_AGO)

    sweep_deliveries()

    delivery.refresh_from_db()
    assert delivery.state == "unknown"
    assert Event.objects.filter(verb="delivery.unknown").count() == 1


def test_the_sweep_wakes_the_taking_in_of_stored_mails(redis):
    make.make_inbound_raw()
    make.make_inbound_raw(state="quarantined")
    make.make_inbound_raw(next_try_at=timezone.now() + timedelta(hours=1))

    sweep_inbound()
    sweep_inbound()

    assert redis.llen("mail") == 1
