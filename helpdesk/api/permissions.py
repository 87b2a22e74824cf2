"""Who may call what. What they then see is cut down row by row in helpdesk/access.py."""

from rest_framework.permissions import SAFE_METHODS, BasePermission


class HasRole(BasePermission):
    """Staff with a role; an account without one may see nothing."""

    message = "Your account has no role yet. Ask an administrator to give you one."

    def has_permission(self, request, view):
        return bool(request.user.is_authenticated and request.user.role)


class Supervises(BasePermission):
    """Supervisors and administrators."""

    message = "Only supervisors and administrators may do this."

    def has_permission(self, request, view):
        return bool(request.user.is_authenticated and request.user.supervises)


class Administers(BasePermission):
    """Administrators."""

    message = "Only administrators may do this."

    def has_permission(self, request, view):
        return bool(request.user.is_authenticated and request.user.administers)


class SupervisesOrReads(Supervises):
    """Staff with a role may read; supervisors and administrators may change."""

    def has_permission(self, request, view):
        if request.method in SAFE_METHODS:
            return bool(request.user.is_authenticated and request.user.role)
        return super().has_permission(request, view)


class AdministersOrReads(Administers):
    """Staff with a role may read; administrators may change."""

    def has_permission(self, request, view):
        if request.method in SAFE_METHODS:
            return bool(request.user.is_authenticated and request.user.role)
        return super().has_permission(request, view)
