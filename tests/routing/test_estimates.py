from datetime import timedelta

import pytest
from django.utils import timezone

from routing import estimates
from routing.estimates import Handling, of, warm
from routing.models import Domain, Interaction
from tests import factories as make
from tests.routing.floor import talking, waiting, wrapping_up

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def nothing_kept():
    estimates.forget()
    yield
    estimates.forget()


def _ago(**parts):
    return timezone.now() - timedelta(**parts)


def _done(agent, queue, *, begun, seconds, channel="chat", count=1):
    """Contacts that `agent` was at from `begun` on."""
    for _ in range(count):
        make.make_interaction(
            make.make_ticket(queue=queue, channel=channel),
            status="done",
            agent=agent,
            cost=0,
            accepted_at=begun,
            ended_at=begun + timedelta(seconds=seconds),
            done_at=begun + timedelta(seconds=seconds),
        )


def _now():
    estimates.forget()  # what the router read on the way here
    return of(Domain.main(), timezone.now())


def test_occupancy_is_the_share_of_the_last_half_hour_with_work():
    agent, queue = make.make_agent(), make.make_queue()
    _done(agent, queue, begun=_ago(minutes=40), seconds=15 * 60)  # 5 minutes of it lately
    _done(agent, queue, begun=_ago(minutes=20), seconds=6 * 60)
    _done(agent, queue, begun=_ago(minutes=19), seconds=2 * 60)  # beside the other: counts once
    _done(agent, queue, begun=_ago(hours=3), seconds=60)

    assert _now().occupancy == {agent.pk: pytest.approx(11 / 30, abs=0.01)}


def test_what_is_in_hand_counts_until_now():
    interaction = talking()
    Interaction.objects.filter(pk=interaction.pk).update(accepted_at=_ago(minutes=15))

    assert _now().occupancy == {interaction.agent_id: pytest.approx(0.5, abs=0.01)}


def test_what_only_rings_or_waits_is_no_work():
    make.make_offer(), waiting()

    assert _now().occupancy == {}


def test_who_needs_less_time_than_others_for_the_same_is_faster():
    queue, quick, slow = make.make_queue(), make.make_agent(), make.make_agent()
    _done(quick, queue, begun=_ago(days=2), seconds=300, count=30)
    _done(slow, queue, begun=_ago(days=2), seconds=500, count=30)

    pace = _now().pace

    # The average is 400 s (and a little of the ordinary 600); half of each is what everybody is credited with.
    average = (60 * 400 + 5 * 600) / 65
    assert pace[quick.pk] == {queue.slug: pytest.approx(2 / (1 + 300 / average))}
    assert pace[slow.pk] == {queue.slug: pytest.approx(2 / (1 + 500 / average))}


def test_a_few_contacts_make_nobody_fast():
    queue, quick = make.make_queue(), make.make_agent()
    _done(make.make_agent(), queue, begun=_ago(days=2), seconds=600, count=20)
    _done(quick, queue, begun=_ago(days=2), seconds=60)

    assert _now().pace[quick.pk][queue.slug] == pytest.approx(1.03, abs=0.005)


def test_pace_has_bounds():
    queue, quick, slow = make.make_queue(), make.make_agent(), make.make_agent()
    _done(quick, queue, begun=_ago(days=2), seconds=10, count=90)
    _done(slow, queue, begun=_ago(days=2), seconds=3600, count=30)

    pace = _now().pace

    assert (pace[quick.pk][queue.slug], pace[slow.pk][queue.slug]) == (1.5, 0.67)


def test_channels_are_not_compared_with_each_other():
    queue, writer, talker = make.make_queue(), make.make_agent(), make.make_agent()
    _done(writer, queue, begun=_ago(days=2), seconds=3600, channel="email", count=10)
    _done(talker, queue, begun=_ago(days=2), seconds=120, channel="voice", count=10)

    paces = _now().pace

    assert [round(paces[agent.pk][queue.slug], 1) for agent in (writer, talker)] == [0.9, 1.1]


