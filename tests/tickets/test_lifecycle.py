import pytest

from customers.models import Event
from tests import factories as make
from tests.races import at_once
from tickets.lifecycle import TicketRefused, assign, change, reopen, set_status, solve
from tickets.models import Ticket

pytestmark = pytest.mark.django_db


@pytest.fixture
def ingrid():
    return make.make_user("Ingrid")


def _last_event(ticket):
    event = Event.objects.filter(ticket_id=ticket.pk).order_by("-id").first()
    return event.verb, event.user, event.facts


def test_a_solved_ticket_says_when_and_by_whom(ingrid):
    ticket = make.make_ticket(status="open")

    solve(ticket, by=ingrid)

    ticket.refresh_from_db()
    assert (ticket.status, ticket.solved_at is not None, ticket.revision) == ("solved", True, 2)
    assert _last_event(ticket) == ("ticket.solved", ingrid, {"was": "open", "status": "solved"})


def test_solving_twice_is_told_once(ingrid):
    ticket = make.make_ticket(status="open")

    solve(ticket, by=ingrid)
    solve(ticket, by=ingrid)

    assert Event.objects.filter(verb="ticket.solved").count() == 1


def test_a_reopened_ticket_is_open_and_was_never_solved(ingrid):
    ticket = make.make_ticket(status="solved")

    reopen(ticket, by=ingrid)

    ticket.refresh_from_db()
    assert (ticket.status, ticket.solved_at) == ("open", None)
    assert _last_event(ticket)[0] == "ticket.reopened"


def test_reopening_looks_at_the_ticket_as_it_is_now(ingrid):
    ticket = make.make_ticket(status="open")
    Ticket.objects.filter(pk=ticket.pk).update(status="solved")

    reopen(ticket, by=ingrid)

    assert Ticket.objects.get(pk=ticket.pk).status == "open"


def test_reopening_what_is_on_hold_leaves_it_there(ingrid):
    ticket = make.make_ticket(status="on_hold")

    reopen(ticket, by=ingrid)

    assert Ticket.objects.get(pk=ticket.pk).status == "on_hold"


@pytest.mark.parametrize(
    ("status", "verb"), [("pending", "ticket.paused"), ("on_hold", "ticket.held"), ("closed", "ticket.closed")]
)
def test_every_status_has_a_verb(ingrid, status, verb):
    ticket = make.make_ticket()

    set_status(ticket, status, by=ingrid)

    assert _last_event(ticket)[0] == verb


def test_a_word_that_is_no_status_is_refused(ingrid):
    with pytest.raises(TicketRefused, match="“lost” is no status; choose one of new, open"):
        set_status(make.make_ticket(), "lost", by=ingrid)


def test_a_ticket_never_becomes_new_again(ingrid):
    with pytest.raises(TicketRefused, match="cannot become new again"):
        set_status(make.make_ticket(status="open"), "new", by=ingrid)


def test_who_is_assigned_owns_it_and_a_new_ticket_is_open_then(ingrid):
    ticket = make.make_ticket()

    assign(ticket, ingrid, by=ingrid)

    ticket.refresh_from_db()
    assert (ticket.assignee, ticket.status) == (ingrid, "open")
    assert _last_event(ticket) == ("ticket.assigned", ingrid, {"assignee": "Ingrid"})


def test_assigning_to_nobody_frees_it(ingrid):
    ticket = make.make_ticket(status="open", assignee=ingrid)

    assign(ticket, None, by=ingrid)

    ticket.refresh_from_db()
    assert ticket.assignee is None
    assert _last_event(ticket)[2] == {"assignee": ""}


def test_assigning_to_who_has_it_changes_nothing(ingrid):
    ticket = make.make_ticket(assignee=ingrid)

    assign(ticket, ingrid, by=ingrid)

    assert _last_event(ticket)[0] == "ticket.opened"


def test_only_what_differs_is_changed_and_told(ingrid):
    ticket, shipping = make.make_ticket(subject="Parcel"), make.make_queue("Shipping")

    change(ticket, by=ingrid, subject="Parcel", priority=3, queue=shipping, tags=["vip", "late"])

    ticket.refresh_from_db()
    assert (ticket.queue, ticket.priority, ticket.tags) == (shipping, 3, ["vip", "late"])
    assert _last_event(ticket) == (
        "ticket.changed", ingrid, {"priority": 3, "queue": "Shipping", "tags": ["vip", "late"]},
    )  # fmt: skip


def test_a_priority_that_is_none_is_refused(ingrid):
    with pytest.raises(TicketRefused, match="“9” is no priority"):
        change(make.make_ticket(), by=ingrid, priority=9)


def test_a_status_is_not_changed_by_the_way(ingrid):
    with pytest.raises(TicketRefused, match="status cannot be changed like this"):
        change(make.make_ticket(), by=ingrid, status="solved")


def test_a_verb_reads_what_others_changed_before_it_writes(ingrid):
    ticket, queue = make.make_ticket(), make.make_queue()
    Ticket.objects.filter(pk=ticket.pk).update(
        queue=queue, channel="chat", language="pl", is_answered=True, preview="Hi", revision=7
    )

    change(ticket, by=ingrid, priority=2)

    seen = (ticket.queue, ticket.channel, ticket.language, ticket.is_answered, ticket.preview, ticket.revision)
    assert seen == (queue, "chat", "pl", True, "Hi", 8)


def test_a_ticket_that_is_gone_cannot_be_touched():
    ticket = make.make_ticket()
    Ticket.objects.filter(pk=ticket.pk).delete()

    with pytest.raises(Ticket.DoesNotExist, match=f"Ticket {ticket.pk} is gone"):
        ticket.touch()


@pytest.mark.django_db(transaction=True)
def test_changes_at_once_are_all_kept(ingrid):
    ticket = make.make_ticket()

    outcomes = at_once(
        lambda: change(Ticket.objects.get(pk=ticket.pk), by=ingrid, priority=3),
        lambda: change(Ticket.objects.get(pk=ticket.pk), by=ingrid, tags=["vip"]),
        lambda: assign(Ticket.objects.get(pk=ticket.pk), ingrid, by=ingrid),
        lambda: set_status(Ticket.objects.get(pk=ticket.pk), "pending", by=ingrid),
    )

    ticket.refresh_from_db()
    assert outcomes == [None] * 4
    assert (ticket.priority, ticket.tags, ticket.assignee, ticket.status) == (3, ["vip"], ingrid, "pending")
    assert ticket.revision == 5


def test_a_ticket_of_a_private_queue_is_nobodys_who_may_not_see_it(ingrid):
    ticket = make.make_ticket(queue=make.make_queue("Staff matters", is_private=True))

    with pytest.raises(TicketRefused, match="no member of the private queue"):
        assign(ticket, ingrid, by=make.make_supervisor())

    ticket.queue.members.add(ingrid)
    assign(ticket, ingrid, by=make.make_supervisor())
    ticket.refresh_from_db()
    assert ticket.assignee == ingrid
