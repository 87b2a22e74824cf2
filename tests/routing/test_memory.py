"""What the router remembers is what the rows say, whoever wrote them, and whenever they were committed."""

import threading
from random import Random

import pytest
from django.db import OperationalError, connection, transaction

from routing import dispatch as dispatching
from routing import memory
from routing.dispatch import Dispatched, dispatch
from routing.interactions import end, withdraw, wrap_up
from routing.memory import Memory, forget, recall
from routing.models import Agent, AgentSkill, Domain, Interaction, Offer, QueueRouting
from routing.offers import accept, decline
from routing.presence import set_presence
from tests import factories as make
from tests.races import at_once
from tests.routing.floor import now, ringing, route, waiting

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("sound")]


@pytest.fixture(autouse=True)
def empty():
    forget()


@pytest.fixture
def remembering():
    """The main domain, which the router has looked at: nobody is there and nobody waits."""
    domain = Domain.main().pk
    dispatch(domain)
    assert domain in memory._kept
    return domain


def is_still(built_at, domain):
    return memory._kept[domain].built_at == built_at


def test_what_comes_after_a_run_is_read_by_the_next_without_reading_everything(remembering):
    queue = make.make_queue()
    route()
    built_at = memory._kept[remembering].built_at
    agent, interaction = make.make_agent(), waiting(queue)

    assert [(offer.agent, offer.interaction) for offer in route()] == [(agent, interaction)]
    assert is_still(built_at, remembering)


def test_two_routers_that_take_turns_each_see_what_the_other_did(remembering, monkeypatch):
    theirs = {}
    agents = [make.make_agent() for _ in range(6)]
    for _ in range(3):
        waiting()
        route()
        monkeypatch.setattr(memory, "_kept", theirs)
        theirs, waited = memory._kept, waiting()
        assert [offer.interaction for offer in route()] == [waited]
        monkeypatch.undo()

    assert Agent.objects.filter(used=30).count() == len(agents)


def test_a_transaction_that_commits_long_after_others_is_not_missed(remembering):
    make.make_agent(), make.make_agent()
    queue = make.make_queue()
    written, go_on = threading.Event(), threading.Event()

    def arrive_slowly():
        with transaction.atomic():
            waiting(queue)
            written.set()
            go_on.wait(10)

    thread = threading.Thread(target=at_once, args=(arrive_slowly,))
    thread.start()
    written.wait(10)
    early = waiting()
    assert [offer.interaction for offer in route()] == [early]
    assert route() == []
    go_on.set()
    thread.join()

    assert [offer.interaction.queue for offer in route()] == [queue]


def test_a_router_whose_transaction_was_killed_begins_anew(remembering, monkeypatch):
    make.make_agent()
    interaction = waiting()
    decide = dispatching.decide

    def die(*args, **options):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    monkeypatch.setattr(dispatching, "decide", die)
    with pytest.raises(OperationalError):
        dispatch(remembering)
    connection.close()
    monkeypatch.setattr(dispatching, "decide", decide)

    assert remembering not in memory._kept
    assert [offer.interaction for offer in route()] == [interaction]


def test_a_run_that_is_rolled_back_leaves_nothing_behind(remembering):
    with transaction.atomic():
        make.make_agent(), waiting()
        assert dispatch(remembering).offers == 1
        transaction.set_rollback(True)

    assert route() == []
    make.make_agent(), waiting()
    assert len(route()) == 1


def test_what_is_written_after_a_run_in_the_same_transaction_is_seen(remembering):
    with transaction.atomic():
        dispatch(remembering)
        make.make_agent(), waiting()

    assert len(route()) == 1


def test_an_interaction_that_was_deleted_costs_one_answer():
    make.make_agent(presence="break")
    gone, waits = waiting(), waiting()
    route()
    Interaction.objects.filter(pk=gone.pk).delete()
    Agent.objects.update(presence="available")

    assert dispatch(Domain.main().pk) == Dispatched(offers=0, overtaken=1)
    assert [offer.interaction for offer in route()] == [waits]


def test_an_agent_who_was_deleted_costs_one_answer():
    expert, agent = make.make_agent(skills={"billing": 5}), make.make_agent(skills={"billing": 1})
    queue = make.make_queue(wants={"billing": 5})
    route()
    Agent.objects.filter(pk=expert.pk).delete()
    waiting(queue)

    assert dispatch(Domain.main().pk) == Dispatched(offers=0, overtaken=1)
    assert [offer.agent for offer in route()] == [agent]


def test_tables_that_were_emptied_and_filled_anew_are_read_anew(remembering):
    make.make_agent(), waiting()
    route()
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE routing_interaction, routing_agent CASCADE")
    Domain.objects.update(epoch=0)
    agent, interaction = make.make_agent(), waiting()

    assert [(offer.agent, offer.interaction) for offer in route()] == [(agent, interaction)]


def _learn(agent, queue):
    make.make_skill("billing")
    AgentSkill.objects.create(agent=agent, skill=make.make_skill("billing"), level=4)


def _forget(agent, queue):
    AgentSkill.objects.filter(agent=agent).delete()


def _improve(agent, queue):
    AgentSkill.objects.filter(agent=agent).update(level=4)


