import pytest

from helpdesk.channels.email.parse import parse

from .letters import letter, with_headers

PERSON = "From: Ann <ann@example.com>"


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        ("Auto-Submitted: auto-replied (vacation)", "auto-submitted: auto-replied"),
        ("Auto-Submitted: auto-generated; x=y", "auto-submitted: auto-generated"),
        ("Precedence: bulk", "precedence: bulk"),
        ("Precedence: auto_reply", "precedence: auto_reply"),
        ("X-Autoreply: yes", "x-autoreply"),
        ("List-Id: <news.example.com>", "list"),
        ("List-Unsubscribe: <mailto:x@example.com>", "list"),
        ("Return-Path: <>", "null sender"),
        ("Subject: Out of office: back on Monday", "subject"),
        ("Subject: Automatische Antwort: Ihre Frage", "subject"),
        ("Subject: Re: Réponse automatique : absent", "subject"),
        ("X-Auto-Response-Suppress: All\nX-MS-Exchange-Inbox-Rules-Loop: ann@example.com", "inbox rule"),
    ],
)
def test_machines_are_known_by_their_headers(header, reason):
    assert with_headers(PERSON, header).automatic == reason


@pytest.mark.parametrize(
    "header",
    [
        "Auto-Submitted: no",
        "Auto-Submitted: NO (really)",
        "X-Auto-Response-Suppress: All",
        "Precedence: first-class",
        "Subject: Re: the office is out of paper",
        "Subject: automatic door broken",
        "Subject: Out of office supplies",
        "Subject: Absent from the course on Monday",
        "X-Autoreply: no",
        "Return-Path: <ann@example.com>",
    ],
)
def test_people_are_not_taken_for_machines(header):
    assert with_headers(PERSON, header).automatic == ""


@pytest.mark.parametrize(
    "local", ["no-reply", "noreply", "donotreply", "MAILER-DAEMON", "postmaster", "noreply-orders", "bounces+12=x"]
)
def test_machines_are_known_by_their_address(local):
    assert with_headers(f"From: {local}@example.com").automatic == f"sender {local.lower()}"


def test_a_web_form_that_names_the_person_is_no_machine():
    assert with_headers("From: no-reply@example.com", "Reply-To: ann@example.com").automatic == ""


@pytest.mark.parametrize(("envelope", "reason"), [("", "null sender"), ("<>", "null sender"), ("ann@example.com", "")])
def test_the_envelopes_null_sender_is_a_machine(envelope, reason):
    assert parse(letter("hi"), envelope_sender=envelope).automatic == reason
