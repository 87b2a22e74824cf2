"""What a person reads of a mail, and what is attached to it."""

import html as entities
import mimetypes
import re
from dataclasses import dataclass, field

from helpdesk.channels.email.charsets import clean_line, clean_text, decode_body
from helpdesk.channels.email.headers import split_headers
from helpdesk.channels.email.html import to_text
from helpdesk.channels.email.mime import Part, uuencoded_spans

MAX_TEXT = 1_000_000
MAX_ATTACHMENTS = 100
SHOWN_TYPES = {"text/plain", "text/html", "text/enriched", "text/richtext", "text/markdown", "text/x-markdown"}
EXTENSIONS = {
    "message/rfc822": ".eml",
    "message/delivery-status": ".txt",
    "text/rfc822-headers": ".txt",
    "text/plain": ".txt",
    "text/calendar": ".ics",
    "image/jpeg": ".jpg",
}


@dataclass(frozen=True, slots=True)
class ParsedAttachment:
    """A file that came with a mail; `is_inline` when the HTML shows it by its content id."""

    filename: str
    content_type: str
    content: bytes
    content_id: str
    is_inline: bool


@dataclass(slots=True)
class _Segment:
    text: str
    html: str = ""


@dataclass(slots=True)
class Body:
    """The readable text, the HTML as it came (not yet safe), the files, and what was odd."""

    text: str = ""
    html: str = ""
    attachments: tuple[ParsedAttachment, ...] = ()
    charset: str = ""
    problems: list[str] = field(default_factory=list)


def read_body(root: Part) -> Body:
    """Walk the tree once and sort every leaf into text, HTML or attachment."""
    reader = _Reader(root)
    segments = reader.segments(root) or reader.named_segments(root)
    html = _joined_html(segments)
    text = _joined_text(segments)
    if len(text) > MAX_TEXT:
        reader.problems.append("The text is longer than a million characters; its end was cut off.")
    attachments = tuple(_marked_inline(file, html) for file in reader.files[:MAX_ATTACHMENTS])
    if len(reader.files) > MAX_ATTACHMENTS:
        reader.problems.append(f"Only the first {MAX_ATTACHMENTS} of {len(reader.files)} attachments were kept.")
    return Body(text[:MAX_TEXT], html, attachments, reader.charset, reader.problems)


class _Reader:
    def __init__(self, root: Part):
        self.root = root
        self.files: list[ParsedAttachment] = []
        self.problems: list[str] = []
        self.charset = ""

    def segments(self, part: Part) -> list[_Segment]:
        self.problems += [*part.headers.problems, *part.problems]
        if part.content_type == "multipart/alternative":
            return _best_of([self.segments(child) for child in part.children])
        if part.children:
            return [segment for child in part.children for segment in self.segments(child)]
        if part.content_type.startswith("multipart/"):
            return []
        if self._is_shown(part):
            return self._shown(part)
        self._keep(part)
        return []

    def named_segments(self, root: Part) -> list[_Segment]:
        """Some programs give the letter itself a file name: with nothing else to read, that is the letter."""
        named = [part for part in root.walk() if part.content_type in SHOWN_TYPES and part.disposition != "attachment"]
        if not named:
            return []
        name = filename_of(named[0])
        self.files = [file for file in self.files if file.filename != name]
        return self._shown(named[0])

    def _is_shown(self, part: Part) -> bool:
        if part.content_type not in SHOWN_TYPES:
            return False
        if part is self.root:
            return part.disposition != "attachment" or not filename_of(part)
        return part.disposition != "attachment" and not filename_of(part)

    def _shown(self, part: Part) -> list[_Segment]:
        raw = part.content()
        self.charset = self.charset or part.charset
        if part.content_type == "text/html":
            html = decode_body(raw, part.charset or _charset_in_html(raw))
            return [_Segment("", html)] if html.strip() else []
        return [_Segment(self._plain(part, raw))]

    def _plain(self, part: Part, raw: bytes) -> str:
        for name, content, start, end in reversed(uuencoded_spans(raw) if b"begin" in raw else []):
            self.files.append(_attachment(name, _type_of(name), content, ""))
            raw = raw[:start] + raw[end:]
        text = decode_body(raw, part.charset)
        if part.content_type in ("text/enriched", "text/richtext"):
            return re.sub(r"<[^<>]{0,100}>", "", text)
        if part.type_parameters.get("format", "").lower() == "flowed":
            return unflowed(text, is_delsp=part.type_parameters.get("delsp", "").lower() == "yes")
        return text

    def _keep(self, part: Part) -> None:
        content = part.content()
        name = filename_of(part) or _made_up_name(part, content)
        if part.content_type == "message/external-body" and not content.strip():
            return
        self.files.append(_attachment(name, part.content_type, content, part.content_id))


