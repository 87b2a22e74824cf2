from datetime import timedelta

import pytest
from django.utils import timezone

from customers.models import Event
from helpdesk.staff import change_agent
from routing import interactions
from routing.handover import OverCapacity, assign, change, take, transfer
from routing.interactions import InteractionRefused, wrap_up
from routing.models import Domain, Interaction
from routing.offers import OfferGone, accept, decline
from tests import factories as make
from tests.races import at_once, sorted_kinds
from tests.routing.floor import now, ringing, route, talking, waiting, wrapping_up
from tickets.models import Message

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sound")]


def test_what_waits_can_be_taken_from_the_list():
    interaction, bo = waiting(), make.make_agent("Bo")

    take(interaction, agent=bo, by=bo.user)

    taken = now(interaction)
    assert (taken.status, taken.agent, taken.cost) == ("active", bo, 30)
    assert (now(taken.ticket).assignee, now(bo).used) == (bo.user, 30)
    assert Event.objects.get(verb="interaction.taken").facts == {"agent": "Bo", "reason": ""}


def test_taking_what_rings_elsewhere_stops_the_ringing():
    offer, bo = ringing(make.make_agent("Ada")), make.make_agent("Bo")

    take(offer.interaction, agent=bo, by=bo.user)

    assert (now(offer).outcome, now(offer).reason) == ("withdrawn", "taken by Bo")
    assert (now(offer.agent).used, now(bo).used) == (0, 30)
    with pytest.raises(OfferGone, match="Bo took it meanwhile"):
        accept(now(offer), by=offer.agent)


def test_taking_what_rings_on_the_own_desk_is_like_accepting():
    offer = ringing()

    take(offer.interaction, agent=offer.agent, by=offer.agent.user)

    assert (now(offer.interaction).status, now(offer.agent).used) == ("active", 30)


def test_what_somebody_has_cannot_be_taken():
    interaction, bo = talking(make.make_agent("Ada")), make.make_agent("Bo")

    with pytest.raises(InteractionRefused, match="Ada has it already"):
        take(interaction, agent=bo, by=bo.user)


def test_what_is_over_cannot_be_taken():
    interaction, bo = wrapping_up(), make.make_agent("Bo")
    wrap_up(interaction, by="system")

    with pytest.raises(InteractionRefused, match="over already"):
        take(interaction, agent=bo, by=bo.user)


def test_more_than_the_budget_takes_a_reason():
    bo = make.make_agent("Bo", budget=30)
    talking(bo)
    more = waiting()

    with pytest.raises(OverCapacity, match=r"Bo has no room for this \(0 of 30 units free\)"):
        take(more, agent=bo, by=bo.user)
    take(more, agent=bo, by=bo.user, reason="VIP")

    assert (now(bo).used, now(bo).override) == (60, 30)


def test_what_is_taken_by_hand_takes_what_its_queue_costs_unless_the_agent_has_their_own_cost():
    care = make.make_queue("Care")
    make.make_policy(Domain.main(), {"queues": {care.slug: {"cost": {"chat": 60}}}})
    bo, cy = make.make_agent("Bo"), make.make_agent("Cy", costs={"chat": 55})
    for agent in (bo, cy):
        take(waiting(care), agent=agent, by=agent.user)

    assert (now(bo).used, now(cy).used) == (60, 55)


def test_what_was_allowed_beyond_the_budget_ends_with_the_work():
    bo = make.make_agent("Bo", budget=30)
    first, more = talking(bo), waiting()
    take(more, agent=bo, by=bo.user, reason="VIP")

    for interaction in (first, more):
        interactions.end(interaction, by=bo.user)
        wrap_up(interaction, by=bo.user)

    assert (now(bo).used, now(bo).override, now(bo).free) == (0, 0, 30)


def test_what_was_allowed_beyond_the_budget_ends_when_the_budget_grows():
    bo, interaction = make.make_agent(budget=20), waiting()
    take(interaction, agent=bo, by=bo.user, reason="VIP")

    change_agent(bo, by="system", budget=100)

    assert (now(bo).used, now(bo).override, now(bo).free) == (30, 0, 70)


def test_assigning_a_ticket_gives_the_agent_what_waits_on_it():
    interaction, bo, boss = waiting(), make.make_agent("Bo"), make.make_supervisor("Sue")

    assign(interaction.ticket, bo.user, by=boss)

    assert (now(interaction).agent, now(interaction.ticket).assignee) == (bo, bo.user)


def test_assigning_to_somebody_who_is_no_agent_leaves_it_in_line():
    interaction, boss = waiting(), make.make_supervisor("Sue")

    assign(interaction.ticket, boss, by=boss)

    assert (now(interaction).status, now(interaction.ticket).assignee) == ("waiting", boss)


def test_a_transfer_to_a_queue_puts_it_in_that_line():
    interaction, billing = talking(make.make_agent("Ada")), make.make_queue("Billing", needs={"billing": 2})
    ada = interaction.agent

    transfer(interaction, by=ada.user, queue=billing, note="Wants money back")

    moved = now(interaction)
    assert (moved.status, moved.queue, moved.agent, moved.accepted_at) == ("waiting", billing, None, None)
    assert (moved.needs, now(ada).used) == ({"billing": 2}, 0)
    assert (now(moved.ticket).queue, now(moved.ticket).assignee) == (billing, None)
    assert Message.objects.get(kind="note").text == "Wants money back"


def test_a_transfer_to_a_person_rings_on_their_desk_whatever_their_skills():
    ada, bo = make.make_agent("Ada", skills={"x": 5}), make.make_agent("Bo")
    interaction = talking(ada, queue=make.make_queue(needs={"x": 1}))

    transfer(interaction, by=ada.user, agent=bo)

    assert [(offer.interaction, offer.agent) for offer in route()] == [(interaction, bo)]


