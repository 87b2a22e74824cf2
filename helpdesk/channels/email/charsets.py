"""Bytes into text: declared charsets that lie, missing charsets, and characters no screen or database should see."""

import codecs
import re

import chardet

MIN_HIGH_BYTES_FOR_STATISTICS = 80
DETECTOR_SAMPLE = 32_768

ALIASES = {
    "ks_c_5601-1987": "cp949",
    "ks_c_5601": "cp949",
    "ksc5601": "cp949",
    "euc-kr": "cp949",
    "x-windows-949": "cp949",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "x-gbk": "gb18030",
    "gb_2312-80": "gb18030",
    "hz-gb-2312": "hz",
    "big5": "cp950",
    "x-big5": "cp950",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "sjis": "cp932",
    "x-sjis": "cp932",
    "windows-31j": "cp932",
    "iso-2022-jp": "iso2022_jp_ext",
    "x-euc-jp": "euc_jp",
    "iso-8859-1": "cp1252",
    "iso8859-1": "cp1252",
    "iso_8859-1": "cp1252",
    "latin1": "cp1252",
    "latin-1": "cp1252",
    "us-ascii": "cp1252",
    "ascii": "cp1252",
    "ansi_x3.4-1968": "cp1252",
    "ansi_x3.110-1983": "cp1252",
    "iso-8859-9": "cp1254",
    "iso-8859-8-i": "iso8859_8",
    "iso-8859-8-e": "iso8859_8",
    "iso-8859-6-i": "iso8859_6",
    "iso-8859-11": "cp874",
    "windows-874": "cp874",
    "tis-620": "cp874",
    "x-mac-roman": "mac_roman",
    "macintosh": "mac_roman",
    "x-mac-cyrillic": "mac_cyrillic",
    "unicode-1-1-utf-7": "utf-7",
    "utf8mb4": "utf-8",
    "utf-8-sig": "utf-8",
    "unicode-1-1-utf-8": "utf-8",
    "unicode": "",
    "x-unknown": "",
    "unknown-8bit": "",
    "unknown": "",
    "x-user-defined": "",
    "binary": "",
    "8bit": "",
    "7bit": "",
    "none": "",
}
NOT_CHARSETS = {"idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "charmap", "mbcs", "oem"}
SEVEN_BIT = {
    "iso2022_jp_ext",
    "iso2022_jp",
    "iso2022_kr",
    "iso2022_jp_1",
    "iso2022_jp_2",
    "iso2022_jp_2004",
    "hz",
    "utf-7",
}
BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)

# Kept: tab and newline. Gone: other C0, DEL, C1, byte order mark, bidi embeddings and overrides, lone surrogates, tags.
_UNPRINTABLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufeff\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufff9-\ufffb\U000e0000-\U000e007f]"
)
_LINE_END = re.compile("\r\n|[\r\u0085\u2028\u2029]")
_SPACES = re.compile(r"\s+")
_HIGH = bytes(range(128))


def decode_body(raw: bytes, declared: str = "") -> str:
    """The text of a body part: declared charset if it fits, valid UTF-8 always, statistics only on enough evidence."""
    return clean_text(_decode(raw, declared, "", may_guess=True))


def decode_header_bytes(raw: bytes, declared: str = "", *, hint: str = "") -> str:
    """The text of header bytes; `hint` is the body's charset. Never statistics: headers are too short for them."""
    return _decode(raw, declared, hint, may_guess=False)


def clean_text(text: str) -> str:
    """Text that PostgreSQL takes and a screen shows as it is; every line end is a newline."""
    return _UNPRINTABLE.sub("", _LINE_END.sub("\n", text))


def clean_line(text: str) -> str:
    """The same on one line: nothing that could start a second header is left."""
    return _SPACES.sub(" ", clean_text(text)).strip()


def codec_for(declared: str) -> str:
    """The name of the Python codec for a declared charset, "" when there is none."""
    name = declared.split("*")[0].strip(" \t\r\n\"';,").lower()
    name = name.removeprefix("charset=").strip("\"'")
    name = ALIASES.get(name, name)
    if not name or len(name) > 40 or not name.isascii() or "\x00" in name:
        return ""
    try:
        info = codecs.lookup(name)
    except (LookupError, ValueError):
        return _codec_for_misspelt(name)
    if not info._is_text_encoding or info.name.replace("-", "_") in NOT_CHARSETS:
        return ""
    return name


def _codec_for_misspelt(name: str) -> str:
    found = re.search(
        r"(?:windows|cp|win)[-_ ]?(125\d|874|932|936|949|950)|iso[-_ ]?8859[-_ ]?(\d{1,2})|(utf)[-_ ]?8", name
    )
    if not found:
        return ""
    page, part, utf8 = found.groups()
    if utf8:
        return "utf-8"
    guess = ALIASES.get(f"iso-8859-{part}", f"iso8859_{part}") if part else f"cp{page}"
    try:
        return codecs.lookup(guess).name
    except LookupError:
        return ""


def _decode(raw: bytes, declared: str, hint: str, *, may_guess: bool) -> str:
    for bom, name in BOMS:
        if raw.startswith(bom):
            return raw[len(bom) :].decode(name, "replace")
    codec = codec_for(declared)
    if raw.isascii() and codec not in SEVEN_BIT and not codec.startswith("utf-16"):
        return raw.decode("ascii")
    if codec not in SEVEN_BIT and (text := _strictly(raw, "utf-8")) is not None:
        return text
    for candidate in (codec, codec_for(hint)):
        if candidate and (text := _strictly(raw, candidate)) is not None:
            return text
    return _best_effort(raw, codec, may_guess=may_guess)


def _strictly(raw: bytes, codec: str) -> str | None:
    try:
        return raw.decode(codec)
    except (UnicodeError, ValueError, LookupError):
        return None


def _best_effort(raw: bytes, codec: str, *, may_guess: bool) -> str:
    high = len(raw.translate(None, _HIGH))
    if codec and codec != "cp1252":
        text = raw.decode(codec, "replace")
        if text.count("\ufffd") * 10 <= max(high, 10) or codec in SEVEN_BIT:
            return text
    utf8 = raw.decode("utf-8", "replace")
    if utf8.count("\ufffd") * 10 <= high:
        return utf8
    if may_guess and high >= MIN_HIGH_BYTES_FOR_STATISTICS:
        guess = codec_for(chardet.detect(raw[:DETECTOR_SAMPLE])["encoding"] or "")
        if guess:
            return raw.decode(guess, "replace")
    # cp1252 leaves five bytes undefined; Latin-1 maps them to controls, which cleaning drops.
    return _strictly(raw, "cp1252") or raw.decode("latin-1")
