"""HTML of strangers made harmless (sanitise) or plain (to_text). Both are linear: what cannot be is shown as text."""

import html as entities
import re
from urllib.parse import urlsplit

import nh3
from inscriptis import get_text
from inscriptis.css_profiles import STRICT_CSS_PROFILE
from inscriptis.model.config import ParserConfig
from lxml.etree import LxmlError

from helpdesk.channels.email.charsets import clean_text
from helpdesk.channels.email.css import safe_style

SANITISER_VERSION = 1
MAX_HTML = 2_000_000
MAX_HTML_FOR_LAYOUT = 600_000
MAX_DEPTH = 200
MAX_LINKS = 5_000
# Open inline formatting is repeated in every block that follows it, so the product bounds the tree.
MAX_REPEATED_FORMATTING = 300_000
MAX_COLUMNS = 40

TAGS = {
    *("a", "abbr", "address", "b", "bdi", "big", "blockquote", "br", "caption", "center", "cite", "code", "col"),
    *("colgroup", "dd", "del", "dfn", "div", "dl", "dt", "em", "figcaption", "figure", "font", "h1", "h2", "h3", "h4"),
    *("h5", "h6", "hr", "i", "img", "ins", "kbd", "li", "mark", "ol", "p", "pre", "q", "s", "samp", "small", "span"),
    *("strike", "strong", "sub", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "tt", "u", "ul", "var"),
    *("article", "section", "header", "footer", "main", "time"),
}
DROPPED_WITH_CONTENT = {
    *("script", "style", "title", "head", "noscript", "template", "iframe", "object", "svg", "math", "select"),
    *("textarea", "noembed", "noframes", "xmp", "audio", "video", "canvas"),
}
ATTRIBUTES = {
    "*": {"style", "dir", "lang", "title", "align"},
    "a": {"href"},
    "img": {"src", "alt", "width", "height", "border"},
    "table": {"width", "height", "border", "cellpadding", "cellspacing", "bgcolor"},
    "tr": {"bgcolor", "valign", "height"},
    "td": {"width", "height", "bgcolor", "valign", "colspan", "rowspan", "nowrap"},
    "th": {"width", "height", "bgcolor", "valign", "colspan", "rowspan", "nowrap"},
    "col": {"width", "span"},
    "colgroup": {"width", "span"},
    "font": {"color", "size", "face"},
    "ol": {"start", "type"},
    "ul": {"type"},
    "li": {"value"},
    "hr": {"width", "size", "color"},
    "time": {"datetime"},
}
SCHEMES = {"http", "https", "mailto", "tel", "sms", "cid"}
NUMBERS = {"width", "height", "border", "cellpadding", "cellspacing", "colspan", "rowspan", "span", "start", "size"}
FORMATTING = {*("a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u")}
NEVER_NESTED = {
    *("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr"),
    *("p", "li", "td", "th", "tr", "tbody", "thead", "tfoot", "option", "dt", "dd", "html", "head", "body", "o:p"),
}

_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9:]{0,30})")
_IMAGE = re.compile(r'<img((?: [\w-]+="[^"]*")*)>')
_REMOTE = re.compile(r' src="(?!cid:)')
_LINK = re.compile(r'<a((?: [\w-]+="[^"]*")*)>([^<]*)</a>')
_HREF = re.compile(r' href="([^"]*)"')
_SHOWN_HOST = re.compile(r"^\s*(?:https?://)?(?:www\.)?([\w-]+(?:\.[\w-]+)+)(?:[/?#:]\S*)?\s*$", re.IGNORECASE)
_CONTENTLESS = re.compile(r"<(script|style|title)\b", re.IGNORECASE)
_BREAKS = re.compile(r"(?i)<(?:br|/?p|/?div|/?tr|/?li|/?h[1-6]|/?table|/?blockquote|hr)\b[^<>]*>")
_ANY_TAG = re.compile(r"<[^<>]*>")
_TRAILING = re.compile(r"[ \t\u00a0]+$", re.MULTILINE)
_SPAN = re.compile(r"(?i)\b(colspan|rowspan|span)\s*=\s*[\"']?\s*(\d+)")
_TEXT_RULES = ParserConfig(css=STRICT_CSS_PROFILE, display_links=False, display_images=False)


def sanitise(html: str) -> str:
    """HTML to show in a sandboxed frame: no script, no fetches, no overlays; too large or deep becomes its text.

    Remote images keep their address in `data-remote-src`; `cid:` sources stay for the caller to rewrite.
    """
    html = clean_text(html)
    if not is_buildable(html):
        return _as_preformatted(html)
    cleaned = nh3.clean(
        html,
        tags=TAGS,
        clean_content_tags=DROPPED_WITH_CONTENT,
        attributes=ATTRIBUTES,
        attribute_filter=_filtered,
        link_rel="noopener nofollow noreferrer",
        set_tag_attribute_values={"a": {"target": "_blank"}},
        url_schemes=SCHEMES,
        url_relative="deny",
    )
    if len(cleaned) > 2 * MAX_HTML:
        return _as_preformatted(html)
    return _LINK.sub(_with_real_host, _IMAGE.sub(_blocked, cleaned))


