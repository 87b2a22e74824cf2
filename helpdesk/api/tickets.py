"""/tickets/: lists, one ticket, and what is done with it."""

import django_filters
from django.db import transaction
from django.db.models import Prefetch
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.mixins import RetrieveModelMixin
from rest_framework.response import Response

from helpdesk.access import tickets_for
from helpdesk.api.briefs import CustomerBrief, PersonBrief, QueueBrief
from helpdesk.api.conditional import answer
from helpdesk.api.fields import ReachableCustomer, ReachableQueue, StaffMember
from helpdesk.api.interactions import InteractionRow
from helpdesk.api.resource import Resource
from helpdesk.replies import reply, ways_out
from routing.handover import assign, change
from routing.interactions import resolve
from routing.models import Interaction
from tickets import lifecycle
from tickets.messages import open_ticket
from tickets.models import Channel, Ticket
from tickets.search import search

VIEWS = [("mine", "My open tickets"), ("unassigned", "Nobody's open tickets"), ("all", "All tickets")]
ROW_FIELDS = [
    "id",
    "number",
    "subject",
    "status",
    "status_label",
    "priority",
    "priority_label",
    "queue",
    "customer",
    "assignee",
    "channel",
    "preview",
    "is_answered",
    "tags",
    "message_count",
    "created_at",
    "last_message_at",
    "revision",
    "waiting_since",
    "interaction",
]

# The columns of a row in a list; reading the others costs a third more.
NEEDED = [
    *(field.name for field in Ticket._meta.concrete_fields if field.name in ROW_FIELDS),
    *("queue__name", "customer__name", "customer__tier", "assignee__name", "assignee__email"),
]

PERSON, QUEUE, CUSTOMER = PersonBrief(), QueueBrief(), CustomerBrief()
RINGING = (Interaction.Status.WAITING, Interaction.Status.OFFERED)


class TicketFilter(django_filters.FilterSet):
    """The only keys that filter or sort; anything else in the address changes nothing."""

    view = django_filters.ChoiceFilter(choices=VIEWS, method="in_view")
    status = django_filters.MultipleChoiceFilter(choices=Ticket.Status.choices, distinct=False)
    queue = django_filters.NumberFilter(field_name="queue_id")
    priority = django_filters.ChoiceFilter(choices=Ticket.Priority.choices)
    tag = django_filters.CharFilter(method="tagged", max_length=50)
    channel = django_filters.ChoiceFilter(choices=Channel.choices)
    customer = django_filters.NumberFilter(field_name="customer_id")
    assignee = django_filters.NumberFilter(field_name="assignee_id")
    search = django_filters.CharFilter(method="found")
    sort = django_filters.OrderingFilter(fields=["last_message_at", "number", "priority"])

    class Meta:
        model = Ticket
        fields = []

    def in_view(self, tickets, name, value):
        if value == "mine":
            return tickets.unsolved().filter(assignee=self.request.user)
        return tickets.unassigned() if value == "unassigned" else tickets

    def tagged(self, tickets, name, value):
        return tickets.filter(tags__contains=[value])

    def found(self, tickets, name, value):
        return search(tickets, value)


class LiveBrief(serializers.Serializer):
    id = serializers.IntegerField()
    status = serializers.CharField()
    channel = serializers.CharField()


class TicketRow(serializers.ModelSerializer):
    """A ticket in a list. `waiting_since`: the customer waits for an agent since; `interaction`: the live contact."""

    status_label = serializers.CharField(source="get_status_display")
    priority_label = serializers.CharField(source="get_priority_display")
    queue = QueueBrief()
    customer = CustomerBrief()
    assignee = PersonBrief(allow_null=True)
    waiting_since = serializers.DateTimeField(allow_null=True)
    interaction = LiveBrief(allow_null=True)

    class Meta:
        model = Ticket
        fields = ROW_FIELDS

    def to_representation(self, ticket):
        """By hand, as lists are polled: field by field costs four times as much."""
        return {
            "id": ticket.pk,
            "number": ticket.number,
            "subject": ticket.subject,
            "status": ticket.status,
            "status_label": ticket.get_status_display(),
            "priority": ticket.priority,
            "priority_label": ticket.get_priority_display(),
            "queue": QUEUE.to_representation(ticket.queue),
            "customer": CUSTOMER.to_representation(ticket.customer),
            "assignee": ticket.assignee and PERSON.to_representation(ticket.assignee),
            "channel": ticket.channel,
            "preview": ticket.preview,
            "is_answered": ticket.is_answered,
            "tags": ticket.tags,
            "message_count": ticket.message_count,
            "created_at": ticket.created_at,
            "last_message_at": ticket.last_message_at,
            "revision": ticket.revision,
            "waiting_since": min((row.waiting_since for row in ticket.live if row.status in RINGING), default=None),
            "interaction": _live(ticket),
        }


class ReplyChannel(serializers.Serializer):
    channel = serializers.CharField()
    address = serializers.CharField()
    label = serializers.CharField()
    is_live = serializers.BooleanField()


class TicketDetail(TicketRow):
    """A ticket with its live contacts and the ways to answer it, best first."""

    interactions = InteractionRow(many=True)
    reply_channels = ReplyChannel(many=True)
    default_channel = serializers.CharField(allow_null=True)

    class Meta(TicketRow.Meta):
        fields = [*ROW_FIELDS, "language", "solved_at", "interactions", "reply_channels", "default_channel"]

    def to_representation(self, ticket):
        for row in ticket.live:
            row.ticket = ticket
        live = {row.channel for row in ticket.live if row.status == Interaction.Status.ACTIVE}
        ways = ways_out(ticket)
        return super().to_representation(ticket) | {
            "language": ticket.language,
            "solved_at": ticket.solved_at,
            "interactions": InteractionRow(ticket.live, many=True).data,
            "reply_channels": [_reply_channel(way, live) for way in ways],
            "default_channel": ways[0].channel if ways else None,
        }


