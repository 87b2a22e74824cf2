"""Every decision is taken again from what was kept, and comes out the same."""

from datetime import timedelta
from random import Random

import pytest
from django.utils import timezone

from routing import inputs, memory
from routing.inputs import InputsForgotten, decide_again
from routing.memory import forget
from routing.models import Agent, Decision, Dispatch, Interaction, QueueRouting
from routing.offers import accept, decline
from routing.presence import set_presence
from tests import factories as make
from tests.routing.floor import ringing, route, talking, waiting

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("sound")]

TOPICS = ("billing", "returns", "lang.pl", "lang.de")
CHANNELS = ("chat", "email", "voice")


@pytest.fixture(autouse=True)
def empty():
    forget()


def taken_again():
    """(as decided, as decided again) of every decision there is."""
    decisions = list(Decision.objects.order_by("pk"))
    again = [decide_again(decision) for decision in decisions]
    return (
        [(decision.agent_id, decision.explanation) for decision in decisions],
        [one and (one.agent, one.explanation.to_json()) for one in again],
    )


def random_world(dice):
    """Queues that ask for this and that, agents who have some of it, and mails in some agents' hands."""
    for number in range(3):
        asked = {topic: dice.randint(1, 4) for topic in dice.sample(TOPICS, dice.randint(0, 2))}
        is_private = number == 0
        make.make_queue(needs=asked, wants={"orders": 5}, is_private=is_private, importance=dice.choice([1.0, 2.0]))
    for _ in range(6):
        agent = make.make_agent(
            skills={topic: dice.randint(1, 5) for topic in dice.sample(TOPICS, 3)},
            presence=dice.choice(["available", "available", "available", "break"]),
            budget=dice.choice([60, 100]),
        )
        if dice.random() < 0.5:
            QueueRouting.objects.filter(queue__is_private=True).get().queue.members.add(agent.user)
    for _ in range(2):
        talking(channel="email")


def one_step(dice):
    for _ in range(dice.randint(0, 4)):
        row = waiting(
            dice.choice(list(QueueRouting.objects.all())).queue, channel=dice.choice(["chat", "email", "voice"])
        )
        Interaction.objects.filter(pk=row.pk).update(
            priority=dice.randint(0, 3),
            waiting_since=timezone.now() - timedelta(seconds=dice.randint(0, 4000)),
            last_agent=dice.choice([None, *Agent.objects.all()]),
        )
    for offer in route():
        answer = dice.choice([accept, accept, decline])
        answer(offer, by=offer.agent)
    agent = dice.choice(list(Agent.objects.all()))
    set_presence(agent, dice.choice(["available", "available", "offline"]), by=None)


@pytest.mark.parametrize("seed", range(6))
def test_every_decision_of_a_random_day_comes_out_the_same_again(seed):
    dice = Random(seed)
    random_world(dice)
    for _ in range(12):
        one_step(dice)

    decided, again = taken_again()

    assert again == decided
    assert len(decided) > 8


def test_a_chain_of_inputs_begins_anew_now_and_then(monkeypatch):
    monkeypatch.setattr(inputs, "LONGEST_CHAIN", 3)
    queue = make.make_queue()
    agents = [make.make_agent() for _ in range(9)]
    for agent in agents:
        ringing(agent, queue=queue)

    assert len(set(Dispatch.objects.values_list("base", flat=True))) >= 3
    decided, again = taken_again()
    assert again == decided


def test_two_routers_keep_chains_of_their_own(monkeypatch):
    queue = make.make_queue()
    [make.make_agent() for _ in range(6)]
    ours, theirs = {}, {}
    for kept in (ours, theirs, ours, theirs, ours):
        monkeypatch.setattr(memory, "_kept", kept)
        waiting(queue)
        route()

    decided, again = taken_again()
    assert again == decided
    assert len(set(Dispatch.objects.values_list("base", flat=True))) == 2


def test_rules_that_changed_in_between_are_those_of_each_decision():
    queue = make.make_queue(targets={"chat": 60})
    [make.make_agent() for _ in range(4)]
    for seconds in (60, 30, 30, 15):
        QueueRouting.objects.filter(queue=queue).update(targets={"chat": seconds})
        waiting(queue)
        route()

    decided, again = taken_again()
    assert again == decided
    assert [why["T"] for _, why in decided] == [60, 30, 30, 15]


def test_what_was_forgotten_is_refused_in_words():
    offer = ringing()
    Dispatch.objects.update(inputs=None)

    with pytest.raises(InputsForgotten, match="not kept any longer"):
        decide_again(offer.decision)


def test_a_decision_from_before_inputs_were_kept_is_refused_in_words():
    decision = make.make_decision(make.make_interaction())

    with pytest.raises(InputsForgotten, match="Nothing was kept"):
        decide_again(decision)


def test_inputs_of_a_large_crowd_are_a_few_bytes_for_each_who_did_not_change():
    queue = make.make_queue()
    agents = [make.make_agent(skills={"billing": 3, "lang.pl": 2}) for _ in range(40)]
    ringing(agents[0], queue=queue)
    ringing(agents[1], queue=queue)

    first, second = Dispatch.objects.order_by("epoch")
    assert first.base == second.base
    assert len(second.inputs) < len(first.inputs) / 2
