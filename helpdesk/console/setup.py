"""/settings/: what can be set up."""

from django.shortcuts import render
from django.views.decorators.http import require_safe

from helpdesk.console.admission import supervisors_only


@supervisors_only
@require_safe
def index(request):
    """One card for each thing that this user may set up."""
    return render(request, "helpdesk/settings/index.html", {"section": "settings"})
