"""Everything that happened with one person, over all tickets and channels."""

from django.db.models import QuerySet

from customers.identify import same_person
from customers.models import Customer, Event


def timeline(customer: Customer) -> QuerySet[Event]:
    """The customer's events, newest first, with those of everybody who was merged into them."""
    events = Event.objects.filter(customer__in=same_person(customer).values("pk"))
    return events.select_related("user").order_by("-at", "-id")
