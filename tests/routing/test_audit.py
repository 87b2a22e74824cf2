import pytest
from django.db.models.functions import Now

from routing.audit import problems
from routing.models import Agent, Interaction, Offer
from tests import factories as make
from tests.routing.floor import ringing, talking, waiting

pytestmark = pytest.mark.django_db


def test_a_floor_at_work_is_sound():
    ringing(), talking(), waiting()

    assert problems() == []


def test_a_counter_that_is_off_is_found():
    agent = talking().agent
    Agent.objects.update(used=40)

    assert problems() == [f"Agent {agent.pk} holds 40 units by the counter, but 30 by their interactions."]


def test_a_parked_counter_that_is_off_is_found():
    agent = make.make_agent(parked=5)

    assert problems() == [f"Agent {agent.pk} has 5 units parked by the counter, but 0 by their interactions."]


def test_what_is_parked_though_there_is_room_is_found():
    interaction = talking()
    Interaction.objects.update(status="parked")
    Agent.objects.update(parked=30)

    assert problems() == [
        f"Interaction {interaction.pk} is parked, though agent {interaction.agent_id} has room for it."
    ]


def test_a_chat_with_somebody_who_is_not_there_is_found():
    interaction = talking()
    Agent.objects.update(presence="offline")

    sentence = f"Interaction {interaction.pk} is active with agent {interaction.agent_id}, who is offline."
    assert problems() == [sentence]


def test_ringing_without_an_offer_is_found():
    offer = ringing()
    Offer.objects.update(outcome="withdrawn", answered_at=Now())

    assert problems() == [f"Interaction {offer.interaction_id} is offered, but rings on no desk."]


def test_an_open_offer_for_what_does_not_ring_is_found():
    offer = ringing()
    Interaction.objects.update(status="active", accepted_at=Now())

    assert problems() == [f"Offer {offer.pk} is open, but interaction {offer.interaction_id} is active."]


def test_two_offers_on_one_desk_are_found():
    agent = make.make_agent()
    make.make_offer(agent=agent), make.make_offer(agent=agent)

    assert problems() == [f"Agent {agent.pk} is rung by 2 offers at once."]


def test_waiting_work_that_holds_capacity_is_found():
    interaction = waiting()
    Interaction.objects.update(cost=10)

    assert problems() == [f"Interaction {interaction.pk} waits, but holds 10 units of agent nobody."]


def test_done_work_that_costs_is_found():
    interaction = make.make_interaction(status="done", cost=10)

    assert problems() == [f"Interaction {interaction.pk} is done, but still costs 10 units."]


def test_work_that_nobody_accepted_is_found():
    interaction = make.make_interaction(status="active", agent=make.make_agent())

    assert problems() == [f"Interaction {interaction.pk} is active, but nobody accepted it."]


def test_an_answer_without_a_time_is_found():
    offer = make.make_offer(outcome="declined")

    assert problems() == [f"Offer {offer.pk} was answered at no time."]


def test_an_unexplained_offer_is_found():
    offer = make.make_offer()
    Offer.objects.update(decision=None)

    assert problems() == [f"Offer {offer.pk} has no decision that explains it."]
