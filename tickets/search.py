"""Finding tickets: by number, by the customer's name or address, and by words that were said."""

import re

from django.contrib.postgres.search import SearchQuery
from django.db.models import Q, QuerySet

from customers.models import Address, Customer
from tickets.models import Message, Ticket

NUMBER = re.compile(r"^#?(\d{1,18})$")
# Each source gives its newest matches only: a word that is in every message must not read every message.
MATCHES_PER_SOURCE = 500


def search(tickets: QuerySet[Ticket], words: str) -> QuerySet[Ticket]:
    """Narrow `tickets` to those that match: a number exactly, else subject, customer, address or what was said."""
    words = words.replace("\0", "").strip()[:200]
    if not words:
        return tickets
    number = NUMBER.match(words)
    if number and tickets.filter(number=int(number[1])).exists():
        return tickets.filter(number=int(number[1]))
    # Ids, fetched first: within one statement the planner reads every ticket, or every customer.
    found = _by_subject(words).union(_by_customer(words), _by_message(words))
    return tickets.filter(pk__in=list(found))


def _by_subject(words):
    found = Ticket.objects.filter(subject__icontains=words).order_by("-last_message_at", "-id")
    return found.values_list("pk", flat=True)[:MATCHES_PER_SOURCE]


def _by_customer(words):
    """Tickets of whoever has such a name or address, and of everybody who is the same person."""
    named = Customer.objects.filter(name__icontains=words).order_by().values_list("pk")[:MATCHES_PER_SOURCE]
    reached = Address.objects.filter(value__icontains=words).order_by().values_list("customer")[:MATCHES_PER_SOURCE]
    people = [pk for (pk,) in named.union(reached)]
    same = Customer.objects.filter(Q(pk__in=people) | Q(merged_into__in=people)).values("pk")
    found = Ticket.objects.filter(customer__in=same).order_by("-last_message_at", "-id")
    return found.values_list("pk", flat=True)[:MATCHES_PER_SOURCE]


def _by_message(words):
    said = SearchQuery(words, config="simple", search_type="websearch")
    found = Message.objects.filter(search=said).order_by("-id")
    return found.values_list("ticket", flat=True)[:MATCHES_PER_SOURCE]
