"""What the templates need: the import map, icons, and who is signed in."""

import json
from functools import cache
from pathlib import Path

from django import template
from django.conf import settings
from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe

register = template.Library()

STATIC = Path(__file__).resolve().parent.parent / "static"
# What our own modules and the vendored ones import each other by.
VENDORED = {
    "preact": "vendor/preact/preact.js",
    "preact/hooks": "vendor/preact/hooks.js",
    "@preact/signals-core": "vendor/signals-core/signals-core.js",
    "@preact/signals": "vendor/signals/signals.js",
    "htm": "vendor/htm/htm.js",
}

CHANNEL_ICONS = {"email": "mail", "chat": "chat", "voice": "phone", "phone": "phone"}
EVENT_ICONS = {
    "agent": "people",
    "customer": "people",
    "delivery": "mail",
    "interaction": "route",
    "message": "chat",
    "offer": "bell",
    "ticket": "tray",
}


@register.simple_tag(takes_context=True)
def importmap(context):
    """The one inline script, by nonce: bare module names to the hashed addresses of their files, and their preloads."""
    addresses = {name: static(path) for name, path in _modules().items()}
    # Our own file names only, and no "<" in them could end the script.
    written = mark_safe(json.dumps({"imports": addresses}).replace("<", "\\u003c"))  # noqa: S308
    nonce = getattr(context["request"], "csp_nonce", "")
    preloads = format_html_join("\n", '<link rel="modulepreload" href="{}">', ((url,) for url in addresses.values()))
    return format_html('<script type="importmap" nonce="{}">{}</script>\n{}', nonce, written, preloads)


@register.simple_tag
def module(name):
    """The address of one of our own modules, by the name that others import it by."""
    return static(_modules()[name])


@register.simple_tag
def icon(name, small=False):
    """An icon of the sprite, hidden from screen readers: the words beside it, or a label, say what it means."""
    classes = "ic sm" if small else "ic"
    sprite = static("helpdesk/icons.svg")
    return format_html('<svg class="{}" aria-hidden="true"><use href="{}#i-{}"/></svg>', classes, sprite, name)


@register.simple_tag
def site_name():
    return settings.HELPDESK_SITE_NAME


@register.simple_tag(takes_context=True)
def preference(context, name, default=""):
    """A preference of whoever is signed in, so that theme and density are right in the first response."""
    user = getattr(context.get("request"), "user", None)
    return getattr(user, "preferences", {}).get(name, default)


@register.simple_tag
def avatar(person, size=""):
    """Somebody's initials on their tint; the name stands beside it, so screen readers are told nothing."""
    return format_html('<span class="ava {} {}" aria-hidden="true">{}</span>', tint(person.pk), size, initials(person))


@register.filter
def initials(person):
    """One or two capitals of a name."""
    words = [word for word in str(person).partition("@")[0].split() if word[0].isalnum()]
    return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper() or "?"


@register.filter
def channel_icon(channel):
    """The icon that stands for a channel or a kind of address."""
    return CHANNEL_ICONS.get(channel, "portal")


@register.filter
def event_icon(event):
    """The icon of what an event is about."""
    channel = event.facts.get("channel")
    return CHANNEL_ICONS.get(channel) or EVENT_ICONS.get(event.verb.partition(".")[0], "clock")


@register.filter
def duration(seconds):
    """Seconds as people say them: 20 s, 5 min, 4 h."""
    seconds = int(seconds)
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= 2 * size or seconds == size:
            return f"{seconds // size} {unit}" if seconds % size == 0 else f"{seconds / size:.1f} {unit}"
    return f"{seconds} s"


@register.filter
def with_pk(rows, pk):
    """The row with this id among rows at hand, or None."""
    return next((row for row in rows if row.pk == pk), None)


@register.filter
def tint(row_id):
    """One of the six avatar tints, always the same for the same person."""
    return f"c{int(row_id or 0) % 6 + 1}"


@cache
def _modules():
    own = sorted((STATIC / "helpdesk/console").rglob("*.js"))
    paths = (path.relative_to(STATIC).as_posix() for path in own)
    return VENDORED | {path.removeprefix("helpdesk/").removesuffix(".js"): path for path in paths}
