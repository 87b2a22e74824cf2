"""Bounces: who could not be reached, for good or for now, why, and which of our mails it was.

First what is written for machines (RFC 3464, RFC 5965, X-Failed-Recipients), then flufl.bounce and the words people
read, and these only when several signs together say that a mail server is speaking.
"""

import email
import logging
import re
from collections.abc import Iterable
from dataclasses import dataclass

from flufl.bounce import all_failures

from helpdesk.channels.email import bounce_words as words
from helpdesk.channels.email.addresses import first_mailbox, mailboxes
from helpdesk.channels.email.charsets import clean_line, clean_text, decode_body
from helpdesk.channels.email.headers import Headers, split_headers
from helpdesk.channels.email.mime import Part

MAX_RECIPIENTS = 50
MAX_GUESSED = 64 * 1024
MAX_STATUS = 256 * 1024
ENOUGH = 3
STATUS_TYPES = ("message/delivery-status", "message/global-delivery-status")
ORIGINAL_TYPES = (
    *("message/rfc822", "message/global", "text/rfc822-headers", "message/rfc822-headers"),
    *("message/global-headers", "text/rfc822"),
)
NOT_FAILED = ("delivered", "relayed", "expanded", "delivered-to-mailbox")

# Its detectors stumble over odd mail and report each stumble as an error; they are guesses, and others follow.
logging.getLogger("flufl.bounce").setLevel(logging.CRITICAL + 1)

_MESSAGE_ID = re.compile(r"(?im)^[ \t>]{0,10}message-id:\s{0,10}<([^<>\s]{1,900})>")
_STATUS = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")
_REPLY_LINE = re.compile(r"(?m)^.{0,200}\b[45]\d\d[ -].{0,400}$")
_ADDRESS = re.compile(r"[\w.!#$%&'*+/=?^{|}~-]{1,100}@[\w-]{1,100}(?:\.[\w-]{1,100}){1,8}")


@dataclass(frozen=True, slots=True)
class Bounce:
    """A report that a mail did not arrive, or (`is_spam_report`) that its reader called it spam.

    `is_permanent`: this mail will not arrive any more. `is_address_dead`: no mail to that address ever will.
    """

    recipients: tuple[str, ...]
    is_permanent: bool
    reason: str
    original_message_id: str
    status: str = ""
    is_address_dead: bool = False
    is_spam_report: bool = False


@dataclass(slots=True)
class _Failure:
    recipient: str
    is_delayed: bool
    status: str
    diagnosis: str


def read_bounce(root: Part, text: str, raw: bytes, *, sender: str, subject: str) -> Bounce | None:
    """The bounce this mail reports, None when it is none. `raw` is the whole mail."""
    parts = list(root.walk())
    if feedback := next((part for part in parts if part.content_type == "message/feedback-report"), None):
        return _spam_report(feedback, parts)
    failures, was_delivered = _reported_failures(parts)
    if not failures and was_delivered:
        return None
    if not failures and root.type_parameters.get("report-type", "").lower() == "disposition-notification":
        return None
    failures = failures or _named_failures(root.headers, text)
    if not failures and not looks_like_bounce(root, text, sender=sender, subject=subject):
        return None
    failures = failures or _guessed_failures(raw, text, exclude=_ours(root.headers, sender))
    return _bounce(failures, text, _original_id(parts, root.headers, raw))


def looks_like_bounce(root: Part, text: str, *, sender: str, subject: str) -> bool:
    """Whether several signs together say that a mail server reports a failure."""
    return_path = root.headers.raw("return-path")
    is_null = bool(return_path) and not return_path.strip(" <>")
    is_named = bool(words.MACHINE_NAMES.search(root.headers.text("from")[:200]))
    machine = 2 * (is_null or is_named or bool(words.MACHINES.match(sender)))
    report = 2 * (root.type_parameters.get("report-type", "").lower() == "delivery-status")
    about = 2 * bool(words.SUBJECTS.search(subject[:300])) - 3 * bool(words.REPLIES.match(subject))
    said = min(2, len({found.lower() for found in words.FAILURES.findall(text[:8000])}))
    if words.NOT_BOUNCES.search(subject[:300]):
        return False
    return machine + report + about + said >= (ENOUGH if machine or report else ENOUGH + 1)


def _spam_report(feedback: Part, parts: list[Part]) -> Bounce:
    headers, _ = split_headers(feedback.content()[:MAX_STATUS], is_top=True)
    found = [first_mailbox(value).address for value in headers.all_raw("original-rcpt-to")]
    recipients = tuple(dict.fromkeys(address for address in found if address))
    kind = headers.text("feedback-type") or "abuse"
    return Bounce(
        recipients,
        is_permanent=True,
        reason=f"The reader reported the mail as {kind}.",
        original_message_id=_original_id(parts, Headers(), b""),
        is_spam_report=True,
    )


def _reported_failures(parts: list[Part]) -> tuple[list[_Failure], bool]:
    """The failures a delivery-status part lists, and whether it lists deliveries."""
    failures: list[_Failure] = []
    was_delivered = False
    for part in parts:
        if part.content_type == "message/disposition-notification":
            failures += _rejections(part)
        if part.content_type not in STATUS_TYPES:
            continue
        for group in _groups(part.content()[:MAX_STATUS]):
            action = group.text("action").split(";")[0].strip().lower()
            was_delivered = was_delivered or action in NOT_FAILED
            recipient = _status_recipient(group)
            if recipient and action not in NOT_FAILED and len(failures) < MAX_RECIPIENTS:
                failures.append(_failure(group, recipient, action))
    return failures, was_delivered


