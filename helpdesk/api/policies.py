"""/policies/: the routing rules: versions, the one in force, the draft, and what is wrong with any of them."""

from django.http import Http404
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin
from rest_framework.response import Response

from helpdesk.api.briefs import PersonBrief
from helpdesk.api.permissions import HasRole, Supervises
from helpdesk.api.resource import Resource
from routing.models import Domain, Policy
from routing.policies import ORDINARY
from routing.rules import SCHEMA, ordinary, starting_points
from routing.rules.differences import differences
from routing.versions import discard, draft, draft_of, publish, publish_draft, rollback, validate, version

TO = OpenApiParameter("to", int, description="The other version; the one in force unless told.")
DOMAIN = OpenApiParameter("domain", str, description="Name of the routing domain; main unless told.")


class PolicyRow(serializers.ModelSerializer):
    """A version of the rules, without the rules. `number` counts from 1 by domain; a draft has none."""

    by = PersonBrief(read_only=True, allow_null=True)
    based_on = serializers.IntegerField(source="based_on.number", default=ORDINARY, read_only=True)
    domain = serializers.CharField(source="domain.name", read_only=True)

    class Meta:
        model = Policy
        fields = [
            "id", "domain", "number", "state", "note", "by", "based_on", "revision", "created_at", "changed_at",
            "published_at",
        ]  # fmt: skip
        read_only_fields = fields


class PolicyDetail(PolicyRow):
    """A version with its rules, as /policies/schema/ describes them."""

    document = serializers.JSONField(read_only=True)

    class Meta(PolicyRow.Meta):
        fields = [*PolicyRow.Meta.fields, "document"]
        read_only_fields = fields


class Live(serializers.Serializer):
    """The rules in force; `number` is 0 and `version` null while those are the ordinary ones."""

    number = serializers.IntegerField()
    version = PolicyRow(allow_null=True)
    document = serializers.JSONField()


class Rules(serializers.Serializer):
    """Rules to look at."""

    document = serializers.JSONField()


class DraftTerms(Rules):
    """Rules to keep as the draft. `based_on` is the version in force that you looked at (0: the ordinary rules) and
    `revision` that of the draft you changed (0: there was none); a 409 tells when others were faster."""

    note = serializers.CharField(max_length=200, required=False, default="", allow_blank=True)
    based_on = serializers.IntegerField(min_value=0, required=False)
    revision = serializers.IntegerField(min_value=0, required=False)


class PublishTerms(serializers.Serializer):
    """What to publish: the draft (of that `revision`, if given), or else the `document` sent along."""

    document = serializers.JSONField(required=False)
    note = serializers.CharField(max_length=200, required=False, allow_blank=True)
    based_on = serializers.IntegerField(min_value=0, required=False)
    revision = serializers.IntegerField(min_value=1, required=False)


class RollbackTerms(serializers.Serializer):
    """Which version's rules to publish again; 0 for the ordinary ones."""

    to = serializers.IntegerField(min_value=0)
    note = serializers.CharField(max_length=200, required=False, allow_blank=True)
    based_on = serializers.IntegerField(min_value=0, required=False)


class FindingRow(serializers.Serializer):
    """One thing that is wrong (error) or worth a thought (warning); `path` is a JSON Pointer into the document."""

    severity = serializers.ChoiceField(choices=["error", "warning"])
    path = serializers.CharField()
    sentence = serializers.CharField()


class Findings(serializers.Serializer):
    """`publishable` is false while there is an error."""

    publishable = serializers.BooleanField()
    findings = FindingRow(many=True)


class DifferenceRow(serializers.Serializer):
    """What is written at `path` in one version and in the other, as JSON; empty where there is nothing."""

    path = serializers.CharField()
    before = serializers.CharField()
    after = serializers.CharField()


class Differences(serializers.Serializer):
    results = DifferenceRow(many=True)


