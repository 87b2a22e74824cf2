"""/offers/: what rings for me, and my answers."""

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from helpdesk.access import offers_for
from helpdesk.api.briefs import CustomerBrief, QueueBrief, TicketBrief
from helpdesk.api.resource import Resource
from routing.engine.explain import Names, why_you
from routing.models import Agent, Offer, Skill
from routing.offers import accept, decline
from routing.presence import seen_alive

DECLINE_REASONS = ["In the middle of something", "Not my topic", "Not my language", "Technical problem"]


class OfferRow(serializers.Serializer):
    """An offer that rings; the countdown is `expires_at` less `now`, both by the server's clock."""

    id = serializers.IntegerField()
    made_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField()
    now = serializers.SerializerMethodField()
    channel = serializers.CharField(source="interaction.channel")
    interaction = serializers.IntegerField(source="interaction_id")
    queue = QueueBrief(source="interaction.queue")
    customer = CustomerBrief(source="interaction.ticket.customer")
    ticket = TicketBrief(source="interaction.ticket")
    first_line = serializers.CharField(source="interaction.ticket.preview")
    waiting_since = serializers.DateTimeField(source="interaction.waiting_since")
    why_you = serializers.SerializerMethodField()

    def get_now(self, offer) -> str:
        return self.context["now"].isoformat()

    def get_why_you(self, offer) -> str:
        explanation = offer.decision and offer.decision.explanation
        return why_you(explanation, self.context["names"]) if explanation else ""


class OffersAnswer(serializers.Serializer):
    results = OfferRow(many=True)


class Accepted(serializers.Serializer):
    interaction = serializers.IntegerField()
    ticket = serializers.IntegerField()


class DeclineRequest(serializers.Serializer):
    reason = serializers.CharField(required=False, allow_blank=True, max_length=80)


class OfferViewSet(Resource):
    """My offers that are open and in time."""

    queryset = Offer.objects.none()
    serializer_class = OfferRow
    pagination_class = None
    filter_backends = []

    def get_queryset(self):
        rows = offers_for(self.request.user)
        return rows.select_related("agent__user", "interaction__queue", "interaction__ticket__customer", "decision")

    @extend_schema(responses=OffersAnswer)
    def list(self, request):
        """What rings for me now, oldest first. Asking is a sign of life, for desks that have no socket."""
        seen_alive(Agent.objects.filter(user=request.user).values_list("pk", flat=True))
        now = timezone.now()
        offers = self.get_queryset().filter(outcome=Offer.Outcome.OPEN, expires_at__gt=now).order_by("id")
        names = Names(skills=dict(Skill.objects.values_list("slug", "name"))) if offers else Names()
        context = {"now": now, "names": names}
        return Response({"results": OfferRow(offers, many=True, context=context).data})

    @extend_schema(request=None, responses=Accepted)
    @action(detail=True, methods=["post"])
    def accept(self, request, pk=None):
        """Take it; 409 in words when it is too late."""
        offer = self.get_object()
        interaction = accept(offer, by=offer.agent)
        return Response({"interaction": interaction.pk, "ticket": interaction.ticket_id})

    @extend_schema(request=DeclineRequest, responses={204: None})
    @action(detail=True, methods=["post"])
    def decline(self, request, pk=None):
        """Send it back; the next best agent is asked. 409 in words when it is too late."""
        serializer = DeclineRequest(data=request.data)
        serializer.is_valid(raise_exception=True)
        offer = self.get_object()
        decline(offer, by=offer.agent, **serializer.validated_data)
        return Response(status=204)
