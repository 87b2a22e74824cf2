import pytest

from helpdesk.channels.email.charsets import clean_line, clean_text, codec_for, decode_body

RUSSIAN = (
    "Здравствуйте, у меня не работает телефон, помогите мне пожалуйста. Он больше не включается со вчерашнего дня."
)


@pytest.mark.parametrize(
    ("declared", "text", "really"),
    [
        ("utf-8", "Grüße", "utf-8"),
        ("iso-8859-1", "Grüße", "latin-1"),
        ("iso-8859-1", "Grüße", "utf-8"),
        ("us-ascii", "Zażółć", "utf-8"),
        ("utf-8", "Grüße", "latin-1"),
        ("windows-1250", "Zażółć", "cp1250"),
        ("ks_c_5601-1987", "안녕", "cp949"),
        ("gb2312", "你好", "gb18030"),
        ("Shift_JIS", "こんにちは", "cp932"),
        ("iso-2022-jp", "こんにちは", "iso2022_jp"),
        ("iso-8859-8-i", "שלום", "iso8859_8"),
        ("x-unknown", "Grüße", "latin-1"),
        ('"utf-8', "Grüße", "utf-8"),
        ("", "“quoted”", "cp1252"),
        ("", RUSSIAN, "cp1251"),
        ("utf-7", "Grüße", "utf-7"),
        ("utf-16", "hi", "utf-16"),
        ("windows-1252http-equivcontent", "Grüße", "cp1252"),
    ],
)
def test_text_is_read_whatever_charset_was_declared(declared, text, really):
    assert decode_body(text.encode(really), declared) == text


@pytest.mark.parametrize(
    "name", ["punycode", "idna", "base64", "zlib", "undefined", "x" * 99, "a\0b", "_iso-2022-jp$ESC"]
)
def test_what_is_no_charset_has_no_codec(name):
    assert codec_for(name) == ""


def test_a_few_broken_bytes_do_not_lose_the_rest():
    assert decode_body("Zażółć gęślą jaźń".encode() + b"\xc5", "utf-8") == "Zażółć gęślą jaźń\ufffd"


def test_what_no_database_takes_and_no_screen_shows_is_taken_out():
    assert clean_text("a\x00b\x07c\u202ed\ud800e\x85f\r\ng\u2028h\ti") == "abcde\nf\ng\nh\ti"


def test_a_line_stays_one_line():
    assert clean_line(" a\r\nb\u2029c\u00a0 d ") == "a b c d"
