"""/decisions/<id>/: why an interaction rang where it rang, to read."""

from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from helpdesk.access import decisions_for
from helpdesk.console.admission import staff_only
from helpdesk.explanations import tell


@staff_only
@require_safe
def show(request, pk: int):
    """The decision in sentences, the candidates with each term of their scores, and who was left out for what."""
    rows = decisions_for(request.user).select_related(
        "agent__user", "interaction__ticket__customer", "interaction__queue"
    )
    decision = get_object_or_404(rows, pk=pk)
    told = tell(decision)
    terms = sorted({term for one in told.record.get("candidates", []) for term in one["terms"]})
    lines = [(one, [one["terms"].get(term, 0) for term in terms]) for one in told.record.get("candidates", [])]
    context = {"section": "inbox", "decision": decision, "told": told, "terms": terms, "lines": lines}
    return render(request, "helpdesk/decision.html", context)
