"""Setting up the desk: queues, skills, entry points, dispositions. Every change is an event with who and what."""

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import ProtectedError, RestrictedError

from customers.events import nudge, record
from routing.interactions import DISPATCH
from routing.models import QueueSkill
from routing.policies import routing_of
from tickets.models import Channel, Queue

ROUTING = ("targets", "offer_seconds", "importance", "wrap_up_seconds")


class InUse(Exception):
    """The row cannot go while others stand on it; the message says which, and the way on."""


@transaction.atomic
def keep(row: models.Model, *, by, **values) -> models.Model:
    """Create `row`, or change it to `values`; one event says what differs, none is written when nothing does.

    Raises ValidationError with sentences by field.
    """
    is_new = row._state.adding
    changed = [name for name, value in values.items() if is_new or getattr(row, name) != value]
    for name, value in values.items():
        setattr(row, name, value)
    row.full_clean()
    if is_new or changed:
        row.save()
        verb = "created" if is_new else "changed"
        record(f"{row._meta.model_name}.{verb}", row, by=by, name=str(row), changed=sorted(changed))
    return row


@transaction.atomic
def remove(row: models.Model, *, by) -> None:
    """Delete a row of the setup. Raises InUse when tickets, interactions or entry points stand on it."""
    name, kind = str(row), row._meta.verbose_name
    record(f"{row._meta.model_name}.removed", row, by=by, name=name)
    try:
        with transaction.atomic():
            row.delete()
    except (ProtectedError, RestrictedError) as error:
        raise InUse(_who_stands_on(name, kind, error)) from None


@transaction.atomic
def set_up_queue(queue: Queue, *, by, needs=None, wants=None, members=None, **values) -> Queue:
    """Create or change a queue with all that belongs to it.

    `needs` and `wants` map skill ids to levels 1 to 5 and replace what was there; `members` are users of a private
    queue; `values` are fields of Queue and QueueRouting (targets and offer_seconds in seconds by channel). What waits
    already keeps the skills it asked for. Raises ValidationError.
    """
    routing = {name: values.pop(name) for name in ROUTING if name in values}
    keep(queue, by=by, **values)
    if members is not None:
        _set_members(queue, members, by)
    if routing:
        _set_routing(queue, routing, by)
    if needs is not None or wants is not None:
        _set_skills(queue, needs or {}, wants or {}, by)
    return queue


def _set_members(queue, members, by):
    before, after = set(queue.members.values_list("pk", flat=True)), {user.pk for user in members}
    if before != after:
        queue.members.set(members)
        record("queue.members", queue, by=by, added=sorted(after - before), removed=sorted(before - after))


def _set_routing(queue, values, by):
    row = routing_of(queue)
    changed = sorted(name for name, value in values.items() if getattr(row, name) != value)
    for name, value in values.items():
        setattr(row, name, value)
    _check_seconds(row)
    row.full_clean()
    if changed:
        row.save()
        record("queue.routing", queue, by=by, changed=changed)
        nudge(DISPATCH, row.domain_id, coalesce=True)


def _check_seconds(row):
    for name in ("targets", "offer_seconds"):
        for channel, seconds in getattr(row, name).items():
            if channel not in Channel.values:
                raise ValidationError({name: f"“{channel}” is no channel; there are {', '.join(Channel.values)}."})
            if not isinstance(seconds, int | float) or not 1 <= seconds <= 30 * 86_400:
                raise ValidationError({name: f"{channel}: give seconds between 1 and 2,592,000 (30 days)."})


def _set_skills(queue, needs, wants, by):
    before = {(row.skill_id, row.level, row.is_required) for row in queue.skills.all()}
    after = {(skill, level, True) for skill, level in needs.items()}
    after |= {(skill, level, False) for skill, level in wants.items() if skill not in needs}
    if before == after:
        return
    queue.skills.all().delete()
    QueueSkill.objects.bulk_create(
        QueueSkill(queue=queue, skill_id=skill, level=level, is_required=is_required)
        for skill, level, is_required in sorted(after)
    )
    slugs = queue.skills.values_list("skill__slug", "level", "is_required")
    record("queue.skills", queue, by=by, skills=[list(row) for row in slugs])


def _who_stands_on(name, kind, error):
    rows = getattr(error, "protected_objects", None) or error.restricted_objects
    kinds = sorted({str(row._meta.verbose_name_plural) for row in rows})
    return f"The {kind} {name} cannot be removed: {' and '.join(kinds)} belong to it. Make it inactive instead."
