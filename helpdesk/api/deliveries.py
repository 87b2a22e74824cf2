"""/deliveries/: what is on its way out, and trying again what failed."""

import django_filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.response import Response

from helpdesk.access import deliveries_for
from helpdesk.api.resource import Resource
from helpdesk.models import Delivery
from helpdesk.outbox import retry


class DeliveryFilter(django_filters.FilterSet):
    state = django_filters.MultipleChoiceFilter(choices=Delivery.State.choices, distinct=False)
    ticket = django_filters.NumberFilter(field_name="ticket_id")
    purpose = django_filters.ChoiceFilter(choices=Delivery.Purpose.choices)

    class Meta:
        model = Delivery
        fields = []


class DeliveryRow(serializers.ModelSerializer):
    """One message on its way to one recipient; `error` says in a sentence why it is not there yet."""

    class Meta:
        model = Delivery
        fields = [
            "id",
            "ticket",
            "message",
            "purpose",
            "channel",
            "recipient",
            "state",
            "tries",
            "due_at",
            "error",
            "sent_at",
            "created_at",
        ]


class DeliveryViewSet(ListModelMixin, RetrieveModelMixin, Resource):
    """Deliveries of tickets that this user may see, newest first."""

    queryset = Delivery.objects.none()
    serializer_class = DeliveryRow
    filterset_class = DeliveryFilter

    def get_queryset(self):
        return deliveries_for(self.request.user).defer("mime").order_by("-id")

    @extend_schema(request=None, responses=DeliveryRow)
    @action(detail=True, methods=["post"])
    def retry(self, request, pk=None):
        """Try again now; 409 while it is under way or when it has arrived."""
        retry(self.get_object(), by=request.user)
        return Response(DeliveryRow(self.get_object()).data)
