"""/settings/inbound/: mail that could not be understood, with its reason, its bytes and "Try again"."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from helpdesk.access import inbound_for
from helpdesk.channels.email.take_in import NotInQuarantine, try_again
from helpdesk.console.admission import administrators_only
from helpdesk.console.pages import SeeOther
from helpdesk.downloads import raw_mail
from helpdesk.models import InboundRaw

NEWEST = 100


@administrators_only
@require_safe
def index(request):
    """The newest hundred in quarantine."""
    rows = inbound_for(request.user).filter(state=InboundRaw.State.QUARANTINED).defer("raw").order_by("-id")
    context = {"section": "settings", "page": "inbound", "rows": rows[:NEWEST]}
    return render(request, "helpdesk/settings/inbound.html", context)


@administrators_only
@require_safe
def raw(request, pk: int):
    """The bytes as they came in."""
    return raw_mail(get_object_or_404(inbound_for(request.user), pk=pk))


@administrators_only
@require_POST
def retry(request, pk: int):
    """Try to take it in again."""
    try:
        try_again(get_object_or_404(inbound_for(request.user).defer("raw"), pk=pk), by=request.user)
        messages.success(request, "It is being taken in again. If it stays out of this list, it became a ticket.")
    except NotInQuarantine as refusal:
        messages.error(request, str(refusal))
    return SeeOther(reverse("inbound"))
