"""/decisions/: why an interaction rang where it rang."""

from rest_framework import serializers
from rest_framework.mixins import RetrieveModelMixin

from helpdesk.access import decisions_for
from helpdesk.api.briefs import AgentBrief
from helpdesk.api.resource import Resource
from helpdesk.explanations import tell
from routing.models import Decision


class DecisionDetail(serializers.ModelSerializer):
    """One routing act with everything that was weighed, in sentences and as recorded."""

    agent = AgentBrief(allow_null=True)
    sentences = serializers.SerializerMethodField()
    explanation = serializers.SerializerMethodField()

    class Meta:
        model = Decision
        fields = ["id", "at", "interaction", "agent", "trigger", "policy_version", "epoch", "sentences", "explanation"]

    def get_sentences(self, decision) -> list[str]:
        return self._told(decision).sentences

    def get_explanation(self, decision) -> dict:
        return self._told(decision).record

    def _told(self, decision):
        if not hasattr(decision, "told"):
            decision.told = tell(decision)
        return decision.told


class DecisionViewSet(RetrieveModelMixin, Resource):
    """Decisions about tickets that this user may see."""

    queryset = Decision.objects.none()
    serializer_class = DecisionDetail

    def get_queryset(self):
        return decisions_for(self.request.user).select_related("agent__user")
