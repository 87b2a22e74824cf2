"""The agents' socket: who may open it, what it follows, what it says and what it never says."""

import asyncio

import pytest
from channels.layers import get_channel_layer
from channels.sessions import SessionMiddlewareStack
from django.contrib.sessions.models import Session

from config.asgi import application
from helpdesk import frames
from helpdesk.frames import in_database
from helpdesk.models import User
from helpdesk.stream import AgentSocket
from routing.models import Agent
from tests import factories as make
from tests.helpdesk.sockets import agent_socket, cookie_of, run
from tickets.lifecycle import change
from tickets.models import Queue, Ticket

pytestmark = pytest.mark.django_db(transaction=True)

quick = SessionMiddlewareStack(AgentSocket.as_asgi(beat_seconds=0.2))
aside = in_database


async def greet(socket, **follow):
    await socket.say(t="hello", v=1, follow={topic.replace("_", ":"): revision for topic, revision in follow.items()})
    return await socket.hear("welcome")


def test_who_is_not_signed_in_is_told_to_sign_in():
    async def scenario():
        async with agent_socket() as socket:
            return await socket.closing_code()

    assert run(scenario) == 4401


def test_who_has_no_role_is_told_that_access_is_missing():
    cookie = cookie_of(make.make_user(role=""))

    async def scenario():
        async with agent_socket(cookie) as socket:
            return await socket.closing_code()

    assert run(scenario) == 4403


def test_a_page_of_another_site_cannot_open_the_socket():
    cookie = cookie_of(make.make_user())

    async def scenario():
        async with agent_socket(cookie, origin="https://evil.example") as socket:
            return socket.is_open

    assert run(scenario) is False


def test_the_welcome_carries_the_revisions_of_what_is_followed():
    agent = make.make_agent()
    ticket = make.make_ticket()
    cookie = cookie_of(agent.user)

    async def scenario():
        async with agent_socket(cookie) as socket:
            await socket.say(t="hello", v=1, follow={"me": None, f"ticket:{ticket.pk}": None, "lists": None})
            return await socket.hear("welcome")

    expected = {"me": agent.revision, f"ticket:{ticket.pk}": ticket.revision, "lists": None}
    assert run(scenario)["revs"] == expected


def test_a_change_of_a_followed_ticket_is_hinted_with_its_revision_and_nothing_else():
    user = make.make_user()
    ticket = make.make_ticket()
    cookie = cookie_of(user)

    async def scenario():
        async with agent_socket(cookie) as socket:
            await greet(socket, **{f"ticket_{ticket.pk}": ticket.revision})
            await aside(change)(ticket, by=user, subject="Secret words")
            return await socket.hear("hint")

    revision = ticket.revision + 1
    assert run(scenario) == {"t": "hint", "topic": f"ticket:{ticket.pk}", "rev": revision, "what": "ticket.changed"}


def test_a_client_that_comes_back_with_an_old_revision_is_hinted_at_once():
    ticket = make.make_ticket()
    cookie = cookie_of(make.make_user())

    async def scenario():
        async with agent_socket(cookie) as socket:
            await greet(socket, **{f"ticket_{ticket.pk}": ticket.revision - 1})
            return await socket.hear("hint")

    assert run(scenario)["rev"] == ticket.revision


def test_the_beat_shows_a_revision_whose_hint_was_lost():
    ticket = make.make_ticket()
    cookie = cookie_of(make.make_user())

    async def scenario():
        async with agent_socket(cookie, app=quick) as socket:
            await greet(socket, **{f"ticket_{ticket.pk}": ticket.revision})
            await aside(Ticket.objects.filter(pk=ticket.pk).update)(revision=99)
            return await socket.hear("beat")

    assert run(scenario)["revs"] == {f"ticket:{ticket.pk}": 99}


def test_a_ticket_of_a_private_queue_cannot_be_followed_by_a_stranger():
    ticket = make.make_ticket(queue=make.make_queue(is_private=True))
    cookie = cookie_of(make.make_user())

    async def scenario():
        async with agent_socket(cookie) as socket:
            await socket.say(t="hello", v=1, follow={f"ticket:{ticket.pk}": None})
            refusal = await socket.hear("error")
            return refusal["code"], refusal["topic"], (await socket.hear("welcome"))["revs"]

    assert run(scenario) == ("forbidden_topic", f"ticket:{ticket.pk}", {})


def test_the_floor_cannot_be_followed_by_an_agent():
    cookie = cookie_of(make.make_user())

    async def scenario():
        async with agent_socket(cookie) as socket:
            await socket.say(t="hello", v=1, follow={"floor": None})
            return (await socket.hear("error"))["topic"]

    assert run(scenario) == "floor"


