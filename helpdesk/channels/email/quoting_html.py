"""Quoted history in HTML, by the marks that mail programs leave; the tree is cut, never the text."""

from lxml import html as lxml_html
from lxml.etree import LxmlError

from helpdesk.channels.email.html import MAX_HTML_FOR_LAYOUT, is_buildable

QUOTES = (
    "//div[contains(concat(' ', @class, ' '), ' gmail_quote_container ')]",
    "//div[contains(concat(' ', @class, ' '), ' gmail_quote ')]",
    "//*[contains(concat(' ', @class, ' '), ' gmail_extra ') and .//*[contains(@class, 'gmail_quote')]]",
    "//*[contains(concat(' ', @class, ' '), ' yahoo_quoted ')]",
    "//*[contains(concat(' ', @class, ' '), ' protonmail_quote ')]",
    "//*[contains(concat(' ', @class, ' '), ' zmail_extra ')]",
    "//*[contains(concat(' ', @class, ' '), ' tutanota_quote ')]",
    "//blockquote[@type='cite']",
    "//*[@id='OLK_SRC_BODY_SECTION']",
    "//*[@id='reply-intro']",
    "//*[contains(concat(' ', @class, ' '), ' gmail_signature ')]",
    "//*[contains(concat(' ', @class, ' '), ' gmail_signature_prefix ')]",
    "//*[contains(concat(' ', @class, ' '), ' moz-signature ')]",
    "//*[@id='Signature' or @id='x_Signature' or @id='ms-outlook-mobile-signature']",
    "//*[contains(concat(' ', @class, ' '), ' moz-cite-prefix ')][following-sibling::*[1][self::blockquote]]",
)
# From these on everything is history, whatever the tree looks like.
STARTS = (
    "//*[@id='divRplyFwdMsg' or @id='x_divRplyFwdMsg' or @id='appendonsend' or @id='x_appendonsend']",
    "//*[@id='mail-editor-reference-message-container']",
    "//hr[@id='stopSpelling']",
    "//*[contains(concat(' ', @class, ' '), ' moz-cite-prefix ')]",
    "//div[contains(@style, 'border-top') and contains(@style, 'solid') and .//b["
    "contains('|From:|Von:|De:|De :|Da:|Van:|Fra:|Från:|Od:|От:|', concat('|', normalize-space(.), '|'))]]",
)
FORWARD_WORDS = (
    "forwarded message",
    "weitergeleitete nachricht",
    "message transféré",
    "mensaje reenviado",
    "messaggio inoltrato",
)


def split_reply_html(html: str) -> tuple[str, str]:
    """The visible HTML and what is folded away ("" when no mail program's mark was found). Neither is sanitised."""
    if len(html) > MAX_HTML_FOR_LAYOUT or not is_buildable(html) or not html.strip():
        return html, ""
    try:
        tree = lxml_html.document_fromstring(html)
    except (LxmlError, ValueError, AssertionError):
        return html, ""
    folded = _cut_starts(tree) + _cut_quotes(tree)
    if not folded or not tree.text_content().strip():
        return html, ""
    return _as_text(tree), "\n".join(folded)


def _cut_quotes(tree) -> list[str]:
    quotes = [node for path in QUOTES for node in tree.xpath(path)]
    marked = set(quotes)
    outermost = [node for node in dict.fromkeys(quotes) if marked.isdisjoint(node.iterancestors())]
    history = [node for node in outermost if node.tag == "blockquote"]
    if len(history) > 1 and _stands_between(history):
        outermost = [node for node in outermost if "ignature" in f"{node.get('class')} {node.get('id')}"]
    return [_removed(node) for node in outermost if not _is_forward(node) and not _has_answers_within(node)]


def _cut_starts(tree) -> list[str]:
    starts = [node for path in STARTS for node in tree.xpath(path)]
    if not starts or _is_forward(starts[0]):
        return []
    order = {node: at for at, node in enumerate(tree.iter())}
    first = min(starts, key=order.__getitem__)
    if not _text_before(tree, first):
        return []
    if "moz-cite-prefix" in (first.get("class") or "") and _text_after_quote(first):
        return []
    return _removed_from(first)


def _removed_from(node) -> list[str]:
    """Take out a node and all that follows it in the document."""
    removed = []
    while node is not None and node.getparent() is not None:
        parent = node.getparent()
        for following in list(node.itersiblings()):
            removed.append(_as_text(following))
            parent.remove(following)
        removed.insert(0, _as_text(node))
        node.tail = None
        above = node.getparent()
        above.remove(node)
        node = _next_after(above)
    return removed


def _next_after(node):
    """The next element behind a node's end, however far up."""
    while node is not None and node.tag not in ("body", "html"):
        node.tail = None
        following = node.getnext()
        if following is not None:
            return following
        node = node.getparent()
    return None


def _removed(node) -> str:
    text = _as_text(node)
    node.drop_tree()
    return text


def _stands_between(quotes: list) -> bool:
    """Whether somebody wrote between the quotes: then all of it is one conversation, shown whole."""
    return any(len((node.tail or "").strip()) > 0 or _written_after(node) for node in quotes[:-1])


def _written_after(node) -> bool:
    following = node.getnext()
    while following is not None and following.tag != "blockquote":
        if following.text_content().strip() if isinstance(following.tag, str) else False:
            return True
        following = following.getnext()
    return False


def _has_answers_within(node) -> bool:
    """Answers between the quoted paragraphs: several blockquotes side by side with text between them."""
    for parent in [node, *node.iter("div")]:
        quotes = [child for child in parent if child.tag == "blockquote"]
        if len(quotes) > 1 and _stands_between(quotes):
            return True
    return False


def _is_forward(node) -> bool:
    start = " ".join(node.text_content().split())[:300].lower().lstrip("- ")
    return start.startswith(FORWARD_WORDS)


def _text_before(tree, node) -> bool:
    for other in tree.iter():
        if other is node:
            return False
        if (
            isinstance(other.tag, str)
            and other.tag not in ("style", "script", "title", "head")
            and (other.text or "").strip()
        ):
            return True
        if any((child.tail or "").strip() for child in other if not _is_at_or_after(child, node)):
            return True
    return False


def _is_at_or_after(child, node) -> bool:
    return child is node or any(above is child for above in node.iterancestors())


def _text_after_quote(prefix) -> bool:
    """Thunderbird: the prefix, the blockquote, and then what was written below it."""
    quote = prefix.getnext()
    if quote is None or quote.tag != "blockquote":
        return False
    if (quote.tail or "").strip():
        return True
    return any(
        isinstance(node.tag, str) and node.text_content().strip() and "moz-signature" not in (node.get("class") or "")
        for node in quote.itersiblings()
    )


def _as_text(node) -> str:
    return lxml_html.tostring(node, encoding="unicode", with_tail=False)
