"""A ticket's life: new, open, pending, on hold, solved, closed; who owns it; where it is kept."""

from django.db import transaction

from customers import clock
from customers.events import hint, record
from customers.models import Refs
from tickets.models import Queue, Ticket

CHANGEABLE = {"priority", "queue", "tags", "subject"}


class TicketRefused(Exception):
    """The ticket cannot be changed like that; the message says why and the way on."""


@transaction.atomic
def solve(ticket: Ticket, *, by) -> None:
    """What the customer wanted is done. Solving a solved ticket changes nothing."""
    set_status(ticket, Ticket.Status.SOLVED, by=by)


@transaction.atomic
def reopen(ticket: Ticket, *, by) -> None:
    """Work on a solved ticket goes on. Reopening an unsolved one changes nothing."""
    ticket.touch()
    if ticket.status in Ticket.ENDED:
        set_status(ticket, Ticket.Status.OPEN, by=by)


@transaction.atomic
def set_status(ticket: Ticket, status: str, *, by) -> None:
    """Set the status. Raises TicketRefused for a word that is none, or for going back to new."""
    if status not in Ticket.Status.values:
        raise TicketRefused(f"“{status}” is no status; choose one of {', '.join(Ticket.Status.values)}.")
    ticket.touch()
    if status == ticket.status:
        return
    if status == Ticket.Status.NEW:
        raise TicketRefused("A ticket that was worked on cannot become new again; set it to open.")
    before, ticket.status = ticket.status, status
    ticket.solved_at = clock.now() if status in Ticket.ENDED else None
    ticket.save(update_fields=["status", "solved_at"])
    record(f"ticket.{_verb(status)}", ticket, by=by, was=before, status=status)


@transaction.atomic
def assign(ticket: Ticket, assignee, *, by) -> None:
    """Make `assignee` (a user, or None for nobody) the one who owns the ticket.

    Raises TicketRefused for somebody who may not see it.
    """
    ticket.touch()
    if ticket.assignee_id == (assignee and assignee.pk):
        return
    _check_assignee(assignee, ticket.queue)
    ticket.assignee = assignee
    if assignee and ticket.status == Ticket.Status.NEW:
        ticket.status = Ticket.Status.OPEN
    ticket.save(update_fields=["assignee", "status"])
    record("ticket.assigned", ticket, by=by, assignee=str(assignee) if assignee else "")


@transaction.atomic
def change(ticket: Ticket, *, by, **values) -> None:
    """Change priority, queue, tags or subject; only what differs is written and recorded.

    Raises TicketRefused for a priority that is none, or a field that has a verb of its own.
    """
    _check(values)
    ticket.touch()
    old_queue = ticket.queue_id
    changed = {name: value for name, value in values.items() if getattr(ticket, name) != value}
    if not changed:
        return
    for name, value in changed.items():
        setattr(ticket, name, value)
    ticket.save(update_fields=list(changed))
    record("ticket.changed", ticket, by=by, **{name: _plain(value) for name, value in changed.items()})
    if ticket.queue_id != old_queue:
        hint(Refs(topics={f"queue:{old_queue}": None}), "ticket.changed")


def _check_assignee(assignee, queue):
    if assignee is None or not queue.is_private or assignee.supervises:
        return
    if not queue.members.filter(pk=assignee.pk).exists():
        raise TicketRefused(f"{assignee} is no member of the private queue {queue}. Choose somebody who is.")


def _check(values):
    if strange := values.keys() - CHANGEABLE:
        raise TicketRefused(f"{', '.join(sorted(strange))} cannot be changed like this.")
    if values.get("priority", Ticket.Priority.NORMAL) not in Ticket.Priority.values:
        raise TicketRefused(f"“{values['priority']}” is no priority; choose one of 0 (low) to 3 (urgent).")


def _verb(status):
    return {"solved": "solved", "closed": "closed", "open": "reopened", "pending": "paused", "on_hold": "held"}[status]


def _plain(value):
    return value.name if isinstance(value, Queue) else value
