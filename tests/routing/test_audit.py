import json
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db.models.functions import Now
from django.utils import timezone

from routing.audit import INVARIANTS, PROMISES, look_over, overdue, problems
from routing.models import Agent, Interaction, Offer
from tests import factories as make
from tests.routing.floor import now, ringing, talking, waiting, wrapping_up

pytestmark = pytest.mark.django_db


def _ago(minutes=5):
    return timezone.now() - timedelta(minutes=minutes)


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


def test_more_allowed_than_is_needed_is_found():
    agent = make.make_agent(override=30)

    assert problems() == [f"Agent {agent.pk} is allowed 30 units beyond the budget, and needs 0."]


def test_a_state_that_is_none_is_found():
    interaction = make.make_interaction(status="lost", agent=make.make_agent())

    assert problems() == [f"Interaction {interaction.pk} is “lost”."]


def test_an_offer_for_somebody_offline_is_found():
    offer = ringing()
    Agent.objects.update(presence="offline")

    assert problems() == [f"Interaction {offer.interaction_id} is offered with agent {offer.agent_id}, who is offline."]


def test_an_offer_that_nobody_ended_is_found():
    offer = ringing()
    Offer.objects.update(expires_at=_ago())

    assert overdue() == [f"Offer {offer.pk} rings on, though its time was over 300 s ago."]


def test_wrap_up_that_nobody_ended_is_found():
    interaction = wrapping_up()
    Interaction.objects.update(wrap_up_until=_ago())

    assert overdue() == [f"Interaction {interaction.pk} is in wrap-up, though its time was over 300 s ago."]


def test_an_agent_whom_nobody_sent_offline_is_found():
    agent = make.make_agent(last_seen=_ago())

    assert overdue() == [f"Agent {agent.pk} is available, but their desk gave no sign of life for 300 s."]


def test_what_is_kept_for_somebody_who_has_gone_is_found():
    agent = make.make_agent(presence="away", presence_since=_ago())
    interaction = waiting()
    Interaction.objects.update(reserved_for=agent)

    assert overdue() == [f"Interaction {interaction.pk} waits for agent {agent.pk} alone, who is away."]


def test_who_waits_though_somebody_is_free_is_found():
    interaction, agent = waiting(), make.make_agent(idle_since=_ago(), presence_since=_ago())
    Interaction.objects.update(waiting_since=_ago())

    assert overdue() == [f"Interaction {interaction.pk} waits, and agent {agent.pk} is free."]


def test_what_was_due_a_moment_ago_is_not_found_yet():
    offer = ringing()
    Offer.objects.update(expires_at=Now())
    make.make_agent(idle_since=_ago(), presence_since=_ago()), waiting()

    assert (overdue(), now(offer).outcome) == ([], "open")


def test_the_command_says_that_all_is_well():
    ringing(), waiting()

    assert _checked() == f"All is well: {len(INVARIANTS) + len(PROMISES) + 1} rules hold.\n"


def test_the_command_fails_and_names_the_rule_in_json():
    make.make_agent(parked=5, presence="offline")

    with pytest.raises(SystemExit) as ended:
        _checked("--json")

    assert ended.value.code == 1
    assert [one.rule for one in look_over() if one.exceptions] == [INVARIANTS[1].says]


def test_the_command_tells_every_rule_in_json():
    told = json.loads(_checked("--json"))

    assert told["sound"] is True
    assert [one["rule"] for one in told["rules"]] == [one.rule for one in look_over()]


def _checked(*words):
    said = StringIO()
    call_command("check_invariants", *words, stdout=said)
    return said.getvalue()
