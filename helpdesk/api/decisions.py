"""/decisions/: why an interaction rang where it rang."""

from drf_spectacular.utils import extend_schema
from rest_framework import exceptions, serializers
from rest_framework.decorators import action
from rest_framework.mixins import RetrieveModelMixin
from rest_framework.response import Response

from helpdesk.access import decisions_for
from helpdesk.api.briefs import AgentBrief
from helpdesk.api.resource import Resource
from helpdesk.explanations import occasion, outcome, tell, tell_again
from routing.models import Decision


class DecisionDetail(serializers.ModelSerializer):
    """One routing act with everything that was weighed, in sentences and as recorded.

    `sentences` say why this agent, `left_out` how many others could not have it and why not, `outcome` what became of
    the offer, `occasion` by which version of the rules and what for. `explanation` is the record: scores and terms in
    points of 1, `margin` and those of `without` in thousandths, times in seconds.
    """

    agent = AgentBrief(allow_null=True)
    sentences = serializers.SerializerMethodField()
    left_out = serializers.SerializerMethodField()
    outcome = serializers.SerializerMethodField()
    occasion = serializers.SerializerMethodField()
    explanation = serializers.SerializerMethodField()

    class Meta:
        model = Decision
        fields = [
            "id",
            "at",
            "interaction",
            "agent",
            "trigger",
            "policy_version",
            "epoch",
            "sentences",
            "left_out",
            "outcome",
            "occasion",
            "explanation",
        ]

    def get_sentences(self, decision) -> list[str]:
        return self._told(decision).sentences

    def get_left_out(self, decision) -> list[str]:
        return self._told(decision).left_out

    def get_outcome(self, decision) -> str:
        return outcome(decision)

    def get_occasion(self, decision) -> str:
        return occasion(decision)

    def get_explanation(self, decision) -> dict:
        return self._told(decision).record

    def _told(self, decision):
        if not hasattr(decision, "told"):
            decision.told = tell(decision, reader=self.context["request"].user)
        return decision.told


class DecidedAgain(serializers.Serializer):
    """`is_same` is null when what the router was told is not kept any longer."""

    is_same = serializers.BooleanField(allow_null=True)
    agent = serializers.IntegerField(allow_null=True)
    sentence = serializers.CharField()


class DecisionViewSet(RetrieveModelMixin, Resource):
    """Decisions about tickets that this user may see."""

    queryset = Decision.objects.none()
    serializer_class = DecisionDetail

    def get_queryset(self):
        return decisions_for(self.request.user).select_related("agent__user", "offer")

    @extend_schema(responses=DecidedAgain)
    @action(detail=True, methods=["get"], filter_backends=[], pagination_class=None)
    def again(self, request, pk=None):
        """For supervisors: decide again from what the router was told then."""
        decision = self.get_object()
        if not request.user.supervises:
            raise exceptions.PermissionDenied("Deciding again is for supervisors.")
        return Response(tell_again(decision))
