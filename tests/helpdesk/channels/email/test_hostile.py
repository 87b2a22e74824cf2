"""Input made to hang or break a reader. The limit is generous: what is quadratic takes minutes here, not seconds."""

import time

import pytest

from helpdesk.channels.email.parse import Unparseable, parse

from .letters import html_letter, letter

SECONDS = 5


def header(name, value):
    return f"From: a@b.example\n{name}: {value}\n\nhi".encode()


def nested(depth):
    head = "".join(f'Content-Type: multipart/mixed; boundary="b{n}"\n\n--b{n}\n' for n in range(depth))
    return f"From: a@b.example\n{head}Content-Type: text/plain\n\nhi".encode()


CASES = {
    "newlines": letter("a" + "\n" * 100_000 + "b"),
    "on": letter("On " * 50_000),
    "on with digits": letter("On " + "1" * 50_000),
    "introductions": letter("On 1 Jan 2024, a@b.example wrote\n" * 20_000),
    "dashes": letter("-" * 100_000 + "x"),
    "signature marks": letter("-- \n" * 100_000),
    "underscores": letter("___\n" * 100_000),
    "quote marks": letter(">" * 100_000),
    "quotes between": letter("> x\ny\n" * 50_000),
    "nested quotes": letter("".join(">" * n + " x\n" for n in range(1000))),
    "headers in the text": letter("From: x\n" * 50_000),
    "phones": letter("Sent from my iPhone\n\n" * 20_000),
    "spaces": letter(" " * 900_000 + "x"),
    "at signs": letter("a@" * 250_000),
    "flowed": letter("a \n" * 300_000, "Content-Type: text/plain; format=flowed"),
    "parameters": header("Content-Type", "text/plain; " + "; ".join(f"p{n}=v" for n in range(20_000))),
    "parentheses": header("To", "(" * 60_000),
    "closed parentheses": header("To", "((a)" * 15_000),
    "groups": header("To", "a:" * 30_000),
    "angles": header("To", "<" * 60_000),
    "quotes": header("To", '"' * 60_001),
    "escapes": header("To", '"' + '\\"' * 30_000),
    "encoded words": header("Subject", " ".join(["=?utf-8?q?a?="] * 20_000)),
    "unended words": header("Subject", "=?utf-8?q?" * 6000),
    "references": header("References", "<a@b> " * 50_000),
    "many headers": b"From: a@b.example\n" + b"X: y\n" * 100_000 + b"\nhi",
    "junk headers": b"From: a@b.example\n" + b"junk\n" * 100_000 + b"\nhi",
    "multiparts in multiparts": nested(900),
    "multiparts with one boundary": b"From: a@b.example\n"
    + b"Content-Type: multipart/mixed; boundary=b\n\n--b\n" * 2000,
    "parts": b"From: a@b.example\nContent-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\nx\n" * 100_000,
    "mails in mails": b"From: a@b.example\n" + b"Content-Type: message/rfc822\n\n" * 900,
    "base64 pieces": letter("A=" * 500_000, "Content-Transfer-Encoding: base64"),
    "uuencode without end": letter("begin 644 x\n" * 100_000),
    "punycode": letter("a" * 50_000 + "-" + "b" * 50_000, "Content-Type: text/plain; charset=punycode"),
    "high bytes": letter(b"\xff\xfe\xfd\x80" * 200_000),
    "divs": html_letter("<div>" * 20_000),
    "open formatting": html_letter("".join(f"<b id={n}>" for n in range(190)) + "<p>" * 300_000),
    "lesser than": html_letter("<" * 1_900_000),
    "comments": html_letter("<!--" * 400_000),
    "scripts": html_letter("<script>" * 200_000),
    "attributes": html_letter("<p " + "a=b " * 400_000 + ">"),
    "wide cells": html_letter("<table>" + "<tr><td colspan=1000 rowspan=65000>x" * 5000),
    "cited": html_letter("x<blockquote type=cite>q</blockquote>" * 15_000),
    "bounce with addresses": b"From: mailer-daemon@x.example\nSubject: failure notice\n\n"
    + b"<a@b.example>: " * 80_000,
}


@pytest.mark.parametrize("raw", CASES.values(), ids=CASES.keys())
def test_no_input_hangs_or_breaks_the_reader(raw):
    before = time.process_time()
    parse(raw)
    assert time.process_time() - before < SECONDS


@pytest.mark.parametrize(
    "raw",
    [
        b"From: a\x00b@c.example\nSubject: \x00\xed\xa0\x80x\n\n\x00text\xed\xa0\x80",
        b"From: =?utf-7?q?+2AA-?= <a@b.example>\nSubject: =?utf-7?q?x+2AA-?=\n"
        b"Content-Type: text/plain; charset=utf-7\n\nx+2AA-+AAA-",
        b"From: a@b.example\nReferences: <a\x00b@c> \x00\nMessage-ID: <\x00>\nIn-Reply-To: a\x00@b\n\nhi",
        b"From: a@b.example\nContent-Type: text/html\n\n<p title='&#0;&#xd800;'>x&#0;&#xd800;&#x202e;</p>",
    ],
)
def test_nothing_that_a_database_refuses_gets_through(raw):
    mail = parse(raw)
    said = " ".join((mail.message_id, *mail.references, *mail.in_reply_to))
    said += mail.sender.name + mail.sender.address + mail.subject + mail.text + mail.full_text + mail.html
    assert said.encode() and "\x00" not in said


@pytest.mark.parametrize("start", range(0, 300, 7))
def test_a_mail_cut_off_anywhere_is_read_or_refused(start):
    raw = letter(
        '--b\nContent-Type: text/html; charset="x\n\n<p>=\n--b--', 'Content-Type: multipart/mixed; boundary="b"'
    )
    try:
        assert parse(raw[:start]).digest
    except Unparseable as refusal:
        assert str(refusal).endswith(".")
