"""Anything may happen on the floor in any order, and processes die in the middle: every invariant holds at each step.

HELPDESK_MACHINE_EXAMPLES and HELPDESK_MACHINE_STEPS make it look longer; then it is random, else it is the same each
time. A failure prints the steps that led there, as a program.
"""

import os
from contextlib import suppress
from functools import wraps

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from redis import Redis

from helpdesk.setup import set_up_queue
from helpdesk.staff import change_agent, change_staff
from routing import handover, interactions, offers, presence, tasks, versions
from routing.alarms import silence
from routing.audit import overdue, problems
from routing.dispatch import dispatch
from routing.models import Agent, Domain, Interaction, Offer, Policy
from tests import factories as make
from tests.routing.machine import Floor, lost_or_odd, overlooked, rules_to_try
from tickets.messages import add_inbound
from tickets.models import Ticket

EXAMPLES = int(os.environ.get("HELPDESK_MACHINE_EXAMPLES", "0"))
STEPS = int(os.environ.get("HELPDESK_MACHINE_STEPS", "40"))
PICK = st.integers(0, 999)
CHANNEL = st.sampled_from(["chat", "chat", "email", "email", "voice"])
PRESENCE = st.sampled_from(["available", "available", "available", "break", "busy", "away", "offline"])
RULES = rules_to_try()
# Most of the time nobody dies.
DEATH = st.one_of(st.just(0), st.just(0), st.integers(1, 30))


class NobodyThere(Exception):
    """There is nothing now that this step could be about."""


def step(**given):
    """A rule. Whether it can be done is not asked before: what is chosen must never depend on what is in the rows."""

    def decorate(act):
        @rule(**given)
        @wraps(act)
        def tried(self, **chosen):
            with suppress(NobodyThere):
                act(self, **chosen)

        return tried

    return decorate


