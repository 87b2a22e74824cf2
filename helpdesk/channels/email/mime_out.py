"""Writing a mail: headers and parts to bytes. 7-bit, short lines, and no value can start a header of its own."""

import html
import re
from collections.abc import Iterable
from dataclasses import dataclass
from email.header import Header
from email.message import EmailMessage
from email.policy import SMTP

UNSAFE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\u202a-\u202e\u2066-\u2069]+")
UNSAFE_IN_TEXT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
SAFE_ID = re.compile(r"[\x21-\x3b\x3d\x3f-\x7e]{1,900}")
PLAIN_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,60}/[a-z0-9][a-z0-9!#$&^_.+-]{0,60}")
MAX_REFERENCES_BYTES = 8000
FIRST_REFERENCES, LAST_REFERENCES = 1, 20


@dataclass(frozen=True, slots=True)
class File:
    """A file that goes with a mail."""

    filename: str
    content_type: str
    content: bytes


def render(headers: Iterable[tuple[str, str]], *, text: str, html_text: str, files: Iterable[File] = ()) -> bytes:
    """The mail's bytes. The values of `headers` are ready to write: made by the functions below."""
    body = EmailMessage(policy=SMTP)
    body.set_content(UNSAFE_IN_TEXT.sub("", text), cte="quoted-printable")
    body.add_alternative(UNSAFE_IN_TEXT.sub("", html_text), subtype="html", cte="quoted-printable")
    for file in files:
        filename = plain(file.filename)[:150] or "file"
        body.add_attachment(file.content, **_file_type(file), filename=filename, cte="base64")
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers if value)
    return lines.encode("ascii") + body.as_bytes()


def plain(value: str) -> str:
    """`value` on one line, without controls and direction marks."""
    return " ".join(UNSAFE.sub(" ", value).split())


def words(value: str) -> str:
    """Free text for a header such as Subject, folded, encoded where it is not ASCII."""
    value = plain(value)[:900]
    charset = "us-ascii" if value.isascii() and "=?" not in value else "utf-8"
    return Header(value, charset, maxlinelen=70, header_name="Subject").encode(linesep="\r\n")


def mailbox(name: str, address: str) -> str:
    """`Name <address>` for From, To and the like; the address is ASCII, its domain in punycode if need be."""
    name, address = plain(name)[:200], ascii_address(address)
    if not name or name.lower() == address.lower():
        return f"<{address}>"
    if name.isascii():
        quoted = name.replace("\\", "").replace('"', "")
        return f'"{quoted}" <{address}>'
    return f"{Header(name, 'utf-8', maxlinelen=70).encode(linesep=chr(13) + chr(10))} <{address}>"


def ascii_address(address: str) -> str:
    """The address as it stands in a header or an envelope. Raises ValueError when it cannot stand in one."""
    local, _, domain = address.strip().rpartition("@")
    if not domain.isascii():
        domain = domain.encode("idna").decode()
    if not re.fullmatch(r"[\x21\x23-\x27\x2a\x2b\x2d-\x39\x3d\x3f\x41-\x5a\x5e-\x7e]+", local):
        raise ValueError(f"Mail cannot be sent to “{plain(address)[:100]}”: it is no plain e-mail address.")
    if not re.fullmatch(r"\[?[A-Za-z0-9.:-]+\]?", domain):
        raise ValueError(f"Mail cannot be sent to “{plain(address)[:100]}”: “{plain(domain)[:100]}” is no mail domain.")
    return f"{local}@{domain}"


def id_chain(mail_ids: Iterable[str]) -> str:
    """References: the first and the last 20 ids, each on a line, below 8 KB."""
    ids = [mail_id for mail_id in dict.fromkeys(mail_ids) if SAFE_ID.fullmatch(mail_id)]
    if len(ids) > FIRST_REFERENCES + LAST_REFERENCES:
        ids = ids[:FIRST_REFERENCES] + ids[-LAST_REFERENCES:]
    while len(ids) > 1 and sum(len(mail_id) + 4 for mail_id in ids) > MAX_REFERENCES_BYTES:
        del ids[1]
    return "\r\n ".join(f"<{mail_id}>" for mail_id in ids)


def as_html(text: str) -> str:
    """Plain text as HTML paragraphs."""
    paragraphs = re.split(r"\n\s*\n", text.strip())
    return "\n".join(f"<p>{html.escape(one.strip()).replace(chr(10), '<br>' + chr(10))}</p>" for one in paragraphs)


def _file_type(file):
    content_type = file.content_type.lower().partition(";")[0].strip()
    # A message or a multipart would be taken apart by the reader's mail program: it goes as plain bytes.
    if not PLAIN_TYPE.fullmatch(content_type) or content_type.startswith(("message/", "multipart/")):
        content_type = "application/octet-stream"
    maintype, subtype = content_type.split("/")
    return {"maintype": maintype, "subtype": subtype}
