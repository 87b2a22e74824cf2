"""/customers/: who gets in touch, and everything that happened with them."""

import django_filters
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.response import Response

from customers.identify import same_person
from customers.models import Address, Customer
from customers.search import search
from customers.timeline import timeline
from helpdesk.access import customers_for, events_for, tickets_for
from helpdesk.api.events import EventRow
from helpdesk.api.resource import Resource
from helpdesk.api.tickets import TicketRow, with_rows
from helpdesk.names import initials_of
from helpdesk.setup import keep

NEWEST = 10
COUNT_UP_TO = 1_000


class CustomerFilter(django_filters.FilterSet):
    search = django_filters.CharFilter(method="found")
    tier = django_filters.ChoiceFilter(choices=Customer.Tier.choices)
    language = django_filters.CharFilter()
    sort = django_filters.OrderingFilter(fields=["created_at", "name"])

    class Meta:
        model = Customer
        fields = []

    def found(self, customers, name, value):
        return search(customers, value)


class AddressRow(serializers.ModelSerializer):
    verified = serializers.SerializerMethodField()

    class Meta:
        model = Address
        fields = ["kind", "value", "verified"]

    def get_verified(self, address) -> bool:
        return address.verified_at is not None


class CustomerRow(serializers.ModelSerializer):
    """A person who gets in touch, with every address of theirs."""

    name = serializers.CharField(source="__str__", read_only=True)
    initials = serializers.SerializerMethodField()
    organisation = serializers.CharField(source="organisation.name", allow_null=True, default=None, read_only=True)
    addresses = AddressRow(many=True, read_only=True)

    class Meta:
        model = Customer
        fields = ["id", "name", "initials", "tier", "language", "organisation", "addresses"]

    def get_initials(self, customer) -> str:
        return initials_of(str(customer))


class CustomerCounts(serializers.Serializer):
    tickets = serializers.IntegerField()
    open = serializers.IntegerField()


class CustomerDetail(CustomerRow):
    """A customer with what we know and their newest tickets, as far as this user may see them."""

    tickets = serializers.SerializerMethodField()
    counts = serializers.SerializerMethodField()

    class Meta(CustomerRow.Meta):
        fields = [
            *CustomerRow.Meta.fields,
            "location",
            "time_zone",
            "notes",
            "attributes",
            "created_at",
            "tickets",
            "counts",
        ]

    @extend_schema_field(TicketRow(many=True))
    def get_tickets(self, customer):
        return TicketRow(with_rows(self._tickets(customer))[:NEWEST], many=True).data

    @extend_schema_field(CustomerCounts)
    def get_counts(self, customer):
        tickets = self._tickets(customer).order_by()
        return {
            "tickets": tickets[: COUNT_UP_TO + 1].count(),
            "open": tickets.unsolved()[: COUNT_UP_TO + 1].count(),
        }

    def _tickets(self, customer):
        return tickets_for(self.context["request"].user).filter(customer__in=same_person(customer).values("pk"))


class CustomerChange(serializers.ModelSerializer):
    class Meta:
        model = Customer
        fields = ["name", "notes", "language", "tier"]


class CustomerViewSet(ListModelMixin, RetrieveModelMixin, Resource):
    """Customers, newest first."""

    queryset = Customer.objects.none()
    serializer_class = CustomerRow
    filterset_class = CustomerFilter

    def get_queryset(self):
        rows = customers_for(self.request.user).select_related("organisation").prefetch_related("addresses")
        return rows.defer("notes", "attributes").order_by("-created_at") if self.action == "list" else rows

    def get_serializer_class(self):
        return CustomerRow if self.action == "list" else CustomerDetail

    @extend_schema(request=CustomerChange, responses=CustomerDetail)
    def partial_update(self, request, pk=None):
        """Change name, notes, language or tier."""
        customer = self.get_object()
        serializer = CustomerChange(customer, data=request.data, partial=True)
        serializer.is_valid(raise_exception=True)
        keep(customer, by=request.user, **serializer.validated_data)
        return Response(self.get_serializer(self.get_object()).data)

    @extend_schema(responses=EventRow(many=True))
    @action(detail=True, methods=["get"], filterset_class=None)
    def timeline(self, request, pk=None):
        """Everything that happened with this person on tickets this user may see, newest first."""
        page = self.paginate_queryset(timeline(self.get_object()) & events_for(request.user))
        return self.get_paginated_response(EventRow(page, many=True).data)
