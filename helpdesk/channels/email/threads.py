"""The rows behind `tickets/threading.py`: which tickets a mail's clues point at, and who takes part in them."""

from collections import defaultdict
from datetime import timedelta

from django.utils import timezone

from customers.models import Address
from helpdesk.channels.email.parse import ParsedMail
from helpdesk.channels.email.tokens import ticket_of_address, ticket_of_message_id
from tickets.models import Message, Ticket
from tickets.threading import Candidate, Clue, choose, numbers_in, referenced_ids

MAX_CANDIDATES = 10
# A customer who writes to a ticket that was solved longer ago has something new to say.
REOPENS_FOR = timedelta(days=30)


def find_ticket(mail: ParsedMail, *, recipients: tuple[str, ...], sender: str) -> tuple[Ticket | None, bool]:
    """The ticket that a mail is about, or None for a new one; and whether its sender is a stranger to it."""
    clues = _clues(mail, recipients)
    if not clues:
        return None, False
    tickets = Ticket.objects.select_related("customer", "queue__routing").in_bulk(clues)
    found = choose(_candidates(clues, tickets), sender=sender)
    return (tickets[found.ticket_id], found.is_stranger) if found else (None, False)


def _clues(mail, recipients):
    """Ticket id to its best clue, best first, at most 10."""
    ids = referenced_ids(mail.in_reply_to, mail.references)
    signed = [*map(ticket_of_address, recipients), *map(ticket_of_message_id, ids)]
    pointed = [(ticket_id, Clue.SIGNED) for ticket_id in signed if ticket_id]
    pointed += [(ticket_id, Clue.REFERENCE) for ticket_id in _stored_with(ids)]
    pointed += [(ticket_id, Clue.SUBJECT) for ticket_id in _numbered(numbers_in(mail.subject))]
    best = {}
    for ticket_id, clue in pointed:
        best.setdefault(ticket_id, clue)
    return dict(list(best.items())[:MAX_CANDIDATES])


def _stored_with(ids):
    if not ids:
        return []
    stored = dict(Message.objects.filter(mail_id__in=ids).values_list("mail_id", "ticket_id"))
    return [stored[mail_id] for mail_id in ids if mail_id in stored]


def _numbered(numbers):
    return Ticket.objects.filter(number__in=numbers).values_list("pk", flat=True) if numbers else []


def _candidates(clues, tickets):
    participants = _participants(tickets.values())
    over = timezone.now() - REOPENS_FOR
    for ticket_id, clue in clues.items():
        if ticket := tickets.get(ticket_id):
            is_over = bool(ticket.solved_at and ticket.solved_at < over)
            yield Candidate(ticket_id, clue, frozenset(participants[ticket_id]), is_over=is_over)


def _participants(tickets):
    """Per ticket: the customer's addresses, who wrote to it before, and whom we copied in."""
    found = defaultdict(set)
    by_customer = _addresses([ticket.customer_id for ticket in tickets])
    for ticket in tickets:
        found[ticket.pk] |= by_customer[ticket.customer_id]
    said = Message.objects.filter(ticket__in=tickets, channel="email", is_stranger=False).order_by()
    for ticket_id, kind, sender, copied in said.values_list("ticket_id", "kind", "sender", "copied").distinct():
        outbound = kind == Message.Kind.OUTBOUND
        found[ticket_id] |= {address.lower() for address in copied} if outbound else {sender.lower()}
    return found


def _addresses(customer_ids):
    """Each customer's e-mail addresses, with those of whoever was merged into them."""
    found = defaultdict(set)
    own = Address.objects.filter(kind=Address.Kind.EMAIL, customer__in=customer_ids)
    merged = Address.objects.filter(kind=Address.Kind.EMAIL, customer__merged_into__in=customer_ids)
    for customer_id, value in own.values_list("customer_id", "value"):
        found[customer_id].add(value)
    for customer_id, value in merged.values_list("customer__merged_into_id", "value"):
        found[customer_id].add(value)
    return found
