import threading
from datetime import timedelta
from time import monotonic

import pytest
from django.db import OperationalError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from redis import Redis

from customers.events import MARK_SECONDS
from customers.models import Event
from routing import dispatch as dispatching
from routing import offers, situation
from routing.audit import problems
from routing.dispatch import Dispatched, dispatch
from routing.interactions import enqueue
from routing.models import Agent, Decision, Domain, Interaction, Offer
from routing.tasks import dispatch_domain
from tests import factories as make
from tests.races import at_once
from tests.routing.floor import now, ringing, route, waiting

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sound")]


def test_what_waits_rings_on_the_desk_of_who_has_the_skill_at_the_level():
    make.make_agent("Low", skills={"billing": 2})
    expert = make.make_agent("High", skills={"billing": 4})
    interaction = waiting(make.make_queue(needs={"billing": 3}))

    offers = route()

    assert [(offer.interaction, offer.agent, offer.outcome) for offer in offers] == [(interaction, expert, "open")]
    rung = now(interaction)
    assert (rung.status, rung.agent, rung.cost, rung.offer_count) == ("offered", expert, 30, 1)
    assert (now(expert).used, now(expert).revision) == (30, 2)


def test_a_polish_speaking_customer_reaches_the_polish_speaking_agent():
    make.make_agent("Ada", skills={"lang.en": 5})
    beata = make.make_agent("Beata", skills={"lang.pl": 4})
    waiting(language="pl-PL")

    assert [offer.agent for offer in route()] == [beata]


def test_each_offer_has_the_decision_that_explains_it():
    agent = make.make_agent()
    make.make_agent(presence="break")
    interaction = waiting()

    offer = route()[0]

    decision = offer.decision
    assert (decision.interaction, decision.agent, decision.epoch) == (interaction, agent, Domain.main().epoch)
    assert (decision.explanation["a"], decision.explanation["i"]) == (agent.pk, interaction.pk)
    assert decision.explanation["x"] == {"away": 1}
    event = Event.objects.get(verb="offer.made")
    assert (event.actor, event.interaction_id) == ("router", interaction.pk)
    assert event.facts == {"agent": str(agent), "decision": decision.pk}


def test_a_private_queue_rings_for_its_members_only():
    queue = make.make_queue("Legal", is_private=True)
    make.make_agent("Outsider")
    member = make.make_agent("Member", skills={})
    queue.members.add(member.user)
    waiting(queue=queue)

    assert [offer.agent for offer in route()] == [member]


def test_no_wait_is_long_enough_to_ring_outsiders_for_a_private_queue():
    queue = make.make_queue("Legal", is_private=True)
    make.make_agent("Outsider")
    interaction = waiting(queue=queue)
    Interaction.objects.filter(pk=interaction.pk).update(waiting_since=timezone.now() - timedelta(days=30))

    assert route() == []


def test_an_agent_is_rung_for_one_interaction_at_a_time():
    make.make_agent()
    waiting(), waiting()

    assert len(route()) == 1
    assert route() == []


def test_an_agent_without_room_for_the_channel_is_not_rung():
    agent = make.make_agent(budget=50)
    offer = ringing(agent, channel="chat")
    make_accept(offer)
    waiting(channel="chat")

    assert route() == []


def test_an_agent_is_not_rung_on_channels_they_do_not_take():
    make.make_agent(channels=["email"])
    waiting(channel="chat")

    assert route() == []


def test_an_agents_own_costs_count():
    agent = make.make_agent(costs={"chat": 55})
    waiting()

    assert (route()[0].agent, now(agent).used) == (agent, 55)


def _care_costs(units):
    """A queue whose chats take so many units under the rules in force."""
    queue = make.make_queue("Care")
    make.make_policy(Domain.main(), {"queues": {queue.slug: {"cost": {"chat": units}}}})
    return queue


def test_a_queues_cost_counts_for_its_interactions_only():
    care, one, other = _care_costs(60), make.make_agent(), make.make_agent()
    waiting(care), waiting()

    assert sorted(offer.interaction.cost for offer in route()) == [30, 60]
    assert now(one).used + now(other).used == 90


def test_an_agents_own_cost_beats_their_queues():
    care, agent = _care_costs(60), make.make_agent(costs={"chat": 55})
    waiting(care)

    assert (route()[0].interaction.cost, now(agent).used) == (55, 55)


def test_a_queues_cost_that_is_published_counts_for_who_waits_already():
    agent, queue = make.make_agent(budget=50), make.make_queue("Care")
    waiting(queue, channel="voice")
    before = route()
    make.make_policy(Domain.main(), {"queues": {queue.slug: {"cost": {"voice": 50}}}})

    assert (before, [offer.agent for offer in route()], now(agent).used) == ([], [agent], 50)


def test_who_may_no_longer_sign_in_is_not_rung():
    agent = make.make_agent()
    agent.user.is_active = False
    agent.user.save()
    waiting()

    assert route() == []


def test_another_domain_is_another_routers_work():
    north = make.make_domain("north")
    make.make_agent(domain=north)
    interaction = waiting(make.make_queue(domain=north))

    assert route() == []
    assert dispatch(north.pk) == Dispatched(offers=1, overtaken=0)
    assert now(interaction).status == "offered"


def test_a_nights_backlog_of_mails_does_not_hide_this_minutes_chat(monkeypatch):
    monkeypatch.setattr(situation, "MOST_OF_A_KIND", 2)
    make.make_agent(channels=["chat"])
    queue = make.make_queue()
    for _ in range(4):
        waiting(queue, channel="email")
    chat = waiting(queue, channel="chat")

    assert [offer.interaction for offer in route()] == [chat]


def test_every_run_raises_the_domains_epoch():
    before = Domain.main().epoch

    route(), route()

    assert Domain.main().epoch == before + 2


