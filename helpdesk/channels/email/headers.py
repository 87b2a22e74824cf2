"""The header block of a mail or part: fields, encoded words and parameters, however broken, in linear time."""

import base64
import binascii
import re
from dataclasses import dataclass, field
from urllib.parse import unquote_to_bytes

from helpdesk.channels.email.charsets import clean_line, codec_for, decode_body, decode_header_bytes

MAX_BLOCK = 256 * 1024
MAX_FIELD = 64 * 1024
MAX_LINES = 1000
MAX_PARAMETERS = 100
JUNK_LINES_LOOKED_THROUGH = 20

WELL_KNOWN = re.compile(
    rb"(?i)(?:from|to|cc|bcc|subject|date|message-id|mime-version|content-[a-z-]+|received|return-path|reply-to|sender"
    rb"|in-reply-to|references|delivered-to|x-[\w-]+|list-[a-z-]+|dkim-signature|arc-[\w-]+|auto-submitted|precedence"
    rb"|authentication-results|user-agent|importance|priority|organi[sz]ation|thread-[a-z]+|envelope-to)[ \t]*:"
)
_FIELD = re.compile(rb"([!-9;-~]{1,200})[ \t]*:")
_BLANK = re.compile(rb"\r?\n[ \t]*\r?\n")
_WORD_START = re.compile(r"=\?([^\s?=]{1,80})\?([bBqQ])\?")
_BASE64_ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="
_NOT_BASE64 = bytes(set(range(256)) - set(_BASE64_ALPHABET))
_CONTINUED = re.compile(r"^(.+?)(?:\*(\d{1,4}))?(\*)?$")


@dataclass(frozen=True, slots=True)
class Headers:
    """The fields of one header block in order; names lower-cased, values raw and unfolded."""

    fields: tuple[tuple[str, bytes], ...] = ()
    problems: tuple[str, ...] = ()
    hint: str = ""  # charset to try for raw bytes that are not UTF-8: usually the body's
    _first: dict[str, bytes] = field(default_factory=dict, compare=False)

    def __post_init__(self) -> None:
        for name, value in self.fields:
            self._first.setdefault(name, value)

    def __contains__(self, name: str) -> bool:
        return name in self._first

    def raw(self, name: str) -> str:
        """The first field of that name as text, encoded words still encoded, "" when there is none."""
        return decode_header_bytes(self._first.get(name, b""), hint=self.hint).strip()

    def all_raw(self, name: str) -> list[str]:
        return [decode_header_bytes(value, hint=self.hint).strip() for key, value in self.fields if key == name]

    def text(self, name: str) -> str:
        """The first field of that name, decoded, on one line."""
        return decode_words(self.raw(name), hint=self.hint)


def split_headers(raw: bytes, *, is_top: bool = False) -> tuple[Headers, int]:
    """The header block at the start of `raw`, and where the body begins."""
    lines, body_at, problems = _block_lines(raw, is_top=is_top)
    fields: list[list] = []
    for line in lines:
        found = _FIELD.match(line)
        if line[:1] in b" \t" and fields:
            fields[-1][1].append(line)
        elif found:
            fields.append([found[1].decode("ascii").lower(), [line[found.end() :]]])
        elif line.strip():
            problems.append("A line within the headers was no header and was skipped.")
    return Headers(tuple((name, _unfold(parts)) for name, parts in fields), tuple(dict.fromkeys(problems))), body_at


def decode_words(value: str, *, hint: str = "") -> str:
    """A header value with its encoded words decoded, cleaned, on one line."""
    if "=?" not in value:
        return clean_line(value)
    runs: list[tuple[str, bytes | str]] = []
    at = 0
    for charset, content, start, end in _encoded_words(value):
        between = value[at:start]
        if between.strip() or not runs or runs[-1][0] == "":
            runs.append(("", between))
        if runs and runs[-1][0] == charset:
            runs[-1] = (charset, runs[-1][1] + content)
        else:
            runs.append((charset, content))
        at = end
    runs.append(("", value[at:]))
    return clean_line("".join(_run_text(charset, content, hint) for charset, content in runs))


def parameters(value: str, *, hint: str = "") -> tuple[str, dict[str, str]]:
    """`text/plain; charset="x"; name*0*=…` as ("text/plain", {"charset": "x", "name": …}); nothing is too broken."""
    main, *pieces = _semicolon_pieces(value)
    collected: dict[str, list[tuple[int, bool, str]]] = {}
    if not pieces and " " in main.strip():
        main, _, rest = main.strip().partition(" ")
        pieces = [rest]
    for piece in pieces:
        name, equals, content = piece.partition("=")
        found = _CONTINUED.match(name.strip().lower()[:100])
        if equals and found:
            section = (int(found[2] or 0), bool(found[3]), _unquote(content.strip()))
            collected.setdefault(found[1], []).append(section)
    return main.strip().lower(), {name: _join_sections(sections, hint) for name, sections in collected.items()}


def decode_base64(raw: bytes) -> bytes:
    """Base64 with junk in it, several padded pieces after one another, or its end missing."""
    chunks = []
    for piece in raw.translate(None, _NOT_BASE64).split(b"="):
        usable = piece[:-1] if len(piece) % 4 == 1 else piece
        if usable:
            chunks.append(base64.b64decode(usable + b"=" * (-len(usable) % 4)))
    return b"".join(chunks)


