from datetime import timedelta

import pytest
from django.db.models.functions import Now
from django.utils import timezone

from routing import offers, repair
from routing.models import Agent, Interaction, Offer, QueueRouting
from routing.repair import repair as mend
from routing.tasks import sweep
from tests import factories as make
from tests.races import at_once
from tests.routing.floor import now, overdue, ringing, talking, waiting, wrapping_up

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sound")]


def test_a_sound_floor_needs_no_repair():
    ringing(), talking(), wrapping_up(), waiting()

    assert mend() == 0


def test_an_offer_nobody_answered_expires_and_rings_elsewhere():
    offer, other = overdue(ringing(make.make_agent("Ada"))), make.make_agent("Bo")

    sweep()

    assert now(offer).outcome == "expired"
    assert [again.agent for again in Offer.objects.open()] == [other]


def test_wrap_up_that_takes_too_long_ends():
    interaction = wrapping_up()
    Interaction.objects.update(wrap_up_until=Now())

    sweep()

    assert (now(interaction).status, now(interaction.agent).used) == ("done", 0)


def test_a_silent_agents_offer_rings_elsewhere():
    offer, other = ringing(make.make_agent("Ada")), make.make_agent("Bo")
    Agent.objects.filter(pk=offer.agent_id).update(last_seen=timezone.now() - timedelta(minutes=5))

    sweep()

    assert now(offer.agent).presence == "offline"
    assert [again.agent for again in Offer.objects.open()] == [other]


def test_a_lost_nudge_is_made_up_for():
    agent = make.make_agent()
    interaction = waiting()

    sweep()

    assert (now(interaction).status, now(interaction).agent) == ("offered", agent)


def test_what_rings_on_no_desk_waits_again():
    offer = ringing()
    Offer.objects.filter(pk=offer.pk).update(outcome="withdrawn", answered_at=Now())

    assert mend() == 1
    assert (now(offer.interaction).status, now(offer.agent).used) == ("waiting", 0)


def test_an_offer_for_what_does_not_ring_there_is_called_off():
    offer = ringing()
    Interaction.objects.filter(pk=offer.interaction_id).update(status="active", accepted_at=Now())

    assert mend() == 1
    assert (now(offer).outcome, now(offer.interaction).status, now(offer.agent).used) == ("withdrawn", "active", 30)


def test_an_offer_on_the_desk_of_somebody_offline_is_called_off():
    offer = ringing()
    Agent.objects.update(presence="offline")

    assert mend() == 1
    assert (now(offer).outcome, now(offer.interaction).status) == ("withdrawn", "waiting")


@pytest.mark.parametrize("presence", ["offline", "away"])
def test_what_is_kept_for_somebody_who_has_gone_is_for_all(presence):
    interaction = waiting()
    Interaction.objects.update(reserved_for=make.make_agent(presence=presence))

    assert mend() == 1
    assert now(interaction).reserved_for is None


def test_what_is_kept_for_somebody_on_a_break_waits_for_them():
    bo = make.make_agent(presence="break")
    interaction = waiting()
    Interaction.objects.update(reserved_for=bo)

    assert mend() == 0
    assert now(interaction).reserved_for == bo


def test_a_chat_whose_agent_is_gone_is_for_another():
    interaction = talking()
    Agent.objects.update(presence="offline")

    assert (mend(), mend()) == (1, 0)

    assert (now(interaction).status, now(interaction).agent) == ("waiting", None)


def test_a_mail_whose_agent_is_gone_is_theirs():
    talking(channel="email")
    Agent.objects.update(presence="offline")

    assert mend() == 0


def test_one_bad_row_does_not_stop_the_rest(monkeypatch):
    bad, good = overdue(ringing(make.make_agent("Ada"))), overdue(ringing(make.make_agent("Bo")))
    monkeypatch.setattr(repair, "CHORES", ((repair.overdue_offers, _fails_for(bad)),))

    assert mend() == 1
    assert (now(bad).outcome, now(good).outcome) == ("open", "expired")


def _fails_for(bad):
    def expire(offer):
        if offer == bad:
            raise ValueError("this row is bad")
        return offers.expire(offer)

    return expire


def test_a_domain_that_cannot_be_routed_does_not_stop_the_others():
    broken, whole = make.make_domain("a"), make.make_domain("b")
    for domain in (broken, whole):
        make.make_agent(domain=domain)
    waits = [waiting(make.make_queue(domain=domain)) for domain in (broken, whole)]
    QueueRouting.objects.filter(domain=broken).update(targets={"chat": "soon"})

    sweep()

    assert [now(interaction).status for interaction in waits] == ["waiting", "offered"]


def test_a_freed_agent_is_found_by_the_sweep():
    agent = make.make_agent(budget=30)
    interaction = wrapping_up(agent)
    later = waiting()
    Interaction.objects.filter(pk=interaction.pk).update(wrap_up_until=Now())

    sweep()

    assert now(later).agent == agent


@pytest.mark.django_db(transaction=True)
def test_two_sweeps_at_once_do_no_harm():
    offer = overdue(ringing(channel="voice"))
    interaction = wrapping_up(make.make_agent(), channel="email")
    Interaction.objects.filter(pk=interaction.pk).update(wrap_up_until=Now())

    outcomes = at_once(mend, mend, mend)

    assert sum(outcomes) == 2
    assert (now(offer.agent).misses, now(interaction).status) == (1, "done")
