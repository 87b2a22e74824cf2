import pytest

from customers.models import Event
from tests import factories as make
from tests.races import at_once
from tickets.messages import add_inbound, add_outbound, note, open_ticket, preview_of
from tickets.models import Message, Ticket

pytestmark = pytest.mark.django_db


def _verbs(ticket):
    return list(Event.objects.filter(ticket_id=ticket.pk).order_by("id").values_list("verb", flat=True))


def test_opening_a_ticket_gives_it_a_number_and_an_event():
    customer, queue = make.make_customer(), make.make_queue("Shipping")

    ticket = open_ticket(customer=customer, queue=queue, channel="email", subject="x" * 400, by="customer")

    assert (ticket.status, ticket.revision, len(ticket.subject)) == ("new", 1, 300)
    event = Event.objects.get(ticket_id=ticket.pk)
    assert (event.verb, event.actor, event.facts) == (
        "ticket.opened", "customer", {"queue": "Shipping", "channel": "email"},
    )  # fmt: skip


def test_two_tickets_have_numbers_of_their_own():
    assert make.make_ticket().number < make.make_ticket().number


def test_what_the_customer_says_is_the_tickets_last_word():
    ticket = make.make_ticket(is_answered=True)

    add_inbound(ticket, customer=ticket.customer, channel="chat", text="Where\n is  it?")

    ticket.refresh_from_db()
    assert (ticket.preview, ticket.message_count, ticket.is_answered) == ("Where is it?", 1, False)
    assert (ticket.channel, ticket.revision) == ("chat", 2)
    assert _verbs(ticket) == ["ticket.opened", "message.received"]


@pytest.mark.parametrize("status", ["pending", "on_hold", "solved", "closed"])
def test_a_customer_who_writes_again_opens_the_ticket_again(status):
    ticket = make.make_ticket(status=status)

    make.make_message(ticket, text="Still broken")

    ticket.refresh_from_db()
    assert (ticket.status, ticket.solved_at) == ("open", None)
    assert Event.objects.get(verb="message.received").facts["reopened"] == status


def test_a_new_ticket_stays_new_until_somebody_works_on_it():
    ticket = make.make_ticket(text="Hello")

    assert ticket.status == "new"
    assert "reopened" not in Event.objects.get(verb="message.received").facts


@pytest.mark.parametrize("quiet", [{"is_automatic": True}, {"is_stranger": True}])
def test_machines_and_strangers_wake_no_ticket(quiet):
    ticket = make.make_ticket(status="solved", is_answered=True, channel="chat")

    make.make_message(ticket, text="I am out of office", channel="email", **quiet)

    ticket.refresh_from_db()
    assert (ticket.status, ticket.is_answered, ticket.channel) == ("solved", True, "chat")
    assert (ticket.preview, ticket.message_count) == ("I am out of office", 1)


def test_our_answer_is_the_last_word_and_opens_a_new_ticket():
    ticket, ingrid = make.make_ticket(text="Where is it?"), make.make_user("Ingrid")

    message = add_outbound(ticket, by=ingrid, channel="email", text="On its way")

    ticket.refresh_from_db()
    assert (ticket.status, ticket.is_answered, ticket.preview) == ("open", True, "On its way")
    assert (message.kind, message.user) == ("outbound", ingrid)
    assert _verbs(ticket) == ["ticket.opened", "message.received", "message.sent"]


def test_an_answer_on_another_channel_leaves_the_customers_channel_as_it_was():
    ticket = make.make_ticket(channel="chat", text="Hello")

    add_outbound(ticket, by=make.make_user(), channel="email", text="As promised, by mail")

    ticket.refresh_from_db()
    assert ticket.channel == "chat"


def test_a_note_is_not_a_word_to_the_customer():
    ticket, ingrid = make.make_ticket(text="Where is it?"), make.make_user("Ingrid")

    note(ticket, by=ingrid, text="Lost in Oslo")

    ticket.refresh_from_db()
    assert (ticket.preview, ticket.message_count, ticket.status) == ("Where is it?", 1, "new")
    assert (ticket.revision, _verbs(ticket)[-1]) == (3, "message.noted")


def test_attachments_are_stored_with_their_size():
    ticket = make.make_ticket()
    photo = {"filename": "p.png", "content_type": "image/png", "content": b"12345"}

    message = add_inbound(ticket, customer=ticket.customer, channel="email", text="See", attachments=[photo])

    attachment = message.attachments.get()
    assert (attachment.filename, attachment.size, bytes(attachment.content)) == ("p.png", 5, b"12345")


def test_a_message_without_words_shows_its_subject():
    ticket = make.make_ticket()

    make.make_message(ticket, text=" \n", subject="Photos")

    ticket.refresh_from_db()
    assert ticket.preview == "Photos"


def test_a_preview_is_one_line_of_at_most_160_characters():
    assert preview_of("a\n\n b\t" + "c" * 300) == "a b " + "c" * 156


@pytest.mark.django_db(transaction=True)
def test_messages_at_once_are_all_counted_and_all_raise_the_revision():
    ticket = make.make_ticket()

    def say():
        mine = Ticket.objects.get(pk=ticket.pk)
        return add_inbound(mine, customer=ticket.customer, channel="email", text="Hello")

    outcomes = at_once(*[say] * 4)

    ticket.refresh_from_db()
    assert [type(outcome) for outcome in outcomes] == [Message] * 4
    assert (ticket.message_count, ticket.revision) == (4, 5)


def test_a_word_a_million_characters_long_is_kept_whole():
    ticket = make.make_ticket()

    message = make.make_message(ticket, text="word " * 200_000)

    assert len(Message.objects.get(pk=message.pk).text) == 1_000_000
