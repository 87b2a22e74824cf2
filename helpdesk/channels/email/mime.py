"""The tree of a mail as slices of its raw bytes; every level is read once, depth and number are limited."""

import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from helpdesk.channels.email.headers import Headers, decode_base64, parameters, split_headers

MAX_DEPTH = 30
MAX_PARTS = 500
TYPE = re.compile(r"^[\w!#$&^.+-]{1,100}/[\w!#$&^.+-]{1,100}$")


@dataclass(slots=True)
class Part:
    """One node: its headers, its type, its raw body, its children when it is a multipart."""

    headers: Headers
    content_type: str
    type_parameters: dict[str, str]
    disposition: str
    disposition_parameters: dict[str, str]
    raw: bytes
    parent_type: str = ""
    children: list["Part"] = field(default_factory=list)
    preamble: bytes = b""
    problems: list[str] = field(default_factory=list)

    @property
    def charset(self) -> str:
        return self.type_parameters.get("charset", "")

    @property
    def content_id(self) -> str:
        return self.headers.text("content-id").strip("<> ")

    def content(self) -> bytes:
        """The body with its transfer encoding taken off."""
        return decode_transfer(self.raw, self.headers.raw("content-transfer-encoding"))

    def walk(self) -> Iterator["Part"]:
        """This part and all below it, in the order they stand in the mail."""
        stack = [self]
        while stack:
            part = stack.pop()
            yield part
            stack.extend(reversed(part.children))


@dataclass(slots=True)
class _Budget:
    parts: int = MAX_PARTS


def tree(raw: bytes) -> Part:
    """The whole mail as a tree of parts."""
    return _part(raw, _Budget(), depth=0, parent_type="")


def _part(raw: bytes, budget: _Budget, *, depth: int, parent_type: str) -> Part:
    headers, body_at = split_headers(raw, is_top=depth == 0)
    default = "message/rfc822" if parent_type == "multipart/digest" else "text/plain"
    content_type, type_parameters = parameters(headers.raw("content-type"), hint=headers.hint)
    disposition, disposition_parameters = parameters(headers.raw("content-disposition"), hint=headers.hint)
    content_type = _tidy_type(content_type) or default
    part = Part(headers, content_type, type_parameters, disposition, disposition_parameters, raw[body_at:], parent_type)
    if content_type.startswith("multipart/"):
        _add_children(part, budget, depth)
    return part


def _tidy_type(content_type: str) -> str:
    content_type = content_type.replace(" ", "").strip("\"';,")
    if TYPE.match(content_type):
        return content_type
    return {"text": "text/plain", "html": "text/html", "plain": "text/plain", "multipart": "multipart/mixed"}.get(
        content_type, "application/octet-stream" if "/" in content_type else ""
    )


def _add_children(part: Part, budget: _Budget, depth: int) -> None:
    boundary = part.type_parameters.get("boundary", "")
    body = part.content() if _is_encoded(part) else part.raw
    pieces = _pieces(body, boundary.encode("utf-8", "replace"), budget.parts) if boundary else []
    if not pieces:
        pieces = _pieces(body, _first_boundary(body), budget.parts)
    if not pieces or depth >= MAX_DEPTH:
        part.problems.append("A multipart could not be taken apart and is shown as text.")
        part.content_type = "text/plain"
        return
    part.preamble = body[: body.find(b"--")] if b"--" in body else b""
    for piece in pieces:
        if budget.parts <= 0:
            part.problems.append("The mail has too many parts; the rest was not read.")
            return
        budget.parts -= 1
        part.children.append(_part(piece, budget, depth=depth + 1, parent_type=part.content_type))


def _is_encoded(part: Part) -> bool:
    return "base64" in part.headers.raw("content-transfer-encoding").lower()


def _first_boundary(body: bytes) -> bytes:
    found = re.search(rb"(?:^|\n)--([^\s-][^\r\n]{0,200}?)[ \t]*\r?\nContent-", body[:65536], re.IGNORECASE)
    return found[1] if found else b""


def _pieces(body: bytes, boundary: bytes, limit: int) -> list[bytes]:
    """The slices between delimiter lines; a missing closing delimiter is forgiven."""
    if not boundary:
        return []
    delimiter = b"--" + boundary
    pieces: list[bytes] = []
    start = -1
    for line_at, line_end, is_last in _delimiters(body, delimiter):
        if start >= 0:
            pieces.append(_without_last_line_end(body[start:line_at]))
        start = line_end
        if is_last or len(pieces) > limit:
            start = -1 if is_last else start
            break
    if start >= 0 and start < len(body):
        pieces.append(body[start:])
    return pieces


def _delimiters(body: bytes, delimiter: bytes) -> Iterator[tuple[int, int, bool]]:
    at = body.find(delimiter)
    while at >= 0:
        end = body.find(b"\n", at)
        end = len(body) if end < 0 else end
        rest = body[at + len(delimiter) : min(end, at + len(delimiter) + 100)].rstrip()
        starts_line = at == 0 or body[at - 1 : at] == b"\n"
        if starts_line and rest in (b"", b"--"):
            yield at, min(end + 1, len(body)), rest == b"--"
        at = body.find(delimiter, at + len(delimiter))


def _without_last_line_end(piece: bytes) -> bytes:
    if piece.endswith(b"\r\n"):
        return piece[:-2]
    return piece.removesuffix(b"\n")


def decode_transfer(raw: bytes, encoding: str) -> bytes:
    """Base64, quoted-printable or uuencode taken off; any other or unknown encoding is left alone."""
    name = encoding.split(";")[0].strip(" \"'").lower()
    if "base64" in name:
        return decode_base64(raw)
    if "quoted" in name or "printable" in name:
        return binascii.a2b_qp(raw)
    if "uu" in name:
        return b"".join(content for _, content in uuencoded(raw)) or raw
    return raw


_BEGIN = re.compile(rb"(?m)^begin(?:-base64)? ([0-7]{3,4}) ([^\r\n]{1,200})\r?\n")


def uuencoded(raw: bytes) -> list[tuple[str, bytes]]:
    """The files that stand uuencoded in a text, by name."""
    return [(name, content) for name, content, _, _ in uuencoded_spans(raw)]


def uuencoded_spans(raw: bytes) -> list[tuple[str, bytes, int, int]]:
    """The same with where each begins and ends."""
    found: list[tuple[str, bytes, int, int]] = []
    at = 0
    while len(found) < 100 and (begin := _BEGIN.search(raw, at)):
        end = re.compile(rb"(?m)^end[ \t]*\r?$").search(raw, begin.end())
        if not end:
            break
        content = _uu_lines(raw[begin.end() : end.start()])
        if content:
            found.append((begin[2].decode("utf-8", "replace").strip(), content, begin.start(), end.end()))
        at = end.end()
    return found


def _uu_lines(raw: bytes) -> bytes:
    lines = []
    for line in raw.splitlines():
        try:
            lines.append(binascii.a2b_uu(line))
        except binascii.Error:
            wanted = (((line[0] - 32) & 63) * 4 + 5) // 3 if line else 0
            try:
                lines.append(binascii.a2b_uu(line[:wanted]))
            except binascii.Error:
                return b""
    return b"".join(lines)
