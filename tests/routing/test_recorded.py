"""What the tables hold of the past, as plain facts."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from customers.models import Event
from routing.models import Domain, Offer
from routing.recorded import recorded
from routing.simulation.record import Passage, Ring, Stay
from tests import factories as make

pytestmark = pytest.mark.django_db
NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)


def at(minutes):
    return NINE + timedelta(minutes=minutes)


def seconds(minutes):
    return at(minutes).timestamp()


def read(since=0, until=60):
    return recorded(Domain.main(), at(since), at(until))


def contact(minute=10, *, agent=None, answered=None, ended=None, done=None, queue=None, channel="voice", **fields):
    """An interaction that is over, by minutes since nine."""
    times = {"accepted_at": answered, "ended_at": ended, "done_at": ended if done is None else done}
    times = {name: at(minutes) for name, minutes in times.items() if minutes is not None}
    ticket = make.make_ticket(queue=queue, channel=channel, text="Hello")
    fields = {"status": "done", "waiting_since": at(minute), "created_at": at(minute), **times, **fields}
    return make.make_interaction(ticket, agent=agent, cost=0, **fields)


def presence(agent, minute, word):
    Event.objects.create(
        verb="agent.presence", at=at(minute), actor="user", subject_kind="agent", subject_id=agent.pk,
        facts={"presence": word},
    )  # fmt: skip


def test_an_arrival_is_what_the_engine_is_told_with_its_queues_promise():
    queue = make.make_queue("Billing", needs={"billing": 3}, targets={"voice": 30}, importance=2.0)
    row = contact(queue=queue, agent=make.make_agent(), answered=11, ended=14, importance=1.5, priority=2)

    one = read().arrivals[0]

    assert (one.id, one.at, one.queue, one.channel, one.required) == (
        row.pk, seconds(10), "billing", "voice", {"billing": 3},
    )  # fmt: skip
    assert (one.target, one.importance, one.priority, one.is_counted) == (30.0, 3.0, 2, True)


def test_only_members_serve_a_private_queue():
    contact(queue=make.make_queue("Staff matters", is_private=True), agent=make.make_agent(), answered=11, ended=14)

    assert read().arrivals[0].required == {"member.staff-matters": 1}


def test_a_passage_has_the_times_of_answer_end_and_wrap_up():
    agent = make.make_agent()
    row = contact(agent=agent, answered=11, ended=14, done=15)

    assert read().passages[row.pk] == Passage(row.pk, agent.pk, seconds(11), seconds(14), seconds(15))


@pytest.mark.parametrize(("reason", "gave_up"), [("abandoned", True), ("customer", True), ("solved", False)])
def test_who_left_the_line_gave_up_or_had_another_reason(reason, gave_up):
    row = contact(ended=12, end_reason=reason)

    assert read().passages[row.pk] == Passage(row.pk, left_at=seconds(12), gave_up=gave_up)


def test_who_came_before_and_was_still_there_is_not_counted():
    agent = make.make_agent()
    contact(-20, agent=agent, answered=-19, ended=5)
    contact(-30, agent=agent, answered=-29, ended=-25)

    assert [(one.at, one.is_counted) for one in read().arrivals] == [(seconds(-20), False)]


def test_offers_are_rings_with_their_outcome():
    agent, row = make.make_agent(), contact(ended=12, end_reason="abandoned")
    offer = make.make_offer(row, agent=agent, outcome="declined")
    Offer.objects.filter(pk=offer.pk).update(made_at=at(10), answered_at=at(10.25))

    assert read().rings == (Ring(row.pk, agent.pk, 15.0, "declined", seconds(10)),)


def test_shifts_are_read_from_what_agents_said_of_their_presence():
    agent = make.make_agent()
    for minute, word in ((-30, "available"), (20, "break"), (30, "available"), (50, "offline")):
        presence(agent, minute, word)
    contact(ended=12, end_reason="abandoned")

    assert read().workers[0].stays == (
        Stay(seconds(0), seconds(20), "available"),
        Stay(seconds(20), seconds(30), "break"),
        Stay(seconds(30), seconds(50), "available"),
    )


def test_who_was_never_there_is_left_out():
    presence(make.make_agent(), 10, "offline")

    assert read().workers == ()


def test_the_owner_is_who_served_the_ticket_before_not_who_serves_it_now():
    ana, bo = make.make_agent(), make.make_agent()
    row = contact(agent=ana, answered=11, ended=12)
    again = make.make_interaction(
        row.ticket, agent=bo, status="done", cost=0, waiting_since=at(20), created_at=at(20), accepted_at=at(21),
        ended_at=at(22), done_at=at(22),
    )  # fmt: skip

    assert {one.id: one.owner for one in read().arrivals} == {row.pk: None, again.pk: ana.pk}


def test_what_was_passed_on_is_one_until_then_and_another_from_then_on():
    ana, bo = make.make_agent(), make.make_agent()
    row = contact(20, created_at=at(10), agent=bo, answered=21, ended=25)
    offer = make.make_offer(row, agent=ana, outcome="accepted")
    Offer.objects.filter(pk=offer.pk).update(made_at=at(10), answered_at=at(11))
    Event.objects.create(
        verb="interaction.transferred", at=at(20), actor="user", subject_kind="interaction", subject_id=row.pk,
        interaction_id=row.pk,
    )  # fmt: skip

    record = read()

    assert [one.at for one in record.arrivals] == [seconds(10), seconds(20)]
    first = record.passages[record.arrivals[0].id]
    assert (first.agent, first.answered_at, first.done_at) == (ana.pk, seconds(11), seconds(20))


def test_what_was_taken_from_the_list_was_taken_past_the_router():
    agent = make.make_agent()
    row = contact(agent=agent, answered=11, ended=14)
    Event.objects.create(
        verb="interaction.taken", at=at(11), actor="user", subject_kind="interaction", subject_id=row.pk,
        interaction_id=row.pk,
    )  # fmt: skip

    assert read().arrivals[0].taken == (seconds(11), agent.pk)


def test_while_a_call_lasted_mail_was_parked():
    agent = make.make_agent()
    presence(agent, 0, "available")
    mail = contact(1, channel="email", agent=agent, answered=2, ended=32)
    contact(10, agent=agent, answered=10, ended=15, done=16)

    assert read().passages[mail.pk].parked == 360.0


def test_mail_was_not_parked_where_its_queues_calls_leave_room_for_it():
    agent, quick = make.make_agent(), make.make_queue("Quick")
    make.make_policy(Domain.main(), {"queues": {quick.slug: {"cost": {"voice": 90}}}}, published_at=at(-60))
    presence(agent, 0, "available")
    mail = contact(1, channel="email", agent=agent, answered=2, ended=32)
    contact(10, agent=agent, answered=10, ended=15, done=16, queue=quick)
    contact(20, agent=agent, answered=20, ended=21)

    assert read().passages[mail.pk].parked == 60.0


def test_other_domains_are_not_read():
    contact(queue=make.make_queue(domain=make.make_domain("elsewhere")), ended=12, end_reason="abandoned")

    assert read().arrivals == ()


def test_twenty_contacts_are_read_in_as_many_queries_as_one(django_assert_num_queries):
    contact(ended=12, end_reason="abandoned")
    with CaptureQueriesContext(connection) as asked:
        read()
    for minute in range(20, 40):
        contact(minute, ended=minute + 1, end_reason="abandoned")

    with django_assert_num_queries(len(asked)):
        read()
