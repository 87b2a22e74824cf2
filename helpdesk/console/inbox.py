"""/ and /inbox/…: the agent's console; /floor/: queues and agents at a glance, for supervisors."""

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_safe

NO_ROLE = "Your account has no role yet. An administrator gives you one under Settings, Agents."
NOT_YOURS = "The floor is for supervisors. An administrator can make you one under Settings, Agents."


@require_safe
@login_required
@never_cache
@ensure_csrf_cookie
def inbox(request, rest: str = ""):
    """The console: a shell, and a program that fills it by way of the API. `rest` is read by the program."""
    if not request.user.role:
        raise PermissionDenied(NO_ROLE)
    return render(request, "helpdesk/console.html", {"entry": "console/main", "name": "Inbox"})


@require_safe
@login_required
@never_cache
@ensure_csrf_cookie
def floor(request):
    """The floor: the same shell with another program in it."""
    if not request.user.supervises:
        raise PermissionDenied(NOT_YOURS)
    return render(request, "helpdesk/console.html", {"entry": "console/floor", "name": "Floor"})
