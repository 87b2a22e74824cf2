"""The one append-only history, and the nudges and hints that follow a commit.

`record` writes one event row now and sends socket hints after commit; `nudge` wakes a Celery task by name
after commit. Neither is a promise: a sweep finds again whatever a lost nudge or hint leaves behind.
"""

import time

import structlog
from asgiref.sync import async_to_sync
from celery import current_app
from channels.layers import get_channel_layer
from django.core.cache import cache
from django.db import models, transaction
from kombu.exceptions import OperationalError as BrokerDown
from redis.exceptions import RedisError

from customers.models import Event, Refs

log = structlog.get_logger(__name__)

MARK_SECONDS = 5
PAUSE_SECONDS = 2.0


def record(verb: str, subject: models.Model, /, *, by=None, **facts) -> Event:
    """Write that `verb` ("offer.declined") happened to `subject`; hint the sockets after commit.

    `by` is a user, or the name of an actor that is none: "customer", "router" or (default) "system".
    `facts` are JSON-ready. The subject says by `event_refs()` which rows and topics it concerns.
    """
    event = _event(verb, subject, by, facts)
    event.save(force_insert=True)
    hint(subject.event_refs(), verb)
    return event


def record_all(verb: str, subjects_and_facts, *, by=None) -> None:
    """Write one event for each (subject, facts) pair in one statement; hints after commit."""
    pairs = list(subjects_and_facts)
    Event.objects.bulk_create(_event(verb, subject, by, facts) for subject, facts in pairs)
    for subject, _ in pairs:
        hint(subject.event_refs(), verb)


def hint(refs: Refs, what: str) -> None:
    """Tell who follows the topics of `refs`, after commit, that something changed (never what it is now)."""
    topics = dict(refs.topics)
    if topics:
        transaction.on_commit(lambda: _broadcast(topics, what))


def nudge(task: str, *args, coalesce: bool = False, for_seconds: float = MARK_SECONDS) -> None:
    """Wake the Celery task named `task` after commit. A broker that is down costs nothing but the sweep's delay.

    With `coalesce`, a nudge is dropped while an equal one is under way, `for_seconds` at the most: the task calls
    `seen(task, *args)` before it reads anything.
    """
    transaction.on_commit(lambda: _publish(task, args, for_seconds if coalesce else 0))


def seen(task: str, *args) -> None:
    """Clear the mark of a coalesced nudge; call it before reading, so that a later change nudges anew."""
    try:
        cache.delete(_mark(task, args))
    except RedisError as error:
        log.warning("nudge.mark_unreachable", task=task, error=str(error))


def _event(verb, subject, by, facts):
    refs = subject.event_refs()
    is_user = isinstance(by, models.Model)
    return Event(
        verb=verb,
        actor="user" if is_user else by or "system",
        user=by if is_user else None,
        subject_kind=subject._meta.model_name,
        subject_id=subject.pk,
        customer_id=refs.customer_id,
        ticket_id=refs.ticket_id,
        interaction_id=refs.interaction_id,
        facts=facts,
    )


class _Breaker:
    """Remembers that Redis did not answer, so that the next callers do not wait for it too."""

    def __init__(self):
        self.closed_until = 0.0

    def is_open(self) -> bool:
        return time.monotonic() < self.closed_until

    def trip(self) -> None:
        self.closed_until = time.monotonic() + PAUSE_SECONDS


_breaker = _Breaker()


def _publish(task, args, mark_seconds):
    if _breaker.is_open():
        return
    try:
        if mark_seconds and not cache.add(_mark(task, args), 1, mark_seconds):
            return
        current_app.send_task(task, args=list(args), retry=False)
    except (BrokerDown, RedisError, OSError) as error:
        _breaker.trip()
        log.warning("nudge.lost", task=task, error=str(error))


def _broadcast(topics, what):
    if _breaker.is_open():
        return
    try:
        async_to_sync(_send)(topics, what)
    except (RedisError, OSError) as error:
        _breaker.trip()
        log.warning("hint.lost", what=what, error=str(error))


async def _send(topics, what):
    layer = get_channel_layer()
    for topic, revision in topics.items():
        message = {"type": "hint", "topic": topic, "rev": revision, "what": what}
        await layer.group_send(group_of(topic), message)


def group_of(topic: str) -> str:
    """The channel layer's group for a topic: "ticket:7" is "ticket.7"."""
    return topic.replace(":", ".")


def _mark(task, args):
    return f"nudge:{task}:{':'.join(map(str, args))}"
