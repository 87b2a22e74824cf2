from datetime import timedelta

import pytest
from django.utils import timezone

from customers.models import Event
from helpdesk.narration import sentence
from helpdesk.staff import change_agent
from routing.handover import OverCapacity, take, transfer
from routing.interactions import end, enqueue, resolve, withdraw, wrap_up
from routing.models import Agent, Interaction
from routing.offers import accept, decline, expire
from routing.parking import bring_back, park_all, park_for
from routing.presence import set_presence
from routing.repair import repair
from tests import factories as make
from tests.routing.floor import now, overdue, talking, waiting

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sound")]

MAIL = ("email",)


def _mails(agent, *costs):
    """Mails that `agent` has in hand, oldest first."""
    started = timezone.now() - timedelta(hours=1)
    return [
        make.make_interaction(
            status="active", agent=agent, channel="email", cost=cost, accepted_at=started + timedelta(minutes=number)
        )
        for number, cost in enumerate(costs)
    ]


def _interrupt(agent, *, units=100):
    """A call of that many units rings for `agent`, who has mails in hand."""
    agent.touch()
    park_for(agent, units - agent.free, MAIL)
    agent.save(update_fields=["parked"])
    return _ring(agent, units)


def _ring(agent, units):
    ticket = make.make_ticket(channel="voice", text="Hello")
    return make.make_offer(make.make_interaction(ticket, cost=units), agent=agent)


def _statuses(rows):
    return [now(row).status for row in rows]


def _counters(agent):
    fresh = now(agent)
    return fresh.used, fresh.parked


def test_a_call_parks_the_mails_in_hand():
    agent = make.make_agent("Ada")
    mails = _mails(agent, 10, 10, 10)

    _interrupt(agent)

    assert (_statuses(mails), _counters(agent)) == (["parked"] * 3, (130, 30))
    event = Event.objects.filter(verb="interaction.parked").first()
    assert (event.actor, sentence(event)) == ("router", "It is parked while a call interrupts Ada")


def test_no_more_is_parked_than_need_be_and_the_newest_gives_way():
    agent = make.make_agent()
    mails = _mails(agent, 10, 10, 10)

    _interrupt(agent, units=85)

    assert (_statuses(mails), _counters(agent)) == (["active", "parked", "parked"], (115, 20))


def test_what_need_not_give_way_beside_a_bigger_one_does_not():
    agent = make.make_agent()
    mails = _mails(agent, 40, 10, 50)
    Interaction.objects.filter(pk=mails[2].pk).update(accepted_at=mails[1].accepted_at - timedelta(seconds=1))

    _interrupt(agent, units=45)

    assert (_statuses(mails), _counters(agent)) == (["active", "active", "parked"], (145, 50))


def test_nothing_is_parked_when_all_of_it_would_be_too_little():
    agent = make.make_agent()
    mails = _mails(agent, 10, 10)

    assert park_for(agent, 30, MAIL) == 0

    assert (_statuses(mails), agent.parked) == (["active", "active"], 0)


def test_only_channels_that_may_be_interrupted_give_way():
    agent = make.make_agent()
    chat = talking(agent)
    agent.touch()

    assert park_for(agent, 30, MAIL) == 0

    assert now(chat).status == "active"


def test_several_agents_are_parked_in_as_many_statements_as_one(django_assert_max_num_queries):
    agents = [make.make_agent() for _ in range(3)]
    mails = [_mails(agent, 10, 10) for agent in agents]

    with django_assert_max_num_queries(3):
        parked = park_all([(agent, 20, MAIL) for agent in agents])

    assert parked == {agent.pk: 20 for agent in agents}
    assert [_statuses(rows) for rows in mails] == [["parked", "parked"]] * 3
    Agent.objects.bulk_update(agents, ["parked"])
    assert [_ring(agent, 100).agent.free for agent in agents] == [-20] * 3


def test_nothing_new_fills_the_place_of_what_is_parked():
    agent = make.make_agent()
    _mails(agent, 70)

    _interrupt(agent, units=50)

    assert (now(agent).free, now(agent).room) == (-20, 50)


@pytest.mark.parametrize(
    "come_back",
    [
        lambda offer: decline(offer, by=offer.agent),
        lambda offer: expire(overdue(offer)),
        lambda offer: withdraw(offer.interaction),
        lambda offer: resolve(offer.interaction.ticket, by="system"),
    ],
    ids=["declined", "expired", "hung up", "solved"],
)
def test_parked_work_comes_back_with_the_room(come_back):
    agent = make.make_agent("Ada")
    mails = _mails(agent, 10, 10)
    offer = _interrupt(agent)

    come_back(offer)

    assert (_statuses(mails), _counters(agent)) == (["active", "active"], (20, 0))
    event = Event.objects.filter(verb="interaction.resumed").first()
    assert (event.actor, sentence(event)) == ("router", "Ada is back at it")