@pytest.mark.parametrize(
    ("had", "change", "rings"),
    [({}, _learn, 1), ({"billing": 4}, _forget, 0), ({"billing": 1}, _improve, 1)],
)
def test_skills_that_changed_count_at_once(had, change, rings):
    agent, queue = make.make_agent(skills=had), make.make_queue(needs={"billing": 3})
    make.make_agent("Other", skills={"billing": 5}, presence="break")  # so that nothing is relaxed
    route()
    change(agent, queue)
    waiting(queue)

    assert len(route()) == rings


def test_who_joins_a_private_queue_is_rung_at_once_and_who_leaves_it_no_longer():
    queue = make.make_queue("Legal", is_private=True)
    first, second = make.make_agent(), make.make_agent()
    queue.members.add(first.user)
    waiting(queue)
    assert [offer.agent for offer in route()] == [first]

    queue.members.set([second.user])
    waiting(queue), waiting(queue)
    assert [offer.agent for offer in route()] == [second]


def test_a_queue_that_becomes_private_rings_for_nobody_else():
    queue = make.make_queue()
    make.make_agent()
    route()
    waiting(queue)
    queue.is_private = True
    queue.save()

    assert route() == []


def test_a_queue_that_moves_to_another_domain_takes_its_line_along():
    north, queue = make.make_domain("north"), make.make_queue()
    make.make_agent(), make.make_agent(domain=north)
    route(), dispatch(north.pk)
    waiting(queue)
    QueueRouting.objects.filter(queue=queue).update(domain=north)

    assert route() == []
    assert dispatch(north.pk).offers == 1


def test_an_agent_who_moves_to_another_domain_is_rung_there():
    north = make.make_domain("north")
    agent = make.make_agent()
    route(), dispatch(north.pk)
    Agent.objects.update(domain=north)
    waiting(), waiting(make.make_queue(domain=north))

    assert route() == []
    assert dispatch(north.pk).offers == 1
    assert now(agent).used == 30


def test_who_may_no_longer_sign_in_costs_one_answer():
    agent, queue = make.make_agent(), make.make_queue()
    route()
    agent.user.is_active = False
    agent.user.save()
    waiting(queue)

    assert [dispatch(Domain.main().pk) for _ in range(2)] == [Dispatched(0, 1), Dispatched(0, 0)]


def test_the_sweep_reads_everything_once_a_minute(remembering):
    memory._kept[remembering].built_at -= memory.REBUILT_BY_SWEEP_SECONDS + 1
    built_at = memory._kept[remembering].built_at

    dispatch(remembering)
    kept_by_a_nudge = is_still(built_at, remembering)
    dispatch(remembering, trigger="sweep")

    assert (kept_by_a_nudge, is_still(built_at, remembering)) == (True, False)


ACTS = {
    "arrive": lambda dice: waiting(dice.choice(list(QueueRouting.objects.all())).queue, channel=_channel(dice)),
    "leave": lambda dice: _some(dice, Interaction.objects.waiting(), withdraw),
    "route": lambda dice: dispatch(Domain.main().pk),
    "accept": lambda dice: _some(dice, Offer.objects.open(), lambda offer: accept(offer, by=offer.agent)),
    "decline": lambda dice: _some(dice, Offer.objects.open(), lambda offer: decline(offer, by=offer.agent)),
    "end": lambda dice: _some(dice, Interaction.objects.filter(status="active"), lambda row: end(row, by="customer")),
    "wrap up": lambda dice: _some(
        dice, Interaction.objects.filter(status="wrap_up"), lambda row: wrap_up(row, by=None)
    ),
    "presence": lambda dice: _some(
        dice, Agent.objects.all(), lambda agent: set_presence(agent, dice.choice(Agent.Presence.values), by=None)
    ),
    "skill": lambda dice: _some(
        dice,
        AgentSkill.objects.all(),
        lambda had: AgentSkill.objects.filter(pk=had.pk).update(level=dice.randint(1, 5)),
    ),
    "lose": lambda dice: _some(dice, AgentSkill.objects.all(), lambda had: had.delete()),
}


def _in(status):
    return Interaction.objects.filter(status=status)


def _set_level(had, level):
    AgentSkill.objects.filter(pk=had.pk).update(level=level)


def _channel(dice):
    return dice.choice(["chat", "email", "voice"])


def _some(dice, rows, act):
    if rows := list(rows.order_by("pk")):
        act(dice.choice(rows))


@pytest.mark.parametrize("seed", range(4))
def test_whatever_happens_what_is_remembered_is_what_is_there(seed):
    dice = Random(seed)
    for level in (1, 3):
        make.make_queue(needs={"billing": level}, wrap_up_seconds=dice.choice([0, 60]))
    for _ in range(4):
        make.make_agent(skills={"billing": dice.randint(1, 5), "lang.en": dice.randint(1, 5)})
    route()

    for _ in range(40):
        ACTS[dice.choice([*ACTS])](dice)
        remembered, there = _both()
        assert remembered.line.rows == there.line.rows
        assert remembered.desks == there.desks
        assert list(remembered.agents) == list(there.agents)


@transaction.atomic
def _both():
    """The memory as the next run has it, and one that was made anew at the same moment; kept as a run would."""
    domain, moment = dispatching._claim(Domain.main().pk)
    remembered, there = recall(domain.pk, domain.epoch, moment), Memory(domain.pk)
    there.policy, there.estimated = remembered.policy, remembered.estimated
    there.rebuild(moment)
    transaction.on_commit(lambda: memory.keep(remembered))
    return remembered, there


def test_a_ring_is_remembered_by_the_desk_it_rings_on():
    offer = ringing()

    assert _both()[0].desks[offer.agent_id].is_ringing
