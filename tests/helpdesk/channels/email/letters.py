"""Self-written raw mails for the tests of reading mail."""

from helpdesk.channels.email.parse import ParsedMail, parse

START = b"From: Ann <ann@example.com>\nTo: desk@example.net\nSubject: Hello\nMIME-Version: 1.0\n"


def letter(body: str | bytes, *headers: str, start: bytes = START) -> bytes:
    """A whole mail: the usual start, more headers, and a body."""
    more = "".join(f"{header}\n" for header in headers).encode()
    return start + more + b"\n" + (body if isinstance(body, bytes) else body.encode())


def html_letter(html: str) -> bytes:
    return letter(html, "Content-Type: text/html; charset=utf-8")


def read(body: str | bytes, *headers: str) -> ParsedMail:
    return parse(letter(body, *headers))


def with_headers(*headers: str) -> ParsedMail:
    """A mail that has these headers and no others."""
    return parse("".join(f"{header}\n" for header in headers).encode() + b"\nhi")


def mixed(*parts: str, kind: str = "mixed") -> bytes:
    """A multipart whose parts come with their own headers."""
    body = "".join(f"--cut\n{part}\n" for part in parts) + "--cut--\n"
    return letter(body, f'Content-Type: multipart/{kind}; boundary="cut"')
