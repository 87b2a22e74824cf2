"""Files that staff attach: named safely, typed by their content, bounded in size."""

import mimetypes
import unicodedata

import puremagic
from rest_framework import serializers

MOST_BYTES = 20 * 1024 * 1024
PLAIN = "application/octet-stream"
# What content alone cannot tell from plain text or a zip; the name may say so, as it changes nothing about safety.
NAMED = ("text/plain", "text/csv", "text/calendar", "application/json")


def read_uploads(files) -> list[dict]:
    """Uploaded files as the dicts that `reply` takes. Raises ValidationError above 20 MB in all."""
    if sum(file.size for file in files) > MOST_BYTES:
        raise serializers.ValidationError({"files": "These files are larger than 20 MB in all; share them by a link."})
    return [_attachment(file) for file in files]


def safe_name(name: str) -> str:
    """A file's name without folders or control characters, at most 200 long; never empty."""
    name = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    name = "".join(c for c in name if unicodedata.category(c)[0] != "C").strip(" .")
    stem, dot, extension = name.rpartition(".")
    if len(name) > 200:
        name = f"{stem[:180]}{dot}{extension[:19]}"
    return name or "attachment"


def content_type_of(content: bytes, name: str) -> str:
    """The type that the bytes themselves say; the name only chooses among harmless texts."""
    try:
        return puremagic.from_string(content[:4096], mime=True) or PLAIN
    except (puremagic.PureError, ValueError):
        guessed = mimetypes.guess_type(name)[0] or ""
        return guessed if guessed in NAMED and b"\0" not in content[:4096] else PLAIN


def _attachment(file):
    content, name = file.read(), safe_name(file.name)
    return {"filename": name, "content": content, "content_type": content_type_of(content, name)[:127]}
