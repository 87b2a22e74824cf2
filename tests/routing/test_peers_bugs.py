"""What went wrong in other routers, tried on this one. Each test names the report it comes from."""

import pytest
from django.db.models.functions import Now
from redis import Redis

from helpdesk.staff import change_agent
from routing.dispatch import dispatch
from routing.handover import OverCapacity, take, transfer
from routing.interactions import InteractionRefused, end, resolve, withdraw, wrap_up
from routing.models import Agent, Domain, Interaction, Offer
from routing.offers import OfferGone, accept, decline, expire
from routing.presence import set_presence
from tests import factories as make
from tests.races import at_once, sorted_kinds
from tests.routing.floor import now, overdue, ringing, route, talking, waiting, wrapping_up

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("sound")]


def held():
    """(agent, units) of everybody who holds something."""
    return list(Agent.objects.filter(used__gt=0).order_by("pk").values_list("pk", "used"))


def test_one_call_is_never_answered_by_two_agents():
    """Asterisk #176: app_queue connected one caller to two members who answered at the same moment."""
    offer, bo = ringing(make.make_agent("Ada"), channel="voice"), make.make_agent("Bo")
    ada = offer.agent

    outcomes = at_once(
        lambda: accept(offer, by=ada),
        lambda: take(now(offer.interaction), agent=bo, by=bo.user),
    )

    assert sorted_kinds(outcomes) in (["Interaction", "InteractionRefused"], ["Interaction", "OfferGone"])
    holder = now(offer.interaction).agent
    assert (now(offer.interaction).status, held()) == ("active", [(holder.pk, 100)])


ENDS = {
    "declined": lambda offer: decline(offer, by=offer.agent),
    "missed": lambda offer: expire(overdue(offer)),
    "abandoned": lambda offer: withdraw(offer.interaction),
    "solved": lambda offer: resolve(offer.interaction.ticket, by="system"),
    "passed on": lambda offer: transfer(offer.interaction, by=offer.agent.user, queue=make.make_queue()),
    "taken by another": lambda offer: take(
        offer.interaction, agent=make.make_agent("Bo", presence="busy"), by="system"
    ),
    "left": lambda offer: set_presence(offer.agent, "offline", by="system"),
}


@pytest.mark.parametrize("how", ENDS)
def test_an_agent_is_never_left_reserved_for_what_rings_no_longer(how):
    """FreeSWITCH #2540: mod_callcenter left agents in state Reserved or Receiving, and never rang them again."""
    ada = make.make_agent("Ada", skills={"billing": 5})
    ENDS[how](ringing(ada))

    assert (now(ada).used, Offer.objects.open().filter(agent=ada).count()) == (0, 0)
    set_presence(now(ada), "available", by="system")
    waiting(make.make_queue(needs={"billing": 5}))
    assert [offer.agent for offer in route() if offer.agent == ada] == [ada]


def test_who_hung_up_while_it_was_answered_is_not_left_answered():
    """FreeSWITCH #1973: callers who had gone stayed in the queue as Answered, and their agents with them."""
    offer = ringing(channel="voice")

    outcomes = at_once(lambda: accept(offer, by=offer.agent), lambda: withdraw(now(offer.interaction)))

    if sorted_kinds(outcomes) == ["Interaction", "InteractionRefused"]:  # answered first: now they hang up
        end(now(offer.interaction), by="customer")
        wrap_up(now(offer.interaction), by=offer.agent.user)
    else:
        assert sorted_kinds(outcomes) == ["NoneType", "OfferGone"]
    assert (now(offer.interaction).status, held()) == ("done", [])


def test_what_is_pressed_twice_counts_once():
    """Asterisk #1736: member->calls was raised twice for one call, and the member was "busy" ever after."""
    offer = ringing()

    answers = at_once(*[lambda: accept(now(offer), by=now(offer.agent))] * 3)

    assert sorted_kinds(answers) == ["Interaction", "OfferGone", "OfferGone"]
    assert held() == [(offer.agent_id, 30)]
    end(now(offer.interaction), by="customer")
    at_once(*[lambda: wrap_up(now(offer.interaction), by="system")] * 3)
    assert held() == []


def _at_a_call(ada, **queue):
    return talking(ada, channel="voice", queue=make.make_queue(**queue))


