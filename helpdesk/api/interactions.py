"""/interactions/: contacts in line and in hand, and what agents do with them."""

from datetime import UTC, datetime
from functools import partial
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import django_filters
from django.db import transaction
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import exceptions, serializers
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.response import Response

from helpdesk.access import agents_for, interactions_for
from helpdesk.api.briefs import AgentBrief, CustomerBrief, QueueBrief, TicketBrief
from helpdesk.api.fields import ReachableQueue, StaffMember, UsableDisposition
from helpdesk.api.me import agent_of
from helpdesk.api.resource import Resource
from helpdesk.explanations import names_of
from routing.engine.waiting import why_waiting
from routing.handover import take, transfer
from routing.interactions import end, extend, wrap_up
from routing.models import Agent, Interaction
from routing.policies import policy_of, routing_of
from routing.situation import state_of
from tickets.models import Channel

FLAG = [("1", "Yes"), ("true", "Yes"), ("0", "No"), ("false", "No")]


class InteractionFilter(django_filters.FilterSet):
    mine = django_filters.ChoiceFilter(choices=FLAG, method="only_mine")
    status = django_filters.MultipleChoiceFilter(choices=Interaction.Status.choices, distinct=False)
    queue = django_filters.NumberFilter(field_name="queue_id")
    ticket = django_filters.NumberFilter(field_name="ticket_id")
    channel = django_filters.ChoiceFilter(choices=Channel.choices)
    live = django_filters.ChoiceFilter(choices=FLAG, method="only_live")

    class Meta:
        model = Interaction
        fields = []

    def only_mine(self, rows, name, value):
        return rows.filter(agent__user=self.request.user) if value in ("1", "true") else rows

    def only_live(self, rows, name, value):
        return rows.live() if value in ("1", "true") else rows.filter(status=Interaction.Status.DONE)


class InteractionRow(serializers.ModelSerializer):
    """One contact on one channel. `cost` in units of capacity; `wrap_up_until` is the end of the time limit."""

    ticket = TicketBrief()
    queue = QueueBrief()
    agent = AgentBrief(allow_null=True)
    customer = CustomerBrief(source="ticket.customer")
    now = serializers.SerializerMethodField()

    class Meta:
        model = Interaction
        fields = [
            "id",
            "ticket",
            "channel",
            "status",
            "queue",
            "agent",
            "customer",
            "waiting_since",
            "offered_at",
            "accepted_at",
            "ended_at",
            "wrap_up_until",
            "end_reason",
            "disposition",
            "cost",
            "now",
        ]

    def get_now(self, interaction) -> str:
        return timezone.now().isoformat()


class WrapUpRequest(serializers.Serializer):
    disposition = UsableDisposition(required=False, allow_null=True)
    note = serializers.CharField(required=False, allow_blank=True, max_length=10_000)


class ExtendRequest(serializers.Serializer):
    seconds = serializers.IntegerField(required=False, min_value=10, max_value=600)


class TransferRequest(serializers.Serializer):
    """To a queue or to a person (the user's id, as in `people`), with a note that stays on the ticket."""

    queue = ReachableQueue(required=False, allow_null=True)
    agent = StaffMember(required=False, allow_null=True)
    note = serializers.CharField(required=False, allow_blank=True, max_length=10_000)

    def validate(self, attrs):
        if bool(attrs.get("queue")) == bool(attrs.get("agent")):
            raise serializers.ValidationError("Name a queue or a person to transfer to, one of them.")
        return attrs


class TakeRequest(serializers.Serializer):
    reason = serializers.CharField(required=False, allow_blank=True, max_length=80)


class WaitingAnswer(serializers.Serializer):
    sentences = serializers.ListField(child=serializers.CharField())


