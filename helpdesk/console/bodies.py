"""/messages/<id>/body/ and /attachments/<id>/: what customers sent, shown where it can do no harm."""

import re
from urllib.parse import unquote

from csp.decorators import csp_exempt
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.html import escape
from django.utils.http import content_disposition_header
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

from helpdesk.access import attachments_for, messages_for

# Nothing runs and nothing is fetched but our own copies of the mail's pictures; without allow-scripts the frame may
# keep our origin, so that the page around it can read its height. Links open in a page of their own.
BODY_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'self'; sandbox allow-same-origin allow-popups allow-popups-to-escape-sandbox"
)
BODY_HEADERS = {"Content-Security-Policy": BODY_POLICY, "Cache-Control": "private, max-age=3600"}
FILE_POLICY = "default-src 'none'; sandbox"
# Pictures without script in them; everything else is a download.
SHOWN = ("image/png", "image/jpeg", "image/gif", "image/webp")
CID = re.compile(r'(?i)(<img\b[^>]*?\ssrc=")cid:([^"]*)(")')
PAGE = (
    '<!doctype html><html><head><meta charset="utf-8"><meta name="color-scheme" content="light">'
    "<title>Message</title><style>html{{background:#fff;color:#201e1a;"
    "font:14px/1.55 -apple-system,Segoe UI,Roboto,Arial,sans-serif}}"
    "body{{margin:0;padding:12px;overflow-wrap:anywhere}}img{{max-width:100%;height:auto}}</style></head>"
    "<body>{body}</body></html>"
)


@require_safe
@login_required
@xframe_options_sameorigin
@csp_exempt()
def body(request, pk: int):
    """A message's HTML as its sender made it, for a frame: no script, no remote picture. Text when it has no HTML."""
    message = get_object_or_404(messages_for(request.user).defer("search"), pk=pk)
    content = _with_own_pictures(message) if message.html else f"<pre>{escape(message.text)}</pre>"
    return HttpResponse(PAGE.format(body=content), headers=BODY_HEADERS)


@require_safe
@login_required
@csp_exempt()
def attachment(request, pk: int):
    """A file of a message: always a download, unless it is a picture that no browser can run."""
    file = get_object_or_404(attachments_for(request.user), pk=pk)
    is_shown = file.content_type in SHOWN
    headers = {
        "Content-Security-Policy": FILE_POLICY,
        "Content-Disposition": content_disposition_header(as_attachment=not is_shown, filename=file.filename),
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, max-age=86400, immutable",
        "Cross-Origin-Resource-Policy": "same-origin",
    }
    content_type = file.content_type if is_shown else "application/octet-stream"
    return HttpResponse(bytes(file.content), content_type=content_type, headers=headers)


def _with_own_pictures(message):
    """The HTML with each cid: picture taken from the message's own attachments; an unknown one stays empty."""
    ids = dict(message.attachments.exclude(content_id="").values_list("content_id", "pk"))
    urls = {content_id.strip("<>"): reverse("attachment", args=[pk]) for content_id, pk in ids.items()}
    return CID.sub(lambda found: found[1] + urls.get(unquote(found[2]), "") + found[3], message.html)
