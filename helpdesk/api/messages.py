"""/tickets/{id}/timeline/ and /tickets/{id}/messages/: the conversation, and what we add to it."""

from datetime import UTC, datetime

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import BooleanField, Case, OuterRef, Q, Value, When
from django.db.models.functions import JSONObject
from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, PolymorphicProxySerializer, extend_schema
from rest_framework import exceptions, serializers, status
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param
from rest_framework.views import APIView

from customers.models import Event
from helpdesk import narration
from helpdesk.access import events_for, messages_for, tickets_for
from helpdesk.api.pagination import decode, encode, not_a_cursor
from helpdesk.api.permissions import HasRole
from helpdesk.api.uploads import read_uploads
from helpdesk.channels.email.html import sanitise
from helpdesk.models import Delivery
from helpdesk.names import initials_of
from helpdesk.replies import add_note, reply
from tickets.models import Attachment, Channel, Message

PAGE = 50
# At the same instant an event comes before the message it goes with.
EVENT, MESSAGE = 0, 1
# What a row takes from the message as it is.
SAID = ("kind", "channel", "text", "hidden_text", "subject", "copied", "is_automatic", "is_stranger")


class AttachmentRow(serializers.Serializer):
    """A file of a message, without its bytes: those are at `url`. `size` in bytes."""

    id = serializers.IntegerField()
    filename = serializers.CharField()
    content_type = serializers.CharField()
    size = serializers.IntegerField()
    url = serializers.CharField()
    is_inline = serializers.BooleanField()


class DeliveryBrief(serializers.Serializer):
    """How far a message has come to one recipient."""

    id = serializers.IntegerField()
    state = serializers.ChoiceField(choices=Delivery.State.choices)
    recipient = serializers.CharField()
    error = serializers.CharField()
    sent_at = serializers.DateTimeField(allow_null=True)
    due_at = serializers.DateTimeField()


class Author(serializers.Serializer):
    name = serializers.CharField()
    initials = serializers.CharField()
    is_us = serializers.BooleanField()


class MessageRow(serializers.ModelSerializer):
    """One thing said or noted. `has_html`: /messages/{id}/body/ shows it as its sender made it."""

    type = serializers.CharField()
    at = serializers.DateTimeField()
    author = Author()
    has_html = serializers.BooleanField()
    attachments = AttachmentRow(many=True)
    deliveries = DeliveryBrief(many=True)

    class Meta:
        model = Message
        fields = ["type", "id", "at", *SAID, "author", "has_html", "attachments", "deliveries"]

    def to_representation(self, message):
        """By hand, as a page has many: field by field costs several times as much."""
        return {
            "type": "message",
            "id": message.pk,
            "at": message.created_at,
            **{name: getattr(message, name) for name in SAID},
            "author": _author(message),
            "has_html": message.has_html,
            "attachments": [{**file, "url": reverse("attachment", args=[file["id"]])} for file in message.files],
            "deliveries": message.ways,
        }


class TicketEventRow(serializers.ModelSerializer):
    """Something that happened on the ticket, in a sentence; `decision` explains why it was routed so."""

    type = serializers.CharField()
    sentence = serializers.CharField()
    actor = serializers.CharField()
    decision = serializers.IntegerField(allow_null=True)

    class Meta:
        model = Event
        fields = ["type", "id", "at", "verb", "sentence", "actor", "decision"]

    def to_representation(self, event):
        return {
            "type": "event",
            "id": event.pk,
            "at": event.at,
            "verb": event.verb,
            "sentence": narration.sentence(event),
            "actor": narration.actor(event),
            "decision": event.facts.get("decision"),
        }


class TimelineAnswer(serializers.Serializer):
    """Oldest first within the page; `next` leads to what came before it."""

    results = PolymorphicProxySerializer(
        component_name="TimelineRow",
        serializers={"message": MessageRow, "event": TicketEventRow},
        resource_type_field_name="type",
        many=True,
    )
    next = serializers.URLField(allow_null=True)


class NewMessage(serializers.Serializer):
    """A reply to the customer, or a note among us; files come as multipart `files`."""

    kind = serializers.ChoiceField(choices=["reply", "note"])
    channel = serializers.ChoiceField(choices=Channel.choices, required=False, allow_blank=True, default="")
    text = serializers.CharField(max_length=100_000, allow_blank=True, trim_whitespace=False)
    html = serializers.CharField(max_length=500_000, required=False, allow_blank=True, default="")
    copied = serializers.ListField(child=serializers.EmailField(), max_length=50, required=False, default=list)
    files = serializers.ListField(child=serializers.FileField(), max_length=20, required=False, default=list)

    def validate(self, attrs):
        if attrs["kind"] == "note" and attrs["files"]:
            raise serializers.ValidationError({"files": "A note holds words only; nothing was kept. Send no files."})
        return attrs


class TimelineView(APIView):
    """A ticket's messages and events in one order."""

    permission_classes = [HasRole]

    @extend_schema(responses=TimelineAnswer, parameters=[OpenApiParameter("cursor", str, description="From `next`.")])
    def get(self, request, pk: int):
        """The newest page; each page runs from old to new, `next` leads further back."""
        before = _read(request.query_params.get("cursor", ""))
        rows = _newest(request.user, pk, before)
        if not rows:
            _ticket(request, pk)
        page, older = rows[:PAGE], rows[PAGE:]
        next_url = _cursor_url(request, page[-1]) if older else None
        return Response({"results": _told(reversed(page)), "next": next_url})


