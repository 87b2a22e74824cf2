"""/dispositions/: the codes that say how an interaction ended."""

from django.db.models import Q
from rest_framework import serializers

from helpdesk.access import queues_for
from helpdesk.api.fields import ReachableQueue
from helpdesk.api.permissions import AdministersOrReads
from helpdesk.api.resource import SetupResource
from routing.models import Disposition


class DispositionSerializer(serializers.ModelSerializer):
    queue = ReachableQueue(required=False, allow_null=True, help_text="Only for this queue; null for all")

    class Meta:
        model = Disposition
        fields = ["id", "name", "queue", "position", "is_active"]


class DispositionViewSet(SetupResource):
    """Dispositions. Staff may read, administrators may change."""

    queryset = Disposition.objects.none()
    serializer_class = DispositionSerializer
    permission_classes = [AdministersOrReads]
    filterset_fields = ["is_active"]

    def get_queryset(self):
        mine = Q(queue=None) | Q(queue__in=queues_for(self.request.user))
        return Disposition.objects.filter(mine).order_by("position")
