"""Celery, and the one table of everything that runs by the clock.

Messages are nudges: a task looks at rows, and a lost message costs one sweep's delay. So messages may never pile
up either: the clock sends a sweep only when a worker has been heard from on its queue, and not again while the
last one waits (a mark in Redis, cleared when the task starts, gone by itself after `MARK_SECONDS`). `expires` would
do that by comparing clocks of two machines, and drops everything once they disagree.
"""

import os

from celery import Celery, Task, bootsteps
from celery.beat import Scheduler
from celery.worker.consumer.tasks import Tasks
from django.db import close_old_connections
from kombu.transport import redis as transport
from redis.exceptions import RedisError
from structlog.contextvars import bind_contextvars, clear_contextvars, get_contextvars

from config import heartbeat

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

# A chat never waits behind mails, routing waits for nobody; what is not named here goes to "default".
QUEUES = {
    "routing.*": "routing",
    "routing.forget_inputs": "default",  # by its whole name, which goes before patterns
    "routing.replay": "default",
    "routing.sweep_replays": "default",
    "helpdesk.*chat*": "chat",
    "helpdesk.*mail*": "mail",
    "helpdesk.take_in": "mail",
    "helpdesk.sweep_inbound": "mail",
}
# name: (task, seconds between two runs, Celery queue)
TABLE = {
    "offers, presence and waiting work": ("routing.sweep", 3, "routing"),
    "mails stored but not parsed": ("helpdesk.sweep_inbound", 5, "mail"),
    "chats whose visitor went silent": ("helpdesk.sweep_chats", 5, "chat"),
    "deliveries not made": ("helpdesk.sweep_deliveries", 5, "default"),
    "visitors who left the line": ("helpdesk.sweep_chats", 10, "chat"),
    "old inputs of decisions": ("routing.forget_inputs", 600, "default"),
    "replays whose process was lost": ("routing.sweep_replays", 15, "default"),
}
BY_THE_CLOCK = {task for task, _, _ in TABLE.values()}
MARK_SECONDS = 30


class Work(Task):
    """A task: starts with a database connection that works, logs with its own ids and that of the request that asked
    for it, and lets the clock send it again.
    """

    def before_start(self, task_id, args, kwargs):
        close_old_connections()
        clear_contextvars()
        request_id = getattr(self.request, "request_id", None) or task_id
        bind_contextvars(task=self.name, task_id=task_id, request_id=request_id)
        if self.name in BY_THE_CLOCK:
            heartbeat.unmark(self.name)


class Trunkline(Celery):
    """Celery whose messages carry the id of the request that sent them."""

    def send_task(self, name, *args, **options):
        if request_id := get_contextvars().get("request_id"):
            options["headers"] = {**(options.get("headers") or {}), "request_id": request_id}
        return super().send_task(name, *args, **options)


class Clock(Scheduler):
    """Beat without a file or a table: what is due is found from rows, so the clock has nothing to remember."""

    def tick(self, *args, **kwargs):
        heartbeat.tell("clock")
        return super().tick(*args, **kwargs)

    def apply_async(self, entry, producer=None, advance=True, **kwargs):
        entry = self.reserve(entry) if advance else entry
        if self._is_wanted(entry):
            return super().apply_async(entry, producer=producer, advance=False, **kwargs)
        return None

    def _is_wanted(self, entry) -> bool:
        try:
            return not heartbeat.silent([entry.options["queue"]]) and heartbeat.mark(entry.task, MARK_SECONDS)
        except RedisError:
            return False


class Heartbeat(bootsteps.StartStopStep):
    """Says every few seconds, while the worker is connected, which queues it serves."""

    requires = (Tasks,)

    def __init__(self, consumer, **kwargs):
        super().__init__(consumer, **kwargs)
        self.timer = None

    def start(self, consumer):
        queues = list(consumer.app.amqp.queues.consume_from)
        heartbeat.tell(*queues)
        self.timer = consumer.timer.call_repeatedly(heartbeat.EVERY_SECONDS, heartbeat.tell, queues)

    def stop(self, consumer):
        if self.timer:
            self.timer.cancel()


class WarmUp(bootsteps.Step):
    """Loads what a worker's tasks need before its children are forked: they share it, and no mail waits for it."""

    def create(self, worker):
        served = worker.app.amqp.queues.consume_from
        for task in worker.app.tasks.values():
            if hasattr(task, "warm_up") and worker.app.amqp.router.route({}, task.name)["queue"].name in served:
                task.warm_up()


class Settled(transport.QoS):
    """Which messages a worker has in hand. One whose acknowledgement is lost with the connection is in hand no longer.

    Kombu would count it for ever. A worker that lost as many as it may have in hand then never asks Redis for more,
    never notices that the connection is gone, and so never makes a new one. The message itself comes again.
    """

    def ack(self, delivery_tag):
        try:
            super().ack(delivery_tag)
        except Exception:
            self._quick_ack(delivery_tag)
            raise

    def reject(self, delivery_tag, requeue=False):
        try:
            super().reject(delivery_tag, requeue=requeue)
        except Exception:
            self._quick_ack(delivery_tag)
            raise


transport.Channel.QoS = Settled

app = Trunkline("trunkline", task_cls=Work)
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.update(
    task_default_queue="default",
    task_create_missing_queues=True,
    task_routes={name: {"queue": queue} for name, queue in QUEUES.items()},
    CELERY_DB_REUSE_MAX=1_000_000,  # Celery would close the connection after each task; Django's own rules do here
    beat_scheduler="config.celery:Clock",
    beat_max_loop_interval=heartbeat.EVERY_SECONDS,
    beat_schedule={
        name: {"task": task, "schedule": seconds, "options": {"queue": queue}}
        for name, (task, seconds, queue) in TABLE.items()
    },
)
app.steps["worker"].add(WarmUp)
app.steps["consumer"].add(Heartbeat)
app.autodiscover_tasks()
