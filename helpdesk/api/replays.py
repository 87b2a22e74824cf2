"""/replays/: last week under other rules, played by a worker."""

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.response import Response

from helpdesk.access import replays_for
from helpdesk.api.permissions import Supervises
from helpdesk.api.resource import Resource
from routing.models import Domain, Replay
from routing.replays import ask_replay, cancel_replay

LONGEST_DAYS = 31


@extend_schema_field(OpenApiTypes.ANY)
class RulesField(serializers.JSONField):
    """A document of rules, the number of a version, "draft" for the one being written, or the name of a preset."""

    def to_internal_value(self, data):
        if isinstance(data, bool) or not isinstance(data, (dict, str, int)):
            raise serializers.ValidationError("Send a document of rules, the number of a version, or a preset's name.")
        return super().to_internal_value(data)


class Stretch(serializers.Serializer):
    """Recorded time, `from` a moment on and before another, `to`."""

    def get_fields(self):
        times = {"from": serializers.DateTimeField(source="since"), "to": serializers.DateTimeField(source="until")}
        return {**times, **super().get_fields()}


class ReplayRow(Stretch, serializers.ModelSerializer):
    """One replay: how far it is (`progress`, 0 to 1), or why it failed (`error`)."""

    by = serializers.StringRelatedField(allow_null=True)
    domain = serializers.StringRelatedField()

    class Meta:
        model = Replay
        fields = [
            "id",
            "domain",
            "policy",
            "replications",
            "seed",
            "state",
            "progress",
            "error",
            "by",
            "created_at",
            "started_at",
            "ended_at",
        ]


class ReplayDetail(ReplayRow):
    """A replay with its `result`: whether it can be trusted, figures and paired differences, what changed hands."""

    class Meta(ReplayRow.Meta):
        fields = [*ReplayRow.Meta.fields, "result"]


class NewReplay(Stretch):
    """What to replay, under the rules that were in force and, if sent, under a draft."""

    policy = RulesField(required=False, allow_null=True, default=None)
    replications = serializers.IntegerField(min_value=2, max_value=200, default=20)
    seed = serializers.IntegerField(min_value=0, max_value=2**31 - 1, default=1)
    domain = serializers.SlugRelatedField(slug_field="name", queryset=Domain.objects.all(), required=False)

    def validate(self, asked):
        length = asked["until"] - asked["since"]
        if not 0 < length.total_seconds() <= LONGEST_DAYS * 86_400:
            raise serializers.ValidationError(f"Replay more than nothing, and {LONGEST_DAYS} days at the most.")
        return asked


class ReplayViewSet(ListModelMixin, RetrieveModelMixin, Resource):
    """Replays of recorded traffic, newest first; for supervisors."""

    queryset = Replay.objects.none()
    permission_classes = [Supervises]
    serializer_class = ReplayRow

    def get_queryset(self):
        rows = replays_for(self.request.user).select_related("by", "domain").order_by("-id")
        return rows if self.action == "retrieve" else rows.defer("result")

    def get_serializer_class(self):
        return ReplayDetail if self.action == "retrieve" else ReplayRow

    @extend_schema(request=NewReplay, responses={201: ReplayRow})
    def create(self, request):
        """Have it replayed; a worker plays it. 409 while one is under way, or for rules that nobody can follow."""
        asked = NewReplay(data=request.data)
        asked.is_valid(raise_exception=True)
        wanted = dict(asked.validated_data)
        row = ask_replay(wanted.pop("domain", None) or Domain.main(), by=request.user, **wanted)
        return Response(ReplayRow(row).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=None, responses=ReplayRow)
    @action(detail=True, methods=["post"])
    def cancel(self, request, pk=None):
        """Stop it; 409 when it is over."""
        cancel_replay(self.get_object(), by=request.user)
        return Response(ReplayRow(self.get_object()).data)