class MessagesView(APIView):
    """What we say on a ticket."""

    permission_classes = [HasRole]
    throttle_scope = "reply"

    @extend_schema(
        request=NewMessage,
        responses={201: MessageRow, 200: MessageRow},
        parameters=[OpenApiParameter("Idempotency-Key", OpenApiTypes.STR, OpenApiParameter.HEADER)],
    )
    def post(self, request, pk: int):
        """Reply or note. The same Idempotency-Key again answers 200 with the first message, and sends nothing."""
        ticket = _ticket(request, pk)
        key = "".join(c for c in request.headers.get("Idempotency-Key", "") if c.isprintable())[:200]
        if said := _said(request.user, key):
            return Response(_message_row(said, request))
        serializer = NewMessage(data=_with_lists(request))
        serializer.is_valid(raise_exception=True)
        message = _say(ticket, serializer.validated_data, by=request.user, key=key)
        return Response(_message_row(message.pk, request), status=status.HTTP_201_CREATED)


def _ticket(request, pk):
    ticket = tickets_for(request.user).select_related("customer", "queue").filter(pk=pk).first()
    if ticket is None:
        raise exceptions.NotFound("There is nothing here, or nothing that you may see.")
    return ticket


def _say(ticket, values, *, by, key):
    if values["kind"] == "note":
        return add_note(ticket, by=by, text=values["text"], key=key)
    return reply(
        ticket,
        by=by,
        text=values["text"],
        html=sanitise(values["html"]) if values["html"] else "",
        channel=values["channel"],
        copied=values["copied"],
        key=key,
        attachments=read_uploads(values["files"]),
    )


def _said(user, key):
    rows = messages_for(user).filter(external_id=f"op:{user.pk}:{key}") if key else Message.objects.none()
    return rows.values_list("pk", flat=True).first()


def _with_lists(request):
    """A form's repeated keys are lists; JSON has them already."""
    if not hasattr(request.data, "getlist"):
        return request.data
    values = {name: request.data.get(name) for name in ("kind", "channel", "text", "html") if name in request.data}
    return values | {"copied": request.data.getlist("copied"), "files": request.FILES.getlist("files")}


def _message_row(pk, request):
    return MessageRow(_shown(messages_for(request.user)).get(pk=pk)).data


def _shown(messages):
    """Messages with all that a row shows, in one query; bodies and bytes stay in the database."""
    has_html = Case(When(html="", then=Value(False)), default=Value(True), output_field=BooleanField())
    files = _gathered(Attachment, "id", "filename", "content_type", "size", "is_inline")
    ways = _gathered(Delivery, "id", "state", "recipient", "error", "sent_at", "due_at")
    unused = ("html", "search", "user__password", "user__preferences", "customer__notes", "customer__attributes")
    rows = messages.select_related("user", "customer").defer(*unused)
    return rows.annotate(has_html=has_html, files=files, ways=ways)


def _gathered(model, *names):
    """The message's rows of `model` as a list of dicts."""
    rows = model.objects.filter(message=OuterRef("pk")).order_by("id")
    return ArraySubquery(rows.values(row=JSONObject(**{name: name for name in names})))


def _newest(user, ticket_id, before):
    """(at, kind, row) of up to PAGE + 1 messages and events before a position, newest first."""
    messages = _shown(messages_for(user).filter(ticket=ticket_id)).filter(_before("created_at", MESSAGE, before))
    events = events_for(user).filter(ticket_id=ticket_id).exclude(verb__in=narration.UNTOLD).select_related("user")
    events = events.filter(_before("at", EVENT, before)).defer("user__password", "user__preferences")
    rows = [(row.created_at, MESSAGE, row) for row in messages.order_by("-created_at", "-id")[: PAGE + 1]]
    rows += [(row.at, EVENT, row) for row in events.order_by("-at", "-id")[: PAGE + 1]]
    rows.sort(key=lambda row: (row[0], row[1], row[2].pk), reverse=True)
    return rows[: PAGE + 1]


def _before(column, kind, position):
    if position is None:
        return Q()
    at, position_kind, pk = position
    earlier = Q(**{f"{column}__lt": at})
    if kind < position_kind:
        return earlier | Q(**{column: at})
    return earlier | Q(**{column: at, "pk__lt": pk}) if kind == position_kind else earlier


def _told(rows):
    serializer_of = {MESSAGE: MessageRow(), EVENT: TicketEventRow()}
    return [serializer_of[kind].to_representation(row) for _, kind, row in rows]


def _author(message):
    is_us = message.kind != Message.Kind.INBOUND
    name = str(message.user or "The desk") if is_us else str(message.customer or message.sender)
    return {"name": name, "initials": initials_of(name), "is_us": is_us}


def _cursor_url(request, last):
    at, kind, row = last
    return replace_query_param(request.build_absolute_uri(), "cursor", encode([at.isoformat(), kind, row.pk]))


def _read(cursor):
    if not cursor:
        return None
    try:
        at, kind, pk = decode(cursor)
        return datetime.fromisoformat(at).astimezone(UTC), (EVENT, MESSAGE)[kind], int(pk)
    except (ValueError, TypeError, IndexError, OverflowError):
        raise not_a_cursor() from None
