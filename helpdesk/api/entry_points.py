"""/entry_points/: the mailboxes and widgets by which customers reach us."""

from rest_framework import serializers

from helpdesk.api.fields import ReachableQueue
from helpdesk.api.permissions import Administers
from helpdesk.api.resource import SetupResource
from helpdesk.models import EntryPoint


class EntryPointSerializer(serializers.ModelSerializer):
    queue = ReachableQueue()
    origins = serializers.ListField(child=serializers.URLField(), required=False)

    class Meta:
        model = EntryPoint
        fields = [
            "id",
            "kind",
            "name",
            "address",
            "key",
            "queue",
            "language",
            "origins",
            "greeting",
            "signature",
            "colour",
            "sends_receipt",
            "is_active",
        ]


class EntryPointViewSet(SetupResource):
    """Entry points; administrators only."""

    queryset = EntryPoint.objects.none()
    serializer_class = EntryPointSerializer
    permission_classes = [Administers]
    filterset_fields = ["kind", "is_active"]

    def get_queryset(self):
        return EntryPoint.objects.order_by("id")