class TicketChange(serializers.Serializer):
    """What may be changed of a ticket; all of it at once or none."""

    status = serializers.ChoiceField(choices=Ticket.Status.choices, required=False)
    priority = serializers.ChoiceField(choices=Ticket.Priority.choices, required=False)
    queue = ReachableQueue(required=False)
    assignee = StaffMember(required=False, allow_null=True)
    tags = serializers.ListField(child=serializers.CharField(max_length=50), max_length=30, required=False)
    subject = serializers.CharField(max_length=300, allow_blank=True, required=False)


class NewTicket(serializers.Serializer):
    """A conversation that we begin: `text` is sent to the customer on `channel`."""

    customer = ReachableCustomer()
    queue = ReachableQueue()
    subject = serializers.CharField(max_length=300, allow_blank=True, required=False, default="")
    channel = serializers.ChoiceField(choices=Channel.choices, required=False, default=Channel.EMAIL)
    text = serializers.CharField(max_length=100_000, required=False, allow_blank=True, default="")


class TicketViewSet(RetrieveModelMixin, Resource):
    """Tickets that this user may see, the latest word first."""

    queryset = Ticket.objects.none()
    serializer_class = TicketRow
    filterset_class = TicketFilter

    def get_queryset(self):
        rows = with_rows(tickets_for(self.request.user))
        return rows.only(*NEEDED) if self.action == "list" else rows

    def get_serializer_class(self):
        return TicketRow if self.action == "list" else TicketDetail

    def list(self, request):
        """A page of tickets; 304 when nothing changed."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return answer(request, self.get_paginated_response(TicketRow(page, many=True).data).data)

    @extend_schema(request=NewTicket, responses={201: TicketDetail})
    def create(self, request):
        """Begin a conversation with a customer; 201 with the ticket."""
        values = self._values(NewTicket)
        ticket = _begin(values.pop("text"), by=request.user, **values)
        return self._answer(ticket, status=status.HTTP_201_CREATED)

    @extend_schema(request=TicketChange, responses=TicketDetail)
    def partial_update(self, request, pk=None):
        """Change status, priority, queue, assignee, tags or subject."""
        values = self._values(TicketChange)
        ticket = self.get_object()
        _change(ticket, values, by=request.user)
        return self._answer(ticket)

    @extend_schema(request=None, responses=TicketDetail)
    @action(detail=True, methods=["post"])
    def solve(self, request, pk=None):
        """What the customer wanted is done; live contacts end."""
        ticket = self.get_object()
        resolve(ticket, by=request.user)
        return self._answer(ticket)

    @extend_schema(request=None, responses=TicketDetail)
    @action(detail=True, methods=["post"])
    def reopen(self, request, pk=None):
        """Work on it goes on."""
        ticket = self.get_object()
        lifecycle.reopen(ticket, by=request.user)
        return self._answer(ticket)

    @extend_schema(request=None, responses=TicketDetail)
    @action(detail=True, methods=["post"])
    def take(self, request, pk=None):
        """It is mine; so is what waits on it."""
        ticket = self.get_object()
        assign(ticket, request.user, by=request.user)
        return self._answer(ticket)

    def _values(self, serializer_class):
        serializer = serializer_class(data=self.request.data, context=self.get_serializer_context())
        serializer.is_valid(raise_exception=True)
        return dict(serializer.validated_data)

    def _answer(self, ticket, status=status.HTTP_200_OK):
        """The ticket as it is now; nothing, when it just moved out of this user's sight."""
        row = self.get_queryset().filter(pk=ticket.pk).first()
        return Response(TicketDetail(row).data, status=status) if row else Response(status=204)


def with_rows(tickets):
    """Tickets with all that a row shows, in two queries."""
    live = Interaction.objects.live().select_related("queue", "agent__user").order_by("id")
    rows = tickets.select_related("queue", "customer", "assignee").prefetch_related(
        Prefetch("interactions", queryset=live, to_attr="live")
    )
    unused = ("customer__notes", "customer__attributes", "assignee__password", "assignee__preferences")
    return rows.defer(*unused).order_by("-last_message_at", "-id")


@transaction.atomic
def _begin(text, *, by, customer, queue, subject, channel):
    ticket = open_ticket(customer=customer, queue=queue, channel=channel, subject=subject, by=by)
    lifecycle.assign(ticket, by, by=by)
    if text:
        reply(ticket, by=by, text=text, channel=channel)
    return ticket


@transaction.atomic
def _change(ticket, values, *, by):
    to_change = {name: values[name] for name in ("priority", "queue", "tags", "subject") if name in values}
    if to_change:
        change(ticket, by=by, **to_change)
    if "assignee" in values:
        assign(ticket, values["assignee"], by=by)
    if values.get("status") in Ticket.ENDED:
        resolve(ticket, by=by, status=values["status"])
    elif "status" in values:
        lifecycle.set_status(ticket, values["status"], by=by)


def _live(ticket):
    """The live contact that somebody holds, or else the one that waits."""
    row = next((row for row in ticket.live if row.status != Interaction.Status.WAITING), None)
    row = row or next(iter(ticket.live), None)
    return row and {"id": row.pk, "status": row.status, "channel": row.channel}


def _reply_channel(way, live):
    label = f"{Channel(way.channel).label} to {way.address}" if way.channel != Channel.CHAT else "Chat"
    return {"channel": way.channel, "address": way.address, "label": label, "is_live": way.channel in live}