def test_a_dispatch_takes_as_many_queries_for_a_hundred_as_for_ten():
    counts = []
    ringing()  # what is estimated is read once a minute
    for agents, customers in ((5, 10), (20, 90)):
        queue = make.make_queue(needs={"billing": 1})
        [make.make_agent(skills={"billing": 3}) for _ in range(agents)]
        [waiting(queue) for _ in range(customers)]
        with CaptureQueriesContext(connection) as queries:
            assert dispatch(Domain.main().pk).offers == agents
        counts.append(len(queries))

    assert counts[0] == counts[1]
    assert counts[0] <= 25


def make_accept(offer):
    offers.accept(offer, by=offer.agent)


def _overtaken_by(monkeypatch, act):
    """Let `act` happen after the engine has decided and before the router locks anything."""
    decide = dispatching.decide

    def decide_slowly(*args, **options):
        outcome = decide(*args, **options)
        thread = threading.Thread(target=at_once, args=(act,))
        thread.start()
        thread.join()
        return outcome

    monkeypatch.setattr(dispatching, "decide", decide_slowly)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "meanwhile",
    [
        lambda: Agent.objects.update(presence="break"),
        lambda: Agent.objects.update(budget=10),
        lambda: Interaction.objects.update(needs={"rare": 5}),
        lambda: Interaction.objects.update(status="done"),
        lambda: Interaction.objects.all().delete(),
    ],
)
def test_what_changed_while_the_engine_decided_is_left_for_the_next_run(monkeypatch, meanwhile):
    make.make_agent()
    waiting()
    _overtaken_by(monkeypatch, meanwhile)

    assert dispatch(Domain.main().pk) == Dispatched(offers=0, overtaken=1)
    assert Offer.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_eight_dispatchers_at_once_never_exceed_a_capacity():
    agents = [make.make_agent(budget=60) for _ in range(6)]
    queue = make.make_queue()
    for _ in range(20):
        waiting(queue)
    domain = Domain.main().pk

    outcomes = at_once(*[lambda: dispatch(domain).offers] * 8)

    assert sum(outcomes) == len(agents)
    assert problems() == []


@pytest.mark.django_db(transaction=True)
def test_a_router_that_finds_the_domain_locked_asks_again(services, monkeypatch):
    monkeypatch.setattr(dispatching, "LOCK_TIMEOUT", "50ms")
    make.make_agent()
    waiting()
    domain, redis = Domain.main().pk, Redis.from_url(services.redis.url)
    locked, go_on = threading.Event(), threading.Event()

    def keep_the_lock():
        with transaction.atomic():
            dispatch(domain)
            locked.set()
            go_on.wait(5)

    thread = threading.Thread(target=at_once, args=(keep_the_lock,))
    thread.start()
    locked.wait(5)
    redis.delete("routing")
    dispatch_domain(domain)
    again = redis.llen("routing")
    with pytest.raises(OperationalError, match="lock timeout"):
        dispatch(domain)
    go_on.set()
    thread.join()

    assert again == 1


@pytest.mark.django_db(transaction=True)
def test_a_burst_of_a_hundred_arrivals_asks_for_one_run(services):
    queue, redis = make.make_queue(), Redis.from_url(services.redis.url)
    tickets = [make.make_ticket(queue=queue, channel="chat") for _ in range(100)]
    began = monotonic()

    for ticket in tickets:
        enqueue(ticket, channel="chat")

    marks_run_out = int((monotonic() - began) / MARK_SECONDS)  # none but on a crawling machine
    assert 1 <= redis.llen("routing") <= 1 + marks_run_out


@pytest.mark.django_db(transaction=True)
def test_what_arrives_while_a_run_decides_asks_for_another(services, monkeypatch):
    make.make_agent()
    waiting()
    redis = Redis.from_url(services.redis.url)
    redis.delete("routing")
    _overtaken_by(monkeypatch, waiting)

    dispatch_domain(Domain.main().pk)

    assert redis.llen("routing") == 1


def test_a_cooldown_is_that_of_the_latest_offer():
    offer = ringing()
    offers.decline(offer, by=offer.agent)
    later = timezone.now() + timedelta(minutes=1)
    make.make_offer(offer.interaction, agent=offer.agent, outcome="expired", cooldown_until=later, answered_at=later)
    Offer.objects.filter(pk=offer.pk).update(cooldown_until=timezone.now() - timedelta(seconds=1))

    assert route() == []
    assert Decision.objects.count() == 2


def test_an_offer_rings_as_long_as_the_rules_in_force_say_and_its_decision_names_them():
    make.make_agent()
    came = waiting(make.make_queue("Care"), channel="chat")
    make.make_policy(came.queue.routing.domain, {"queues": {"care": {"ring": {"chat": "12s"}}}}, number=7)

    (offer,) = route()

    assert ((offer.expires_at - offer.made_at).total_seconds(), offer.decision.policy_version) == (12, 7)


def test_interactions_cost_what_the_rules_in_force_say():
    make.make_agent(budget=100)
    make.make_policy(make.make_domain(), {"capacity": {"cost": {"chat": 60}}})
    waiting(channel="chat"), waiting(channel="chat")

    (offer,) = route()
    make_accept(offer)

    assert (route(), now(offer.agent).used) == ([], 60)


def test_rules_published_between_two_runs_count_in_the_second():
    make.make_agent()
    first = waiting(make.make_queue("Care"), channel="chat")
    (offer,) = route()
    offers.decline(offer, by=offer.agent)
    make.make_agent()
    make.make_policy(first.queue.routing.domain, {"offer": {"ring": {"chat": "12s"}}})

    (offer,) = route()

    assert (offer.expires_at - offer.made_at).total_seconds() == 12
