from datetime import timedelta

import pytest
from django.utils import timezone

from customers.models import Event
from helpdesk.narration import sentence
from routing.handover import transfer
from routing.models import Agent, Interaction
from routing.offers import accept
from routing.presence import (
    GRACE_SECONDS,
    PresenceRefused,
    seen_alive,
    send_offline,
    set_presence,
    silent_agents,
)
from tests import factories as make
from tests.races import at_once
from tests.routing.floor import now, ringing, route, talking, waiting, wrapping_up

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sound")]


def _silent(agent):
    Agent.objects.filter(pk=agent.pk).update(last_seen=timezone.now() - timedelta(seconds=GRACE_SECONDS + 1))
    return agent


def test_presence_says_since_when_and_why():
    agent = make.make_agent(presence="available")

    set_presence(agent, "break", by=agent.user, reason="Lunch")

    fresh = now(agent)
    assert (fresh.presence, fresh.reason, fresh.revision) == ("break", "Lunch", 2)
    assert (timezone.now() - fresh.presence_since).total_seconds() < 5
    event = Event.objects.get(verb="agent.presence")
    assert (event.user, event.facts) == (agent.user, {"presence": "break", "reason": "Lunch"})


def test_a_word_that_is_no_presence_is_refused():
    with pytest.raises(PresenceRefused, match="“asleep” is no presence; choose one of offline, available"):
        set_presence(make.make_agent(), "asleep", by="system")


def test_saying_what_is_so_already_changes_nothing():
    agent = make.make_agent(presence="available")
    since, idle = agent.presence_since, agent.idle_since

    set_presence(agent, "available", by=agent.user)

    assert (now(agent).presence_since, now(agent).idle_since) == (since, idle)
    assert Event.objects.filter(verb="agent.presence").count() == 0


def test_coming_back_forgets_misses_and_starts_idle_time_anew():
    agent = make.make_agent(presence="away", misses=1, idle_since=timezone.now() - timedelta(hours=1))

    set_presence(agent, "available", by=agent.user)

    assert now(agent).misses == 0
    assert (timezone.now() - now(agent).idle_since).total_seconds() < 5


def test_signing_in_is_a_sign_of_life():
    agent = make.make_agent(presence="offline", last_seen=None)

    set_presence(agent, "available", by=agent.user)

    assert list(silent_agents()) == []


@pytest.mark.parametrize("presence", ["busy", "break", "away", "offline"])
def test_only_who_is_available_is_rung(presence):
    agent = make.make_agent(presence="available")
    set_presence(agent, presence, by=agent.user)
    waiting()

    assert route() == []


def test_an_agent_on_a_break_may_still_accept_what_rings():
    offer = ringing()
    set_presence(offer.agent, "break", by=offer.agent.user)

    assert accept(now(offer), by=now(offer.agent)).status == "active"


def test_going_offline_returns_what_rings():
    offer = ringing()

    set_presence(offer.agent, "offline", by=offer.agent.user)

    assert (now(offer).outcome, now(offer.interaction).status) == ("withdrawn", "waiting")
    agent = now(offer.agent)
    assert (agent.presence, agent.used) == ("offline", 0)
    assert offer.agent.revision == agent.revision


def test_going_offline_frees_what_was_kept_for_them():
    interaction, bo = talking(make.make_agent("Ada")), make.make_agent("Bo")
    transfer(interaction, by=interaction.agent.user, agent=bo)

    set_presence(bo, "offline", by=bo.user)

    assert now(interaction).reserved_for is None


@pytest.mark.parametrize("channel", ["chat", "voice"])
def test_going_offline_gives_chats_and_calls_back_to_the_line(channel):
    interaction = talking(make.make_agent("Ada"), channel=channel)
    ada = interaction.agent

    set_presence(ada, "offline", by=ada.user)

    left = now(interaction)
    assert (left.status, left.agent, left.last_agent, now(ada).used) == ("waiting", None, ada, 0)
    event = Event.objects.get(verb="interaction.returned")
    assert sentence(event) == "Ada went offline: the customer waits in line for another"


def test_mails_stay_with_an_agent_who_goes_offline():
    mail = talking(channel="email")

    set_presence(mail.agent, "offline", by=mail.agent.user)

    assert (now(mail).status, now(mail.agent).used) == ("active", 10)


@pytest.mark.parametrize("presence", ["busy", "break", "away"])
def test_who_only_wants_no_more_finishes_what_they_have(presence):
    interaction = talking()

    set_presence(interaction.agent, presence, by=interaction.agent.user)

    assert now(interaction).status == "active"


def test_who_was_left_alone_stands_in_line_with_the_wait_they_had():
    interaction = talking()
    agent, minute = interaction.agent, timedelta(minutes=1)
    accepted = timezone.now() - 30 * minute
    Interaction.objects.update(waiting_since=accepted - minute, accepted_at=accepted)
    _silent(agent)

    [send_offline(silent) for silent in silent_agents()]

    assert now(interaction).waiting_since == now(agent).last_seen - minute


def test_who_comes_back_first_is_rung_first_for_whom_they_left():
    ada = make.make_agent("Ada")
    interaction = talking(ada)
    set_presence(ada, "offline", by=ada.user)
    for agent in (make.make_agent("Bo"), ada, make.make_agent("Cy")):
        set_presence(agent, "available", by=agent.user)

    assert [(offer.interaction, offer.agent) for offer in route()] == [(interaction, ada)]


def test_wrap_up_of_who_has_gone_ends_by_its_time():
    interaction = wrapping_up()

    set_presence(interaction.agent, "offline", by=interaction.agent.user)

    assert now(interaction).status == "wrap_up"


def test_a_silent_agent_goes_offline_and_their_offer_returns():
    offer = ringing()
    _silent(offer.agent)

    assert [send_offline(agent) for agent in silent_agents()] == [True]

    assert (now(offer.agent).presence, now(offer.agent).reason) == ("offline", "connection lost")
    assert now(offer.interaction).status == "waiting"


def test_an_agent_who_never_gave_a_sign_of_life_is_silent():
    agent = make.make_agent(last_seen=None)

    assert list(silent_agents()) == [agent]


def test_who_gives_a_sign_of_life_stays():
    agent = _silent(make.make_agent())
    seen_alive([agent.pk])

    assert (list(silent_agents()), now(agent).presence) == ([], "available")


def test_a_sign_of_life_between_look_and_lock_counts():
    agent = _silent(make.make_agent())
    stale = now(agent)
    seen_alive([agent.pk])

    assert send_offline(stale) is False
    assert now(agent).presence == "available"


@pytest.mark.django_db(transaction=True)
def test_an_agent_who_leaves_as_it_begins_to_ring_leaves_no_ringing_desk():
    for _ in range(5):
        agent = make.make_agent()
        interaction = waiting()

        at_once(route, lambda agent=agent: set_presence(now(agent), "offline", by=agent.user))

        assert (now(interaction).status, now(agent).used) == ("waiting", 0)
        interaction.delete()
