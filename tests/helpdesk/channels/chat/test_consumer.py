"""The visitor's socket: what is said arrives once, what is answered is shown, and nothing else ever is."""

from datetime import timedelta

import pytest
from django.utils import timezone

from customers.models import Customer
from helpdesk.channels.chat.consumer import VisitorSocket
from helpdesk.channels.chat.visitors import Visitor, arrive, token_of
from helpdesk.channels.chat.visits import withdraw_left
from helpdesk.frames import in_database
from helpdesk.models import ChatVisit
from helpdesk.replies import add_note, reply
from routing.interactions import end
from routing.models import Interaction
from routing.offers import accept
from tests import factories as make
from tests.helpdesk.sockets import agent_socket, cookie_of, run, visitor_socket
from tickets.models import Message, Ticket

pytestmark = pytest.mark.django_db(transaction=True)

quick = VisitorSocket.as_asgi(beat_seconds=0.2)


@pytest.fixture
def widget():
    return make.make_widget()


@pytest.fixture
def marta(widget) -> Visitor:
    return arrive(widget, name="Marta Kowalczyk", language="en")


async def enter(socket, visitor):
    await socket.say(t="hello", token=token_of(visitor))
    return await socket.hear("welcome")


async def write(socket, text, *, client_id="c_1"):
    await socket.say(t="message", id=client_id, text=text)
    return (await socket.hear("ack"))["message"]


def answered_by(agent, text="Hi Marta", *, note=""):
    """The agent accepts the only chat there is and answers it."""
    interaction = Interaction.objects.get()
    accept(make.make_offer(interaction, agent=agent), by=agent)
    if note:
        add_note(interaction.ticket, by=agent.user, text=note)
    return reply(interaction.ticket, by=agent.user, text=text)


def test_a_message_is_on_a_ticket_when_it_is_acknowledged(marta):
    async def scenario():
        async with visitor_socket() as socket:
            await enter(socket, marta)
            return await write(socket, "Where is my tent?")

    message = Message.objects.get(pk=run(scenario)["id"])
    assert (message.text, message.customer.name) == ("Where is my tent?", "Marta Kowalczyk")


def test_a_message_sent_again_with_the_same_id_is_the_same_message(marta):
    async def scenario():
        async with visitor_socket() as socket:
            await enter(socket, marta)
            return await write(socket, "Hello"), await write(socket, "Hello")

    first, second = run(scenario)
    assert (first, Message.objects.count()) == (second, 1)


def test_two_visitors_with_the_same_message_id_are_two_messages(widget, marta):
    other = arrive(widget, name="Ola")

    async def scenario():
        async with visitor_socket() as ours, visitor_socket() as theirs:
            await enter(ours, marta)
            await enter(theirs, other)
            return await write(ours, "Mine"), await write(theirs, "Theirs")

    assert [row["text"] for row in run(scenario)] == ["Mine", "Theirs"]


def test_the_visitor_is_told_their_place_in_line(widget, marta):
    make.make_interaction(make.make_ticket(queue=widget.queue, channel="chat", text="First"))

    async def scenario():
        async with visitor_socket() as socket:
            await enter(socket, marta)
            await write(socket, "Hello")
            return await socket.hear("place")

    assert run(scenario) == {"t": "place", "position": 2, "expected_wait": None}


def test_the_answer_of_an_agent_appears_at_once_with_a_first_name_only(marta):
    agent = make.make_agent("Ingrid Solberg")

    async def scenario():
        async with visitor_socket() as socket:
            await enter(socket, marta)
            await write(socket, "Hello")
            await in_database(answered_by)(agent)
            return await socket.hear("message"), await socket.hear("agent")

    message, joined = run(scenario)
    assert joined == {"t": "agent", "name": "Ingrid", "initials": "IS"}
    assert (message["message"]["text"], message["message"]["author"]) == ("Hi Marta", "Ingrid")


def test_an_internal_note_is_never_shown_to_the_visitor(marta):
    agent = make.make_agent()

    async def scenario():
        async with visitor_socket() as socket:
            await enter(socket, marta)
            await write(socket, "Hello")
            await in_database(answered_by)(agent, note="A difficult one")
            await socket.hear("message")
        async with visitor_socket() as again:
            return await enter(again, marta)

    assert [message["text"] for message in run(scenario)["messages"]] == ["Hello", "Hi Marta"]


