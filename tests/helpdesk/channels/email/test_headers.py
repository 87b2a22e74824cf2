import pytest

from helpdesk.channels.email.addresses import Mailbox, mailboxes
from helpdesk.channels.email.headers import decode_base64, decode_words, parameters, split_headers


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("=?utf-8?q?Gr=C3=BC=C3=9Fe?=", "Grüße"),
        ("=?UTF-8?B?R3LDvMOfZQ==?=", "Grüße"),
        ("=?utf-8?q?a?= =?utf-8?q?b?= c", "ab c"),
        ("a =?utf-8?q?b?= c", "a b c"),
        ("=?utf-8?B?w7w=?=\n =?utf-8?B?w58=?=", "üß"),
        ("=?iso-8859-2?q?=B3=F3d=BC?=", "łódź"),
        ("=?utf-8?q?with space inside?=", "with space inside"),
        ("=?utf-8?B?R3LDvMOfZQ?=", "Grüße"),
        ("=?utf-8?q?never_ends", "never ends"),
        ("=?x-unknown?q?=E4?=", "ä"),
        ("=?not a word?=", "=?not a word?="),
        ("=?utf-8*de?q?ja?=", "ja"),
        ("=?koi8-r?B?8NLJ18XU?=", "Привет"),
        ("=?gb2312?B?xOO6ww==?=", "你好"),
        ("=?utf-8?q?a=00b=E2=80=AEc?=", "abc"),
    ],
)
def test_encoded_words_are_decoded(raw, text):
    assert decode_words(raw) == text


def test_a_character_split_over_two_words_is_whole_again():
    assert decode_words("=?utf-8?q?=C3?= =?utf-8?q?=BC?=") == "ü"


@pytest.mark.parametrize(
    ("raw", "hint", "text"),
    [
        ("Grüße".encode(), "", "Grüße"),
        ("Grüße".encode("latin-1"), "", "Grüße"),
        ("Привет".encode("koi8-r"), "koi8-r", "Привет"),
    ],
)
def test_raw_bytes_in_a_header_are_utf8_or_the_bodys_charset(raw, hint, text):
    headers, _ = split_headers(b"Subject: " + raw + b"\n\n")
    headers = type(headers)(headers.fields, headers.problems, hint)
    assert headers.text("subject") == text


@pytest.mark.parametrize(
    ("value", "main", "expected"),
    [
        ("text/plain; charset=utf-8", "text/plain", {"charset": "utf-8"}),
        ('Text/Plain; charset="utf-8', "text/plain", {"charset": "utf-8"}),
        ("text/plain charset=utf-8", "text/plain", {"charset": "utf-8"}),
        ('a/b; name="x;y=z.txt"; q=1', "a/b", {"name": "x;y=z.txt", "q": "1"}),
        ("a/b; name=This is it.txt", "a/b", {"name": "This is it.txt"}),
        ("a/b; name*=utf-8''Gr%C3%BC%C3%9Fe.txt", "a/b", {"name": "Grüße.txt"}),
        ("a/b; name*0=one; name*1=two", "a/b", {"name": "onetwo"}),
        ("a/b; name*1*=%BC; name*0*=utf-8''%C3", "a/b", {"name": "ü"}),
        ("a/b; name==?utf-8?q?=C3=BC?=", "a/b", {"name": "ü"}),
        (r'a/b; name="C:\dir\x.txt"', "a/b", {"name": r"C:\dir\x.txt"}),
        ("a/b;;;", "a/b", {}),
        ("", "", {}),
    ],
)
def test_parameters_are_read_however_broken(value, main, expected):
    assert parameters(value) == (main, expected)


@pytest.mark.parametrize(
    ("raw", "content"),
    [(b"aGk=", b"hi"), (b"aG k\n", b"hi"), (b"aGk", b"hi"), (b"aGk=aG8=", b"hiho"), (b"!!!", b""), (b"a", b"")],
)
def test_base64_with_junk_in_it_is_decoded(raw, content):
    assert decode_base64(raw) == content


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("ann@example.com", [("", "ann@example.com")]),
        ("Ann <ANN@Example.com>", [("Ann", "ann@example.com")]),
        ('"Bo, Ann" <a@b.example>, c@d.example', [("Bo, Ann", "a@b.example"), ("", "c@d.example")]),
        ("ann@example.com (Ann)", [("Ann", "ann@example.com")]),
        ("Group: a@b.example, c@d.example;", [("", "a@b.example"), ("", "c@d.example")]),
        ("undisclosed-recipients:;", []),
        ("=?utf-8?q?J=C3=B6rg?= <j@b.example>", [("Jörg", "j@b.example")]),
        ('"=?utf-8?q?J=C3=B6rg?=" <j@b.example>', [("Jörg", "j@b.example")]),
        ("=?utf-8?q?Ann_=3Ca=40b=2Eexample=3E?=", [("Ann", "a@b.example")]),
        ('"Ann <a@b.example>', [("Ann", "a@b.example")]),
        ("Ann <a@b.example", [("Ann", "a@b.example")]),
        ("a@b.example; c@d.example", [("", "a@b.example"), ("", "c@d.example")]),
        ("<@route.example:a@b.example>", [("", "a@b.example")]),
        ("a@b.example <c@d.example>", [("a@b.example", "c@d.example")]),
        ("Ann (from (the) desk) <a@b.example>", [("Ann", "a@b.example")]),
        ("MAILER-DAEMON", [("MAILER-DAEMON", "")]),
        ("<>", []),
        ("", []),
    ],
)
def test_mailboxes_are_found(value, found):
    assert mailboxes(value) == tuple(Mailbox(*box) for box in found)


def test_no_more_than_200_addresses_are_read():
    assert len(mailboxes(", ".join(f"a{n}@b.example" for n in range(900)))) == 200
