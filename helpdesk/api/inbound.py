"""/inbound/: mail as it came in, and what could not be understood."""

import django_filters
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.response import Response

from helpdesk.access import inbound_for
from helpdesk.api.permissions import Administers
from helpdesk.api.resource import Resource
from helpdesk.channels.email.take_in import try_again
from helpdesk.downloads import raw_mail
from helpdesk.models import InboundRaw


class InboundFilter(django_filters.FilterSet):
    state = django_filters.MultipleChoiceFilter(choices=InboundRaw.State.choices, distinct=False)

    class Meta:
        model = InboundRaw
        fields = []


class InboundRow(serializers.ModelSerializer):
    """One mail as it came in. `size` in bytes; `reason` says why it was set aside."""

    class Meta:
        model = InboundRaw
        fields = [
            "id",
            "channel",
            "source",
            "size",
            "sha256",
            "envelope",
            "state",
            "outcome",
            "reason",
            "tries",
            "received_at",
            "message",
        ]


class InboundViewSet(ListModelMixin, RetrieveModelMixin, Resource):
    """Raw mail, newest first; administrators only, as it may be anybody's."""

    queryset = InboundRaw.objects.none()
    serializer_class = InboundRow
    permission_classes = [Administers]
    filterset_class = InboundFilter

    def get_queryset(self):
        return inbound_for(self.request.user).defer("raw").order_by("-id")

    @extend_schema(request=None, responses=InboundRow)
    @action(detail=True, methods=["post"])
    def retry(self, request, pk=None):
        """Try to understand it again; 409 when it was taken in already."""
        try_again(self.get_object(), by=request.user)
        return Response(InboundRow(self.get_object()).data)

    @extend_schema(responses={(200, "message/rfc822"): OpenApiTypes.BINARY})
    @action(detail=True, methods=["get"], filter_backends=[], pagination_class=None)
    def raw(self, request, pk=None):
        """The bytes as they came in, as a download."""
        return raw_mail(self.get_object())