def test_a_mail_left_over_night_is_no_measure():
    queue, agent = make.make_queue(), make.make_agent()
    _done(agent, queue, begun=_ago(days=2), seconds=16 * 3600, channel="email", count=5)

    assert _now().handled(queue.slug, "email").mean == (5 * 4 * 3600 + 5 * 900) / 10


def test_who_holds_work_is_expected_free_when_such_work_ends():
    queue = make.make_queue()
    _done(make.make_agent(), queue, begun=_ago(days=2), seconds=600, count=50)
    interaction = talking(queue=queue)

    free_at = _now().free_at[interaction.agent_id]

    assert free_at - interaction.accepted_at.timestamp() == pytest.approx(600, abs=2)


def test_wrap_up_is_over_at_its_limit_at_the_latest():
    interaction = wrapping_up(queue=make.make_queue(wrap_up_seconds=20))

    assert _now().free_at == {interaction.agent_id: round(interaction.wrap_up_until.timestamp())}


def test_what_is_overdue_is_expected_in_a_while_and_not_at_once():
    handling = Handling(mean=600, deviation=600)
    ends = [handling.end(0, now) - now for now in (0, 1200, 3600, 10_800)]

    assert ends[0] == 600
    assert ends == sorted(ends)
    assert handling.end(0, 400_000) == 800_000


def test_what_always_takes_as_long_ends_then_or_now():
    handling = Handling(mean=600, deviation=0)

    assert (handling.end(0, 100), handling.end(0, 700)) == (600, 700)


def test_service_level_and_expected_wait_are_by_queue():
    queue = make.make_queue(targets={"chat": 60})
    for wait in (30, 90):
        interaction = talking(queue=queue)
        Interaction.objects.filter(pk=interaction.pk).update(
            waiting_since=interaction.accepted_at - timedelta(seconds=wait)
        )
    waiting(queue)
    make.make_queue("Quiet")

    found = _now()

    assert (found.service, found.expected_wait) == ({queue.slug: 0.5}, {queue.slug: pytest.approx(120, abs=1)})


def test_another_domain_is_none_of_its_business():
    other = make.make_domain("other")
    talking()

    found = of(other, timezone.now())

    assert (found.occupancy, found.free_at, found.service) == ({}, {}, {})


def test_what_was_read_is_kept_for_a_minute(django_assert_num_queries):
    make.make_queue()
    domain, now = Domain.main(), timezone.now()
    of(domain, now)

    with django_assert_num_queries(0):
        of(domain, now + timedelta(seconds=59))
    with django_assert_num_queries(7):  # how fast people are is known for ten minutes
        of(domain, now + timedelta(seconds=61))


def test_warming_up_reads_what_a_dispatch_would_have_to(django_assert_num_queries):
    domain = Domain.main()
    of(domain, timezone.now() - timedelta(seconds=50))

    warm(domain.pk)

    with django_assert_num_queries(0):
        of(domain, timezone.now() + timedelta(seconds=30))


def test_who_is_free_when_is_looked_up_more_often(django_assert_num_queries):
    domain = Domain.main()
    of(domain, timezone.now() - timedelta(seconds=16))
    interaction = make.make_interaction(status="active", agent=make.make_agent(), accepted_at=timezone.now())

    with django_assert_num_queries(1):
        warm(domain.pk)

    assert list(of(domain, timezone.now()).free_at) == [interaction.agent_id]


def test_queries_do_not_grow_with_agents_and_queues(django_assert_num_queries):
    for _ in range(3):
        agent, queue = make.make_agent(), make.make_queue()
        _done(agent, queue, begun=_ago(minutes=10), seconds=60)
        talking(agent, queue=queue)

    estimates.forget()
    with django_assert_num_queries(9):
        of(Domain.main(), timezone.now())