class PolicyViewSet(ListModelMixin, Resource):
    """Routing rules, for supervisors and administrators: they name private queues and customers. What is published is
    never changed."""

    queryset = Policy.objects.none()
    serializer_class = PolicyRow
    permission_classes = [Supervises]
    filter_backends = []
    lookup_field = "number"

    def get_queryset(self):
        rows = Policy.objects.filter(domain=self.domain(), number__isnull=False)
        return (
            rows.select_related("by", "based_on", "domain").defer("document", "based_on__document").order_by("-number")
        )

    @extend_schema(parameters=[DOMAIN])
    def list(self, request):
        """Published versions, newest first; the draft is not among them."""
        return super().list(request)

    @extend_schema(parameters=[DOMAIN], responses=PolicyDetail)
    def retrieve(self, request, number=None):
        """One version with its rules."""
        return Response(PolicyDetail(version(self.domain(), int(number))).data)

    @extend_schema(parameters=[DOMAIN], responses=Live)
    @action(detail=False)
    def live(self, request):
        """The rules in force."""
        row = self.domain().policy
        document = row.document if row else ordinary()
        return Response(Live({"number": row.number if row else ORDINARY, "version": row, "document": document}).data)

    @extend_schema(parameters=[DOMAIN], request=DraftTerms, responses=PolicyDetail)
    @action(detail=False, methods=["get", "put", "delete"])
    def draft(self, request):
        """The draft: GET reads it (404 when there is none), PUT keeps it, errors and all, DELETE throws it away."""
        domain = self.domain()
        if request.method == "DELETE":
            discard(domain, by=request.user)
            return Response(status=status.HTTP_204_NO_CONTENT)
        row = draft_of(domain) if request.method == "GET" else draft(domain, by=request.user, **self.terms(DraftTerms))
        if row is None:
            raise Http404
        return Response(PolicyDetail(row).data)

    @extend_schema(parameters=[DOMAIN], request=Rules, responses=Findings)
    @action(detail=False, methods=["post"])
    def validate(self, request):
        """What is wrong with rules, or worth a thought; nothing is kept. Always 200."""
        found = validate(self.domain(), self.terms(Rules)["document"])
        publishable = not any(one.is_error for one in found)
        return Response(Findings({"publishable": publishable, "findings": found}).data)

    @extend_schema(parameters=[DOMAIN], request=PublishTerms, responses={201: PolicyDetail})
    @action(detail=False, methods=["post"])
    def publish(self, request):
        """Put the draft, or a document sent along, in force as a new version.

        422 with a sentence per place in `fields` when the rules have errors; 409 when somebody was faster.
        """
        domain, terms = self.domain(), self.terms(PublishTerms)
        if "document" in terms:
            terms.pop("revision", None)
            row = publish(domain, terms.pop("document"), by=request.user, **terms)
        else:
            terms.pop("based_on", None)
            row = publish_draft(domain, by=request.user, **terms)
        return Response(PolicyDetail(row).data, status=status.HTTP_201_CREATED)

    @extend_schema(parameters=[DOMAIN], request=RollbackTerms, responses={201: PolicyDetail})
    @action(detail=False, methods=["post"])
    def rollback(self, request):
        """Publish the rules of an earlier version again, as a new version. 422 and 409 as for publish."""
        terms = self.terms(RollbackTerms)
        row = rollback(self.domain(), terms.pop("to"), by=request.user, **terms)
        return Response(PolicyDetail(row).data, status=status.HTTP_201_CREATED)

    @extend_schema(
        parameters=[
            DOMAIN,
            TO,
        ],
        responses=Differences,
    )
    @action(detail=True)
    def differences(self, request, number=None):
        """In what the version differs from another one; 0 is the ordinary rules on either side."""
        domain, to = self.domain(), request.query_params.get("to", "")
        other = int(to) if to.isdecimal() and len(to) < 10 else None
        live = domain.policy.number if domain.policy else ORDINARY
        before = rules_numbered(domain, int(number))
        after = rules_numbered(domain, live if other is None else other)
        return Response(Differences({"results": differences(before, after)}).data)

    @extend_schema(responses={200: dict})
    @action(detail=False, url_path="schema", url_name="schema", permission_classes=[HasRole])
    def json_schema(self, request):
        """The JSON Schema (draft 2020-12) of rules; it describes every word of them."""
        return Response(SCHEMA)

    @extend_schema(responses={200: dict})
    @action(detail=False, permission_classes=[HasRole])
    def presets(self, request):
        """Rules to start from, by name: the ordinary ones, and those that do as other products do."""
        return Response(starting_points())

    def domain(self):
        """The domain asked for."""
        name = self.request.query_params.get("domain", "").replace("\0", "?")  # PostgreSQL takes no NUL
        return get_object_or_404(Domain.objects.select_related("policy__by"), name=name) if name else Domain.main()

    def terms(self, kind):
        """What was sent, checked."""
        serializer = kind(data=self.request.data)
        serializer.is_valid(raise_exception=True)
        return dict(serializer.validated_data)


def rules_numbered(domain: Domain, number: int) -> dict:
    """The document of a version; 0 is the ordinary rules. Raises PolicyRefused for a number that is none."""
    return version(domain, number).document if number else ordinary()
