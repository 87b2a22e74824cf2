import smtplib
from urllib.parse import urlsplit

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError

from helpdesk.channels.email import smtp
from helpdesk.channels.email.tokens import bounce_address, reply_address
from helpdesk.models import InboundRaw
from tests.factories import make_mailbox
from tests.helpdesk.channels.email.mails import SUPPORT, mail
from tests.helpdesk.channels.email.sink import listening

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def mailbox():
    return make_mailbox(SUPPORT)


@pytest.fixture
def client():
    """A mail client that is connected to the desk's own listener."""
    listener = smtp.Listener()
    with listening(listener, smtp.Doorman(listener, hostname="desk.test")) as url:
        with smtplib.SMTP("127.0.0.1", urlsplit(url).port, timeout=10) as client:
            yield client
        listener.close()


def refusal_of(client, recipient):
    client.ehlo()
    client.mail("ada@example.test")
    code, words = client.rcpt(recipient)
    return code, words.decode()


def unreachable(*args, **kwargs):
    raise OperationalError("the database is away")


def test_the_bytes_are_stored_before_the_mail_is_acknowledged(client):
    client.sendmail("ada@example.test", [SUPPORT], mail())
    row = InboundRaw.objects.get()
    assert (bytes(row.raw), row.size, row.source, row.state) == (mail(), len(mail()), "smtp", "received")


def test_the_envelope_is_kept(client):
    client.sendmail("ada@example.test", [SUPPORT], mail())
    assert InboundRaw.objects.get().envelope == {
        "sender": "ada@example.test",
        "recipients": [SUPPORT],
        "peer": "127.0.0.1",
    }


def test_several_mails_go_over_one_connection(client):
    for number in range(3):
        client.sendmail("ada@example.test", [SUPPORT], mail(message_id=f"{number}@x.test"))
    assert InboundRaw.objects.count() == 3


def test_the_null_sender_is_taken(client):
    client.sendmail("", [SUPPORT], mail())
    assert InboundRaw.objects.get().envelope["sender"] == ""


def test_the_reply_address_of_a_ticket_is_taken(client):
    assert refusal_of(client, reply_address(SUPPORT, 7))[0] == 250


def test_a_bounce_address_is_taken(client):
    assert refusal_of(client, bounce_address(7, "desk.test"))[0] == 250


@pytest.mark.parametrize(
    "recipient", ["nobody@desk.test", "support@elsewhere.test", "support+t.7.aaaaaaaaaaaaaaaa@desk.test"]
)
def test_an_address_that_is_not_ours_is_refused_in_words(client, recipient):
    assert refusal_of(client, recipient) == (
        550,
        "5.1.1 Nobody here reads mail to that address; please check it for a slip",
    )


def test_a_mailbox_that_is_switched_off_takes_no_mail(client, mailbox):
    mailbox.is_active = False
    mailbox.save()
    assert refusal_of(client, SUPPORT)[0] == 550


def test_a_mail_that_could_not_be_stored_is_put_off(client, monkeypatch):
    monkeypatch.setattr(smtp, "store", unreachable)
    with pytest.raises(smtplib.SMTPDataError) as refusal:
        client.sendmail("ada@example.test", [SUPPORT], mail())
    assert (refusal.value.smtp_code, InboundRaw.objects.count()) == (451, 0)


def test_a_recipient_who_could_not_be_looked_up_is_put_off(client, monkeypatch):
    monkeypatch.setattr(smtp, "takes_mail_for", unreachable)
    assert refusal_of(client, SUPPORT)[0] == 451


def test_a_mail_above_the_limit_is_refused_by_its_size(client):
    client.ehlo()
    assert client.mail("ada@example.test", options=[f"SIZE={26 * 1024 * 1024}"])[0] == 552


def test_a_mail_that_grows_above_the_limit_is_refused(client):
    client.ehlo()
    client.mail("ada@example.test")
    client.rcpt(SUPPORT)
    line = b"x" * 990 + b"\r\n"
    assert client.data(b"Subject: big\r\n\r\n" + line * (26 * 1024 * 1024 // len(line)))[0] == 552
    assert InboundRaw.objects.count() == 0


def test_a_line_beyond_the_standards_limit_is_taken(client):
    client.sendmail("ada@example.test", [SUPPORT], mail("x" * 1).replace(b"x\r\n", b"x" * 200_000 + b"\r\n"))
    assert InboundRaw.objects.get().size > 200_000


def test_a_line_that_begins_with_a_dot_stays_as_it_was(client):
    raw = mail("one\n.\n..two\n.three")
    client.sendmail("ada@example.test", [SUPPORT], raw)
    assert bytes(InboundRaw.objects.get().raw) == raw


def test_the_hundred_and_first_recipient_is_put_off(client):
    client.ehlo()
    client.mail("ada@example.test")
    codes = [client.rcpt(SUPPORT)[0] for _ in range(101)]
    assert codes == [250] * 100 + [452]


def test_a_connection_beyond_the_limit_is_asked_to_come_back(client, monkeypatch):
    monkeypatch.setattr(smtp, "MAX_CONNECTIONS", 1)
    with pytest.raises(smtplib.SMTPConnectError) as refusal:
        smtplib.SMTP("127.0.0.1", client.sock.getpeername()[1], timeout=10)
    assert refusal.value.smtp_code == 421


def test_a_taken_port_is_said_in_one_sentence(client):
    listen = f"127.0.0.1:{client.sock.getpeername()[1]}"
    with pytest.raises(CommandError, match=f"Cannot listen on {listen}: Address already in use"):
        call_command("smtp", "--listen", listen)


@pytest.mark.parametrize("listen", ["nonsense", "127.0.0.1:99999"])
def test_what_is_no_address_to_listen_on_is_said_in_one_sentence(listen):
    with pytest.raises(CommandError, match="is no host:port"):
        call_command("smtp", "--listen", listen)
