import io
import json
import sys

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError

from helpdesk.management.commands import receive_email
from helpdesk.management.commands.receive_email import messages_in
from helpdesk.models import InboundRaw
from tests.factories import make_mailbox
from tests.helpdesk.channels.email.mails import SUPPORT, mail
from tickets.models import Ticket

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def mailbox():
    return make_mailbox(SUPPORT)


def run(*args, capsys=None):
    """What the command prints, one dict a line."""
    out = io.StringIO()
    call_command("receive_email", *args, "--json", stdout=out)
    return [json.loads(line) for line in out.getvalue().splitlines()]


def file_of(tmp_path, raw, name="one.eml"):
    (tmp_path / name).write_bytes(raw)
    return str(tmp_path / name)


def pipe(monkeypatch, raw):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(raw)))


def test_a_file_becomes_a_ticket_and_a_line_of_json(tmp_path):
    file = file_of(tmp_path, mail("Where is it?", html="<p>Where <b>is</b> it?</p>"))
    [line] = run(file)
    ticket = Ticket.objects.get()
    assert line == {
        "file": file,
        "outcome": "created",
        "reason": "",
        "ticket": ticket.pk,
        "message": ticket.messages.get().pk,
        "customer": ticket.customer.pk,
        "from": "ada@example.test",
        "subject": "Parcel",
        "text": "Where is it?",
        "html": "<p>Where <b>is</b> it?</p>\n",
        "attachments": [],
    }


def test_the_text_is_what_was_newly_written(tmp_path):
    text = "Yes please.\n\nOn Mon, 2 Nov 2026 at 10:00, Support <support@desk.test> wrote:\n> Shall we?\n"
    assert run(file_of(tmp_path, mail(text)))[0]["text"] == "Yes please."


def test_standard_input_is_read_as_a_mail_servers_pipe_writes_it(monkeypatch):
    pipe(monkeypatch, b"From ada@example.test Mon Nov  2 10:00:00 2026\n" + mail().replace(b"\r\n", b"\n"))
    [line] = run("-")
    assert (line["file"], line["outcome"], line["subject"]) == ("-", "created", "Parcel")


def test_standard_input_is_the_default(monkeypatch):
    pipe(monkeypatch, mail())
    assert [line["outcome"] for line in run()] == ["created"]


def test_an_mbox_gives_a_line_for_each_mail(tmp_path):
    mails = [mail(f"Number {n}\n\nFrom here on it is fine", message_id=f"{n}@x.test") for n in range(3)]
    mbox = b"".join(
        b"From ada@x.test Mon Nov  2 10:00:00 2026\n" + one.replace(b"\r\n", b"\n") + b"\n" for one in mails
    )
    lines = run(file_of(tmp_path, mbox, "box.mbox"))
    assert [line["outcome"] for line in lines] == ["created"] * 3


def test_a_line_that_begins_with_from_does_not_cut_a_mail():
    raw = b"From a@x Mon Nov  2 10:00:00 2026\nSubject: x\n\nHi\n\nFrom here on it is fine\n\n>From the mountains\n"
    assert messages_in(raw) == [b"Subject: x\n\nHi\n\nFrom here on it is fine\n\nFrom the mountains\n"]


def test_a_bad_mail_among_good_ones_is_quarantined_and_the_rest_arrive(tmp_path):
    files = [file_of(tmp_path, raw, f"{n}.eml") for n, raw in enumerate([mail(), b"", mail(message_id="two@x.test")])]
    assert [line["outcome"] for line in run(*files)] == ["created", "quarantined", "created"]


def test_the_same_file_twice_is_a_duplicate_of_the_same_message(tmp_path):
    file = file_of(tmp_path, mail())
    first, second = run(file), run(file)
    assert (second[0]["outcome"], second[0]["message"]) == ("duplicate", first[0]["message"])


def test_the_attachments_are_named(tmp_path):
    raw = mail().replace(
        b"Content-Type: text/plain", b'Content-Disposition: attachment; filename="a.txt"\r\nContent-Type: text/plain'
    )
    [line] = run(file_of(tmp_path, raw))
    assert [(one["filename"], one["size"] > 0) for one in line["attachments"]] == [("a.txt", True)]


def test_a_mail_that_could_not_be_stored_is_left_with_the_mail_server(monkeypatch):
    def unreachable(*args, **kwargs):
        raise OperationalError("the database is away")

    pipe(monkeypatch, mail())
    monkeypatch.setattr(receive_email, "store", unreachable)
    with pytest.raises(SystemExit) as end:
        run()
    assert end.value.code == 75


def test_a_mail_above_the_limit_is_rejected(monkeypatch):
    pipe(monkeypatch, mail() + b"x" * (25 * 1024 * 1024))
    with pytest.raises(SystemExit) as end:
        run()
    assert (end.value.code, InboundRaw.objects.count()) == (69, 0)


def test_a_file_that_is_not_there_is_named():
    with pytest.raises(CommandError, match=r"Cannot read /no/such/file: No such file"):
        run("/no/such/file")


def test_without_json_the_outcome_is_said_in_words(tmp_path):
    out = io.StringIO()
    call_command("receive_email", file_of(tmp_path, mail()), stdout=out)
    assert out.getvalue().rstrip().endswith(f"created ticket #{Ticket.objects.get().number}")