def test_what_was_said_before_a_reload_is_there_after_it(marta):
    async def scenario():
        async with visitor_socket() as socket:
            await enter(socket, marta)
            await write(socket, "Hello")
        async with visitor_socket() as again:
            return await enter(again, marta)

    welcome = run(scenario)
    assert [message["client_id"] for message in welcome["messages"]] == ["c_1"]
    assert welcome["state"]["stage"] == "waiting"


def test_the_beat_shows_an_answer_whose_hint_was_lost(marta):
    agent = make.make_agent()

    async def scenario():
        async with visitor_socket(app=quick) as socket:
            await enter(socket, marta)
            await write(socket, "Hello")
            message = await in_database(answered_by)(agent)
            copy = await in_database(_quietly_said)(message, marta)
            while (await socket.hear("message"))["message"]["id"] != copy.pk:
                pass

    run(scenario)


def test_typing_of_the_visitor_reaches_the_agent_who_looks_at_the_ticket(marta):
    cookie = cookie_of(make.make_agent().user)

    async def scenario():
        async with visitor_socket() as socket, agent_socket(cookie) as desk:
            await enter(socket, marta)
            await write(socket, "Hello")
            await socket.hear("place")
            ticket = await in_database(Ticket.objects.get)()
            await desk.say(t="hello", v=1, follow={f"ticket:{ticket.pk}": None})
            await desk.hear("welcome")
            await socket.say(t="typing")
            return await desk.hear("signal")

    signal = run(scenario)
    assert (signal["type"], signal["by"]) == ("typing", {"customer": True})


@pytest.mark.parametrize(("kind", "is_shown"), [("reply", True), ("note", False)])
def test_typing_of_the_agent_reaches_the_visitor_unless_it_is_a_note(marta, kind, is_shown):
    agent = make.make_agent("Ingrid Solberg")
    cookie = cookie_of(agent.user)

    async def scenario():
        async with visitor_socket() as socket, agent_socket(cookie) as desk:
            await enter(socket, marta)
            await write(socket, "Hello")
            message = await in_database(answered_by)(agent)
            await socket.hear("agent")
            topic = f"ticket:{message.ticket_id}"
            await desk.say(t="hello", v=1, follow={topic: None})
            await desk.hear("welcome")
            await desk.say(t="signal", type="typing", topic=topic, data={"kind": kind})
            return await socket.is_silent() if not is_shown else await socket.hear("typing")

    assert run(scenario) == ({"t": "typing", "by": "Ingrid"} if is_shown else True)


def test_the_visitor_is_told_when_the_agent_ends_the_chat(marta):
    agent = make.make_agent()

    async def scenario():
        async with visitor_socket() as socket:
            await enter(socket, marta)
            await write(socket, "Hello")
            await in_database(answered_by)(agent)
            await in_database(_ended)(agent)
            return await socket.hear("ended")

    assert run(scenario) == {"t": "ended"}


def test_a_visitor_who_ends_while_waiting_leaves_the_line(marta):
    async def scenario():
        async with visitor_socket() as socket:
            await enter(socket, marta)
            await write(socket, "Never mind")
            await socket.say(t="end")
            await socket.hear("ended")

    run(scenario)
    assert Interaction.objects.get().end_reason == "customer"


def test_a_visitor_who_ends_a_talk_sends_the_agent_into_wrap_up(marta):
    agent = make.make_agent()

    async def scenario():
        async with visitor_socket() as socket:
            await enter(socket, marta)
            await write(socket, "Hello")
            await in_database(answered_by)(agent)
            await socket.say(t="end")
            await socket.hear("ended")

    run(scenario)
    assert Interaction.objects.get().status == "wrap_up"


def test_who_writes_again_after_the_end_waits_on_the_same_ticket(marta):
    async def scenario():
        async with visitor_socket() as socket:
            await enter(socket, marta)
            await write(socket, "Hello")
            await socket.say(t="end")
            await socket.hear("ended")
            await write(socket, "One more thing", client_id="c_2")

    run(scenario)
    assert Ticket.objects.count() == 1
    assert list(Interaction.objects.order_by("id").values_list("status", flat=True)) == ["done", "waiting"]


def test_who_was_lost_from_the_line_stands_in_it_again_when_back(marta):
    async def scenario():
        async with visitor_socket() as socket:
            await enter(socket, marta)
            await write(socket, "Hello")
        await in_database(_lost)()
        async with visitor_socket() as again:
            return (await enter(again, marta))["state"]["stage"]

    assert run(scenario) == "waiting"
    assert list(Interaction.objects.order_by("id").values_list("end_reason", flat=True)) == ["abandoned", ""]


