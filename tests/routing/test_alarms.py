import time

import pytest
from redis import Redis

from routing.alarms import silence, wake_in
from tests.harness import wait_for

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def nudges(services):
    """How many nudges lie in the router's queue."""
    redis = Redis.from_url(services.redis.url)
    return lambda: redis.llen("routing")


def test_an_alarm_nudges_its_task_when_it_is_due(nudges):
    began = time.monotonic()
    wake_in(0.2, "routing.dispatch", 1, "due")

    wait_for(nudges, 5)

    assert time.monotonic() - began >= 0.2


def test_of_equal_alarms_the_earliest_goes_off_and_only_once(nudges):
    wake_in(0.3, "routing.dispatch", 1, "due")
    wake_in(0.1, "routing.dispatch", 1, "due")
    wake_in(0.2, "routing.dispatch", 1, "due")

    wait_for(nudges, 5)
    time.sleep(0.4)

    assert nudges() == 1


def test_unequal_alarms_go_off_each(nudges):
    wake_in(0.05, "routing.dispatch", 1, "due")
    wake_in(0.05, "routing.dispatch", 2, "due")

    wait_for(lambda: nudges() == 2, 5)


def test_what_is_due_in_more_than_a_minute_is_left_to_those_who_come_before(nudges):
    wake_in(61, "routing.dispatch", 1, "due")
    wake_in(0.1, "routing.dispatch", 2, "due")
    silence()
    time.sleep(0.3)

    assert nudges() == 0
