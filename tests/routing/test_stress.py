"""Everybody does everything at once for a while: nothing deadlocks, nothing surprises, every invariant holds."""

import os
import random
import time
from collections import Counter

import pytest

from routing import handover, interactions, offers, presence
from routing.audit import problems
from routing.dispatch import dispatch
from routing.models import Agent, Domain, Interaction, Offer
from routing.repair import repair
from tests import factories as make
from tests.races import at_once
from tickets import lifecycle
from tickets.messages import add_inbound
from tickets.models import Queue, Ticket

pytestmark = pytest.mark.django_db(transaction=True)

SECONDS = float(os.environ.get("TRUNKLINE_STRESS_SECONDS", "4"))
REFUSALS = (
    offers.OfferGone,
    interactions.InteractionRefused,
    handover.OverCapacity,
    lifecycle.TicketRefused,
)


def _one(rows, chance):
    """Any of these rows; None when there are none."""
    keys = list(rows.values_list("pk", flat=True))
    return rows.model.objects.get(pk=chance.choice(keys)) if keys else None


def say(chance):
    ticket = _one(Ticket.objects.all(), chance)
    add_inbound(ticket, customer=ticket.customer, channel="chat", text="Hello")
    interactions.enqueue(ticket, channel=chance.choice(["chat", "email", "voice"]))


def answer(chance):
    if offer := _one(Offer.objects.open(), chance):
        chance.choice([offers.accept, offers.decline])(offer, by=offer.agent)


def finish(chance):
    if interaction := _one(Interaction.objects.live(), chance):
        verb = chance.choice([interactions.end, interactions.wrap_up, interactions.withdraw, interactions.extend])
        verb(interaction, by="system")


def grab(chance):
    agent = _one(Agent.objects.all(), chance)
    if interaction := _one(Interaction.objects.live(), chance):
        handover.take(interaction, agent=agent, by=agent.user, reason=chance.choice(["", "VIP"]))


def pass_on(chance):
    queue, agent = _one(Queue.objects.all(), chance), _one(Agent.objects.all(), chance)
    if interaction := _one(Interaction.objects.live(), chance):
        handover.transfer(interaction, by=agent.user, **chance.choice([{"queue": queue}, {"agent": agent}]))


def rearrange(chance):
    ticket, user = _one(Ticket.objects.all(), chance), _one(Agent.objects.all(), chance).user
    chance.choice(
        [
            lambda: interactions.resolve(ticket, by=user),
            lambda: handover.assign(ticket, user, by=user),
            lambda: handover.change(ticket, by=user, queue=_one(Queue.objects.all(), chance)),
        ]
    )()


def come_and_go(chance):
    agent = _one(Agent.objects.all(), chance)
    presence.set_presence(agent, chance.choice(["available", "available", "break", "offline"]), by=agent.user)


def route(chance):
    dispatch(Domain.main().pk)


def mend(chance):
    Offer.objects.open().filter(pk__in=Offer.objects.open().values("pk")[:1]).update(expires_at="2020-01-01T00:00Z")
    repair()


ACTS = (say, answer, finish, grab, pass_on, rearrange, come_and_go, route, mend)


def _keep_busy(act, seed):
    """Do it again and again until the time is over; counts what came of it."""
    chance, until, outcomes = random.Random(seed), time.monotonic() + SECONDS, Counter()
    while time.monotonic() < until:
        try:
            act(chance)
            outcomes["done"] += 1
        except REFUSALS:
            outcomes["refused"] += 1
    return outcomes


def test_a_busy_floor_stays_sound():
    queues = [make.make_queue(), make.make_queue(needs={"billing": 2}), make.make_queue(wrap_up_seconds=0)]
    for _ in range(5):
        make.make_agent(skills={"billing": 3})
    for number in range(8):
        make.make_ticket(queue=queues[number % 3], channel="chat", text="Hello")

    outcomes = at_once(*[lambda a=act, n=number: _keep_busy(a, n) for number, act in enumerate(ACTS)])

    surprises = [outcome for outcome in outcomes if not isinstance(outcome, Counter)]
    assert (surprises, problems()) == ([], [])
    assert min(outcome["done"] for outcome in outcomes) > 0