def test_access_that_is_lost_while_following_ends_the_following_at_the_next_beat():
    ticket = make.make_ticket()
    cookie = cookie_of(make.make_user())

    async def scenario():
        async with agent_socket(cookie, app=quick) as socket:
            await greet(socket, **{f"ticket_{ticket.pk}": ticket.revision})
            await aside(Queue.objects.filter(pk=ticket.queue_id).update)(is_private=True)
            refusal = await socket.hear("error")
            return refusal["topic"], (await socket.hear("beat"))["revs"]

    assert run(scenario) == (f"ticket:{ticket.pk}", {})


def test_who_signs_out_is_closed_at_the_next_beat():
    cookie = cookie_of(make.make_user())

    async def scenario():
        async with agent_socket(cookie, app=quick) as socket:
            await greet(socket)
            await aside(Session.objects.all().delete)()
            return await socket.closing_code()

    assert run(scenario) == 4401


def test_who_loses_their_role_is_closed_at_the_next_beat():
    user = make.make_user()
    cookie = cookie_of(user)

    async def scenario():
        async with agent_socket(cookie, app=quick) as socket:
            await greet(socket)
            await aside(User.objects.filter(pk=user.pk).update)(role="")
            return await socket.closing_code()

    assert run(scenario) == 4403


def test_the_socket_is_the_agents_sign_of_life():
    agent = make.make_agent(last_seen=None)
    cookie = cookie_of(agent.user)

    async def scenario():
        async with agent_socket(cookie, app=quick) as socket:
            await greet(socket, me=None)
            greeted = await aside(_last_seen)(agent)
            await socket.hear("beat")
            return greeted, await aside(_last_seen)(agent)

    greeted, beaten = run(scenario)
    assert greeted < beaten


def test_lists_are_dirty_at_most_once_a_second_however_much_happens():
    user = make.make_user()
    ticket = make.make_ticket()
    cookie = cookie_of(user)

    async def scenario():
        async with agent_socket(cookie) as socket:
            await greet(socket, lists=None)
            await aside(change)(ticket, by=user, subject="Change")
            hints = [await socket.hear("hint")]
            for number in range(10):
                await aside(change)(ticket, by=user, subject=f"Change {number}")
            hints.append(await socket.hear("hint"))
            return hints, await socket.is_silent(seconds=1.5)

    hint = {"t": "hint", "topic": "lists", "rev": None, "what": "changed"}
    assert run(scenario) == ([hint, hint], True)


def test_lists_of_queues_one_may_not_see_stay_quiet():
    ticket = make.make_ticket(queue=make.make_queue(is_private=True))
    supervisor = make.make_supervisor()
    cookie = cookie_of(make.make_user())

    async def scenario():
        async with agent_socket(cookie) as socket:
            await greet(socket, lists=None)
            await aside(change)(ticket, by=supervisor, subject="Not for you")
            return await socket.is_silent()

    assert run(scenario) is True


def test_the_floor_is_dirty_when_an_agent_changes_presence():
    agent = make.make_agent()
    cookie = cookie_of(make.make_supervisor())

    async def scenario():
        async with agent_socket(cookie) as socket:
            await greet(socket, floor=None)
            await get_channel_layer().group_send(f"agent.{agent.pk}", _hint(f"agent:{agent.pk}"))
            return (await socket.hear("hint"))["topic"]

    assert run(scenario) == "floor"


def test_what_is_unfollowed_is_hinted_no_more():
    user = make.make_user()
    ticket = make.make_ticket()
    cookie = cookie_of(user)

    async def scenario():
        async with agent_socket(cookie) as socket:
            await greet(socket, **{f"ticket_{ticket.pk}": ticket.revision})
            await socket.say(t="unfollow", topics=[f"ticket:{ticket.pk}"])
            await socket.say(t="nothing")
            await socket.hear("error")
            await aside(change)(ticket, by=user, subject="New")
            return await socket.is_silent()

    assert run(scenario) is True


def test_typing_reaches_the_others_on_the_ticket_but_not_oneself():
    ticket = make.make_ticket()
    ada, bo = make.make_user("Ada Lovelace"), make.make_user("Bo")
    ada_cookie, bo_cookie = cookie_of(ada), cookie_of(bo)
    topic = f"ticket:{ticket.pk}"

    async def scenario():
        async with agent_socket(ada_cookie) as ours, agent_socket(bo_cookie) as others:
            await greet(ours, **{f"ticket_{ticket.pk}": None})
            await greet(others, **{f"ticket_{ticket.pk}": None})
            await ours.say(t="signal", type="typing", topic=topic, data={"kind": "note", "text": "leak"})
            return await others.hear("signal"), await ours.is_silent()

    by = {"id": ada.pk, "name": "Ada Lovelace", "initials": "AL"}
    signal = {"t": "signal", "type": "typing", "topic": topic, "by": by, "data": {"kind": "note"}}
    assert run(scenario) == (signal, True)


