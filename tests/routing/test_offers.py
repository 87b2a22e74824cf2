import time
from datetime import timedelta

import pytest
from django.utils import timezone

from customers.models import Event
from routing import interactions
from routing.models import Agent, Offer
from routing.offers import OfferGone, accept, decline, expire, withdraw_offer
from tests import factories as make
from tests.races import at_once, sorted_kinds
from tests.routing.floor import now, overdue, ringing, route, waiting

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sound")]


def test_an_accepted_offer_makes_the_agent_the_tickets_assignee():
    offer = ringing()

    interaction = accept(offer, by=offer.agent)

    taken = now(interaction)
    assert (taken.status, taken.agent, taken.accepted_at is not None) == ("active", offer.agent, True)
    assert (now(offer).outcome, now(taken.ticket).assignee) == ("accepted", offer.agent.user)
    assert now(taken.ticket).status == "open"


def test_an_answer_is_told_with_the_revision_it_brought():
    offer = ringing()

    accept(offer, by=now(offer.agent))

    assert offer.event_refs().topics[f"agent:{offer.agent_id}"] == now(offer.agent).revision


def test_a_declined_interaction_goes_to_the_next_agent():
    first, second = make.make_agent(skills={"a": 5}), make.make_agent(skills={"a": 1})
    offer = ringing(first, queue=make.make_queue(wants={"a": 5}))

    decline(offer, by=first, reason="Not my topic")

    assert [(again.interaction, again.agent) for again in route()] == [(offer.interaction, second)]
    assert (now(offer).outcome, now(offer).reason) == ("declined", "Not my topic")


def test_a_declined_interaction_keeps_its_age_and_is_not_offered_to_the_same_agent_at_once():
    offer = ringing()
    since = offer.interaction.waiting_since

    decline(offer, by=offer.agent)

    returned = now(offer.interaction)
    assert (returned.status, returned.agent, returned.waiting_since) == ("waiting", None, since)
    assert (route(), now(offer.agent).used) == ([], 0)


def test_a_declined_interaction_may_ring_there_again_after_a_while():
    offer = ringing()
    decline(offer, by=offer.agent)
    Offer.objects.update(cooldown_until=timezone.now() - timedelta(seconds=1))

    assert [again.agent for again in route()] == [offer.agent]


def test_declining_is_no_miss():
    offer = ringing()

    decline(offer, by=offer.agent)

    assert (now(offer.agent).misses, now(offer.agent).presence) == (0, "available")


@pytest.mark.parametrize("channel", ["chat", "email"])
def test_one_missed_chat_or_mail_sends_the_agent_away(channel):
    offer = ringing(channel=channel)

    assert expire(overdue(offer)) is True

    agent = now(offer.agent)
    assert (agent.presence, agent.reason, agent.used) == ("away", "missed", 0)
    assert (now(offer).outcome, now(offer.interaction).status) == ("expired", "waiting")
    assert Event.objects.get(verb="agent.presence").facts == {"presence": "away", "reason": "missed"}


def test_two_missed_calls_send_the_agent_away():
    agent = make.make_agent()
    expire(overdue(ringing(agent, channel="voice")))
    assert now(agent).presence == "available"
    Offer.objects.update(cooldown_until=None)

    expire(overdue(route()[0]))

    assert (now(agent).presence, now(agent).reason) == ("away", "missed")


def test_an_answered_call_makes_up_for_a_missed_one():
    agent = make.make_agent()
    expire(overdue(ringing(agent, channel="voice")))
    Offer.objects.update(cooldown_until=None)

    accept(route()[0], by=agent)

    assert now(agent).misses == 0


def test_a_missed_interaction_goes_to_the_next_best():
    first, second = make.make_agent(skills={"a": 5}), make.make_agent(skills={"a": 1})
    offer = ringing(first, queue=make.make_queue(wants={"a": 5}))

    expire(overdue(offer))

    assert [again.agent for again in route()] == [second]


def test_an_offer_whose_time_is_not_over_does_not_expire():
    offer = ringing()

    assert expire(offer) is False
    assert now(offer).outcome == "open"


def test_an_offer_is_too_late_to_accept_when_its_time_is_over():
    offer = overdue(ringing())

    with pytest.raises(OfferGone, match="The time to answer was over"):
        accept(offer, by=offer.agent)

    assert now(offer.interaction.ticket).assignee is None


def test_an_offer_rings_for_one_agent_only():
    offer, bo = ringing(make.make_agent("Ada")), make.make_agent("Bo")

    with pytest.raises(OfferGone, match="This offer rings for Ada, not for you"):
        accept(offer, by=bo)
    with pytest.raises(OfferGone, match="This offer rings for Ada, not for you"):
        decline(offer, by=bo)


