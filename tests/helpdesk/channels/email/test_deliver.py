"""From the outbox over real SMTP to a settled delivery."""

from datetime import timedelta

import pytest
from django.utils import timezone

from customers.models import Event
from helpdesk import outbox
from helpdesk.models import Delivery
from helpdesk.tasks import deliver_mail
from tests.factories import make_delivery, make_mailbox, make_message, make_ticket
from tests.helpdesk.channels.email.mails import SUPPORT
from tests.helpdesk.channels.email.sink import BreakingOff, Refusing, Sink, listening

pytestmark = pytest.mark.django_db


@pytest.fixture
def delivery():
    make_mailbox(SUPPORT)
    message = make_message(make_ticket(text="Where is it?"), kind="outbound", text="On its way.")
    return make_delivery(message, recipient="ada@example.test")


def deliver(delivery, handler, settings, *, times=1):
    with listening(handler) as url:
        settings.HELPDESK_SMTP_URL = url
        for _ in range(times):
            deliver_mail(delivery.pk)
    delivery.refresh_from_db()
    return delivery


def test_a_reply_is_sent_and_settled(delivery, settings):
    sink = Sink()
    deliver(delivery, sink, settings)
    assert (delivery.state, delivery.tries, delivery.error) == ("sent", 1, "")
    assert [envelope.rcpt_tos for envelope in sink.mails] == [["ada@example.test"]]


def test_what_arrives_is_what_was_frozen(delivery, settings):
    sink = Sink()
    deliver(delivery, sink, settings)
    assert sink.mails[0].content == bytes(delivery.mime)


def test_a_delivery_that_was_sent_is_never_sent_again(delivery, settings):
    sink = Sink()
    deliver(delivery, sink, settings, times=3)
    assert len(sink.mails) == 1


def test_a_recipient_who_is_busy_is_tried_again_after_a_while(delivery, settings):
    deliver(delivery, Refusing("450 mailbox busy"), settings)
    assert (delivery.state, "450 mailbox busy" in delivery.error) == ("deferred", True)
    assert delivery.due_at > timezone.now()


def test_the_next_try_sends_the_same_bytes(delivery, settings):
    before = bytes(deliver(delivery, Refusing("450 mailbox busy"), settings).mime)
    Delivery.objects.update(due_at=timezone.now() - timedelta(seconds=1))
    sink = Sink()
    deliver(delivery, sink, settings)
    assert (delivery.state, sink.mails[0].content) == ("sent", before)


def test_a_delivery_that_is_not_due_is_left_alone(delivery, settings):
    deliver(delivery, Refusing("450 mailbox busy"), settings)
    sink = Sink()
    deliver(delivery, sink, settings)
    assert (delivery.state, sink.mails) == ("deferred", [])


def test_an_unknown_recipient_fails_and_says_why_on_the_ticket(delivery, settings):
    deliver(delivery, Refusing("550 no such user"), settings)
    event = Event.objects.get(verb="delivery.failed", ticket_id=delivery.ticket_id)
    assert (delivery.state, "550 no such user" in event.facts["error"]) == ("failed", True)


def test_a_mail_whose_outcome_is_unknown_is_not_sent_again(delivery, settings):
    sink = BreakingOff()
    deliver(delivery, sink, settings, times=3)
    assert (delivery.state, len(sink.mails)) == ("unknown", 1)


def test_a_person_may_send_an_unknown_mail_again(delivery, settings):
    deliver(delivery, BreakingOff(), settings)
    outbox.retry(delivery, by=None)
    sink = Sink()
    deliver(delivery, sink, settings)
    assert (delivery.state, len(sink.mails)) == ("sent", 1)


def test_a_server_that_is_away_defers_the_mail(delivery, settings):
    settings.HELPDESK_SMTP_URL = "smtp://127.0.0.1:1"
    deliver_mail(delivery.pk)
    delivery.refresh_from_db()
    assert delivery.state == "deferred"


def test_a_desk_without_a_mailbox_fails_the_delivery_in_words(settings):
    message = make_message(make_ticket(text="Where is it?"), kind="outbound", text="On its way.")
    delivery = deliver(make_delivery(message), Sink(), settings)
    assert (delivery.state, delivery.error.startswith("The desk has no active mailbox")) == ("failed", True)
