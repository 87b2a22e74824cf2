"""Who may open a page. Others are told whom to ask."""

from functools import wraps

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.views.decorators.cache import never_cache


def staff_only(view):
    """Anybody with a role."""
    return _admit(view, lambda user: user.role, "Your account has no role yet. Ask an administrator to give you one.")


def supervisors_only(view):
    """Supervisors and administrators."""
    return _admit(view, lambda user: user.supervises, "Only supervisors and administrators may open this page.")


def administrators_only(view):
    """Administrators."""
    return _admit(view, lambda user: user.administers, "Only administrators may open this page.")


def _admit(view, is_welcome, refusal):
    @never_cache  # on a shared computer, Back must show nothing after signing out
    @login_required
    @wraps(view)
    def guarded(request, *args, **kwargs):
        if not is_welcome(request.user):
            raise PermissionDenied(refusal)
        return view(request, *args, **kwargs)

    return guarded