class InteractionViewSet(ListModelMixin, RetrieveModelMixin, Resource):
    """Interactions, newest first. Who holds one, or supervises, may end, wrap up, extend and transfer it."""

    queryset = Interaction.objects.none()
    serializer_class = InteractionRow
    filterset_class = InteractionFilter

    def get_queryset(self):
        rows = interactions_for(self.request.user).select_related("ticket__customer", "queue", "agent__user")
        return rows.defer("ticket__customer__notes", "ticket__customer__attributes").order_by("-id")

    @extend_schema(request=None, responses=InteractionRow)
    @action(detail=True, methods=["post"])
    def end(self, request, pk=None):
        """End the contact; wrap-up begins."""
        interaction = self._held()
        end(interaction, by=request.user, reason="agent")
        return self._answer(interaction)

    @extend_schema(request=WrapUpRequest, responses=InteractionRow)
    @action(detail=True, methods=["post"])
    def wrap_up(self, request, pk=None):
        """After-contact work is done; says how it ended."""
        values = self._values(WrapUpRequest)
        interaction = self._held()
        wrap_up(interaction, by=request.user, **values)
        return self._answer(interaction)

    @extend_schema(request=ExtendRequest, responses=InteractionRow)
    @action(detail=True, methods=["post"])
    def extend(self, request, pk=None):
        """Give wrap-up more time."""
        values = self._values(ExtendRequest)
        interaction = self._held()
        extend(interaction, by=request.user, **values)
        return self._answer(interaction)

    @extend_schema(request=TransferRequest, responses=InteractionRow)
    @action(detail=True, methods=["post"])
    def transfer(self, request, pk=None):
        """Pass it on to a queue or a person."""
        values = self._values(TransferRequest)
        interaction = self._held()
        agent = values.get("agent") and _agent_of_person(values["agent"], request.user)
        transfer(interaction, by=request.user, queue=values.get("queue"), agent=agent, note=values.get("note", ""))
        return self._answer(interaction)

    @extend_schema(request=TakeRequest, responses=InteractionRow)
    @action(detail=True, methods=["post"])
    def take(self, request, pk=None):
        """Take it from the list, past the router; a reason allows more than the budget."""
        values = self._values(TakeRequest)
        interaction = self.get_object()
        take(interaction, agent=agent_of(request.user), by=request.user, **values)
        return self._answer(interaction)

    @extend_schema(responses=WaitingAnswer, parameters=[OpenApiParameter("tz", description="e.g. Europe/Warsaw")])
    @action(detail=True, methods=["get"], filter_backends=[], pagination_class=None)
    def waiting(self, request, pk=None):
        """Why it still waits, in sentences, with times of day in the zone `tz` (else UTC); empty when it does not."""
        return Response(
            {"sentences": _why_waiting(self.get_object(), _zone(request.query_params.get("tz", "")), request.user)}
        )

    def _values(self, serializer_class):
        serializer = serializer_class(data=self.request.data, context=self.get_serializer_context())
        serializer.is_valid(raise_exception=True)
        return serializer.validated_data

    def _held(self):
        """The interaction, when this user may decide about it: nobody else holds it, or the user supervises."""
        interaction = self.get_object()
        user, agent = self.request.user, interaction.agent
        if agent and agent.user_id != user.pk and not user.supervises:
            raise exceptions.PermissionDenied(f"{agent} has this. Ask them, or a supervisor.")
        return interaction

    def _answer(self, interaction):
        row = self.get_queryset().filter(pk=interaction.pk).first()
        return Response(self.get_serializer(row).data) if row else Response(status=204)


def _agent_of_person(person, user) -> Agent:
    agent = agents_for(user).filter(user=person).select_related("user").first()
    if agent is None:
        raise serializers.ValidationError({"agent": f"{person} takes no interactions."})
    return agent


def _zone(name):
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, ZoneInfoNotFoundError):  # no such zone, or none asked for
        return UTC


@transaction.atomic
def _why_waiting(interaction, zone, reader):
    if interaction.status != Interaction.Status.WAITING:
        return []
    domain, now = routing_of(interaction.queue).domain, timezone.now()
    names = names_of(Agent.objects.filter(domain=domain), reader=reader)
    state = state_of(domain, now, also=interaction.pk)
    clock = partial(_clock, zone=zone)
    return why_waiting(state, policy_of(domain), now.timestamp(), interaction.pk, names=names, clock=clock)


def _clock(at, *, zone):
    return datetime.fromtimestamp(at, zone).strftime("%H:%M:%S")
