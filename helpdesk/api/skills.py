"""/skills/: topics and languages that agents have and queues ask for."""

from rest_framework import serializers

from helpdesk.api.permissions import SupervisesOrReads
from helpdesk.api.resource import SetupResource
from routing.models import Skill


class SkillSerializer(serializers.ModelSerializer):
    class Meta:
        model = Skill
        fields = ["id", "slug", "name", "kind"]


class SkillViewSet(SetupResource):
    """Skills. Staff may read, supervisors may change; removing one takes it from agents and queues."""

    queryset = Skill.objects.none()
    serializer_class = SkillSerializer
    permission_classes = [SupervisesOrReads]
    filterset_fields = ["kind"]

    def get_queryset(self):
        return Skill.objects.order_by("slug")
