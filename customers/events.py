"""The one append-only history, and the nudges and hints that follow a commit.

`record` writes one event row now and sends socket hints after commit; `nudge` wakes a Celery task by name
after commit. Neither is a promise: a sweep finds again whatever a lost nudge or hint leaves behind.
"""

import json
from contextlib import contextmanager
from contextvars import ContextVar

from django.db import connection, models, transaction
from structlog.contextvars import bind_contextvars

from customers import clock, nerves
from customers.bulk import write_rows
from customers.models import Event, Refs

MARK_SECONDS = 5
COLUMNS = ("verb", "at", "actor", "subject_kind", "subject_id", "customer_id", "ticket_id", "interaction_id", "facts")
# Transactions of many verbs (imports) must not look through all of them at each.
LOOK_BACK = 8

_unwritten: ContextVar[list[Event] | None] = ContextVar("unwritten", default=None)


def record(verb: str, subject: models.Model, /, *, by=None, **facts) -> Event:
    """Write that `verb` ("offer.declined") happened to `subject`; hint the sockets after commit.

    `by` is a user, or the name of an actor that is none: "customer", "router" or (default) "system".
    `facts` are JSON-ready. The subject says by `event_refs()` which rows and topics it concerns; its ticket and
    interaction are named in what is logged from here on.
    """
    event = _event(verb, subject, by, facts)
    _write(event)
    ids = {"ticket_id": event.ticket_id, "interaction_id": event.interaction_id}
    bind_contextvars(**{name: pk for name, pk in ids.items() if pk})
    hint(subject.event_refs(), verb)
    return event


@contextmanager
def together():
    """Write the events recorded within as one statement at the end, in their order; until then they have no id.

    For several verbs in one transaction: nothing within may be rolled back on its own. On an error none is written.
    """
    if _unwritten.get() is not None:
        yield
        return
    events: list[Event] = []
    token = _unwritten.set(events)
    try:
        yield
    finally:
        _unwritten.reset(token)
    Event.objects.bulk_create(events)


def record_all(verb: str, subjects_and_facts, *, by=None) -> None:
    """Write one event for each (subject, facts) pair in one statement; hints after commit."""
    pairs = list(subjects_and_facts)
    Event.objects.bulk_create(_event(verb, subject, by, facts) for subject, facts in pairs)
    for subject, _ in pairs:
        hint(subject.event_refs(), verb)


def record_rows(verb: str, kind: str, rows, *, by: str) -> None:
    """`record_all` where nobody has the subjects at hand as objects, and there may be hundreds.

    `kind` names their model ("offer"), `rows` are (id, refs, facts), `by` an actor that is no user. Hints after commit.
    """
    rows, at = list(rows), clock.now()
    about = ((pk, refs.customer_id, refs.ticket_id, refs.interaction_id, json.dumps(facts)) for pk, refs, facts in rows)
    write_rows(Event._meta.db_table, COLUMNS, ((verb, at, by, kind, *one) for one in about))
    for _, refs, _ in rows:
        hint(refs, verb)


def hint(refs: Refs, what: str) -> None:
    """Tell who follows the topics of `refs`, after commit, that something changed (never what it is now).

    A topic that changes several times in one transaction is hinted once, with its highest revision.
    """
    if refs.topics:
        _after_commit(topics=refs.topics, what=what)


def nudge(task: str, *args, coalesce: bool = False, for_seconds: float = MARK_SECONDS) -> None:
    """Wake the Celery task named `task` after commit. A broker that is down costs nothing but the sweep's delay.

    With `coalesce`, a nudge is dropped while an equal one is under way, `for_seconds` at the most: the task calls
    `seen(task, *args)` before it reads anything. Equal nudges of one transaction are one.
    """
    _after_commit(task=task, args=args, mark_seconds=for_seconds if coalesce else 0)


def seen(task: str, *args) -> None:
    """Clear the mark of a coalesced nudge; call it before reading, so that a later change nudges anew."""
    nerves.unmark(task, args)


def group_of(topic: str) -> str:
    """The channel layer's group for a topic: "ticket:7" is "ticket.7"."""
    return topic.replace(":", ".")


def _write(event):
    unwritten = _unwritten.get()
    if unwritten is None:
        event.save(force_insert=True)
    else:
        unwritten.append(event)


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
        at=clock.now(),
    )


class _Pending:
    """What one transaction, or one savepoint of it, has to tell once it is committed."""

    def __init__(self):
        self.hints: dict[str, tuple[int | None, str]] = {}
        self.nudges: dict[tuple, float] = {}

    def add_hints(self, topics, what):
        for topic, revision in topics.items():
            known, _ = self.hints.get(topic, (None, ""))
            revisions = [one for one in (known, revision) if one is not None]
            self.hints[topic] = (max(revisions, default=None), what)

    def __call__(self):
        for (task, args), mark_seconds in self.nudges.items():
            nerves.wake(task, args, mark_seconds=mark_seconds)
        if self.hints:
            nerves.publish({group_of(topic): _message(topic, *told) for topic, told in self.hints.items()})


def _after_commit(*, topics=None, what="", task="", args=(), mark_seconds=0):
    pending = _pending_here()
    told = pending or _Pending()
    if topics:
        told.add_hints(topics, what)
    if task:
        told.nudges[task, args] = mark_seconds
    if pending is None:
        transaction.on_commit(told)


def _pending_here() -> _Pending | None:
    """What is pending already and is committed if what is done now is.

    An inner savepoint that is rolled back may so be told of: a hint or a nudge too many does no harm.
    """
    savepoints = set(connection.savepoint_ids)
    for needed, told, _ in connection.run_on_commit[-LOOK_BACK:]:
        if isinstance(told, _Pending) and needed - {None} <= savepoints:
            return told
    return None


def _message(topic, revision, what):
    return {"type": "hint", "topic": topic, "rev": revision, "what": what}
