from datetime import timedelta

import pytest
from django.utils import timezone

from helpdesk import outbox
from helpdesk.channels.email import send as module
from helpdesk.channels.email.send import send
from tests.factories import make_delivery, make_message, make_ticket
from tests.helpdesk.channels.email.sink import (
    BreakingOff,
    HangingUpOnRecipient,
    Refusing,
    RefusingMail,
    Sink,
    listening,
)

pytestmark = pytest.mark.django_db

MIME = b"Subject: Hello\r\nMessage-ID: <a@desk.test>\r\n\r\nFirst\r\n.\r\n..second\r\n"


def claimed(**fields):
    message = make_message(make_ticket(text="Hi"), kind="outbound", text="Hello")
    fields = {"mime": MIME, "envelope_sender": "bounce+1.x@desk.test", "recipient": "ada@example.test", **fields}
    return outbox.claim(make_delivery(message, channel="email", **fields).pk)


def send_to(handler, settings, delivery=None):
    with listening(handler) as url:
        settings.HELPDESK_SMTP_URL = url
        send(delivery or claimed())
    return handler


def test_a_frozen_mail_arrives_byte_for_byte(settings):
    [envelope] = send_to(Sink(), settings).mails
    assert envelope.content == MIME


def test_the_envelope_names_the_bounce_address_and_the_recipient(settings):
    [envelope] = send_to(Sink(), settings).mails
    assert (envelope.mail_from, envelope.rcpt_tos) == ("bounce+1.x@desk.test", ["ada@example.test"])


def test_an_automatic_mail_goes_with_the_null_sender(settings):
    [envelope] = send_to(Sink(), settings, claimed(envelope_sender="")).mails
    assert envelope.mail_from == "<>"


def test_a_recipient_who_is_busy_is_tried_again_later(settings):
    with pytest.raises(outbox.Deferred, match="450 mailbox busy"):
        send_to(Refusing("450 mailbox busy"), settings)


def test_an_unknown_recipient_is_a_failure(settings):
    with pytest.raises(outbox.Failed, match="550 no such user"):
        send_to(Refusing("550 no such user"), settings)


def test_a_mail_put_off_after_it_went_over_is_tried_again_later(settings):
    with pytest.raises(outbox.Deferred, match="451 come back later"):
        send_to(RefusingMail("451 come back later"), settings)


def test_a_mail_refused_after_it_went_over_is_a_failure(settings):
    with pytest.raises(outbox.Failed, match="554 looks like spam"):
        send_to(RefusingMail("554 looks like spam"), settings)


def test_a_connection_lost_before_the_mail_went_over_is_tried_again_later(settings):
    with pytest.raises(outbox.Deferred):
        send_to(HangingUpOnRecipient(), settings)


def test_a_connection_lost_after_the_mail_went_over_leaves_the_outcome_unknown(settings):
    with pytest.raises(outbox.Unknown):
        send_to(BreakingOff(), settings)


def test_a_server_that_is_away_is_tried_again_later(settings):
    settings.HELPDESK_SMTP_URL = "smtp://127.0.0.1:1"
    with pytest.raises(outbox.Deferred, match="cannot be used right now"):
        send(claimed())


def test_a_server_that_says_nothing_is_tried_again_later(settings, monkeypatch):
    class Silent(Sink):
        async def handle_EHLO(self, server, session, envelope, hostname, responses):
            server.transport.pause_reading()
            return []

    monkeypatch.setattr(module, "TIMEOUT_SECONDS", 0.3)
    with pytest.raises(outbox.Deferred):
        send_to(Silent(), settings)


def test_a_password_that_is_refused_is_no_fault_of_the_mail(settings):
    with listening(Sink()) as url:
        settings.HELPDESK_SMTP_URL = url.replace("smtp://", "smtp://desk:wrong@")
        with pytest.raises(outbox.Deferred):
            send(claimed())


def test_an_address_that_is_none_is_never_sent_to(settings):
    sink = Sink()
    with pytest.raises(outbox.Failed):
        send_to(sink, settings, claimed(recipient="ada@example.test>\r\nRCPT TO:<eve@example.test"))
    assert sink.mails == []


def test_nothing_is_sent_once_the_lease_was_lost(settings):
    sink, delivery = Sink(), claimed()
    type(delivery).objects.filter(pk=delivery.pk).update(tries=9, lease_until=timezone.now() + timedelta(minutes=1))
    with pytest.raises(outbox.Deferred):
        send_to(sink, settings, delivery)
    assert sink.mails == []
