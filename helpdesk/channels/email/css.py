"""Inline styles of mail: only declarations that can colour, size and space, never fetch, overlay or hide."""

from functools import lru_cache

import tinycss2

MAX_STYLE = 4_000
MAX_PIXELS = 2_000
MAX_EM = 20

PROPERTIES = {
    *("color", "background-color", "font", "font-family", "font-size", "font-style", "font-variant", "font-weight"),
    *("line-height", "letter-spacing", "text-align", "text-decoration", "text-indent", "text-transform", "direction"),
    *("vertical-align", "white-space", "word-break", "word-wrap", "overflow-wrap", "width", "height", "max-width"),
    *("min-width", "padding", "padding-top", "padding-right", "padding-bottom", "padding-left", "margin"),
    *("margin-top", "margin-right", "margin-bottom", "margin-left", "border", "border-top", "border-right"),
    *("border-bottom", "border-left", "border-color", "border-style", "border-width", "border-collapse"),
    *("border-spacing", "border-radius", "list-style-type", "table-layout", "caption-side", "empty-cells", "display"),
    *("border-top-color", "border-right-color", "border-bottom-color", "border-left-color", "border-top-width"),
    *("border-right-width", "border-bottom-width", "border-left-width", "border-top-style", "border-right-style"),
    *("border-bottom-style", "border-left-style", "background", "float", "clear", "unicode-bidi", "max-height"),
}
FUNCTIONS = {"rgb", "rgba", "hsl", "hsla"}
DISPLAYS = {"block", "inline", "inline-block", "table", "table-row", "table-cell", "list-item", "none"}
PLAIN_TOKENS = {"ident", "number", "percentage", "hash", "whitespace", "literal", "string", "comment"}


@lru_cache(maxsize=4096)
def safe_style(style: str) -> str:
    """The declarations of a style attribute that are harmless, "" when none is."""
    if len(style) > MAX_STYLE or "\\" in style:
        return ""
    declarations = tinycss2.parse_blocks_contents(style, skip_comments=True, skip_whitespace=True)
    kept = [
        f"{node.lower_name}: {tinycss2.serialize(node.value).strip()}"
        for node in declarations
        if node.type == "declaration" and _is_harmless(node)
    ]
    return "; ".join(kept)


def _is_harmless(node: tinycss2.ast.Declaration) -> bool:
    name = node.lower_name
    if name not in PROPERTIES or not all(_is_harmless_token(name, token) for token in node.value):
        return False
    if name == "display":
        return all(token.type != "ident" or token.lower_value in DISPLAYS for token in node.value)
    return True


def _is_harmless_token(name: str, token: tinycss2.ast.Node) -> bool:
    if token.type == "function":
        return token.lower_name in FUNCTIONS and all(
            inner.type in ("number", "percentage", "whitespace", "literal") for inner in token.arguments
        )
    if token.type in ("dimension", "number", "percentage"):
        return _is_harmless_size(name, token)
    return token.type in PLAIN_TOKENS


def _is_harmless_size(name: str, token: tinycss2.ast.Node) -> bool:
    if token.value < 0 and name != "letter-spacing":
        return False
    if token.type == "percentage":
        return abs(token.value) <= 500
    if token.type == "number":
        return abs(token.value) <= MAX_PIXELS
    return abs(token.value) <= (MAX_PIXELS if token.lower_unit in ("px", "pt") else MAX_EM)