def _rejections(part: Part) -> list[_Failure]:
    """Sieve's reject speaks as a read receipt that a machine threw the mail away."""
    group, _ = split_headers(part.content()[:MAX_STATUS], is_top=True)
    disposition = group.text("disposition").lower().replace(" ", "")
    recipient = _status_recipient(group)
    if not recipient or not disposition.startswith("automatic-action") or "deleted" not in disposition:
        return []
    return [_Failure(recipient, False, "", "")]


def _groups(raw: bytes) -> list[Headers]:
    groups = []
    for block in re.split(rb"\n[ \t]*\r?\n", raw.strip(), maxsplit=MAX_RECIPIENTS * 2):
        headers, _ = split_headers(block.strip() + b"\n", is_top=True)
        groups.append(headers)
    return groups


def _status_recipient(group: Headers) -> str:
    for name in ("original-recipient", "final-recipient", "x-actual-recipient"):
        value = group.text(name).rpartition(";")[2].strip()
        address = first_mailbox(value).address
        if address:
            return address
    return ""


def _failure(group: Headers, recipient: str, action: str) -> _Failure:
    status = _STATUS.search(group.text("status"))
    diagnosis = clean_line(group.text("diagnostic-code").partition(";")[2] or group.text("diagnostic-code"))
    code = status[1] if status else ""
    is_delayed = action == "delayed" or (code.startswith("4") and action != "failed")
    return _Failure(recipient, is_delayed, code, diagnosis[:500])


def _named_failures(headers: Headers, text: str) -> list[_Failure]:
    found = [box.address for box in mailboxes(", ".join(headers.all_raw("x-failed-recipients"))) if box.address]
    is_delayed = bool(words.DELAYED.search(text[:8000]))
    return [_Failure(address, is_delayed, "", "") for address in found[:MAX_RECIPIENTS]]


def _guessed_failures(raw: bytes, text: str, *, exclude: set[str]) -> list[_Failure]:
    temporary, permanent = _flufl(raw[:MAX_GUESSED])
    is_delayed = bool(words.DELAYED.search(text[:8000]))
    if temporary or permanent:
        delayed = [_Failure(address, True, "", "") for address in sorted(temporary - permanent)]
        return (delayed + [_Failure(address, False, "", "") for address in sorted(permanent)])[:MAX_RECIPIENTS]
    above = words.ORIGINAL.split(text[:8000], maxsplit=1)[0]
    found = dict.fromkeys(address.lower().strip(".'") for address in _ADDRESS.findall(above))
    likely = [address for address in found if address not in exclude and not words.MACHINES.match(address)]
    return [_Failure(address, is_delayed, "", "") for address in likely[:1]]


def _flufl(raw: bytes) -> tuple[set[str], set[str]]:
    try:
        temporary, permanent = all_failures(email.message_from_string(raw.decode("ascii", "replace")))
    except Exception:
        logging.getLogger(__name__).debug("flufl.bounce gave up", exc_info=True)
        return set(), set()
    return _addresses(temporary), _addresses(permanent)


def _addresses(found: Iterable[bytes]) -> set[str]:
    return {box.address for raw in found if (box := first_mailbox(decode_body(raw))).address}


def _ours(headers: Headers, sender: str) -> set[str]:
    return {sender, *(box.address for box in mailboxes(", ".join(headers.all_raw("to"))))}


def _bounce(failures: list[_Failure], text: str, original_id: str) -> Bounce:
    failed = [failure for failure in failures if not failure.is_delayed]
    is_permanent = bool(failed) if failures else not words.DELAYED.search(text[:8000])
    first = failed[0] if failed else failures[0] if failures else _Failure("", not is_permanent, "", "")
    reason = first.diagnosis or _spoken_reason(text)
    status = _better_status(first.status, reason, text)
    return Bounce(
        recipients=tuple(dict.fromkeys(failure.recipient for failure in failed or failures)),
        is_permanent=is_permanent,
        reason=reason or "The mail could not be delivered.",
        original_message_id=original_id,
        status=status,
        is_address_dead=is_permanent and _is_dead(status, reason + " " + text[:4000]),
    )


def _spoken_reason(text: str) -> str:
    found = _REPLY_LINE.search(text[:8000])
    if found:
        return clean_line(found[0])[:500]
    line = next((line for line in text[:8000].split("\n") if words.FAILURES.search(line[:500])), "")
    return clean_line(line)[:500]


def _better_status(status: str, reason: str, text: str) -> str:
    """OpenSMTPD and others say 5.0.0 to machines and the real code only in words."""
    if status and not status.endswith(".0.0"):
        return status
    found = _STATUS.search(reason) or _STATUS.search(text[:8000])
    return found[1] if found else status


def _is_dead(status: str, said: str) -> bool:
    if words.NOT_DEAD.search(said):
        return False
    return status in words.DEAD_STATUSES or bool(words.DEAD.search(said))


def _original_id(parts: list[Part], headers: Headers, raw: bytes) -> str:
    for part in parts:
        if part.content_type in ORIGINAL_TYPES:
            original, _ = split_headers(part.content()[:MAX_STATUS], is_top=True)
            if found := original.text("message-id").strip("<> "):
                return found
    own = headers.text("message-id").strip("<> ")
    in_text = _MESSAGE_ID.findall(clean_text(raw[:MAX_STATUS].decode("ascii", "replace")))
    return next((found for found in in_text if found != own), headers.text("in-reply-to").strip("<> "))