def unflowed(text: str, *, is_delsp: bool) -> str:
    """RFC 3676: lines that end in a space go on in the next line of the same quote depth."""
    paragraphs: list[list[str]] = []
    depth, was_soft = 0, False
    for line in text.split("\n"):
        content = line.lstrip(">")
        quotes, content = len(line) - len(content), content.removeprefix(" ")
        is_soft = content.endswith(" ") and content != "-- "
        if is_soft and is_delsp:
            content = content[:-1]
        if was_soft and quotes == depth and content != "-- ":
            paragraphs[-1].append(content)
        else:
            paragraphs.append([">" * quotes, " " if quotes else "", content])
        depth, was_soft = quotes, is_soft
    return "\n".join("".join(pieces) for pieces in paragraphs)


def filename_of(part: Part) -> str:
    """The file name a part gives itself, without folders, "" when it gives none."""
    raw = part.disposition_parameters.get("filename") or part.type_parameters.get("name") or ""
    return _safe_name(raw)


def _best_of(alternatives: list[list[_Segment]]) -> list[_Segment]:
    """One segment out of a multipart/alternative: the plain text of one, the HTML of the last that has any."""
    rich = next((found for found in reversed(alternatives) if any(segment.html for segment in found)), [])
    plain = next((found for found in alternatives if any(s.text.strip() and not s.html for s in found)), [])
    html = _joined_html(rich)
    text = "\n".join(segment.text for segment in plain if segment.text.strip())
    if html and _is_placeholder(text, html):
        text = ""
    return [_Segment(text, html)] if text or html else []


def _is_placeholder(text: str, html: str) -> bool:
    """Plain parts such as "Your program cannot show HTML" or a bare link say less than the HTML beside them."""
    words = len(re.findall(r"\w+", text[:2000]))
    return not text.strip() or (words < 40 and _has_no_html_words(text) and len(to_text(html)) > 5 * len(text))


def _has_no_html_words(text: str) -> bool:
    return bool(re.search(r"(?i)\bhtml\b|mime|web ?browser", text))


def _joined_html(segments: list[_Segment]) -> str:
    if not any(segment.html for segment in segments):
        return ""
    return "\n".join(segment.html or _as_html(segment.text) for segment in segments)


def _joined_text(segments: list[_Segment]) -> str:
    """The plain text of all segments; HTML that stands alone is read, unless it repeats the text before it."""
    texts: list[str] = []
    for segment in segments:
        text = segment.text if segment.text.strip() else to_text(segment.html) if segment.html else ""
        if text.strip() and not any("".join(text.split()) == "".join(other.split()) for other in texts[-1:]):
            texts.append(text)
    return "\n".join(texts)


def _as_html(text: str) -> str:
    return "<div>" + entities.escape(text.strip("\n"), quote=False).replace("\n", "<br>\n") + "</div>"


def _charset_in_html(raw: bytes) -> str:
    found = re.search(rb"(?i)<meta[^>]{0,200}charset\s*=\s*[\"']?([\w:.-]{1,40})", raw[:4096])
    return found[1].decode("ascii") if found else ""


def _attachment(name: str, content_type: str, content: bytes, content_id: str) -> ParsedAttachment:
    return ParsedAttachment(_safe_name(name) or "attachment", content_type, content, content_id, is_inline=False)


def _marked_inline(file: ParsedAttachment, html: str) -> ParsedAttachment:
    if not file.content_id or f"cid:{file.content_id}" not in html:
        return file
    return ParsedAttachment(file.filename, file.content_type, file.content, file.content_id, is_inline=True)


def _made_up_name(part: Part, content: bytes) -> str:
    if location := part.headers.text("content-location"):
        return location.split("?")[0]
    if part.content_type == "message/rfc822":
        headers, _ = split_headers(content, is_top=True)
        return (headers.text("subject").replace("/", " ").replace("\\", " ")[:80] or "message") + ".eml"
    extension = EXTENSIONS.get(part.content_type) or mimetypes.guess_extension(part.content_type) or ""
    return (part.headers.text("content-description").replace("/", " ")[:80] or "attachment") + extension


def _type_of(name: str) -> str:
    return mimetypes.guess_type(name)[0] or "application/octet-stream"


def _safe_name(name: str) -> str:
    base = clean_line(clean_text(name).replace("\\", "/").rstrip("/").rpartition("/")[2])
    base = re.sub(r'[<>:"|?*]', "_", base).strip(" .")
    if len(base) <= 200:
        return base
    stem, dot, extension = base.rpartition(".")
    return f"{stem[: 199 - len(extension)]}.{extension}" if dot and len(extension) <= 20 else base[:200]