def test_a_transfer_to_a_person_who_declined_it_before_rings_there_at_once():
    ada, bo = make.make_agent("Ada"), make.make_agent("Bo")
    interaction, later = waiting(), timezone.now() + timedelta(minutes=1)
    make.make_offer(interaction, agent=bo, outcome="declined", cooldown_until=later, answered_at=timezone.now())
    take(interaction, agent=ada, by=ada.user)

    transfer(interaction, by=ada.user, agent=bo)

    assert [(offer.interaction, offer.agent) for offer in route()] == [(interaction, bo)]


def test_what_the_person_declines_is_for_all_in_the_queue():
    ada, bo, cy = (make.make_agent(name) for name in ("Ada", "Bo", "Cy"))
    interaction = waiting()
    take(interaction, agent=ada, by=ada.user)
    transfer(interaction, by=ada.user, agent=bo)
    decline(route()[0], by=bo)

    assert now(interaction).reserved_for is None
    assert [offer.agent in (ada, cy) for offer in route()] == [True]


def test_who_passes_it_on_is_not_rung_for_it_at_once():
    interaction = talking(make.make_agent("Ada"))

    transfer(interaction, by=interaction.agent.user, queue=interaction.queue)

    assert route() == []


def test_nothing_is_transferred_to_somebody_who_is_offline():
    interaction, bo = talking(), make.make_agent("Bo", presence="offline")

    with pytest.raises(InteractionRefused, match="Bo is offline"):
        transfer(interaction, by=interaction.agent.user, agent=bo, note="For you")

    assert (now(interaction).status, Message.objects.filter(kind="note").count()) == ("active", 0)


def test_nothing_is_transferred_to_somebody_who_does_not_take_its_channel():
    interaction, bo = talking(), make.make_agent("Bo", channels=["email"])

    with pytest.raises(InteractionRefused, match="Bo does not take chat"):
        transfer(interaction, by=interaction.agent.user, agent=bo)

    assert now(interaction).status == "active"


def test_nothing_of_a_private_queue_is_transferred_to_an_outsider():
    interaction, bo = talking(), make.make_agent("Bo")

    with pytest.raises(InteractionRefused, match="Bo is no member of the private queue Legal"):
        legal = make.make_queue("Legal", is_private=True)
        transfer(interaction, by=interaction.agent.user, queue=legal, agent=bo)

    assert now(interaction).status == "active"


def test_what_is_over_cannot_be_transferred():
    interaction = wrapping_up()

    with pytest.raises(InteractionRefused, match="This interaction is over"):
        transfer(interaction, by="system", queue=make.make_queue())


def test_a_transfer_of_what_rings_stops_the_ringing():
    offer = ringing()

    transfer(offer.interaction, by=make.make_supervisor(), queue=make.make_queue())

    assert (now(offer).outcome, now(offer.interaction).status) == ("withdrawn", "waiting")


def test_what_waits_moves_to_the_tickets_new_queue():
    interaction, billing = waiting(), make.make_queue("Billing", needs={"billing": 2})
    since = interaction.waiting_since

    change(interaction.ticket, by=make.make_user(), queue=billing, priority=3)

    moved = now(interaction)
    assert (moved.queue, moved.needs, moved.priority, moved.waiting_since) == (billing, {"billing": 2}, 3, since)


def test_what_rings_is_called_off_when_the_ticket_moves_but_not_when_it_only_gets_urgent():
    offer, user = ringing(), make.make_user()

    change(offer.interaction.ticket, by=user, priority=3)
    assert now(offer).outcome == "open"
    change(offer.interaction.ticket, by=user, queue=make.make_queue("Billing"))

    assert (now(offer).outcome, now(offer.interaction).queue.name) == ("withdrawn", "Billing")


def test_what_an_agent_has_stays_with_them_when_the_ticket_moves():
    interaction = talking()

    change(interaction.ticket, by=make.make_user(), queue=make.make_queue())

    assert (now(interaction).status, now(interaction).queue) == ("active", interaction.queue)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_take_it_at_once_one_has_it_and_the_other_is_told():
    interaction = waiting()
    agents = [make.make_agent(name) for name in ("Ada", "Bo", "Cy")]

    outcomes = at_once(*[lambda a=agent: take(now(interaction), agent=now(a), by=a.user) for agent in agents])

    assert sorted_kinds(outcomes) == ["Interaction", "InteractionRefused", "InteractionRefused"]
    holder = now(interaction).agent
    assert [now(agent).used for agent in agents] == [30 if agent == holder else 0 for agent in agents]
    assert now(interaction.ticket).assignee == holder.user


@pytest.mark.django_db(transaction=True)
def test_taking_and_accepting_at_once_has_one_winner():
    offer, bo = ringing(make.make_agent("Ada")), make.make_agent("Bo")

    outcomes = at_once(
        lambda: accept(now(offer), by=now(offer.agent)),
        lambda: take(now(offer.interaction), agent=now(bo), by=bo.user),
    )

    assert sorted_kinds(outcomes) in (["Interaction", "InteractionRefused"], ["Interaction", "OfferGone"])
    assert Interaction.objects.get().status == "active"


@pytest.mark.django_db(transaction=True)
def test_an_agent_who_takes_two_at_once_stays_within_the_budget():
    bo = make.make_agent("Bo", budget=30)
    first, second = waiting(), waiting()

    outcomes = at_once(
        lambda: take(now(first), agent=now(bo), by=bo.user), lambda: take(now(second), agent=now(bo), by=bo.user)
    )

    assert sorted_kinds(outcomes) == ["Interaction", "OverCapacity"]
    assert now(bo).used == 30
