"""/floor/: every queue and every agent at a glance, for supervisors."""

from django.db.models import Prefetch
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.views import APIView

from helpdesk.access import agents_for, interactions_for
from helpdesk.api.conditional import answer
from helpdesk.api.permissions import Supervises
from helpdesk.api.queues import QueueRow, queue_rows
from helpdesk.names import initials_of
from routing.models import Agent


class HeldTicket(serializers.Serializer):
    id = serializers.IntegerField()
    number = serializers.IntegerField()


class HeldInteraction(serializers.Serializer):
    id = serializers.IntegerField()
    channel = serializers.CharField()
    status = serializers.CharField()
    ticket = HeldTicket()
    since = serializers.DateTimeField()


class FloorAgent(serializers.Serializer):
    """An agent now: `id` is the agent's, `user` the account's; capacity in units."""

    id = serializers.IntegerField()
    user = serializers.IntegerField()
    name = serializers.CharField()
    initials = serializers.CharField()
    presence = serializers.CharField()
    reason = serializers.CharField()
    presence_since = serializers.DateTimeField()
    used = serializers.IntegerField()
    budget = serializers.IntegerField()
    parked = serializers.IntegerField()
    live = serializers.DictField(child=serializers.IntegerField())
    interactions = HeldInteraction(many=True)


class FloorAnswer(serializers.Serializer):
    now = serializers.DateTimeField()
    queues = QueueRow(many=True)
    agents = FloorAgent(many=True)


class FloorView(APIView):
    """The floor."""

    permission_classes = [Supervises]

    @extend_schema(responses=FloorAnswer)
    def get(self, request):
        """Queues with their figures and agents with what they hold; 304 when nothing changed."""
        agents = [_row(agent) for agent in _agents(request.user)]
        return answer(request, {"now": timezone.now(), "queues": queue_rows(request.user), "agents": agents})


def _agents(user):
    held = interactions_for(user).held().select_related("ticket").order_by("id")
    held = held.only("id", "agent", "channel", "status", "offered_at", "accepted_at", "ticket__id", "ticket__number")
    rows = agents_for(user).select_related("user")
    return rows.prefetch_related(Prefetch("interactions", queryset=held, to_attr="held")).order_by("user__name", "id")


def _row(agent: Agent):
    live = {}
    for interaction in agent.held:
        live[interaction.channel] = live.get(interaction.channel, 0) + 1
    return {
        "id": agent.pk,
        "user": agent.user_id,
        "name": str(agent.user),
        "initials": initials_of(str(agent.user)),
        "presence": agent.presence,
        "reason": agent.reason,
        "presence_since": agent.presence_since,
        "used": agent.used,
        "budget": agent.budget + agent.override,
        "parked": agent.parked,
        "live": live,
        "interactions": [_held(interaction) for interaction in agent.held],
    }


def _held(interaction):
    return {
        "id": interaction.pk,
        "channel": interaction.channel,
        "status": interaction.status,
        "ticket": {"id": interaction.ticket_id, "number": interaction.ticket.number},
        "since": interaction.accepted_at or interaction.offered_at,
    }
