import asyncio
import os
import signal
import time

import pytest
from channels.layers import get_channel_layer
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from redis import Redis

from customers import events, nerves
from customers.models import Event, Refs
from tests import factories as make

pytestmark = pytest.mark.django_db(transaction=True)

TASK = "routing.dispatch"


@pytest.fixture(autouse=True)
def closed_breaker():
    yield
    nerves.breaker.close()


@pytest.fixture
def in_front_of_a_person(settings):
    """As in the web process, which may not keep anybody waiting."""
    settings.CELERY_BROKER_TRANSPORT_OPTIONS = {**settings.CELERY_BROKER_TRANSPORT_OPTIONS, "socket_timeout": 0.3}
    nerves._redis.cache_clear()
    yield
    nerves._redis.cache_clear()


@pytest.fixture
def redis(services):
    return Redis.from_url(services.redis.url)


@pytest.fixture
def hints(redis):
    """A function that returns the hints sent since it was last asked, as (topic, rev, what)."""
    listener = redis.pubsub(ignore_subscribe_messages=True)
    listener.psubscribe("hint__group__*")
    listener.get_message(timeout=1)

    def sent():
        told = []
        while message := listener.get_message(timeout=0.1):
            hint = get_channel_layer().deserialize(message["data"])
            told.append((hint["topic"], hint["rev"], hint["what"]))
        return told

    yield sent
    listener.close()


def test_an_event_says_who_did_what_to_what():
    ticket, user = make.make_ticket(), make.make_user()

    event = events.record("ticket.poked", ticket, by=user, how="gently")

    assert (event.verb, event.actor, event.user, event.facts) == ("ticket.poked", "user", user, {"how": "gently"})
    assert (event.subject_kind, event.subject_id) == ("ticket", ticket.pk)
    assert (event.customer_id, event.ticket_id) == (ticket.customer_id, ticket.pk)


def test_actors_that_are_no_user_are_named():
    ticket = make.make_ticket()
    Event.objects.all().delete()

    events.record("ticket.poked", ticket, by="customer")
    events.record("ticket.poked", ticket)

    assert list(Event.objects.order_by("id").values_list("actor", "user")) == [("customer", None), ("system", None)]


def test_many_events_are_one_statement():
    tickets = [make.make_ticket(), make.make_ticket()]

    with CaptureQueriesContext(connection) as queries:
        events.record_all("ticket.poked", [(ticket, {"n": 1}) for ticket in tickets], by="router")

    assert [query["sql"][:6] for query in queries] == ["BEGIN", "INSERT", "COMMIT"]
    assert Event.objects.filter(verb="ticket.poked", actor="router", facts={"n": 1}).count() == 2


def test_a_topic_that_changed_several_times_in_a_transaction_is_hinted_once(hints):
    with transaction.atomic():
        events.hint(Refs(topics={"ticket:7": 3, "queue:1": None}), "first")
        with transaction.atomic():
            events.hint(Refs(topics={"ticket:7": 4}), "second")
        events.hint(Refs(topics={"ticket:7": None}), "last")

    assert hints() == [("ticket:7", 4, "last"), ("queue:1", None, "first")]


def test_nothing_is_told_of_what_was_rolled_back(hints, redis):
    with transaction.atomic():
        events.hint(Refs(topics={"ticket:7": 3}), "never")
        events.nudge(TASK, 1)
        transaction.set_rollback(True)

    assert (hints(), redis.llen("routing")) == ([], 0)


def test_what_follows_a_rolled_back_savepoint_is_told(hints):
    with transaction.atomic():
        with transaction.atomic():
            events.hint(Refs(topics={"ticket:7": 3}), "never")
            transaction.set_rollback(True)
        events.hint(Refs(topics={"ticket:8": 1}), "kept")

    assert hints() == [("ticket:8", 1, "kept")]


def test_a_hundred_nudges_wake_one_task_until_it_is_seen(redis):
    for _ in range(100):
        events.nudge(TASK, 1, coalesce=True)
    assert redis.llen("routing") == 1

    events.seen(TASK, 1)
    events.nudge(TASK, 1, coalesce=True)

    assert redis.llen("routing") == 2


def test_nudges_with_other_arguments_are_others(redis):
    events.nudge(TASK, 1, coalesce=True)
    events.nudge(TASK, 2, coalesce=True)

    assert redis.llen("routing") == 2


def test_a_mark_that_nobody_clears_runs_out(redis):
    events.nudge(TASK, 1, coalesce=True, for_seconds=0.05)
    time.sleep(0.1)
    events.nudge(TASK, 1, coalesce=True, for_seconds=0.05)

    assert redis.llen("routing") == 2


async def _hinted_by(tell):
    """What a consumer in this loop is told, when `tell` is called here, in the middle of it."""
    layer = get_channel_layer()
    channel = await layer.new_channel()
    await layer.group_add("ticket.7", channel)
    tell()
    told = await asyncio.wait_for(layer.receive(channel), 2)
    await layer.flush()
    return told


def test_the_channel_layer_delivers_a_hint_sent_from_within_an_event_loop():
    told = asyncio.run(_hinted_by(lambda: nerves.publish({"ticket.7": events._message("ticket:7", 2, "x")})))

    assert told == {"type": "hint", "topic": "ticket:7", "rev": 2, "what": "x"}


def _seconds(act):
    began = time.monotonic()
    act()
    return time.monotonic() - began


def _say_something():
    with transaction.atomic():
        events.hint(Refs(topics={"ticket:7": 3}), "lost")
        events.nudge(TASK, 1, coalesce=True)
        events.nudge(TASK, 2)


@pytest.mark.usefixtures("in_front_of_a_person")
def test_a_frozen_redis_costs_a_request_little_and_the_next_one_nothing(redis):
    pid = redis.info()["process_id"]
    os.kill(pid, signal.SIGSTOP)
    try:
        first, second = _seconds(_say_something), _seconds(_say_something)
    finally:
        os.kill(pid, signal.SIGCONT)

    # Without limits of our own it would take over 12 s; the bounds leave room for a busy machine.
    assert first < 3
    assert second < 1


def test_a_refused_redis_costs_nothing_and_its_return_is_noticed(services, redis):
    services.redis.stop(at_once=True)
    try:
        refused = _seconds(_say_something)
        events.seen(TASK, 1)
    finally:
        services.redis.start()
    nerves.breaker.close()
    redis.delete("routing")
    events.nudge(TASK, 3)

    assert refused < 1
    assert redis.llen("routing") == 1


def test_a_nudge_that_cannot_be_written_down_harms_nobody(redis, hints):
    with transaction.atomic():
        events.nudge(TASK, object())
        events.hint(Refs(topics={"ticket:7": 3}), "told")

    assert (hints(), redis.llen("routing")) == ([("ticket:7", 3, "told")], 0)
