"""What the rules make of what comes in: the queue it belongs to, the skills it asks for, and how urgent it is."""

from dataclasses import dataclass

import structlog
from django.utils import timezone

from routing.policies import general_rules, routing_of, skills_asked
from routing.rules import Classified
from routing.rules.expressions import WEEKDAYS
from tickets import lifecycle
from tickets.models import Queue, Ticket

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Asked:
    """With what an interaction waits in line: skills to levels, priority (0 to 3) and importance (1 is ordinary).

    `rules` are the names of those that had a say.
    """

    needs: dict[str, int]
    wants: dict[str, int]
    priority: int
    importance: float
    rules: tuple[str, ...] = ()


def sort_in(ticket: Ticket, *, channel: str, language: str = "") -> Asked:
    """What something new on `channel` asks for. A ticket that has just come moves to the queue the rules say.

    Where a person, or an earlier message, has put the ticket since, rules no longer change its queue or priority.
    """
    classified = _classified(ticket, channel, language, may_move=True)
    if classified.queue or classified.priority is not None:
        if ticket.interactions.exists():
            classified = _classified(ticket, channel, language, may_move=False)
        else:
            _move(ticket, classified)
    return _asked(ticket, language, classified)


def asked_of(ticket: Ticket, *, channel: str) -> Asked:
    """What an interaction asks for in the queue, and with the priority, that its ticket has."""
    return _asked(ticket, "", _classified(ticket, channel, "", may_move=False))


def standing_of(ticket: Ticket, *, channel: str) -> tuple[int, float]:
    """(priority, importance) with which an interaction of this ticket waits."""
    classified = _classified(ticket, channel, "", may_move=False)
    return classified.priority_in_line(ticket.priority), classified.importance


def language_of(ticket: Ticket) -> str:
    """The language (ISO 639-1) in which to serve this ticket, or empty."""
    return ticket.language or ticket.customer.language


def _classified(ticket, channel, language, *, may_move) -> Classified:
    classifier = general_rules(routing_of(ticket.queue).domain.policy_id).classifier
    if not classifier.rules:
        return Classified()
    return classifier.classify(_facts(ticket, channel, language, classifier.names), may_move=may_move)


def _facts(ticket, channel, language, names):
    """By the names that conditions use (routing/rules/expressions.py); the organisation only where one asks for it."""
    customer, now = ticket.customer, timezone.localtime()
    organisation = customer.organisation if "customer.organisation" in names else None
    return {
        "channel": channel,
        "queue": ticket.queue.slug,
        "language": language or language_of(ticket),
        "customer.tier": customer.tier,
        "customer.language": customer.language,
        "customer.organisation": organisation.name if organisation else "",
        "customer.location": customer.location,
        "ticket.priority": ticket.priority,
        "ticket.tags": ticket.tags,
        "ticket.subject": ticket.subject,
        "hour": now.hour,
        "weekday": WEEKDAYS[now.weekday()],
    }


def _move(ticket, classified):
    """To its queue and priority; a queue that went since the rules were published leaves it where it is."""
    changes = {} if classified.priority is None else {"priority": classified.priority}
    if classified.queue and classified.queue != ticket.queue.slug:
        there = Queue.objects.filter(is_active=True, routing__domain=routing_of(ticket.queue).domain_id)
        if queue := there.filter(slug=classified.queue).first():
            changes["queue"] = queue
        else:
            log.warning("policy.queue_gone", queue=classified.queue, ticket_id=ticket.pk)
    if changes:
        lifecycle.change(ticket, by="router", **changes)


def _asked(ticket, language, classified):
    needs, wants = skills_asked(ticket.queue, language or language_of(ticket), classified)
    priority = classified.priority_in_line(ticket.priority)
    return Asked(needs, wants, priority, classified.importance, classified.rules)
