import pytest

from helpdesk.channels.email.parse import parse

from .letters import letter

DAEMON = b"From: Mail Delivery System <MAILER-DAEMON@mx.example>\nTo: desk@example.net\nMIME-Version: 1.0\n"
STATUS = """Reporting-MTA: dns; mx.example

Final-Recipient: rfc822; bo@example.com
Action: {action}
Status: {status}
Diagnostic-Code: smtp; {said}
"""


def report(action="failed", status="5.1.1", said="550 5.1.1 No such user", original="message/rfc822"):
    parts = [
        "Content-Type: text/plain\n\nI could not deliver your mail.",
        "Content-Type: message/delivery-status\n\n" + STATUS.format(action=action, status=status, said=said),
        f"Content-Type: {original}\n\nMessage-ID: <t.7.abc@example.net>\nSubject: Your ticket\n\nbody",
    ]
    body = "".join(f"--cut\n{part}\n" for part in parts) + "--cut--\n"
    header = "Content-Type: multipart/report; report-type=delivery-status; boundary=cut"
    return parse(letter(body, "Subject: Undelivered Mail Returned to Sender", header, start=DAEMON))


def plain(subject, text, start=DAEMON):
    return parse(letter(text, f"Subject: {subject}", start=start))


def test_a_report_names_who_why_and_which_mail():
    bounce = report().bounce
    assert (bounce.recipients, bounce.status, bounce.is_permanent, bounce.is_address_dead) == (
        ("bo@example.com",),
        "5.1.1",
        True,
        True,
    )
    assert (bounce.reason, bounce.original_message_id) == ("550 5.1.1 No such user", "t.7.abc@example.net")


@pytest.mark.parametrize("original", ["text/rfc822-headers", "message/rfc822-headers", "message/global"])
def test_the_original_is_found_in_any_shape(original):
    assert report(original=original).bounce.original_message_id == "t.7.abc@example.net"


def test_a_delay_is_not_permanent():
    bounce = report("delayed", "4.4.1", "connection timed out").bounce
    assert (bounce.is_permanent, bounce.is_address_dead, bounce.recipients) == (False, False, ("bo@example.com",))


@pytest.mark.parametrize(
    "said", ["552 mailbox full", "550 blocked by spamhaus", "552 message too large", "550 relaying denied"]
)
def test_a_failure_for_another_reason_does_not_kill_the_address(said):
    bounce = report(status="5.0.0", said=said).bounce
    assert (bounce.is_permanent, bounce.is_address_dead) == (True, False)


def test_a_report_of_success_is_no_bounce():
    assert report("delivered", "2.0.0", "ok").bounce is None


def test_the_code_in_words_wins_over_a_vague_status():
    assert report(status="5.0.0", said="550 5.1.1 unknown user").bounce.status == "5.1.1"


def test_exims_header_names_the_recipients():
    mail = parse(letter("It failed permanently.", "X-Failed-Recipients: bo@example.com, al@example.com", start=DAEMON))
    assert mail.bounce.recipients == ("bo@example.com", "al@example.com")


def test_a_server_that_only_writes_words_is_understood():
    text = (
        "Hi. This is the qmail-send program.\n\n<bo@example.com>:\nSorry, no mailbox here by that name. (#5.1.1)\n\n"
        "--- Below this line is a copy\n\nMessage-ID: <1@example.net>\n"
    )
    bounce = plain("failure notice", text).bounce
    assert (bounce.recipients, bounce.is_address_dead, bounce.original_message_id) == (
        ("bo@example.com",),
        True,
        "1@example.net",
    )


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("Re: Undelivered parcel", "The parcel could not be delivered, user unknown?"),
        ("My parcel was not delivered", "Please help, it was returned to sender."),
        ("Delivery status", "Where is my order?"),
        ("Hello", "bo@example.com could not be delivered"),
    ],
)
def test_people_who_write_about_deliveries_are_no_bounces(subject, text):
    person = b"From: Ann <ann@example.com>\nTo: desk@example.net\n"
    assert plain(subject, text, start=person).bounce is None


def test_a_spam_complaint_is_told_apart():
    parts = [
        "Content-Type: text/plain\n\nThis is an abuse report.",
        "Content-Type: message/feedback-report\n\nFeedback-Type: abuse\nOriginal-Rcpt-To: bo@example.com\n",
        "Content-Type: message/rfc822\n\nMessage-ID: <t.7@example.net>\n\nx",
    ]
    body = "".join(f"--cut\n{part}\n" for part in parts) + "--cut--\n"
    mail = parse(letter(body, "Content-Type: multipart/report; report-type=feedback-report; boundary=cut"))
    assert (mail.bounce.is_spam_report, mail.bounce.recipients, mail.bounce.original_message_id) == (
        True,
        ("bo@example.com",),
        "t.7@example.net",
    )
