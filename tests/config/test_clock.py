"""The clock never piles up messages."""

import pytest
from django.conf import settings
from redis import Redis

from config import heartbeat
from config.celery import TABLE, Clock, app


@pytest.fixture
def clock():
    return Clock(app)


@pytest.fixture
def redis():
    return Redis.from_url(settings.REDIS_URL)


def entry(clock, task):
    return next(entry for entry in clock.schedule.values() if entry.task == task)


def test_a_sweep_is_sent_once_while_the_last_one_waits(clock, redis):
    heartbeat.tell("routing")

    for _ in range(5):
        clock.apply_async(entry(clock, "routing.sweep"))

    assert redis.llen("routing") == 1


def test_a_sweep_is_sent_again_once_the_last_one_has_begun(clock, redis):
    heartbeat.tell("routing")
    clock.apply_async(entry(clock, "routing.sweep"))

    heartbeat.unmark("routing.sweep")
    clock.apply_async(entry(clock, "routing.sweep"))

    assert redis.llen("routing") == 2


def test_nothing_is_sent_to_a_queue_that_no_worker_serves(clock, redis):
    heartbeat.tell("default")

    clock.apply_async(entry(clock, "routing.sweep"))

    assert redis.llen("routing") == 0


def test_every_task_of_the_table_exists_and_goes_to_the_queue_it_names():
    app.loader.import_default_modules()
    routed = {task: app.amqp.router.route({}, task)["queue"].name for task, _, _ in TABLE.values()}

    assert routed == {task: queue for task, _, queue in TABLE.values()}
    assert [task for task in routed if task not in app.tasks] == []


@pytest.mark.parametrize(
    ("task", "queue"),
    [
        ("routing.dispatch", "routing"),
        ("helpdesk.take_in", "mail"),
        ("helpdesk.deliver_mail", "mail"),
        ("helpdesk.deliver_chat", "chat"),
        ("helpdesk.anything_else", "default"),
    ],
)
def test_a_chat_never_waits_behind_mails(task, queue):
    assert app.amqp.router.route({}, task)["queue"].name == queue


def test_the_clock_ticks_audibly(clock):
    clock.tick()

    assert heartbeat.silent(["clock", "routing"]) == ["routing"]


def test_messages_are_acknowledged_late_and_come_back_within_a_minute():
    conf = app.conf

    assert (conf.task_acks_late, conf.task_reject_on_worker_lost, conf.worker_prefetch_multiplier) == (True, True, 1)
    assert conf.broker_transport_options["visibility_timeout"] > conf.task_time_limit
