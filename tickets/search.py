"""Finding tickets: by number, by the customer's name or address, and by words that were said."""

import re

from django.contrib.postgres.search import SearchQuery
from django.db.models import Q, QuerySet

from customers.models import Address, Customer
from tickets.models import Message, Ticket

NUMBER = re.compile(r"^#?(\d{1,18})$")
# Each source gives its newest matches only: a word that is in every message must not read every message.
MATCHES_PER_SOURCE = 1_000


def search(tickets: QuerySet[Ticket], words: str) -> QuerySet[Ticket]:
    """Narrow `tickets` to those that match: a number exactly, else subject, customer, address or what was said."""
    words = words.replace("\0", "").strip()[:200]
    if not words:
        return tickets
    number = NUMBER.match(words)
    if number and tickets.filter(number=int(number[1])).exists():
        return tickets.filter(number=int(number[1]))
    people = _people(words)
    said = _newest(Message.objects.filter(search=SearchQuery(words, config="simple", search_type="websearch")))
    subjects = Ticket.objects.filter(subject__icontains=words).order_by("-last_message_at").values("pk")
    return tickets.filter(Q(pk__in=subjects[:MATCHES_PER_SOURCE]) | Q(customer__in=people) | Q(pk__in=said))


def _people(words):
    named = Customer.objects.filter(name__icontains=words).values("pk")[:MATCHES_PER_SOURCE]
    reached = Address.objects.filter(value__icontains=words).values("customer")[:MATCHES_PER_SOURCE]
    return Customer.objects.filter(Q(pk__in=named) | Q(pk__in=reached)).values("pk")


def _newest(messages):
    return messages.order_by("-id").values("ticket")[:MATCHES_PER_SOURCE]
