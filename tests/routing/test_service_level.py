from datetime import timedelta

import pytest
from django.utils import timezone

from routing.interactions import withdraw
from routing.models import Interaction
from routing.service_level import Place, place_in_line, queue_stats
from tests import factories as make
from tests.routing.floor import talking, waiting

pytestmark = pytest.mark.django_db


def _answered(queue, *, after):
    """A chat answered just now after so many seconds."""
    interaction = talking(make.make_agent(), queue=queue)
    since = interaction.accepted_at - timedelta(seconds=after)
    Interaction.objects.filter(pk=interaction.pk).update(waiting_since=since)
    return interaction


def test_an_empty_queue_has_no_service_level_yet():
    stats = queue_stats([make.make_queue()])[0]

    assert (stats.waiting, stats.longest_wait, stats.offered, stats.answered, stats.service_level) == (
        0, None, 0, 0, None,
    )  # fmt: skip


def test_who_waits_is_counted_and_the_longest_wait_shown():
    queue = make.make_queue()
    first = waiting(queue)
    Interaction.objects.filter(pk=first.pk).update(waiting_since=timezone.now() - timedelta(seconds=90))
    waiting(queue), waiting(make.make_queue())

    stats = queue_stats([queue])[0]

    assert (stats.waiting, round(stats.longest_wait)) == (2, 90)


def test_the_service_level_is_the_share_answered_in_time():
    queue = make.make_queue(targets={"chat": 60})
    for seconds in (5, 59, 61):
        _answered(queue, after=seconds)

    stats = queue_stats([queue])[0]

    assert (stats.offered, stats.answered, stats.service_level) == (3, 3, pytest.approx(2 / 3))


@pytest.mark.parametrize("reason", ["abandoned", "customer"])
def test_who_gave_up_waiting_was_not_answered_in_time(reason):
    queue = make.make_queue()
    _answered(queue, after=5)
    withdraw(waiting(queue), reason=reason)

    stats = queue_stats([queue])[0]

    assert (stats.offered, stats.answered, stats.service_level) == (2, 1, 0.5)


def test_who_gave_up_is_counted_where_nobody_was_answered():
    queue = make.make_queue()
    withdraw(waiting(queue))

    stats = queue_stats([queue])[0]

    assert (stats.offered, stats.answered, stats.service_level) == (1, 0, 0.0)


def test_agents_count_where_they_have_the_skills():
    billing, anything = make.make_queue(needs={"billing": 3}), make.make_queue()
    make.make_agent(skills={"billing": 3})
    make.make_agent(skills={"billing": 2})
    make.make_agent(skills={"billing": 5}, presence="break")

    assert [stats.available_agents for stats in queue_stats([billing, anything])] == [1, 2]


def test_agents_of_another_domain_do_not_count():
    queue = make.make_queue()
    make.make_agent(domain=make.make_domain("north"))

    assert queue_stats([queue])[0].available_agents == 0


def test_three_queues_take_as_many_queries_as_one(django_assert_num_queries):
    queues = [make.make_queue(needs={"billing": 1}) for _ in range(3)]
    for queue in queues:
        waiting(queue)
        make.make_agent(skills={"billing": 2})

    for some in (queues[:1], queues):
        with django_assert_num_queries(7):
            queue_stats(some)


def test_no_queue_has_no_figures():
    assert queue_stats([]) == []


def test_a_place_in_line_counts_those_who_came_before_on_the_same_channel():
    queue = make.make_queue()
    waiting(queue), waiting(queue, channel="email"), waiting()
    last = waiting(queue)

    assert place_in_line(last) == Place(position=2, expected_wait=None)


def test_the_expected_wait_of_a_busy_line_is_as_fast_as_it_moved_in_the_last_half_hour():
    queue = make.make_queue()
    for _ in range(3):
        _answered(queue, after=1200)

    assert place_in_line(waiting(queue)) == Place(position=1, expected_wait=600.0)


def test_the_expected_wait_of_a_quiet_line_is_what_others_waited():
    queue = make.make_queue()
    for _ in range(3):
        _answered(queue, after=10)

    assert place_in_line(waiting(queue)) == Place(position=1, expected_wait=10.0)


def test_only_members_are_free_for_a_private_queue():
    ada, _bo = make.make_agent("Ada"), make.make_agent("Bo")
    private, deserted = (make.make_queue(is_private=True, members=members) for members in ([ada.user], []))

    assert [stats.available_agents for stats in queue_stats([private, deserted])] == [1, 0]


def test_targets_are_those_of_the_rules_in_force():
    queue = make.make_queue("Care", targets={"chat": 45})
    make.make_policy(queue.routing.domain, {"queues": {"care": {"target": {"voice": [80, "30s"]}}}})

    (stats,) = queue_stats([queue])

    assert stats.target == {"voice": 30, "chat": 45, "email": 14_400}
