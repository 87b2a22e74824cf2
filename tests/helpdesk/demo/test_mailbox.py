import pytest

from helpdesk.channels.email.parse import parse
from helpdesk.demo import mailbox
from tests.factories import make_mailbox
from tests.helpdesk.channels.email.mails import SUPPORT, mail
from tests.helpdesk.channels.email.sink import Refusing, Sink, listening

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def demo(settings, tmp_path):
    settings.HELPDESK_DEMO = True
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def letter():
    raw = mail(
        "On its way.",
        sender=f"Fjell <{SUPPORT}>",
        to="ada@example.test",
        subject="Re: Parcel [#1]",
        message_id="t.1@desk.test",
        reply_to="support+t.1.x@desk.test",
        references="<one@example.test>",
    )
    return mailbox.letter(mailbox.keep(raw, recipients=["ada@example.test"]))


def listener(settings, url):
    settings.HELPDESK_SMTP_LISTEN = url.removeprefix("smtp://")


def test_what_the_desk_sends_is_listed(client, letter):
    page = client.get("/demo/mailbox/").content.decode()
    assert ("ada@example.test" in page, "Re: Parcel [#1]" in page, "On its way." in page) == (True, True, True)


def test_a_letter_is_shown_with_its_headers_and_a_way_to_answer(client, letter):
    page = client.get(f"/demo/mailbox/{letter.name}/").content.decode()
    assert ("&lt;one@example.test&gt;" in page, "Answer as ada@example.test" in page) == (True, True)


def test_the_html_of_a_letter_may_run_nothing(client):
    name = mailbox.keep(mail(html="<p>Hi<script>alert(1)</script></p>"), recipients=["ada@example.test"])
    answer = client.get(f"/demo/mailbox/{name}/body/")
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    assert "script" not in answer.content.decode()


def test_an_answer_is_a_real_mail_in_the_same_conversation(client, letter, settings):
    sink = Sink()
    with listening(sink) as url:
        listener(settings, url)
        client.post(f"/demo/mailbox/{letter.name}/reply/", {"text": "Thank you!"})
    [envelope] = sink.mails
    sent = parse(envelope.content)
    assert (envelope.mail_from, envelope.rcpt_tos) == ("ada@example.test", ["support+t.1.x@desk.test"])
    assert (sent.in_reply_to, sent.references) == (("t.1@desk.test",), ("one@example.test", "t.1@desk.test"))
    assert (sent.subject, sent.text.strip()) == ("Re: Parcel [#1]", "Thank you!")


def test_an_empty_answer_is_refused_in_words(client, letter):
    page = client.post(f"/demo/mailbox/{letter.name}/reply/", {"text": " "}, follow=True).content.decode()
    assert "write something first" in page


def test_an_answer_that_the_desk_does_not_take_is_said(client, letter, settings):
    with listening(Refusing("550 Nobody here")) as url:
        listener(settings, url)
        page = client.post(f"/demo/mailbox/{letter.name}/reply/", {"text": "Hi"}, follow=True).content.decode()
    assert "The desk did not take it: Nobody here." in page


def test_a_newcomer_without_a_mail_program_can_write_to_the_desk(client, settings):
    make_mailbox(SUPPORT)
    sink = Sink()
    fields = {"sender": "ann@customer.example", "to": SUPPORT, "subject": "Hello", "text": "Where is it?"}
    assert SUPPORT in client.get("/demo/mailbox/new/").content.decode()
    with listening(sink) as url:
        listener(settings, url)
        client.post("/demo/mailbox/new/", fields)
    assert [envelope.rcpt_tos for envelope in sink.mails] == [[SUPPORT]]


def test_a_subject_cannot_start_a_header(settings):
    sink = Sink()
    with listening(sink) as url:
        listener(settings, url)
        mailbox.write(sender="a@x.test", to=SUPPORT, subject="Hi\r\nBcc: eve@x.test", text="Hello")
    assert parse(sink.mails[0].content).subject == "Hi Bcc: eve@x.test"


def test_the_mailbox_keeps_the_newest(letter, monkeypatch):
    monkeypatch.setattr(mailbox, "KEPT", 2)
    names = [mailbox.keep(mail(str(n)), recipients=["ada@example.test"]) for n in range(3)]
    assert [one.name for one in mailbox.letters()] == names[:0:-1]


@pytest.mark.parametrize("path", ["", "new/", "00000000000000000000-00000000/", "x/body/"])
def test_outside_the_demo_there_is_no_mailbox(client, settings, path):
    settings.HELPDESK_DEMO = False
    assert client.get(f"/demo/mailbox/{path}").status_code == 404


@pytest.mark.parametrize("name", ["00000000000000000000-00000000", "etc-passwd"])
def test_a_letter_that_is_not_there_is_not_found(client, name):
    assert client.get(f"/demo/mailbox/{name}/").status_code == 404
