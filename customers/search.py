"""Finding customers by name or address."""

from django.db.models import QuerySet

from customers.models import Address, Customer

# Each source gives its first matches only: a letter that is in every name must not read every customer.
MATCHES_PER_SOURCE = 1_000


def search(customers: QuerySet[Customer], words: str) -> QuerySet[Customer]:
    """Narrow `customers` to those whose name, or one of whose addresses, has `words` in it; who was merged leads on."""
    words = words.replace("\0", "").strip()[:200]
    if not words:
        return customers
    named = Customer.objects.filter(name__icontains=words).order_by().values_list("pk")[:MATCHES_PER_SOURCE]
    reached = Address.objects.filter(value__icontains=words).order_by().values_list("customer")[:MATCHES_PER_SOURCE]
    # Ids, fetched first: within one statement the planner reads every customer.
    found = [pk for (pk,) in named.union(reached)]
    merged_into = Customer.objects.filter(pk__in=found, merged_into__isnull=False).values_list("merged_into", flat=True)
    return customers.filter(pk__in=[*found, *merged_into])