def _block_lines(raw: bytes, *, is_top: bool) -> tuple[list[bytes], int, list[str]]:
    problems: list[str] = []
    lines: list[bytes] = []
    at = 0
    while at < len(raw):
        end = raw.find(b"\n", at)
        end = len(raw) if end < 0 else end + 1
        line = raw[at : min(end, at + MAX_FIELD)].rstrip(b"\r\n")
        if end > MAX_BLOCK or len(lines) >= MAX_LINES:
            problems.append("The header block is too long; its end was not read.")
            blank = _BLANK.search(raw, at)
            return lines, blank.end() if blank else len(raw), problems
        if not line.strip() and (lines or not is_top):
            return lines, end, problems
        if line.strip() and not _belongs(line, lines):
            if not (_is_mbox_line(line) and not lines) and not _headers_follow(raw, end, lines, is_top=is_top):
                return lines, at, problems
            line = b"" if _is_mbox_line(line) or not lines else line
        if line:
            lines.append(line)
        at = end
    return lines, len(raw), problems


def _belongs(line: bytes, lines: list[bytes]) -> bool:
    return bool(_FIELD.match(line)) or (line[:1] in b" \t" and bool(lines))


def _is_mbox_line(line: bytes) -> bool:
    return line.startswith((b"From ", b">From "))


def _headers_follow(raw: bytes, at: int, lines: list[bytes], *, is_top: bool) -> bool:
    """Whether a line that is no header is junk among headers rather than the start of the body."""
    for _ in range(JUNK_LINES_LOOKED_THROUGH):
        end = raw.find(b"\n", at)
        line = raw[at : end if end >= 0 else len(raw)].strip(b"\r")
        if WELL_KNOWN.match(line):
            return True
        if end < 0 or (not line.strip() and (lines or not is_top)):
            return False
        at = end + 1
    return False


def _unfold(parts: list[bytes]) -> bytes:
    return b"\n".join(parts)[:MAX_FIELD].replace(b"\r", b"").replace(b"\n", b"")


def _encoded_words(value: str):
    at = 0
    found = _WORD_START.search(value)
    while found:
        end = value.find("?=", found.end())
        following = _WORD_START.search(value, found.end())
        if end < 0 or (following and following.start() < end):
            limit = following.start() if following else len(value)
            content = value[found.end() : limit].rstrip()
            at = found.end() + len(content)
        else:
            content = value[found.end() : end]
            at = end + 2
        yield found[1].lower(), _word_bytes(found[2], content), found.start(), at
        found = following if following and following.start() >= at else _WORD_START.search(value, at)


def _word_bytes(encoding: str, content: str) -> bytes:
    raw = content.encode("utf-8", "surrogatepass")
    if encoding in "bB":
        return decode_base64(raw)
    return binascii.a2b_qp(raw.replace(b" ", b"_"), header=True)


def _run_text(charset: str, content: bytes | str, hint: str) -> str:
    if isinstance(content, str):
        return content
    if not codec_for(charset):
        return decode_header_bytes(content, hint=hint)
    return decode_header_bytes(content, charset, hint=hint)


def _semicolon_pieces(value: str) -> list[str]:
    pieces: list[str] = []
    start = at = 0
    while at < len(value) and len(pieces) < MAX_PARAMETERS:
        mark = min((i for i in (value.find(";", at), value.find('"', at)) if i >= 0), default=-1)
        if mark < 0:
            break
        if value[mark] == ";":
            pieces.append(value[start:mark])
            start = at = mark + 1
        else:
            at = _end_of_quoted(value, mark + 1)
    return [*pieces, value[start : start + MAX_FIELD]]


def _end_of_quoted(value: str, at: int) -> int:
    while at < len(value):
        if value[at] == "\\":
            at += 1
        elif value[at] == '"':
            return at + 1
        at += 1
    return len(value)


def _unquote(value: str) -> str:
    if not value.startswith('"'):
        return value
    end = _end_of_quoted(value, 1)
    inner = value[1 : end - 1] if value[end - 1] == '"' and end > 1 else value[1:end]
    # A backslash before anything but a quote or a backslash is a Windows path, not an escape.
    return re.sub(r'\\(["\\])', r"\1", inner)


def _join_sections(sections: list[tuple[int, bool, str]], hint: str) -> str:
    if len(sections) == 1 and not sections[0][1]:
        return decode_words(sections[0][2], hint=hint)
    if not any(is_encoded for _, is_encoded, _ in sections):
        numbers = {number for number, _, _ in sections}
        joined = "".join(text for _, _, text in sorted(sections)) if len(numbers) > 1 else sections[0][2]
        return decode_words(joined, hint=hint)
    return _join_encoded_sections(sorted(sections, key=lambda section: section[0]), hint)


def _join_encoded_sections(sections: list[tuple[int, bool, str]], hint: str) -> str:
    charset = ""
    number, is_first_encoded, first = sections[0]
    if is_first_encoded and first.count("'") >= 2:
        charset, _, rest = first.split("'", 2)
        sections = [(number, True, rest), *sections[1:]]
    pieces = [(is_encoded, piece.encode("utf-8", "replace")) for _, is_encoded, piece in sections]
    raw = b"".join(unquote_to_bytes(piece) if is_encoded else piece for is_encoded, piece in pieces)
    text = decode_body(raw, charset) if charset else decode_header_bytes(raw, hint=hint)
    return decode_words(text, hint=hint)