class Machine(RuleBasedStateMachine):
    """Each rule is something that a person, a customer, the clock or a fault does to the floor."""

    def __init__(self, redis):
        super().__init__()
        self.floor = Floor(redis)

    def do(self, act, *, dies_at=0):
        done = self.floor.attempt(act, dies_at=dies_at)
        self.floor.look()
        return done

    def one(self, pick, *words):
        return _any(self.floor.of_status(*words) if words else self.floor.interactions, pick)

    def an_offer(self, pick):
        return _any(self.floor.offers, pick)

    @initialize(channel=CHANNEL)
    def the_day_begins(self, channel):
        for queue in (0, 1, 2):
            self.a_customer_comes(pick=queue, channel=channel, language="", dies_at=0)
        self.the_router_looks()

    # Customers

    @step(pick=PICK, channel=CHANNEL, language=st.sampled_from(["", "", "pl"]), dies_at=DEATH)
    def a_customer_comes(self, pick, channel, language, dies_at):
        ticket = make.make_ticket(queue=self.floor.queues[pick % 4], channel=channel, language=language, text="Hello")
        self.do(lambda: interactions.enqueue(ticket, channel=channel), dies_at=dies_at)

    @step(pick=PICK, channel=CHANNEL, dies_at=DEATH)
    def a_customer_writes_again(self, pick, channel, dies_at):
        ticket = self.one(pick).ticket
        add_inbound(ticket, customer=ticket.customer, channel=channel, text="Hello?")
        self.do(lambda: interactions.enqueue(ticket, channel=channel), dies_at=dies_at)

    @step(pick=PICK, dies_at=DEATH)
    def a_customer_leaves(self, pick, dies_at):
        row = self.one(pick, "waiting", "offered", "active")
        self.do(lambda: interactions.withdraw(row), dies_at=dies_at)

    # Agents

    @step(pick=PICK, word=PRESENCE, dies_at=DEATH)
    def an_agent_comes_or_goes(self, pick, word, dies_at):
        agent = self.floor.agent(pick)
        self.do(lambda: presence.set_presence(agent, word, by=agent.user), dies_at=dies_at)

    @step(pick=PICK, dies_at=DEATH)
    def an_agent_accepts(self, pick, dies_at):
        offer = self.an_offer(pick)
        self.do(lambda: offers.accept(offer, by=offer.agent), dies_at=dies_at)

    @step(pick=PICK, who=PICK, verb=st.sampled_from([offers.accept, offers.decline]))
    def an_agent_answers_what_may_ring_elsewhere_or_too_late(self, pick, who, verb):
        offer, agent = self.an_offer(pick), self.floor.agent(who)
        if offer.agent_id == agent.pk:
            Offer.objects.filter(pk=offer.pk).update(expires_at="2020-01-01T00:00Z")
        assert not self.do(lambda: verb(offer, by=agent))

    @step(pick=PICK, dies_at=DEATH)
    def an_agent_declines(self, pick, dies_at):
        offer = self.an_offer(pick)
        self.do(lambda: offers.decline(offer, by=offer.agent, reason="no"), dies_at=dies_at)

    @step(pick=PICK, dies_at=DEATH)
    def nobody_answers(self, pick, dies_at):
        offer = self.an_offer(pick)
        Offer.objects.filter(pk=offer.pk).update(expires_at="2020-01-01T00:00Z")
        self.do(lambda: offers.expire(offer), dies_at=dies_at)

    @step(pick=PICK, dies_at=DEATH)
    def somebody_ends_it(self, pick, dies_at):
        row = self.one(pick, "active", "parked", "offered")
        self.do(lambda: interactions.end(row, by="customer"), dies_at=dies_at)

    @step(pick=PICK, verb=st.sampled_from(["wrap_up", "wrap_up", "extend", "time_out"]), dies_at=DEATH)
    def wrap_up_goes_on_or_ends(self, pick, verb, dies_at):
        row = self.one(pick, "wrap_up")
        if verb == "time_out":
            Interaction.objects.filter(pk=row.pk).update(wrap_up_until="2020-01-01T00:00Z")
            self.do(lambda: interactions.time_out(row), dies_at=dies_at)
        else:
            self.do(lambda: getattr(interactions, verb)(row, by=self.floor.boss), dies_at=dies_at)

    # People who do without the router

    @step(pick=PICK, who=PICK, reason=st.sampled_from(["", "VIP"]), dies_at=DEATH)
    def somebody_takes_it(self, pick, who, reason, dies_at):
        row, agent = self.one(pick), self.floor.agent(who)
        self.do(lambda: handover.take(row, agent=agent, by=agent.user, reason=reason), dies_at=dies_at)

    @step(pick=PICK, who=PICK, dies_at=DEATH)
    def a_supervisor_assigns_the_ticket(self, pick, who, dies_at):
        ticket, user = self.one(pick).ticket, self.floor.agent(who).user
        self.do(lambda: handover.assign(ticket, user, by=self.floor.boss), dies_at=dies_at)

    @step(pick=PICK, who=PICK, to_a_person=st.booleans(), dies_at=DEATH)
    def somebody_passes_it_on(self, pick, who, to_a_person, dies_at):
        row = self.one(pick)
        to = {"agent": self.floor.agent(who)} if to_a_person else {"queue": self.floor.queues[who % 4]}
        if self.do(lambda: handover.transfer(row, by=self.floor.boss, **to), dies_at=dies_at):
            self.floor.since.pop(row.pk)

    @step(pick=PICK, queue=PICK, priority=st.sampled_from([None, *Ticket.Priority.values]), dies_at=DEATH)
    def a_ticket_is_moved_or_hurried(self, pick, queue, priority, dies_at):
        ticket = self.one(pick).ticket
        to = {"queue": self.floor.queues[queue % 4]} if priority is None else {"priority": priority}
        self.do(lambda: handover.change(ticket, by=self.floor.boss, **to), dies_at=dies_at)

    @step(pick=PICK, dies_at=DEATH)
    def a_ticket_is_solved(self, pick, dies_at):
        ticket = self.one(pick).ticket
        self.do(lambda: interactions.resolve(ticket, by=self.floor.boss), dies_at=dies_at)

    # Setup

    @step(pick=PICK, level=st.integers(0, 5), budget=st.sampled_from([100, 130, 60]), dies_at=DEATH)
    def an_agent_is_changed(self, pick, level, budget, dies_at):
        agent, skill = self.floor.agent(pick), make.make_skill("billing")
        budget = max(budget, agent.used - agent.parked)
        self.do(
            lambda: change_agent(agent, by=self.floor.boss, levels={skill.pk: level}, budget=budget), dies_at=dies_at
        )

    @step(pick=PICK, level=st.integers(0, 5), importance=st.sampled_from([0.5, 1.0, 4.0]), dies_at=DEATH)
    def a_queue_is_changed(self, pick, level, importance, dies_at):
        queue, skill = self.floor.queues[pick % 4], make.make_skill("billing")
        needs = {skill.pk: level} if level else {}
        self.do(
            lambda: set_up_queue(queue, by=self.floor.boss, needs=needs, wants={}, importance=importance),
            dies_at=dies_at,
        )

    @step(pick=PICK, dies_at=DEATH)
    def a_supervisor_publishes_rules(self, pick, dies_at):
        document = RULES[pick % len(RULES)]
        self.do(lambda: versions.publish(self.floor.domain, document, by=self.floor.boss), dies_at=dies_at)

    @step(pick=PICK, dies_at=DEATH)
    def a_supervisor_goes_back_to_earlier_rules(self, pick, dies_at):
        numbers = [0, *Policy.objects.filter(number__isnull=False).values_list("number", flat=True)]
        number = numbers[pick % len(numbers)]
        self.do(lambda: versions.rollback(self.floor.domain, number, by=self.floor.boss), dies_at=dies_at)

    @step(pick=PICK, is_active=st.booleans(), dies_at=DEATH)
    def somebody_is_dismissed_or_taken_on(self, pick, is_active, dies_at):
        user = self.floor.agent(pick).user
        self.do(lambda: change_staff(user, by=self.floor.boss, is_active=is_active), dies_at=dies_at)

    # The clock, the router, and faults

    @step(seconds=st.sampled_from([61, 12 * 3600, 30 * 3600, 200 * 3600]))
    def time_passes(self, seconds):
        self.floor.age(seconds)
        self.floor.look()

    @step(pick=PICK)
    def a_desk_falls_silent(self, pick):
        Agent.objects.filter(pk=self.floor.agent(pick).pk).update(last_seen="2020-01-01T00:00Z")

    @step()
    def redis_forgets(self):
        self.floor.redis.flushall()
        self.floor.is_owed = True

    @step(dies_at=DEATH)
    def the_router_is_nudged(self, dies_at):
        nudges = self.floor.take_nudges()
        if self.do(lambda: tasks.dispatch_domain(self.floor.domain.pk), dies_at=dies_at):
            self.routed()
        else:
            self.floor.give_back(nudges)

    @step()
    def the_router_looks(self):
        run = dispatch(Domain.main().pk)
        assert run.overtaken == 0, "Nobody else did anything, and yet it was overtaken."
        self.routed()

    @step()
    def the_sweep_comes(self):
        tasks.sweep()
        self.routed()
        assert overdue(late=0) == []

    def routed(self):
        silence()
        self.floor.look()
        self.floor.routed_at = timezone.now()
        assert (self.floor.placeable(), overlooked(self.floor)) == ([], [])
        self.floor.is_owed = False

    # What is true after each step

    @invariant()
    def nothing_is_lost_and_nothing_goes_where_it_cannot(self):
        assert lost_or_odd(self.floor) == []

    @invariant()
    def every_row_agrees_with_every_other(self):
        assert problems() == []

    @invariant()
    def nothing_rings_for_who_is_offline(self):
        assert list(Offer.objects.open().filter(agent__presence="offline")) == []

    @invariant()
    def who_can_be_served_has_the_router_nudged(self):
        if not self.floor.is_owed and not self.floor.is_nudged():
            assert self.floor.placeable(self.floor.routed_at) == []


def _any(rows, pick):
    if not rows:
        raise NobodyThere
    return type(rows[0]).objects.get(pk=rows[pick % len(rows)].pk)


@pytest.mark.django_db(transaction=True)
@pytest.mark.timeout(900)
def test_the_floor_stays_sound_whatever_happens(services):
    how = {"max_examples": EXAMPLES or 40, "stateful_step_count": STEPS, "derandomize": not EXAMPLES}
    phases = [Phase.generate, Phase.shrink] if EXAMPLES else [Phase.generate]  # shrinking takes minutes
    rules = settings(deadline=None, database=None, suppress_health_check=list(HealthCheck), phases=phases, **how)
    redis = Redis.from_url(services.redis.url)
    run_state_machine_as_test(lambda: Machine(redis), settings=rules)
