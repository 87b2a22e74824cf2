"""Mailboxes out of address headers: one pass, no recursion, nothing raises."""

import re
from dataclasses import dataclass

from helpdesk.channels.email.charsets import clean_line
from helpdesk.channels.email.headers import decode_words

MAX_ADDRESSES = 200
MAX_LENGTH = 64 * 1024

_SPECIAL = re.compile(r'[",;:<>()\\]')
_BARE = re.compile(r"[^\s<>\"(),;:\[\]]{1,100}@[^\s<>\"(),;:]{1,255}")


@dataclass(frozen=True, slots=True)
class Mailbox:
    """A display name and an address; the address is lower-cased, "" when there is none."""

    name: str
    address: str


NOBODY = Mailbox("", "")


def mailboxes(value: str, *, hint: str = "") -> tuple[Mailbox, ...]:
    """Every mailbox in a From, To or Cc value, groups opened, at most 200."""
    found = [_mailbox(entry, hint) for entry in _Scanner(value[:MAX_LENGTH]).entries()]
    kept = [box for box in found if box.address or box.name]
    if not any(box.address for box in kept) and "=?" in value:
        kept = _from_encoded(value, hint) or kept
    return tuple(kept[:MAX_ADDRESSES])


def first_mailbox(value: str, *, hint: str = "") -> Mailbox:
    """The first mailbox with an address, else the first name, else nobody."""
    found = mailboxes(value, hint=hint)
    return next((box for box in found if box.address), found[0] if found else NOBODY)


@dataclass(slots=True)
class _Entry:
    phrase: str = ""
    angle: str | None = None
    comment: str = ""


class _Scanner:
    """Cuts an address list into entries; a quote or parenthesis that never closes is taken literally."""

    def __init__(self, value: str):
        self.value = value
        self.at = 0
        self.entry = _Entry()
        self.found: list[_Entry] = []
        self.literal = ""  # opening characters that are known never to close from here on

    def entries(self) -> list[_Entry]:
        while self.at < len(self.value) and len(self.found) < MAX_ADDRESSES:
            special = _SPECIAL.search(self.value, self.at)
            end = special.start() if special else len(self.value)
            self.entry.phrase += self.value[self.at : end]
            self.at = end
            if special:
                self._take(special[0])
        self._finish()
        return self.found

    def _take(self, mark: str) -> None:
        self.at += 1
        if mark in ",;":
            self._finish()
        elif mark == ":":
            self._colon()
        elif mark == '"':
            self._quoted()
        elif mark == "<":
            self._angle()
        elif mark == "(":
            self._comment()
        elif mark == "\\":
            self.entry.phrase += self.value[self.at : self.at + 1]
            self.at += 1

    def _finish(self) -> None:
        self.found.append(self.entry)
        self.entry = _Entry()

    def _colon(self) -> None:
        if "@" in self.entry.phrase or self.entry.phrase.strip().lower() in ("mailto", "smtp"):
            self.entry.phrase += ":"
        else:
            self.entry.phrase = ""  # the name of a group

    def _quoted(self) -> None:
        end = _closing_quote(self.value, self.at) if '"' not in self.literal else -1
        if end < 0:
            self.literal += '"'
            return
        self.entry.phrase += re.sub(r"\\(.)", r"\1", self.value[self.at : end])
        self.at = end + 1

    def _angle(self) -> None:
        end = self.value.find(">", self.at) if "<" not in self.literal else -1
        if end < 0:
            self.literal += "<"
            end = next((i for i in (self.value.find(",", self.at), self.value.find(";", self.at)) if i >= 0), -1)
            end = len(self.value) if end < 0 else end
            inner, self.at = self.value[self.at : end], end
        else:
            inner, self.at = self.value[self.at : end], end + 1
        if self.entry.angle is None or "@" not in self.entry.angle:
            self.entry.angle = inner

    def _comment(self) -> None:
        end = _closing_parenthesis(self.value, self.at) if "(" not in self.literal else -1
        if end < 0:
            self.literal += "("
            return
        self.entry.comment = self.entry.comment or self.value[self.at : end]
        self.at = end + 1


def _closing_quote(value: str, at: int) -> int:
    while (end := value.find('"', at)) >= 0:
        backslashes = end - len(value[at:end].rstrip("\\")) - at
        if backslashes % 2 == 0:
            return end
        at = end + 1
    return -1


def _closing_parenthesis(value: str, at: int) -> int:
    depth = 1
    for found in re.compile(r"[()\\]").finditer(value, at):
        if found[0] == "\\":
            continue
        depth += 1 if found[0] == "(" else -1
        if depth == 0:
            return found.start()
    return -1


def _mailbox(entry: _Entry, hint: str) -> Mailbox:
    phrase = decode_words(entry.phrase, hint=hint)
    if entry.angle is not None:
        address = _address(decode_words(entry.angle, hint=hint))
        if not address and (bare := _BARE.search(phrase)):
            return Mailbox("", _address(bare[0]))
        return Mailbox(_name(phrase or decode_words(entry.comment, hint=hint)), address)
    comment = decode_words(entry.comment, hint=hint)
    if "@" not in phrase:
        return Mailbox(_name(phrase), "")
    squeezed = re.sub(r"\s*([.@])\s*", r"\1", phrase)
    bare = _BARE.search(squeezed)
    if not bare:
        return Mailbox(_name(phrase), "")
    around = (squeezed[: bare.start()] + squeezed[bare.end() :]).strip(" <>\t")
    return Mailbox(_name(comment or around), _address(bare[0]))


def _from_encoded(value: str, hint: str) -> list[Mailbox]:
    """Some senders encode the whole mailbox, address and all."""
    decoded = decode_words(value[:MAX_LENGTH], hint=hint)
    found = [_mailbox(entry, hint) for entry in _Scanner(decoded).entries()]
    return [box for box in found if box.address]


def _address(text: str) -> str:
    text = clean_line(text).strip(" <>'\",;").removeprefix("mailto:").removeprefix("MAILTO:")
    if text.startswith("@") and ":" in text:
        text = text.rpartition(":")[2]  # an obsolete source route
    text = re.sub(r"\([^()]*\)", "", text).replace(" ", "")
    local, at, domain = text.rpartition("@")
    return f"{local}@{domain.strip('.')}".lower()[:320] if at and local and domain else ""


def _name(text: str) -> str:
    return clean_line(text.strip(" \t\"'"))[:200]
