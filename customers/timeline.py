"""Everything that happened with one person, over all tickets and channels."""

from django.db.models import Q, QuerySet

from customers.models import Customer, Event


def timeline(customer: Customer) -> QuerySet[Event]:
    """The customer's events, newest first, with those of everybody who was merged into them."""
    merged = Customer.objects.filter(Q(pk=customer.pk) | Q(merged_into=customer.pk)).values("pk")
    return Event.objects.filter(customer__in=merged).select_related("user").order_by("-at", "-id")
