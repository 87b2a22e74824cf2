"""/decisions/<id>/: why an interaction rang where it rang, to read."""

from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from helpdesk.access import decisions_for
from helpdesk.console.admission import staff_only
from helpdesk.explanations import occasion, outcome, tell, tell_again
from routing.models import Offer
from tickets.models import Channel

MOST_SHOWN = 20
KINDS = {Channel.EMAIL: "E-mail from", Channel.CHAT: "Chat with", Channel.VOICE: "Call from"}


@staff_only
@require_safe
def show(request, pk: int):
    """The decision in sentences, the candidates with each term drawn, who was left out for what, and who was asked.

    Supervisors may add `?again=1`: then it is decided again from what the router was told.
    """
    rows = decisions_for(request.user).select_related(
        "agent__user", "offer", "interaction__ticket__customer", "interaction__queue"
    )
    decision = get_object_or_404(rows, pk=pk)
    context = {
        "section": "inbox",
        "decision": decision,
        "kind": KINDS[decision.interaction.channel],
        "is_me": bool(decision.agent) and decision.agent.user_id == request.user.pk,
        "told": tell(decision, reader=request.user),
        "outcome": outcome(decision),
        "occasion": occasion(decision),
        "asked": _asked(decision),
        "again": tell_again(decision) if request.user.supervises and "again" in request.GET else None,
    }
    return render(request, "helpdesk/decision.html", context)


def _asked(decision):
    """All for whom this interaction rang, newest first; a deserted one rings for many."""
    offers = Offer.objects.filter(interaction=decision.interaction_id).select_related("agent__user")
    return list(offers.order_by("-id")[:MOST_SHOWN])