def test_an_offer_is_answered_once():
    offer = ringing()
    accept(offer, by=offer.agent)

    with pytest.raises(OfferGone, match=r"You accepted this offer \d+ s ago"):
        accept(now(offer), by=offer.agent)
    with pytest.raises(OfferGone, match=r"You accepted this offer \d+ s ago"):
        decline(now(offer), by=offer.agent)


def test_a_withdrawn_offer_returns_its_interaction_at_nobodys_fault():
    offer = ringing()

    assert withdraw_offer(offer, reason="a test") is True

    assert (now(offer).outcome, now(offer).reason) == ("withdrawn", "a test")
    assert (now(offer.interaction).status, now(offer.agent).misses) == ("waiting", 0)


def test_an_answered_offer_cannot_be_withdrawn():
    offer = ringing()
    accept(offer, by=offer.agent)

    assert withdraw_offer(now(offer), reason="a test") is False
    assert now(offer.interaction).status == "active"


def test_the_agent_is_told_that_the_customer_left():
    offer = ringing()
    offer.interaction.ticket.interactions.get()
    interactions.withdraw(offer.interaction)

    with pytest.raises(OfferGone, match="The customer left, or it was solved, meanwhile"):
        accept(now(offer), by=offer.agent)


@pytest.mark.django_db(transaction=True)
def test_an_offer_accepted_five_times_at_once_is_accepted_once():
    offer = ringing()

    outcomes = at_once(*[lambda: accept(now(offer), by=now(offer.agent))] * 5)

    assert sorted_kinds(outcomes) == ["Interaction"] + ["OfferGone"] * 4
    assert Event.objects.filter(verb="offer.accepted").count() == 1


@pytest.mark.django_db(transaction=True)
def test_accepting_and_declining_at_once_is_one_of_both():
    offer = ringing()

    outcomes = at_once(
        lambda: accept(now(offer), by=now(offer.agent)), lambda: decline(now(offer), by=now(offer.agent))
    )

    assert [type(outcome) for outcome in outcomes].count(OfferGone) == 1
    assert now(offer).outcome in ("accepted", "declined")


@pytest.mark.django_db(transaction=True)
def test_an_offer_accepted_as_its_time_runs_out_is_accepted_or_missed_but_not_both():
    for _ in range(4):
        offer = ringing(make.make_agent())
        Offer.objects.filter(pk=offer.pk).update(expires_at=timezone.now() + timedelta(milliseconds=20))

        won, missed = at_once(
            lambda offer=offer: _patiently(accept, now(offer), by=now(offer.agent)),
            lambda offer=offer: _until_true(expire, now(offer)),
        )

        assert (now(offer).outcome == "accepted") == (not isinstance(won, OfferGone)) == (missed is False)
        interactions.resolve(now(offer.interaction.ticket), by="system")
        Agent.objects.update(presence="offline")


def _patiently(verb, *args, **options):
    time.sleep(0.015)
    return verb(*args, **options)


def _until_true(verb, offer):
    for _ in range(20):
        if verb(offer):
            return True
        time.sleep(0.005)
    return False


@pytest.mark.django_db(transaction=True)
def test_expiring_at_once_is_one_miss():
    offer = overdue(ringing(channel="voice"))

    outcomes = at_once(*[lambda: expire(now(offer))] * 4)

    assert (sorted(outcomes), now(offer.agent).misses) == ([False, False, False, True], 1)


def test_a_queue_may_ring_for_its_own_time():
    make.make_agent()
    queue = make.make_queue()
    queue.routing.offer_seconds = {"chat": 7}
    queue.routing.save()
    waiting(queue)

    offer = route()[0]

    assert offer.expires_at - offer.made_at == timedelta(seconds=7)


def test_the_rules_say_how_long_who_declined_is_left_alone_and_how_many_misses_send_away():
    offer = ringing(make.make_agent())
    rules = {"offer": {"decline_cooldown": "5m", "misses": {"chat": 2}}}
    make.make_policy(offer.agent.domain, rules)

    expire(overdue(offer))

    agent = now(offer.agent)
    left = now(offer).cooldown_until - now(offer).answered_at
    assert (round(left.total_seconds()), agent.misses, agent.presence) == (300, 1, "available")


def test_the_rules_may_leave_who_misses_available():
    offer = ringing(make.make_agent())
    make.make_policy(offer.agent.domain, {"offer": {"on_timeout": "stay"}})

    expire(overdue(offer))

    assert now(offer.agent).presence == "available"