def test_parked_work_comes_back_when_the_call_is_wrapped_up_and_not_before():
    agent = make.make_agent()
    mails = _mails(agent, 10)
    call = accept(_interrupt(agent), by=agent)

    end(call, by=agent.user)
    assert _statuses(mails) == ["parked"]
    wrap_up(call, by=agent.user)
    assert (_statuses(mails), _counters(agent)) == (["active"], (10, 0))


def test_the_oldest_comes_back_first_as_far_as_it_fits():
    agent = make.make_agent()
    mails = _mails(agent, 30, 30, 10)
    _interrupt(agent)
    agent.touch()
    Interaction.objects.filter(channel="voice").update(cost=60)
    agent.release(40)

    bring_back(agent)

    assert (_statuses(mails), _counters(agent)) == (["active", "parked", "active"], (130, 30))


def test_what_is_solved_while_parked_is_done_at_once_and_frees_both_counters():
    agent = make.make_agent()
    mails = _mails(agent, 10, 20)
    _interrupt(agent)

    resolve(mails[0].ticket, by=agent.user)

    assert (_statuses(mails), _counters(agent)) == (["done", "parked"], (120, 20))


def test_what_is_transferred_while_parked_waits_for_another():
    agent = make.make_agent()
    mail = _mails(agent, 10)[0]
    _interrupt(agent)

    transfer(mail, by=agent.user, queue=make.make_queue())

    assert (now(mail).status, now(mail).agent, _counters(agent)) == ("waiting", None, (100, 0))


def test_a_customer_who_writes_again_on_a_parked_mail_joins_it():
    agent = make.make_agent()
    mail = _mails(agent, 10)[0]
    _interrupt(agent)

    assert enqueue(mail.ticket, channel="email") == mail

    assert (now(mail).status, now(mail).agent) == ("parked", agent)


def test_going_offline_while_it_rings_brings_the_parked_back():
    agent = make.make_agent()
    mails = _mails(agent, 10)
    _interrupt(agent)

    set_presence(agent, "offline", by=agent.user)

    assert (_statuses(mails), _counters(agent)) == (["active"], (10, 0))


def test_a_call_taken_by_hand_parks_mails_as_one_that_rings():
    agent = make.make_agent()
    mails = _mails(agent, 10, 10)

    take(waiting(channel="voice"), agent=agent, by=agent.user)

    assert (_statuses(mails), _counters(agent)) == (["parked", "parked"], (120, 20))


def test_taking_the_call_that_rings_keeps_the_mails_parked():
    agent = make.make_agent()
    mails = _mails(agent, 10)
    offer = _interrupt(agent)

    take(offer.interaction, agent=agent, by=agent.user)

    assert (_statuses(mails), _counters(agent)) == (["parked"], (110, 10))


def test_who_loses_a_ringing_call_to_another_is_back_at_the_mails():
    agent, bo = make.make_agent(), make.make_agent("Bo")
    mails = _mails(agent, 10)
    offer = _interrupt(agent)

    take(offer.interaction, agent=bo, by=bo.user)

    assert (_statuses(mails), _counters(agent), _counters(bo)) == (["active"], (10, 0), (100, 0))


def test_a_person_may_give_more_to_who_is_on_a_call_with_a_reason():
    agent = make.make_agent("Ada")
    mails = _mails(agent, 10)
    call, chat = accept(_interrupt(agent), by=agent), waiting()

    with pytest.raises(OverCapacity, match=r"Ada has no room for this \(0 of 30 units free\)"):
        take(chat, agent=agent, by=agent.user)
    take(chat, agent=agent, by=agent.user, reason="VIP")
    assert (_counters(agent), now(agent).override) == ((140, 10), 30)

    end(call, by=agent.user)
    wrap_up(call, by=agent.user)
    assert (_statuses(mails), _counters(agent), now(agent).override) == (["active"], (40, 0), 0)


def test_who_is_given_a_bigger_budget_is_back_at_what_was_parked():
    agent = make.make_agent()
    mails = _mails(agent, 10)
    _interrupt(agent)

    change_agent(agent, by="system", budget=120)

    assert (_statuses(mails), _counters(agent)) == (["active"], (110, 0))


def test_the_sweep_brings_back_what_was_left_parked():
    agent = make.make_agent()
    mail = make.make_interaction(status="parked", agent=agent, channel="email", cost=10, accepted_at=timezone.now())
    Agent.objects.update(parked=10)

    assert repair() == 1

    assert (now(mail).status, _counters(agent)) == ("active", (10, 0))
