"""/ and /inbox/…: the agents' console; /floor/: queues and agents at a glance, for supervisors."""

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.templatetags.static import static
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from helpdesk.frames import build
from helpdesk.names import initials_of

NO_ROLE = "Your account has no role yet. An administrator gives you one under Settings, Staff."
NOT_YOURS = "The floor is for supervisors. An administrator can make you one under Settings, Staff."


@require_safe
@login_required
@never_cache
def inbox(request, view: str = "mine", ticket: int | None = None):
    """The console: a shell, and a program that fills it by way of the API and reads `view` and `ticket` itself."""
    if not request.user.role:
        raise PermissionDenied(NO_ROLE)
    return _console(request)


@require_safe
@login_required
@never_cache
def floor(request):
    """The same shell, opened at the floor."""
    if not request.user.supervises:
        raise PermissionDenied(NOT_YOURS)
    return _console(request)


def _console(request):
    user = request.user
    session = {
        "user": {
            "id": user.pk,
            "name": str(user),
            "initials": initials_of(str(user)),
            "role": user.role,
            "supervises": user.supervises,
            "preferences": user.preferences,
        },
        "static": {"icons": static("helpdesk/icons.svg")},
        "csrf": get_token(request),
        "build": build(),
        "site_name": settings.HELPDESK_SITE_NAME,
    }
    return render(request, "helpdesk/console.html", {"session": session})
