"""What a person newly wrote, apart from quoted history and signature: spans over the lines of a text, never deletion.

Stages, each one pass over at most 10,000 lines: fenced code is left alone; a line that says "reply above"; headers of
an embedded mail; "On … wrote:"; quoted lines; signatures. Forwards and replies between quoted lines stay whole.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from helpdesk.channels.email import quote_marks as marks
from helpdesk.channels.email.quoting_html import split_reply_html

__all__ = ["split_reply", "split_reply_html"]

MAX_LINES = 10_000
MAX_HEADER_LINES = 14
MAX_SIGNATURE_LINES = 20
MAX_CLOSING_LINES = 8
MAX_NAME_LINE = 60


def split_reply(text: str) -> tuple[str, str]:
    """The visible text and what is folded away; everything is visible when nothing else would be."""
    lines = [piece for line in text.replace("\r\n", "\n").split("\n") for piece in marks.split_shared_line(line)]
    page = _Page(lines)
    page.fold_endings()
    page.fold_history()
    page.fold_endings()
    visible = _joined(lines[at] for at in page.shown())
    if not visible.strip():
        return text, ""
    return visible, _joined(line for line, is_hidden in zip(lines, page.hidden, strict=True) if is_hidden)


@dataclass(slots=True)
class _Block:
    """Quoted lines in a row, blank lines between them included; `end` is exclusive."""

    start: int
    end: int


class _Page:
    def __init__(self, lines: list[str]):
        self.lines = [line[: marks.MAX_LINE].replace("\u00a0", " ") for line in lines[:MAX_LINES]]
        self.hidden = [False] * len(lines)
        self.total = len(lines)
        self.fenced = _fenced(self.lines)
        self.first_text = next((at for at, line in enumerate(self.lines) if _is_text(line)), self.total)

    def fold_history(self) -> None:
        end = self._forward_at()
        cut = self._first_cut(end)
        if cut is not None:
            self._hide(cut, self.total)
            end = min(end, cut)
        if end == len(self.lines) or cut is not None:
            self._fold_quotes(end)

    def fold_endings(self) -> None:
        self._fold_delimited_signature()
        for _ in range(3):
            if not (self._fold_mobile_signature() or self._fold_footer() or self._fold_closing()):
                break
        self._fold_last_rule()

    def shown(self) -> Iterator[int]:
        """The lines to show; where something was folded one empty line is left, not two."""
        last = -1
        for at, is_hidden in enumerate(self.hidden):
            is_seam = (
                0 <= last < at - 1
                and not self.lines[last].strip()
                and at < len(self.lines)
                and not self.lines[at].strip()
            )
            if not is_hidden and not is_seam:
                yield at
                last = at

    # History

    def _forward_at(self) -> int:
        for at, line in enumerate(self.lines):
            if not self.fenced[at] and not _is_quoted(line) and marks.is_forward_mark(line):
                return at
        return len(self.lines)

    def _first_cut(self, end: int) -> int | None:
        """Where unquoted history begins that goes on to the end, None when there is none below some text."""
        for at in range(end):
            line = self.lines[at]
            if self.fenced[at] or not line.strip() or _is_quoted(line) or not self._has_text_before(at):
                continue
            if self._begins_history(at, end):
                return self._with_rules_above(at)
        return None

    def _begins_history(self, at: int, end: int) -> bool:
        line = self.lines[at]
        if marks.is_original_mark(line) or (len(line) < 200 and marks.REPLY_ABOVE.search(line) and _is_marked(line)):
            return True
        if marks.header_kind(line) and self._is_header_block(at, end):
            return True
        height = self._introduction_height(at, end)
        return bool(height) and not self._is_quoted_next(at + height)

    def _is_header_block(self, at: int, end: int) -> bool:
        kinds: list[str] = []
        misses = 0
        block = ""
        for line in self.lines[at : min(at + MAX_HEADER_LINES, end)]:
            kind = marks.header_kind(line)
            if kind:
                kinds.append(kind)
                misses = 0
                block += line
            elif line.strip():
                misses += 1
            if misses > 1:
                break
        return marks.is_header_block(set(kinds), block)

    def _introduction_height(self, at: int, end: int) -> int:
        """How many lines an introduction takes that begins here, 0 when none does."""
        if self.fenced[at] or not marks.may_introduce(self.lines[at]):
            return 0
        joined = ""
        for height in range(1, min(5, end - at + 1)):
            line = self.lines[at + height - 1]
            if not line.strip() or len(joined) > marks.MAX_INTRODUCTION:
                return 0
            joined = f"{joined} {line.strip()}".strip()
            if marks.is_introduction(joined, before_quote=self._is_quoted_next(at + height)):
                return height
        return 0

    def _is_quoted_next(self, at: int) -> bool:
        following = next((line for line in self.lines[at : at + 4] if line.strip()), "")
        return _is_quoted(following)

    def _with_rules_above(self, at: int) -> int:
        while at > 0 and (not self.lines[at - 1].strip() or marks.RULE.match(self.lines[at - 1])):
            at -= 1
        return at

    def _has_text_before(self, at: int) -> bool:
        return self.first_text < at

    # Quoted lines

    def _fold_quotes(self, end: int) -> None:
        """Hide the quotes before and after the reply; keep them all when it stands between them."""
        blocks = self._blocks(end)
        if not blocks:
            return
        last_text = self._last_text(end, blocks)
        if self._is_blank(blocks[-1].end, end) or blocks[-1].end > last_text:
            self._hide(self._with_introduction(blocks.pop().start), end)
        if len(blocks) != 1:
            return
        start = self._with_introduction(blocks[0].start)
        if start < blocks[0].start or self._is_blank(0, start):
            self._hide(start, blocks[0].end)

    def _blocks(self, end: int) -> list[_Block]:
        blocks: list[_Block] = []
        for at in range(end):
            if self.fenced[at] or not _is_quoted(self.lines[at]):
                continue
            if blocks and self._continues(blocks[-1].end, at):
                blocks[-1].end = at + 1
            else:
                blocks.append(_Block(at, at + 1))
        return blocks

    def _continues(self, end: int, at: int) -> bool:
        """Only blank lines, or one line that a mail program wrapped out of the quote, stand between."""
        between = self.lines[end:at]
        if len(between) > 4:
            return False
        texts = [line for line in between if line.strip()]
        was_wrapped = len(between) == 1 and (
            (len(self.lines[end - 1]) > 65 and len(between[0]) < 40) or marks.is_piece_of_link(between[0])
        )
        return not texts or was_wrapped or all(self._is_within_introduction(end, at) for _ in texts[:1])

    def _is_within_introduction(self, start: int, end: int) -> bool:
        first = next((at for at in range(start, end) if self.lines[at].strip()), end)
        height = self._introduction_height(first, end)
        return bool(height) and self._is_blank(first + height, end)

    def _last_text(self, end: int, blocks: list[_Block]) -> int:
        """The last line of the reply: behind the last quote there may only be a signature."""
        signature = self._signature_at(blocks[-1].end, end)
        stop = end if signature is None else signature
        return next((at for at in reversed(range(stop)) if self._is_reply(at)), -1)

    def _is_reply(self, at: int) -> bool:
        line = self.lines[at]
        return (
            bool(line.strip()) and not _is_quoted(line) and not marks.is_mobile_signature(line) and not self.hidden[at]
        )

    def _with_introduction(self, start: int) -> int:
        """The first line of the introduction that stands directly above a quote, else the quote's own."""
        above = start
        while above > 0 and start - above < 3 and not self.lines[above - 1].strip():
            above -= 1
        found = [at for at in range(max(0, above - 4), above) if self._introduction_height(at, above) == above - at]
        dated = [at for at in found if marks.is_dated(self.lines[at])]
        return max(dated or found, default=start)

    def _is_blank(self, start: int, end: int) -> bool:
        return not any(self.lines[at].strip() and not self.hidden[at] for at in range(start, end))

    # Signatures

    def _fold_delimited_signature(self) -> None:
        at = self._signature_at(0, self._shown_end())
        if at is not None:
            self._hide(at, self._shown_end())

    def _signature_at(self, start: int, end: int) -> int | None:
        """A `-- ` line with at most a signature's worth of lines behind it."""
        count = 0
        found = None
        for at in reversed(range(start, end)):
            line = self.lines[at]
            if self.hidden[at] or count > MAX_SIGNATURE_LINES:
                break
            if line.rstrip() in ("--", "- --") and not self.fenced[at] and at > 0:
                found = at
            count += bool(line.strip())
        return found

    def _fold_mobile_signature(self) -> bool:
        """Hide it at the end; in the middle only the line itself goes."""
        end = self._shown_end()
        found: list[int] = []
        for at in range(1, end):
            if self.hidden[at] or self.fenced[at] or not marks.is_mobile_signature(self.lines[at]):
                continue
            above = self.lines[at - 1]
            if at + 1 >= end or not above.strip() or found[-1:] == [at - 1] or marks.LONE_RULE.match(above):
                found.append(at)
        for at in found:
            self._hide(at, at + 1)
        return bool(found)

    def _fold_footer(self) -> bool:
        """A mailing list's footer: a line of underscores near the end with an address or link below it."""
        end = self._shown_end()
        for at in reversed(range(max(0, end - MAX_CLOSING_LINES), end)):
            below = "\n".join(self.lines[at + 1 : end])
            if marks.UNDERSCORES.match(self.lines[at]) and (not below.strip() or "@" in below or "://" in below):
                self._hide(at, end)
                return True
        return False

    def _fold_closing(self) -> bool:
        """`Kind regards,` with a name below it, or a dashed name, at the very end."""
        end = self._shown_end()
        shown = [
            at
            for at in range(max(0, end - 3 * MAX_CLOSING_LINES), end)
            if self.lines[at].strip() and not self.hidden[at]
        ]
        if len(shown) > 1 and self._is_dashed_name(shown[-1], shown[-2]):
            self._hide(shown[-1], end)
            return True
        for at in reversed(shown[-MAX_CLOSING_LINES:]):
            if marks.VALEDICTION.match(self.lines[at]) and not self.fenced[at]:
                self._hide(at, end)
                return True
            if len(self.lines[at]) > MAX_NAME_LINE or self.lines[at].rstrip().endswith(("?", ":", ";")):
                return False
        return False

    def _fold_last_rule(self) -> None:
        """A line of dashes has nothing to part when all below it is folded."""
        end = self._shown_end()
        if end and any(self.hidden[end:]) and marks.LONE_RULE.match(self.lines[end - 1]):
            self._hide(end - 1, end)

    def _is_dashed_name(self, at: int, before: int) -> bool:
        is_alone = not self.lines[at - 1].strip()
        return is_alone and bool(marks.DASHED_NAME.match(self.lines[at])) and not marks.BULLET.match(self.lines[before])

    def _shown_end(self) -> int:
        return next(
            (at + 1 for at in reversed(range(len(self.lines))) if self.lines[at].strip() and not self.hidden[at]), 0
        )

    def _hide(self, start: int, end: int) -> None:
        self.hidden[start:end] = [True] * (end - start)


def _is_quoted(line: str) -> bool:
    bare = line.strip()
    return bare.startswith((">", "＞")) and not marks.WRAPPED_COLON.match(bare)


def _is_text(line: str) -> bool:
    return bool(line.strip()) and not marks.RULE.match(line) and not _is_quoted(line)


def _is_marked(line: str) -> bool:
    return sum(line.count(mark) for mark in "#-=_*") >= 2


def _fenced(lines: list[str]) -> list[bool]:
    """Which lines stand within fenced code; a fence that never closes is none."""
    fences = [at for at, line in enumerate(lines) if marks.FENCE.match(line)]
    fenced = [False] * len(lines)
    for start, end in zip(fences[::2], fences[1::2], strict=False):
        fenced[start : end + 1] = [True] * (end + 1 - start)
    return fenced


def _joined(lines) -> str:
    return "\n".join(lines).strip("\n").rstrip()
