"""Mails for tests, written by hand."""

from email.message import EmailMessage

SUPPORT = "support@desk.test"


def mail(
    text="Where is my parcel?",
    *,
    sender="Ada Lovelace <ada@example.test>",
    to=SUPPORT,
    subject="Parcel",
    message_id="one@example.test",
    html="",
    **headers,
) -> bytes:
    """The bytes of a mail. `headers` are further ones: mail(in_reply_to="<x@y>", auto_submitted="auto-replied")."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, to, subject
    if message_id:
        message["Message-ID"] = f"<{message_id}>"
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content(text)
    if html:
        message.add_alternative(html, subtype="html")
    return message.as_bytes().replace(b"\n", b"\r\n")


BOUNCE = """\
From: Mail Delivery System <MAILER-DAEMON@mx.example.test>
To: {to}
Subject: Undelivered Mail Returned to Sender
Message-ID: <bounce.1@mx.example.test>
Auto-Submitted: auto-replied
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

The mail could not be delivered: no such user.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.test

Final-Recipient: rfc822; {recipient}
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 no such user

--b
Content-Type: text/rfc822-headers

Message-ID: <{mail_id}>
Subject: Re: Parcel

--b--
"""


def bounce(*, to=SUPPORT, recipient="ada@example.test", mail_id="t.1@desk.test") -> bytes:
    """The report of a mail server that our mail did not arrive."""
    return BOUNCE.format(to=to, recipient=recipient, mail_id=mail_id).replace("\n", "\r\n").encode()
