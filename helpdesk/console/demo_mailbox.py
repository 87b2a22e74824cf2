"""/demo/mailbox/: what the desk sent, as the customers see it; they can write back. In the demo only."""

from functools import wraps

from csp.decorators import csp_exempt
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.html import escape
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from helpdesk.channels.email import mailboxes
from helpdesk.demo import mailbox

BODY_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'self'; sandbox"
)
PAGE = (
    '<!doctype html><html><head><meta charset="utf-8"><title>Mail</title><style>body{{margin:12px;'
    "font:14px/1.55 system-ui,sans-serif;background:#fff;color:#201e1a}}blockquote{{margin:0;padding-left:12px;"
    "border-left:3px solid #d5d2cc;color:#6b6761}}</style></head><body>{body}</body></html>"
)
NEWCOMER = "ann@customer.example"


def only_in_the_demo(view):
    """Anybody may open the demo's mailbox; outside the demo there is none."""

    @wraps(view)
    def guarded(request, *args, **kwargs):
        if not settings.HELPDESK_DEMO:
            raise Http404
        return never_cache(view)(request, *args, **kwargs)

    return guarded


@require_GET
@only_in_the_demo
def index(request):
    """The newest 60 mails, newest first."""
    return render(request, "helpdesk/demo/mailbox.html", {"letters": mailbox.letters()})


@require_GET
@only_in_the_demo
def show(request, name: str):
    """One mail: headers, text, HTML in a frame, and a form to answer it."""
    return render(request, "helpdesk/demo/letter.html", {"letter": _letter(name)})


@require_GET
@only_in_the_demo
@xframe_options_sameorigin
@csp_exempt()
def body(request, name: str):
    """The mail's HTML for its frame: nothing runs in it, nothing is fetched by it."""
    mail = _letter(name).mail
    html = mail.html or f"<pre>{escape(mail.full_text)}</pre>"
    return HttpResponse(PAGE.format(body=html), headers={"Content-Security-Policy": BODY_POLICY})


@require_POST
@only_in_the_demo
def answer(request, name: str):
    """Write back as the customer: a real mail goes to the desk's SMTP listener."""
    letter = _letter(name)
    text = request.POST.get("text", "").strip()
    if not text:
        messages.error(request, "The answer is empty; write something first.")
        return redirect("demo-letter", name=name)
    return _sent(request, "demo-letter", name, send=lambda: mailbox.answer(letter, text=text))


@require_http_methods(["GET", "POST"])
@only_in_the_demo
def write(request):
    """Write a new mail to the desk, for those without a mail program at hand."""
    if request.method == "POST":
        fields = {field: request.POST.get(field, "") for field in ("sender", "to", "subject", "text")}
        return _sent(request, "demo-mailbox", send=lambda: mailbox.write(**fields))
    ours = list(mailboxes.active().order_by("id").values_list("address", flat=True))
    return render(request, "helpdesk/demo/write.html", {"mailboxes": ours, "sender": NEWCOMER})


def _letter(name):
    letter = mailbox.letter(name)
    if letter is None:
        raise Http404
    return letter


def _sent(request, page, *args, send):
    try:
        send()
    except mailbox.NotDelivered as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, "Sent. It rings at the desk in a moment.")
    return redirect(page, *args)
