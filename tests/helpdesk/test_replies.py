import pytest

from helpdesk.models import Delivery
from helpdesk.replies import NoWayOut, Way, add_note, reply, way_out, ways_out
from tests import factories as make
from tests.races import at_once, sorted_kinds
from tickets.models import Message

pytestmark = pytest.mark.django_db


@pytest.fixture
def ingrid():
    return make.make_user("Ingrid")


@pytest.fixture
def ada():
    return make.make_customer("Ada", email="ada@example.test", chat="v_1")


def test_a_reply_is_one_message_and_one_delivery_for_each_recipient(ingrid, ada):
    ticket = make.make_ticket(customer=ada, text="Where is it?")

    message = reply(ticket, by=ingrid, text="On its way", copied=["bo@example.test", "ada@example.test"])

    assert (message.kind, message.user, message.sender) == ("outbound", ingrid, "ada@example.test")
    assert list(Delivery.objects.order_by("id").values_list("recipient", "channel", "state", "message")) == [
        ("ada@example.test", "email", "queued", message.pk),
        ("bo@example.test", "email", "queued", message.pk),
    ]
    assert ticket.is_answered


def test_an_answer_by_chat_is_copied_to_nobody(ingrid, ada):
    ticket = make.make_ticket(customer=ada, channel="chat")

    reply(ticket, by=ingrid, text="Hello", copied=["bo@example.test"])

    assert list(Delivery.objects.values_list("recipient", "channel")) == [("v_1", "chat")]


def test_an_answer_goes_out_on_the_channel_asked_for(ingrid, ada):
    ticket = make.make_ticket(customer=ada, channel="chat")

    assert reply(ticket, by=ingrid, text="By mail", channel="email").sender == "ada@example.test"


def test_an_answer_goes_to_the_address_the_customer_last_wrote_from(ingrid, ada):
    ada.addresses.create(kind="email", value="ada@work.test")
    ticket = make.make_ticket(customer=ada)
    make.make_message(ticket, sender="ada@work.test")
    make.make_message(ticket, sender="stranger@example.test", is_stranger=True)

    assert way_out(ticket) == Way("email", "ada@work.test")


def test_the_ways_out_begin_with_the_tickets_own_channel(ada):
    chat = make.make_ticket(customer=ada, channel="chat")

    assert ways_out(chat) == [Way("chat", "v_1"), Way("email", "ada@example.test")]


def test_a_merged_customer_is_answered_at_all_the_addresses_they_are():
    ada = make.make_customer("Ada", email="ada@example.test")
    al = make.make_customer("A. L.", email="al@example.test", merged_into=ada)
    ticket = make.make_ticket(customer=al)
    make.make_message(ticket, sender="al@example.test")

    assert [way.address for way in ways_out(ticket)] == ["al@example.test", "ada@example.test"]


def test_who_has_no_address_there_cannot_be_answered(ingrid):
    ticket = make.make_ticket(customer=make.make_customer("Ada"), channel="email")

    with pytest.raises(NoWayOut, match="Ada has no chat address we can write to; add one, or choose another channel"):
        reply(ticket, by=ingrid, text="Hello", channel="chat")

    assert Message.objects.count() == 0


def test_an_empty_answer_is_refused(ingrid, ada):
    with pytest.raises(NoWayOut, match="The message is empty"):
        reply(make.make_ticket(customer=ada), by=ingrid, text=" \n")


def test_a_file_alone_is_an_answer(ingrid, ada):
    photo = {"filename": "p.png", "content_type": "image/png", "content": b"1"}

    message = reply(make.make_ticket(customer=ada), by=ingrid, text="", attachments=[photo])

    assert message.attachments.get().filename == "p.png"


def test_the_same_key_again_is_the_same_answer(ingrid, ada):
    ticket = make.make_ticket(customer=ada)

    first = reply(ticket, by=ingrid, text="On its way", key="k1")

    assert reply(ticket, by=ingrid, text="On its way", key="k1") == first
    assert Delivery.objects.count() == 1


def test_the_same_key_of_somebody_else_is_another_answer(ingrid, ada):
    ticket = make.make_ticket(customer=ada)

    first = reply(ticket, by=ingrid, text="On its way", key="k1")

    assert reply(ticket, by=make.make_user(), text="On its way", key="k1") != first


def test_a_note_goes_to_nobody_and_is_kept_once(ingrid, ada):
    ticket = make.make_ticket(customer=ada)

    first = add_note(ticket, by=ingrid, text="Lost in Oslo", key="k1")

    assert add_note(ticket, by=ingrid, text="Lost in Oslo", key="k1") == first
    assert (first.kind, Delivery.objects.count()) == ("note", 0)


def test_an_empty_note_is_refused(ingrid):
    with pytest.raises(NoWayOut, match="The note is empty"):
        add_note(make.make_ticket(), by=ingrid, text=" ")


@pytest.mark.django_db(transaction=True)
def test_the_same_answer_sent_four_times_at_once_goes_out_once(ingrid, ada):
    ticket = make.make_ticket(customer=ada)

    outcomes = at_once(*[lambda: reply(ticket, by=ingrid, text="On its way", key="k1")] * 4)

    assert sorted_kinds(outcomes) == ["Message"] * 4
    assert (Message.objects.count(), Delivery.objects.count()) == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_the_same_note_sent_four_times_at_once_is_kept_once(ingrid):
    ticket = make.make_ticket()

    outcomes = at_once(*[lambda: add_note(ticket, by=ingrid, text="Lost", key="k1")] * 4)

    assert {outcome.pk for outcome in outcomes} == {Message.objects.get().pk}