def test_a_signal_to_a_ticket_one_does_not_follow_is_refused():
    ticket = make.make_ticket()
    cookie = cookie_of(make.make_user())

    async def scenario():
        async with agent_socket(cookie) as socket:
            await greet(socket)
            await socket.say(t="signal", type="typing", topic=f"ticket:{ticket.pk}", data={})
            return (await socket.hear("error"))["code"]

    assert run(scenario) == "forbidden_topic"


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ("no json", "bad_frame"),
        ("[1, 2]", "bad_frame"),
        ('{"t": 7}', "bad_frame"),
        ('{"t": "dance"}', "unknown_frame"),
        ('{"t": "hello", "v": 1}', "bad_frame"),
        ('{"t": "follow", "topics": ["me"]}', "bad_frame"),
        ('{"t": "follow", "topics": {"ticket:1; drop": 1}}', "unknown_topic"),
        ('{"t": "follow", "topics": {"agent:1": 1}}', "unknown_topic"),
        ('{"t": "follow", "topics": {"me": "1"}}', "bad_frame"),
        ('{"t": "unfollow", "topics": {"me": 1}}', "bad_frame"),
        ('{"t": "unfollow", "topics": [[]]}', "bad_frame"),
        ('{"t": "signal", "type": "shout", "topic": "me", "data": {}}', "bad_frame"),
        ('{"t": "signal", "type": "typing", "topic": ["me"], "data": {}}', "forbidden_topic"),
        ("[" * 9000, "bad_frame"),
        ('"' + "x" * 30_000 + '"', "bad_frame"),
    ],
)
def test_a_bad_frame_is_answered_in_words_and_the_socket_lives_on(frame, code):
    cookie = cookie_of(make.make_user())

    async def scenario():
        async with agent_socket(cookie) as socket:
            await greet(socket)
            await socket.write(frame)
            refused = (await socket.hear("error"))["code"]
            await socket.say(t="dance")
            return refused, (await socket.hear("error"))["code"]

    assert run(scenario) == (code, "unknown_frame")


def test_the_first_frame_must_be_hello():
    cookie = cookie_of(make.make_user())

    async def scenario():
        async with agent_socket(cookie) as socket:
            await socket.say(t="follow", topics={"me": 1})
            return (await socket.hear("error"))["code"]

    assert run(scenario) == "hello_first"


def test_a_client_of_another_build_is_told_to_load_the_new_one():
    cookie = cookie_of(make.make_user())

    async def scenario():
        async with agent_socket(cookie) as socket:
            await socket.say(t="hello", v=1, build="yesterday", follow={})
            return await socket.closing_code()

    assert run(scenario) == 4426


def test_a_client_that_floods_is_slowed_down_and_then_closed():
    cookie = cookie_of(make.make_user())

    async def scenario():
        async with agent_socket(cookie) as socket:
            await greet(socket)
            for _ in range(400):
                await socket.say(t="unfollow", topics=[])
            slowed = (await socket.hear("error"))["code"]
            return slowed, await socket.closing_code()

    assert run(scenario) == ("slow_down", 4408)


def test_a_client_that_does_not_read_is_closed(monkeypatch):
    monkeypatch.setattr(frames, "SEND_SECONDS", 0.2)
    user, ticket = make.make_user(), make.make_ticket()
    cookie = cookie_of(user)

    async def scenario():
        async with agent_socket(cookie, app=_stuck_at_hints) as socket:
            await greet(socket, **{f"ticket_{ticket.pk}": ticket.revision})
            await aside(change)(ticket, by=user, subject="New")
            return await socket.closing_code()

    assert run(scenario) == 4408


def test_a_closed_socket_leaves_nothing_behind():
    ticket = make.make_ticket()
    cookie = cookie_of(make.make_agent().user)

    async def scenario():
        async with agent_socket(cookie) as socket:
            await greet(socket, me=None, lists=None, **{f"ticket_{ticket.pk}": None})
        await asyncio.sleep(0.1)
        layer = get_channel_layer()
        return layer.channels, layer.groups

    assert run(scenario) == ({}, {})


async def _stuck_at_hints(scope, receive, send):
    """The application behind a line on which hints do not get through."""

    async def write(message):
        if '"hint"' in message.get("text", ""):
            await asyncio.Event().wait()
        await send(message)

    await application(scope, receive, write)


def _last_seen(agent):
    return Agent.objects.get(pk=agent.pk).last_seen


def _hint(topic):
    return {"type": "hint", "topic": topic, "rev": 2, "what": "agent.presence"}


def test_half_a_surrogate_pair_in_a_frame_costs_nobody_their_socket():
    cookie = cookie_of(make.make_user())

    async def scenario():
        async with agent_socket(cookie) as socket:
            await greet(socket)
            await socket.write('{"t":"\\ud800"}')
            return await socket.hear("error")

    assert run(scenario)["detail"] == "There is no frame “?” here."
