from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from customers.identify import Nameless
from customers.models import Customer, Event
from helpdesk.intake import Inbound, receive
from routing.models import Interaction
from tests import factories as make
from tests.races import at_once
from tickets.models import Message, Ticket

pytestmark = pytest.mark.django_db


def _mail(mailbox, **said):
    said = {
        "sender": "ada@example.test",
        "sender_name": "Ada",
        "external_id": "1@example.test",
        "digest": "d1",
        "subject": "Parcel",
        "text": "Where is it?",
        **said,
    }
    return Inbound(channel="email", entry_point=mailbox, **said)


def _chat(widget, **said):
    return Inbound(channel="chat", entry_point=widget, **{"sender": "v_1", "text": "Hi", **said})


def test_a_first_mail_becomes_customer_ticket_message_and_interaction():
    mailbox = make.make_mailbox()

    receipt = receive(_mail(mailbox, language="en", mail_id="1@example.test", copied=("bo@example.test",)))

    assert receipt.outcome == "created"
    ticket, message = receipt.ticket, receipt.message
    assert (ticket.queue, ticket.subject, ticket.status, ticket.language) == (mailbox.queue, "Parcel", "new", "en")
    assert (str(ticket.customer), message.text, message.sender) == ("Ada", "Where is it?", "ada@example.test")
    assert (message.mail_id, message.copied) == ("1@example.test", ["bo@example.test"])
    assert (receipt.interaction.status, receipt.interaction.ticket) == ("waiting", ticket)


def test_every_step_of_the_way_in_is_an_event():
    receipt = receive(_mail(make.make_mailbox()))

    assert list(Event.objects.order_by("id").values_list("verb", "actor", "customer")) == [
        (verb, "customer", receipt.ticket.customer_id)
        for verb in ("customer.created", "ticket.opened", "message.received", "interaction.enqueued")
    ]


def test_a_mail_of_a_known_thread_goes_on_its_ticket():
    mailbox = make.make_mailbox()
    first = receive(_mail(mailbox))

    answer = receive(_mail(mailbox, external_id="2@example.test", ticket=first.ticket))

    assert (answer.outcome, answer.ticket, answer.interaction) == ("appended", first.ticket, first.interaction)
    assert Ticket.objects.get().message_count == 2


def test_the_same_mail_again_is_a_duplicate():
    mailbox = make.make_mailbox()
    first = receive(_mail(mailbox))

    again = receive(_mail(mailbox))

    assert (again.outcome, again.ticket, again.message) == ("duplicate", first.ticket, first.message)
    assert (Message.objects.count(), Event.objects.filter(verb="message.received").count()) == (1, 1)


def test_the_same_id_with_another_content_is_another_mail():
    mailbox = make.make_mailbox()
    receive(_mail(mailbox))

    assert receive(_mail(mailbox, digest="d2")).outcome == "created"


def test_without_an_id_everything_is_new():
    mailbox = make.make_mailbox()

    outcomes = [receive(_mail(mailbox, external_id="", digest="")).outcome for _ in range(2)]

    assert outcomes == ["created", "created"]


@pytest.mark.parametrize("quiet", [{"is_automatic": True}, {"is_stranger": True}])
def test_machines_and_strangers_are_kept_but_ring_nowhere(quiet):
    receipt = receive(_mail(make.make_mailbox(), **quiet))

    assert (receipt.outcome, receipt.interaction) == ("created", None)
    assert Interaction.objects.count() == 0


def test_a_machines_language_is_not_the_customers():
    receive(_mail(make.make_mailbox(), is_automatic=True, language="de"))

    assert Customer.objects.get().language == ""


def test_a_visitor_goes_on_with_the_ticket_of_the_same_visit():
    widget = make.make_widget()
    first = receive(_chat(widget))

    assert receive(_chat(widget, text="Still there?")).ticket == first.ticket


def test_a_visitor_who_comes_back_after_a_day_begins_a_new_ticket():
    widget = make.make_widget()
    first = receive(_chat(widget))
    Ticket.objects.update(last_message_at=timezone.now() - timedelta(hours=25))

    assert receive(_chat(widget)).ticket != first.ticket


def test_a_chats_ticket_is_called_by_its_first_words():
    assert receive(_chat(make.make_widget(), text="My zipper\nbroke")).ticket.subject == "My zipper broke"


