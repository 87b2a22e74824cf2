from datetime import UTC, datetime

import pytest

from helpdesk.channels.email.parse import Mailbox, Unparseable, parse

from .letters import html_letter, letter, mixed, read, with_headers


def test_a_plain_mail_is_read():
    mail = parse(letter("Where is my parcel?\n", "Message-ID: <1@example.com>", "Date: Mon, 1 Jan 2024 10:00:00 +0100"))
    assert (mail.sender, mail.subject, mail.text) == (Mailbox("Ann", "ann@example.com"), "Hello", "Where is my parcel?")
    assert (mail.message_id, mail.sent_at) == ("1@example.com", datetime(2024, 1, 1, 9, tzinfo=UTC))


def test_the_same_mail_by_two_ways_has_one_digest():
    first = b"Received: from a\nDelivered-To: x@example.net\nX-Spam: no\n" + letter("hi\n")
    second = b"Return-Path: <ann@example.com>\r\nReceived: from b\r\n" + letter("hi\n").replace(b"\n", b"\r\n")
    assert parse(first).digest == parse(second).digest


def test_another_text_has_another_digest():
    assert parse(letter("hi")).digest != parse(letter("ho")).digest


@pytest.mark.parametrize("raw", [b"", b"  \r\n ", b"just some words\nand more of them\n", b"\x00\x01\x02"])
def test_bytes_without_a_single_header_are_refused_in_words(raw):
    with pytest.raises(Unparseable, match="mail"):
        parse(raw)


def test_a_mail_over_the_limit_is_refused_in_words():
    with pytest.raises(Unparseable, match="larger than 25 MB"):
        parse(b"From: a@example.com\n\n" + b"x" * (25 * 1024 * 1024))


def test_a_from_without_address_falls_back_to_reply_to():
    mail = with_headers("From: Ann", "Reply-To: ann@example.com", "Return-Path: <bounce@example.org>")
    assert mail.sender == Mailbox("", "ann@example.com")


def test_of_several_from_headers_the_first_with_an_address_counts():
    mail = with_headers("From: nobody", "From: Ann <ann@example.com>", "From: eve@example.org")
    assert mail.sender.address == "ann@example.com"
    assert mail.problems == ("The mail has more than one From header.",)


def test_everyone_it_may_have_been_sent_to_is_a_recipient_once():
    mail = with_headers(
        "From: a@b.example", "Delivered-To: desk@example.net", "To: Desk <DESK@example.net>", "Cc: bo@c.example"
    )
    assert mail.recipients == ("desk@example.net", "bo@c.example")


def test_references_are_read_without_brackets():
    mail = with_headers("From: a@b.example", "In-Reply-To: <2@x>", "References: <1@x>\n <2@x> <1@x>")
    assert (mail.in_reply_to, mail.references) == (("2@x",), ("1@x", "2@x"))


@pytest.mark.parametrize("date", ["", "yesterday", "Mon, 99 Foo 2024", "1", "Mon, 1 Jan 99999 10:00:00 +9999"])
def test_a_date_that_is_none_is_no_date(date):
    assert with_headers("From: a@b.example", f"Date: {date}").sent_at is None


def test_an_mbox_line_and_junk_before_the_headers_are_skipped():
    mail = parse(b"\n\nFrom ann@example.com Mon Jan  1 10:00:00 2024\n" + letter("hi"))
    assert (mail.subject, mail.text) == ("Hello", "hi")


def test_a_junk_line_within_the_headers_is_skipped_and_told():
    mail = parse(b"From: a@b.example\nthis is no header\nSubject: Still here\n\nhi")
    assert (mail.subject, mail.text) == ("Still here", "hi")
    assert mail.problems == ("A line within the headers was no header and was skipped.",)


def test_carriage_returns_alone_end_lines_too():
    assert parse(letter("one\ntwo").replace(b"\n", b"\r")).text == "one\ntwo"


def test_the_text_is_never_empty_when_everything_is_quoted():
    assert read("> all of this\n> is quoted\n").text == "> all of this\n> is quoted\n"


def test_what_was_folded_is_kept():
    mail = read("Yes.\n\nOn 1 Jan 2024 at 10:00, Bo <bo@example.net> wrote:\n> Really?\n")
    assert (mail.text, mail.hidden_text) == ("Yes.", "On 1 Jan 2024 at 10:00, Bo <bo@example.net> wrote:\n> Really?")


def test_html_without_text_is_read_as_text():
    mail = parse(html_letter("<p>Dear desk,</p><p>it is <b>broken</b>.</p><style>p{}</style>"))
    assert mail.text == "Dear desk,\n\nit is broken."


def test_the_html_quote_is_cut_where_the_text_shows_none():
    mail = parse(
        mixed(
            "Content-Type: text/plain\n\nNew. Old.",
            'Content-Type: text/html\n\n<p>New.</p><div class="gmail_quote"><p>Old.</p></div>',
            kind="alternative",
        )
    )
    assert (mail.text, mail.hidden_text) == ("New.", "Old.")


def test_an_alternative_that_only_says_get_another_program_is_not_the_text():
    mail = parse(
        mixed(
            "Content-Type: text/plain\n\nYour mail program cannot show HTML.",
            "Content-Type: text/html\n\n<p>" + "A long and real letter with words in it. " * 10 + "</p>",
            kind="alternative",
        )
    )
    assert mail.text.startswith("A long and real letter")


def test_text_parts_after_one_another_are_one_text():
    mail = parse(mixed("Content-Type: text/plain\n\nBefore", "Content-Type: text/plain\n\nAfter"))
    assert mail.text == "Before\nAfter"


def test_html_beside_a_plain_footer_is_part_of_the_text():
    mail = parse(mixed("Content-Type: text/html\n\n<p>The letter</p>", "Content-Type: text/plain\n\nThe footer"))
    assert mail.text == "The letter\nThe footer"


def test_html_that_repeats_the_text_is_not_read_twice():
    mail = parse(mixed("Content-Type: text/plain\n\nThe letter", "Content-Type: text/html\n\n<p>The letter</p>"))
    assert mail.text == "The letter"


def test_a_letter_that_has_a_file_name_is_still_the_letter():
    mail = parse(mixed("Content-Type: text/plain; name=message.txt\n\nThe letter"))
    assert (mail.text, mail.attachments) == ("The letter", ())


def test_the_language_header_is_read():
    assert with_headers("From: a@b.example", "Content-Language: pl-PL, en").content_language == "pl-PL"


def test_flowed_lines_are_joined_but_not_the_signature_mark():
    mail = read("one \ntwo\n> q \n> r\n-- \nAnn", "Content-Type: text/plain; format=flowed")
    assert mail.full_text == "one two\n> q r\n-- \nAnn"


def test_a_subject_cannot_start_another_header():
    assert (
        with_headers("From: a@b.example", "Subject: =?utf-8?q?x=0d=0aBcc:_evil@example.org?=").subject
        == "x Bcc: evil@example.org"
    )
