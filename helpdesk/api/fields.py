"""Relations that a request may name: only rows its user can reach. Anything else does not exist for them."""

from django.db.models import Q
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from helpdesk import access
from helpdesk.models import User
from routing.models import Disposition


class _Reachable(serializers.PrimaryKeyRelatedField):
    default_error_messages = {"does_not_exist": "There is no {pk_value} here that you may use."}

    def __init__(self, **kwargs):
        if not kwargs.get("read_only"):
            kwargs.setdefault("queryset", User.objects.none())
        super().__init__(**kwargs)

    def get_queryset(self):
        return self.reachable(self.context["request"].user)


@extend_schema_field(OpenApiTypes.INT)
class ReachableQueue(_Reachable):
    def reachable(self, user):
        return access.queues_for(user).filter(is_active=True)


@extend_schema_field(OpenApiTypes.INT)
class ReachableCustomer(_Reachable):
    def reachable(self, user):
        return access.customers_for(user)


@extend_schema_field(OpenApiTypes.INT)
class StaffMember(_Reachable):
    """A user with a role."""

    def reachable(self, user):
        return User.objects.filter(is_active=True).exclude(role="") if user.role else User.objects.none()


@extend_schema_field(OpenApiTypes.INT)
class UsableDisposition(_Reachable):
    def reachable(self, user):
        mine = Q(queue=None) | Q(queue__in=access.queues_for(user))
        return Disposition.objects.filter(mine, is_active=True) if user.role else Disposition.objects.none()