def test_a_customer_is_served_in_their_own_language_when_none_is_seen():
    make.make_skill("lang.pl")
    make.make_customer("Beata", email="beata@example.test", language="pl")

    receipt = receive(_mail(make.make_mailbox(), sender="beata@example.test"))

    assert (receipt.ticket.language, receipt.interaction.needs) == ("pl", {"lang.pl": 3})


@pytest.mark.django_db(transaction=True)
def test_nobody_at_all_is_refused_and_leaves_nothing():
    with pytest.raises(Nameless):
        receive(_mail(make.make_mailbox(), sender=" "))

    assert (Ticket.objects.count(), Message.objects.count()) == (0, 0)


def test_what_postgresql_cannot_store_is_left_out():
    photo = {"filename": "p\0.png", "content_type": "image/png", "content": b"\0\1"}

    message = receive(
        _mail(make.make_mailbox(), text="a\0b \ud800 c", subject="s" * 400, sender_name="x\0y", attachments=(photo,))
    ).message

    message.refresh_from_db()
    assert (message.text, len(message.subject), str(message.customer)) == ("ab ? c", 300, "xy")
    assert (message.attachments.get().filename, bytes(message.attachments.get().content)) == ("p.png", b"\0\1")


@pytest.mark.django_db(transaction=True)
def test_a_failure_on_the_way_leaves_nothing_half_done():
    broken = {"filename": "x", "content_type": "y", "content": b"z", "nonsense": 1}

    with pytest.raises(TypeError):
        receive(_mail(make.make_mailbox(), attachments=(broken,)))

    assert (Customer.objects.count(), Ticket.objects.count(), Event.objects.count()) == (0, 0, 0)


@pytest.mark.django_db(transaction=True)
def test_the_same_mail_five_times_at_once_is_one_message():
    mailbox = make.make_mailbox()

    outcomes = at_once(*[lambda: receive(_mail(mailbox))] * 5)

    assert sorted(receipt.outcome for receipt in outcomes) == ["created"] + ["duplicate"] * 4
    assert {receipt.message.pk for receipt in outcomes} == {Message.objects.get().pk}
    assert (Customer.objects.count(), Ticket.objects.count(), Interaction.objects.count()) == (1, 1, 1)


@pytest.mark.django_db(transaction=True)
def test_the_same_chat_message_at_once_on_a_known_ticket_is_one_message():
    widget = make.make_widget()
    receive(_chat(widget))

    outcomes = at_once(*[lambda: receive(_chat(widget, text="Hello?", external_id="c_2"))] * 4)

    assert sorted(receipt.outcome for receipt in outcomes) == ["appended"] + ["duplicate"] * 3
    assert (Ticket.objects.get().message_count, Interaction.objects.count()) == (2, 1)


@pytest.mark.django_db(transaction=True)
def test_other_mails_of_one_customer_at_once_are_all_taken_in():
    mailbox = make.make_mailbox()

    outcomes = at_once(*[lambda n=n: receive(_mail(mailbox, external_id=f"{n}@x")) for n in range(5)])

    assert [receipt.outcome for receipt in outcomes] == ["created"] * 5
    assert (Customer.objects.count(), Ticket.objects.count()) == (1, 5)


@pytest.mark.django_db(transaction=True)
def test_a_visitors_first_two_messages_at_once_are_one_ticket():
    widget = make.make_widget()

    outcomes = at_once(*[lambda n=n: receive(_chat(widget, external_id=f"c_{n}")) for n in range(4)])

    assert sorted(receipt.outcome for receipt in outcomes) == ["appended"] * 3 + ["created"]
    assert (Ticket.objects.get().message_count, Interaction.objects.count()) == (4, 1)


@pytest.mark.django_db(transaction=True)
def test_a_known_visitors_messages_at_once_are_one_ticket():
    widget = make.make_widget()
    make.make_customer(email="", chat="v_1")

    at_once(*[lambda n=n: receive(_chat(widget, external_id=f"c_{n}")) for n in range(4)])

    assert Ticket.objects.get().message_count == 4


@pytest.mark.django_db(transaction=True)
def test_taking_in_takes_few_queries():
    mailbox = make.make_mailbox(queue=make.make_queue(needs={"billing": 1}))
    with CaptureQueriesContext(connection) as first:
        ticket = receive(_mail(mailbox, language="en")).ticket
    with CaptureQueriesContext(connection) as second:
        receive(_mail(mailbox, language="en", external_id="2@x", ticket=ticket))

    assert (len(first), len(second)) == (14, 10)