def to_text(html: str) -> str:
    """The text of HTML as a person would read it, without trailing spaces and runs of empty lines."""
    if len(html) > MAX_HTML_FOR_LAYOUT or not is_buildable(html):
        return _tidy(_stripped(html[:MAX_HTML]))
    narrow = _SPAN.sub(lambda found: f"{found[1]}={min(int(found[2][:4]), MAX_COLUMNS)}", html)
    try:
        return _tidy(get_text(_without_declaration(clean_text(narrow)), _TEXT_RULES))
    except (LxmlError, ValueError, AttributeError, IndexError, TypeError, RecursionError):
        return _tidy(_stripped(html))


def is_buildable(html: str) -> bool:
    """Whether a tree of this HTML stays small: size, depth, links and repeated open formatting are bounded."""
    if len(html) > MAX_HTML:
        return False
    depth = links = formatting = most_formatting = blocks = 0
    for slash, name in _TAG.findall(html.lower()):
        step = -1 if slash else 1
        blocks += name not in FORMATTING and not slash
        links += name == "a" and not slash
        if name in FORMATTING:
            formatting = max(0, formatting + step)
            most_formatting = max(most_formatting, formatting)
        if name not in NEVER_NESTED:
            depth = max(0, depth + step)
        if depth > MAX_DEPTH or links > MAX_LINKS:
            return False
    return most_formatting * blocks <= MAX_REPEATED_FORMATTING


def _as_preformatted(html: str) -> str:
    return f"<pre>{entities.escape(_stripped(html[:MAX_HTML]), quote=False)}</pre>"


def _filtered(tag: str, name: str, value: str) -> str | None:
    if name == "style":
        return safe_style(value) or None
    if name in NUMBERS:
        return _bounded_number(name, value)
    if name in ("src", "href"):
        return _safe_address(tag, value)
    return clean_text(value)[:1000]


def _bounded_number(name: str, value: str) -> str | None:
    found = re.match(r"\s*([+-]?\d{1,6})\s*(%?)", value)
    if not found:
        return None
    number = int(found[1])
    limit = MAX_COLUMNS if "span" in name else 4000
    return f"{number}{found[2]}" if name == "size" or 0 <= number <= limit else None


def _safe_address(tag: str, value: str) -> str | None:
    address = re.sub(r"[\x00-\x20\x7f]+", "", value) if tag == "a" else value.strip()
    scheme = address.partition(":")[0].lower()
    if tag == "img":
        return f"{scheme}:{address[len(scheme) + 1 :]}" if scheme in ("cid", "http", "https") else None
    return value.strip() if scheme in SCHEMES - {"cid"} else None


def _blocked(found: re.Match[str]) -> str:
    return "<img" + _REMOTE.sub(' data-remote-src="', found[1]) + ">"


def _with_real_host(found: re.Match[str]) -> str:
    """A link whose text claims another host than it leads to says where it leads."""
    href = _HREF.search(found[1])
    claimed = _SHOWN_HOST.match(entities.unescape(found[2]))
    if not href or not claimed:
        return found[0]
    real = _host(entities.unescape(href[1]))
    if not real or _base(real) == _base(claimed[1].lower()):
        return found[0]
    return f"{found[0]} [{entities.escape(real)}]"


def _host(address: str) -> str:
    try:
        return (urlsplit(address).hostname or "").lower()
    except ValueError:
        return ""


def _base(host: str) -> str:
    return ".".join(host.removeprefix("www.").split(".")[-2:])


def _stripped(html: str) -> str:
    """Text without building a tree: contents of scripts and styles cut out by searching forward only."""
    kept = []
    at = 0
    for found in _CONTENTLESS.finditer(html):
        if found.start() < at:
            continue
        kept.append(html[at : found.start()])
        end = html.lower().find("</" + found[1].lower(), found.end()) if len(kept) < 50 else -1
        at = end if end >= 0 else len(html)
    kept.append(html[at:])
    return entities.unescape(_ANY_TAG.sub("", _BREAKS.sub("\n", "".join(kept))))


def _without_declaration(html: str) -> str:
    return re.sub(r"^\s*<\?xml[^>]{0,200}\?>", "", html)


def _tidy(text: str) -> str:
    text = _TRAILING.sub("", clean_text(text).replace("\u00a0", " "))
    return re.sub(r"\n{3,}", "\n\n", text).strip("\n")
