"""/me/: who I am, what I can hold, and what the console needs to begin."""

from django.conf import settings
from django.db.models import Q
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import exceptions, serializers
from rest_framework.permissions import IsAuthenticated
from rest_framework.response import Response
from rest_framework.views import APIView

from helpdesk.access import queues_for, tickets_for
from helpdesk.api.agents import AgentSkillSerializer, agent_state
from helpdesk.api.offers import DECLINE_REASONS
from helpdesk.api.permissions import HasRole
from helpdesk.models import User
from helpdesk.names import initials_of
from routing.models import Agent, Disposition
from routing.presence import REASONS, set_presence

# Counters stop here: nobody reads more, and counting on costs time.
COUNT_UP_TO = 1_000


class MyUser(serializers.ModelSerializer):
    name = serializers.CharField(source="__str__", read_only=True)
    initials = serializers.SerializerMethodField()

    class Meta:
        model = User
        fields = ["id", "name", "email", "role", "initials", "preferences"]
        read_only_fields = ["email", "role"]

    def get_initials(self, user) -> str:
        return initials_of(str(user))


class MyAgent(serializers.Serializer):
    """Me as an agent; capacity in units, `costs` and `live` by channel."""

    id = serializers.IntegerField()
    presence = serializers.ChoiceField(choices=Agent.Presence.choices)
    reason = serializers.CharField()
    presence_since = serializers.DateTimeField()
    budget = serializers.IntegerField()
    used = serializers.IntegerField()
    parked = serializers.IntegerField()
    costs = serializers.DictField(child=serializers.IntegerField())
    live = serializers.DictField(child=serializers.IntegerField())
    revision = serializers.IntegerField()
    skills = AgentSkillSerializer(many=True)


class PresenceChoice(serializers.Serializer):
    value = serializers.CharField()
    label = serializers.CharField()
    reasons = serializers.ListField(child=serializers.CharField())


class Colleague(serializers.Serializer):
    """Somebody to assign or transfer to; `id` is the user's, `agent` null for those who take no interactions."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    initials = serializers.CharField()
    agent = serializers.IntegerField(allow_null=True)
    presence = serializers.CharField(allow_null=True)


class DispositionBrief(serializers.Serializer):
    id = serializers.IntegerField()
    name = serializers.CharField()
    queue = serializers.IntegerField(source="queue_id", allow_null=True)


class QueueName(serializers.Serializer):
    id = serializers.IntegerField()
    name = serializers.CharField()
    slug = serializers.CharField()


class Me(serializers.Serializer):
    user = MyUser()
    agent = MyAgent(allow_null=True)
    now = serializers.DateTimeField()
    site_name = serializers.CharField()
    presences = PresenceChoice(many=True)
    decline_reasons = serializers.ListField(child=serializers.CharField())
    dispositions = DispositionBrief(many=True)
    queues = QueueName(many=True)
    people = Colleague(many=True)
    counts = serializers.DictField(child=serializers.IntegerField())


class Preferences(serializers.Serializer):
    preferences = serializers.DictField()

    def validate_preferences(self, preferences):
        preferences = {**self.instance.preferences, **preferences}
        if len(str(preferences)) > 10_000:
            raise serializers.ValidationError("That is too much to keep as preferences (10,000 characters at most).")
        return preferences


class MeView(APIView):
    """Me: account, agent, choices, colleagues and counts in one answer. An account without a role sees only itself."""

    permission_classes = [IsAuthenticated]

    @extend_schema(responses=Me)
    def get(self, request):
        """Everything the console shows first."""
        return Response(_me(request.user))

    @extend_schema(request=Preferences, responses=MyUser)
    def patch(self, request):
        """Change my preferences (theme, density, sounds); what is sent is merged over what is kept."""
        user = request.user
        serializer = Preferences(user, data=request.data)
        serializer.is_valid(raise_exception=True)
        user.preferences = serializer.validated_data["preferences"]
        user.save(update_fields=["preferences"])
        return Response(MyUser(user).data)


class PresenceRequest(serializers.Serializer):
    presence = serializers.CharField()
    reason = serializers.CharField(required=False, allow_blank=True, max_length=40)


class MyPresenceView(APIView):
    """My presence."""

    permission_classes = [HasRole]

    @extend_schema(request=PresenceRequest, responses=MyAgent)
    def post(self, request):
        """Say whether I can be rung, with a reason code."""
        agent = agent_of(request.user)
        serializer = PresenceRequest(data=request.data)
        serializer.is_valid(raise_exception=True)
        set_presence(agent, by=request.user, **serializer.validated_data)
        return Response(agent_state(agent))


def agent_of(user) -> Agent:
    """The agent this user is. Raises PermissionDenied for one who takes no interactions."""
    agent = Agent.objects.filter(user=user).first()
    if agent is None:
        raise exceptions.PermissionDenied("You take no interactions. A supervisor can change that under Settings.")
    agent.user = user
    return agent


def _me(user):
    agent = Agent.objects.select_related("domain").filter(user=user).first() if user.role else None
    return {
        "user": MyUser(user).data,
        "agent": agent and agent_state(agent),
        "now": timezone.now(),
        "site_name": settings.HELPDESK_SITE_NAME,
        "presences": [_choice(value, label) for value, label in Agent.Presence.choices],
        "decline_reasons": DECLINE_REASONS,
        "dispositions": DispositionBrief(_dispositions(user), many=True).data,
        "queues": QueueName(queues_for(user).filter(is_active=True), many=True).data,
        "people": [_colleague(other) for other in _colleagues(user)],
        "counts": _counts(user),
    }


def _choice(value, label):
    return {"value": value, "label": label, "reasons": REASONS.get(value, [])}


def _dispositions(user):
    mine = Q(queue=None) | Q(queue__in=queues_for(user))
    return Disposition.objects.filter(mine, is_active=True) if user.role else Disposition.objects.none()


def _colleagues(user):
    if not user.role:
        return User.objects.none()
    return User.objects.filter(is_active=True).exclude(role="").select_related("agent").order_by("name", "id")


def _colleague(user):
    agent = getattr(user, "agent", None)
    return {
        "id": user.pk,
        "name": str(user),
        "initials": initials_of(str(user)),
        "agent": agent and agent.pk,
        "presence": agent and agent.presence,
    }


def _counts(user):
    tickets = tickets_for(user)
    mine, unassigned = tickets.unsolved().filter(assignee=user), tickets.unassigned()
    return {"mine": _count(mine), "unassigned": _count(unassigned)}


def _count(tickets):
    return tickets.order_by()[: COUNT_UP_TO + 1].count()
