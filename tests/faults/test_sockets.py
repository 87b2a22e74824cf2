"""What happens to open sockets when Redis goes away and comes back."""

import asyncio

import pytest
from channels.sessions import SessionMiddlewareStack

from helpdesk.channels.chat.consumer import VisitorSocket
from helpdesk.channels.chat.visitors import arrive, token_of
from helpdesk.frames import in_database
from helpdesk.stream import AgentSocket
from tests import factories as make
from tests.helpdesk.sockets import agent_socket, cookie_of, run, visitor_socket
from tickets.lifecycle import change
from tickets.models import Message, Ticket

pytestmark = [pytest.mark.fault, pytest.mark.django_db(transaction=True)]

quick_agent = SessionMiddlewareStack(AgentSocket.as_asgi(beat_seconds=0.5))
quick_visitor = VisitorSocket.as_asgi(beat_seconds=0.5)


@pytest.fixture
def redis(services):
    """The session's Redis, which is there again afterwards."""
    yield services.redis
    services.redis.start()


async def lose(redis):
    await asyncio.to_thread(redis.stop, at_once=True)


def test_a_socket_that_was_open_before_hears_hints_again_after(redis):
    user, ticket = make.make_user(), make.make_ticket()
    cookie, topic = cookie_of(user), f"ticket:{ticket.pk}"

    async def scenario():
        async with agent_socket(cookie, app=quick_agent) as socket:
            await socket.say(t="hello", v=1, follow={topic: ticket.revision, "lists": None})
            await socket.hear("welcome")
            await lose(redis)
            await asyncio.to_thread(redis.start)
            await asyncio.sleep(2.5)
            await in_database(change)(ticket, by=user, subject="After")
            return {(await socket.hear("hint", within=10))["topic"] for _ in range(2)}

    assert run(scenario) == {topic, "lists"}


def test_the_beat_goes_on_without_redis_and_shows_what_changed(redis):
    user, ticket = make.make_user(), make.make_ticket()
    cookie, topic = cookie_of(user), f"ticket:{ticket.pk}"

    async def scenario():
        async with agent_socket(cookie, app=quick_agent) as socket:
            await socket.say(t="hello", v=1, follow={topic: ticket.revision})
            await socket.hear("welcome")
            await lose(redis)
            await in_database(Ticket.objects.filter(pk=ticket.pk).update)(revision=50)
            await socket.hear("beat", within=10)
            return (await socket.hear("beat", within=10))["revs"]

    assert run(scenario) == {topic: 50}


def test_a_visitor_without_redis_is_heard_and_answered(redis):
    marta = arrive(make.make_widget())

    async def scenario():
        async with visitor_socket(app=quick_visitor) as socket:
            await socket.say(t="hello", token=token_of(marta))
            await socket.hear("welcome")
            await lose(redis)
            await socket.say(t="message", id="c_1", text="Hello")
            await socket.hear("ack", within=10)
            await in_database(_answered)(marta)
            return (await socket.hear("message", within=10))["message"]["text"]

    assert run(scenario) == "Hi"


def test_a_visitor_who_comes_while_redis_is_away_is_let_in(redis):
    marta = arrive(make.make_widget())

    async def scenario():
        await lose(redis)
        async with visitor_socket(app=quick_visitor) as socket:
            await socket.say(t="hello", token=token_of(marta))
            await socket.hear("welcome", within=10)
            await socket.say(t="message", id="c_1", text="Hello")
            return (await socket.hear("ack", within=10))["message"]["text"]

    assert run(scenario) == "Hello"


def test_an_agent_who_comes_while_redis_is_away_hears_hints_once_it_is_back(redis):
    user, ticket = make.make_user(), make.make_ticket()
    cookie, topic = cookie_of(user), f"ticket:{ticket.pk}"

    async def scenario():
        await lose(redis)
        async with agent_socket(cookie, app=quick_agent) as socket:
            await socket.say(t="hello", v=1, follow={topic: ticket.revision})
            await socket.hear("welcome", within=10)
            await asyncio.to_thread(redis.start)
            await asyncio.sleep(2.5)
            await in_database(change)(ticket, by=user, subject="After")
            return (await socket.hear("hint", within=10))["topic"]

    assert run(scenario) == topic


def _answered(visitor):
    ticket = Ticket.objects.get()
    answer = Message.objects.create(ticket=ticket, kind="outbound", channel="chat", text="Hi")
    make.make_delivery(answer, recipient=visitor.key)
