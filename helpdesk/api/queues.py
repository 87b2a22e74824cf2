"""/queues/: the lines, how they are doing now, and how they are set up."""

from django.db.models import Min
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.response import Response

from helpdesk.access import queues_for
from helpdesk.api.conditional import answer
from helpdesk.api.fields import StaffMember
from helpdesk.api.permissions import SupervisesOrReads
from helpdesk.api.resource import Resource
from helpdesk.setup import remove, set_up_queue
from routing.models import Interaction, Skill
from routing.policies import routing_of
from routing.service_level import queue_stats
from tickets.models import Queue

# From this share of the target on, the longest wait is worth a look.
WARN = 0.5


class QueueRow(serializers.Serializer):
    """A queue now and since midnight UTC. `longest_wait` and `target` in seconds, `service_level` 0 to 1."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    slug = serializers.CharField()
    is_private = serializers.BooleanField()
    waiting = serializers.IntegerField()
    longest_wait = serializers.IntegerField(allow_null=True)
    available_agents = serializers.IntegerField()
    service_level = serializers.FloatField(allow_null=True)
    offered = serializers.IntegerField()
    answered = serializers.IntegerField()
    target = serializers.DictField(child=serializers.IntegerField())
    state = serializers.ChoiceField(choices=["ok", "warn", "bad"])


class QueuesAnswer(serializers.Serializer):
    results = QueueRow(many=True)


class AskedSkill(serializers.Serializer):
    """A skill that the queue's interactions take, by slug: required at least at that level, or else preferred."""

    slug = serializers.SlugRelatedField(slug_field="slug", queryset=Skill.objects.all(), source="skill")
    level = serializers.IntegerField(min_value=1, max_value=5)
    is_required = serializers.BooleanField(default=True)


class QueueRoutingFields(serializers.Serializer):
    """Targets and ringing times in seconds by channel; wrap-up 0 means no time limit."""

    importance = serializers.FloatField(min_value=0.1, required=False)
    targets = serializers.DictField(child=serializers.IntegerField(min_value=1), required=False)
    offer_seconds = serializers.DictField(child=serializers.IntegerField(min_value=1), required=False)
    wrap_up_seconds = serializers.IntegerField(min_value=0, max_value=86_400, required=False)


class QueueDetail(serializers.ModelSerializer):
    """A queue as it is set up."""

    skills = AskedSkill(many=True, required=False)
    members = StaffMember(many=True, required=False)
    routing = QueueRoutingFields(required=False)

    class Meta:
        model = Queue
        fields = [
            "id",
            "name",
            "slug",
            "description",
            "is_active",
            "is_private",
            "members",
            "position",
            "skills",
            "routing",
        ]


class QueueViewSet(Resource):
    """Queues that this user may see. Staff may read, supervisors may change."""

    queryset = Queue.objects.none()
    serializer_class = QueueDetail
    permission_classes = [SupervisesOrReads]
    pagination_class = None
    filter_backends = []

    def get_queryset(self):
        return queues_for(self.request.user)

    @extend_schema(responses=QueuesAnswer)
    def list(self, request):
        """All active queues with their figures; 304 when nothing changed."""
        return answer(request, {"results": queue_rows(request.user)})

    def retrieve(self, request, pk=None):
        """How the queue is set up."""
        return Response(self._detail(self.get_object()))

    @extend_schema(responses={201: QueueDetail})
    def create(self, request):
        """Set up a new queue."""
        queue = self._write(Queue(), request)
        return Response(self._detail(queue), status=status.HTTP_201_CREATED)

    def partial_update(self, request, pk=None):
        """Change what is sent, keep the rest; `skills` and `members` replace what was there."""
        return Response(self._detail(self._write(self.get_object(), request, partial=True)))

    def destroy(self, request, pk=None):
        """Remove it; 409 while tickets or entry points belong to it."""
        remove(self.get_object(), by=request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _write(self, queue, request, partial=False):
        row = queue if partial else None
        serializer = self.get_serializer(row, data=request.data, partial=partial)
        serializer.is_valid(raise_exception=True)
        values = dict(serializer.validated_data)
        skills = values.pop("skills", None)
        return set_up_queue(queue, by=request.user, **values.pop("routing", {}), **_asked(skills), **values)

    def _detail(self, queue):
        queue.routing = routing_of(queue)
        return self.get_serializer(queue).data


def queue_rows(user) -> list[dict]:
    """The user's active queues as QueueRow, in a fixed number of queries."""
    queues = list(queues_for(user).filter(is_active=True))
    stats = {row.queue_id: row for row in queue_stats(queues)}
    states = _states(queues, stats)
    return [_row(queue, stats[queue.pk], states[queue.pk]) for queue in queues]


def _asked(skills):
    if skills is None:
        return {}
    return {
        "needs": {row["skill"].pk: row["level"] for row in skills if row["is_required"]},
        "wants": {row["skill"].pk: row["level"] for row in skills if not row["is_required"]},
    }


def _row(queue, stats, state):
    return {
        "id": queue.pk,
        "name": queue.name,
        "slug": queue.slug,
        "is_private": queue.is_private,
        "waiting": stats.waiting,
        "longest_wait": None if stats.longest_wait is None else round(stats.longest_wait),
        "available_agents": stats.available_agents,
        "service_level": stats.service_level,
        "offered": stats.offered,
        "answered": stats.answered,
        "target": stats.target,
        "state": state,
    }


def _states(queues, stats):
    """How far each queue's longest wait is, on the channel where that is worst, from its target."""
    now = timezone.now()
    worst = dict.fromkeys([queue.pk for queue in queues], 0.0)
    waiting = Interaction.objects.waiting().filter(queue__in=queues).values("queue", "channel")
    for queue, channel, since in waiting.annotate(since=Min("waiting_since")).values_list("queue", "channel", "since"):
        share = (now - since).total_seconds() / max(1, stats[queue].target.get(channel, 3600))
        worst[queue] = max(worst[queue], share)
    return {pk: "bad" if share >= 1 else "warn" if share >= WARN else "ok" for pk, share in worst.items()}
