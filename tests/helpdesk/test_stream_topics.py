"""What a socket may follow, asked of the database as seldom as may be."""

import pytest

from helpdesk.stream import topics
from tests import factories as make

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("count", [1, 3])
def test_any_number_of_tickets_is_asked_about_in_one_query(count, django_assert_num_queries):
    user = make.make_user()
    wanted = [f"ticket:{make.make_ticket().pk}" for _ in range(count)]
    with django_assert_num_queries(1):
        assert topics.allowed(user, wanted) == set(wanted)


@pytest.mark.parametrize("count", [1, 3])
def test_any_number_of_revisions_is_read_in_two_queries(count, django_assert_num_queries):
    agent = make.make_agent()
    tickets = [make.make_ticket() for _ in range(count)]
    expected = {"me": agent.revision, "lists": None} | {f"ticket:{ticket.pk}": ticket.revision for ticket in tickets}
    with django_assert_num_queries(2):
        assert topics.revisions(agent.user, agent.pk, expected) == expected


def test_somebody_without_a_role_follows_nothing_but_themselves():
    topic = f"ticket:{make.make_ticket().pk}"
    assert topics.allowed(make.make_user(role=""), ["me", "lists", "floor", topic]) == {"me"}


def test_lists_are_made_of_the_queues_one_sees():
    queue = make.make_queue()
    make.make_queue(is_private=True)
    assert topics.busy_topics(make.make_user(), {"lists", "me"}) == {f"queue:{queue.pk}"}


def test_the_floor_is_made_of_all_queues_and_agents():
    queue, agent = make.make_queue(is_private=True), make.make_agent()
    supervisor = make.make_supervisor()
    assert topics.busy_topics(supervisor, {"floor"}) == {f"queue:{queue.pk}", f"agent:{agent.pk}"}


@pytest.mark.parametrize("topic", ["me", "lists", "floor", "ticket:7", "queue:1", "customer:99"])
def test_topics_are_words_or_words_with_an_id(topic):
    assert topics.is_well_formed(topic) is True


@pytest.mark.parametrize(
    "topic", ["", "me:1", "ticket", "ticket:", "ticket:x", "ticket:٧", "agent:1", "ticket:" + "9" * 19, 7]
)
def test_anything_else_is_no_topic(topic):
    assert topics.is_well_formed(topic) is False
