"""/events/: the append-only history, for audit."""

import django_filters
from rest_framework import serializers
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin

from customers.models import Event
from helpdesk import narration
from helpdesk.access import events_for
from helpdesk.api.permissions import Supervises
from helpdesk.api.resource import Resource


class EventFilter(django_filters.FilterSet):
    ticket = django_filters.NumberFilter(field_name="ticket_id")
    customer = django_filters.NumberFilter(field_name="customer_id")
    interaction = django_filters.NumberFilter(field_name="interaction_id")
    verb = django_filters.CharFilter()
    actor = django_filters.CharFilter()
    since = django_filters.IsoDateTimeFilter(field_name="at", lookup_expr="gte")
    until = django_filters.IsoDateTimeFilter(field_name="at", lookup_expr="lt")

    class Meta:
        model = Event
        fields = []


class EventRow(serializers.ModelSerializer):
    """One thing that happened: the verb, when, by whom, and in words."""

    sentence = serializers.SerializerMethodField()
    actor_name = serializers.SerializerMethodField()
    ticket = serializers.IntegerField(source="ticket_id", allow_null=True)
    interaction = serializers.IntegerField(source="interaction_id", allow_null=True)

    class Meta:
        model = Event
        fields = [
            "id",
            "verb",
            "at",
            "actor",
            "actor_name",
            "user",
            "subject_kind",
            "subject_id",
            "customer",
            "ticket",
            "interaction",
            "facts",
            "sentence",
        ]

    def get_sentence(self, event) -> str:
        return narration.sentence(event)

    def get_actor_name(self, event) -> str:
        return narration.actor(event)


class EventViewSet(ListModelMixin, RetrieveModelMixin, Resource):
    """Events, newest first; supervisors only."""

    queryset = Event.objects.none()
    serializer_class = EventRow
    permission_classes = [Supervises]
    filterset_class = EventFilter

    def get_queryset(self):
        return events_for(self.request.user).select_related("user").order_by("-id")