# How it comes that an agent has no room for a chat, or no leave; and what changes that.
GAINS = {
    "a call is wrapped up": (lambda ada: wrapping_up(ada, channel="voice"), lambda it: wrap_up(it, by="system")),
    "a call ends": (lambda ada: _at_a_call(ada, wrap_up_seconds=0), lambda it: end(it, by="customer")),
    "a call is declined": (lambda ada: ringing(ada, channel="voice"), lambda it: decline(it, by=it.agent)),
    "a call is missed": (lambda ada: overdue(ringing(ada, channel="voice")), expire),
    "who called hangs up": (lambda ada: ringing(ada, channel="voice").interaction, withdraw),
    "a mail that rang is accepted": (lambda ada: ringing(ada, channel="email"), lambda it: accept(it, by=it.agent)),
    "what rang is taken by another": (
        lambda ada: ringing(ada, channel="email").interaction,
        lambda it: take(it, agent=make.make_agent("Cy", presence="busy"), by="system"),
    ),
    "a call is passed on": (_at_a_call, lambda it: transfer(it, by="system", queue=make.make_queue())),
    "the budget grows": (lambda ada: _changed(ada, budget=20), lambda it: change_agent(it, by="system", budget=100)),
    "the break is over": (lambda ada: _gone(ada, "break"), lambda it: set_presence(it, "available", by="system")),
    "they are trained": (lambda ada: _trained(ada, 0), lambda it: _trained(it, 5)),
}


def _changed(ada, **values):
    return change_agent(ada, by="system", **values)


def _trained(ada, level):
    return _changed(ada, levels={make.make_skill("billing").pk: level})


def _gone(ada, where):
    set_presence(ada, where, by="system")
    return ada


@pytest.mark.parametrize("how", GAINS)
def test_whatever_gives_an_agent_room_wakes_the_router(how, services):
    """Chatwoot #10583: conversations stayed unassigned when an agent's capacity was freed; nothing looked again."""
    redis, (prepare, gain) = Redis.from_url(services.redis.url), GAINS[how]
    ada = make.make_agent("Ada", skills={"billing": 5})
    make.make_agent("Bo", skills={"billing": 5}, presence="busy")  # else nobody could ever have it, and less would do
    kept_from_it = prepare(ada)
    chat = waiting(make.make_queue(needs={"billing": 3}))
    assert [offer for offer in route() if offer.interaction == chat] == []
    redis.flushall()

    gain(kept_from_it)

    assert redis.llen("routing") == 1
    assert [offer.agent for offer in route() if offer.interaction == chat] == [ada]


def test_an_agent_with_room_for_one_is_never_given_two():
    """Chatwoot's assignment policies (v2) count an agent's conversations and then assign, without a lock: two jobs at
    once both find room."""
    ada = make.make_agent("Ada", budget=30)
    waits = [waiting() for _ in range(4)]
    domain = Domain.main().pk

    outcomes = at_once(
        lambda: dispatch(domain),
        lambda: dispatch(domain),
        lambda: take(now(waits[0]), agent=now(ada), by=ada.user),
        lambda: take(now(waits[1]), agent=now(ada), by=ada.user),
    )

    refusals = [one for one in outcomes if isinstance(one, Exception)]
    assert {type(one) for one in refusals} <= {OverCapacity, InteractionRefused}
    assert (held(), Interaction.objects.held().count()) == ([(ada.pk, 30)], 1)


def test_the_router_never_takes_from_whom_a_person_chose():
    """Libredesk PR 385: the automatic assigner overrode an assignment that a person had made meanwhile."""
    for _ in range(5):
        interaction, ada = waiting(), make.make_agent("Ada")
        bo = make.make_agent("Bo", presence="busy")
        ran, taken = at_once(
            lambda: dispatch(Domain.main().pk),
            lambda chosen=bo, row=interaction: take(now(row), agent=chosen, by="system"),
        )
        dispatch(Domain.main().pk)

        assert isinstance(taken, Interaction), (ran, taken)
        assert (now(interaction).agent, now(interaction).status) == (bo, "active")
        Agent.objects.filter(pk=ada.pk).update(presence="offline")


def test_a_newer_one_never_overtakes_who_has_waited_longer():
    """Chatwoot #13050: without a real queue, new conversations went to the agent who became free before old ones."""
    queue, ada = make.make_queue(), make.make_agent("Ada", budget=30)
    first = ringing(ada, queue=queue)
    Interaction.objects.filter(pk=first.interaction_id).update(reserved_for=None)
    decline(first, by=ada)
    waiting(queue), waiting(queue)
    Offer.objects.update(cooldown_until=Now())

    offers = route()

    assert [offer.interaction for offer in offers] == [first.interaction]


def test_who_declined_is_not_rung_again_at_once_and_their_turn_is_given_to_the_next():
    """Asterisk's ringinuse and FreeSWITCH's reject-delay: a member who rejected was rung again in a tight loop."""
    ada, bo = make.make_agent("Ada"), make.make_agent("Bo")
    waiting()
    first = route()[0]
    decline(first, by=first.agent)

    assert [offer.agent for offer in route()] == [({ada, bo} - {first.agent}).pop()]
    with pytest.raises(OfferGone):
        accept(first, by=first.agent)