def test_a_claimed_address_neither_finds_nor_shows_the_customer_who_has_it(widget):
    owner = make.make_customer("Real Marta", email="marta@poczta.example")
    make.make_ticket(customer=owner, text="Private matter")
    visitor = arrive(widget, name="Eve", email="marta@poczta.example")

    async def scenario():
        async with visitor_socket() as socket:
            await enter(socket, visitor)
            await write(socket, "I am Marta, what did I write?")
        async with visitor_socket() as again:
            return await enter(again, visitor)

    messages = run(scenario)["messages"]
    customer = Customer.objects.get(addresses__value=visitor.key)
    assert [message["text"] for message in messages] == ["I am Marta, what did I write?"]
    assert (customer == owner, customer.attributes) == (False, {"claimed_email": "marta@poczta.example"})


def test_a_visitor_who_was_merged_sees_nothing_of_the_customers_other_conversations(marta):
    owner = make.make_customer("Real Marta", chat="another-device")

    async def scenario():
        async with visitor_socket() as socket:
            await enter(socket, marta)
            await write(socket, "Hello")
        await in_database(_merge_into)(marta, owner)
        async with visitor_socket() as again:
            return await enter(again, marta)

    assert [message["text"] for message in run(scenario)["messages"]] == ["Hello"]


def test_a_forged_token_is_refused_in_words():
    async def scenario():
        async with visitor_socket() as socket:
            await socket.say(t="hello", token="forged")
            return (await socket.hear("error"))["detail"], await socket.closing_code()

    assert run(scenario) == ("This chat session is not valid any more; please reload the page.", 4401)


def test_a_page_that_may_not_embed_the_widget_is_refused():
    visitor = arrive(make.make_widget(origins=["https://fjell.example"]))

    async def scenario():
        async with visitor_socket(origin="https://evil.example") as socket:
            await socket.say(t="hello", token=token_of(visitor))
            return await socket.closing_code()

    assert run(scenario) == 4403


@pytest.mark.parametrize("text", ["", "   \n", None, 7, "\x00", "x" * 4001])
def test_a_message_that_is_no_message_is_refused_in_words(marta, text):
    async def scenario():
        async with visitor_socket() as socket:
            await enter(socket, marta)
            await socket.say(t="message", id="c_1", text=text)
            return await socket.hear("error")

    refusal = run(scenario)
    assert (refusal["code"], refusal["id"], Message.objects.count()) == ("message_refused", "c_1", 0)


def test_a_visitor_who_writes_too_fast_is_slowed_down_message_by_message(marta):
    async def scenario():
        async with visitor_socket() as socket:
            await enter(socket, marta)
            for number in range(30):
                await socket.say(t="message", id=f"c_{number}", text=f"Message {number}")
            return await socket.hear("error", within=10)

    refusal = run(scenario)
    assert refusal["code"] == "slow_down"
    assert Message.objects.filter(external_id=f"{marta.key}:{refusal['id']}").count() == 0


def test_the_visitors_socket_is_their_sign_of_life(marta):
    async def scenario():
        async with visitor_socket(app=quick) as socket:
            await enter(socket, marta)
            await write(socket, "Hello")
            before = await in_database(_seen_at)()
            await socket.hear("beat")
            await socket.hear("beat")
            return before, await in_database(_seen_at)()

    before, after = run(scenario)
    assert before < after


def _quietly_said(message, visitor):
    """A second answer that no hint tells of."""
    copy = Message.objects.create(
        ticket=message.ticket, kind="outbound", channel="chat", text="And this", user=message.user
    )
    make.make_delivery(copy, recipient=visitor.key)
    return copy


def _lost():
    ChatVisit.objects.update(seen_at=timezone.now() - timedelta(minutes=2))
    withdraw_left()


def _ended(agent):
    end(Interaction.objects.get(), by=agent.user)


def _merge_into(visitor, owner):
    """As an agent merges them; and somebody on another device of the same customer writes and is answered."""
    Customer.objects.filter(addresses__value=visitor.key).update(merged_into=owner)
    ticket = Ticket.objects.get()
    make.make_message(ticket, text="From the other device", sender="another-device", channel="chat")
    answer = make.make_message(ticket, kind="outbound", text="To the other device", channel="chat")
    make.make_delivery(answer, recipient="another-device")


def _seen_at():
    return ChatVisit.objects.get().seen_at
