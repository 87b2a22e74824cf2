"""Replays as jobs: asked for, found when nobody plays them, cancelled. What plays them is in played.py.

A replay takes minutes, longer than any broker keeps a message in hand: so its message is acknowledged at once, and the
row says who has it until when. When that process is lost the sweep finds the row again, and another begins anew.
"""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.db.models.functions import Now

from customers.events import nudge, record
from routing.drafts import NoSuchRules, Written, read_draft
from routing.models import Domain, Replay

TASK = "routing.replay"
State = Replay.State


class ReplayRefused(Exception):
    """This replay cannot be asked for, or cancelled; the message says why."""


def ask_replay(
    domain: Domain,
    *,
    since: datetime,
    until: datetime,
    by,
    policy: Written | None = None,
    replications: int = 20,
    seed: int = 1,
) -> Replay:
    """Have recorded traffic replayed under the rules in force and, if given, a draft; a worker begins after commit.

    Raises ReplayRefused while another replay of the domain is under way, and for rules that nobody can follow.
    """
    _check_rules(domain, policy)
    asked = {"since": since, "until": until, "policy": policy, "replications": replications, "seed": seed}
    try:
        with transaction.atomic():
            row = Replay.objects.create(domain=domain, by=by, **asked)
            record("replay.asked", row, by=by, since=since.isoformat(), until=until.isoformat())
            nudge(TASK, row.pk)
            return row
    except IntegrityError:
        raise ReplayRefused(_under_way(domain)) from None


@transaction.atomic
def cancel_replay(row: Replay, *, by) -> None:
    """Nobody wants it any longer; who plays it stops at the next step. Raises ReplayRefused when it is over."""
    if not _live(row.pk).update(state=State.CANCELLED, ended_at=Now(), lease_until=None):
        raise ReplayRefused("This replay is over; there is nothing to cancel.")
    record("replay.cancelled", row, by=by)


def due_replays() -> list[int]:
    """Replays that nobody plays: not begun, or begun by a process that was lost."""
    is_lost = Q(state=State.RUNNING, lease_until__lt=Now())
    return list(Replay.objects.filter(Q(state=State.QUEUED) | is_lost).order_by("id").values_list("pk", flat=True))


def _check_rules(domain, policy):
    try:
        if policy is not None:
            read_draft(domain, policy)
    except NoSuchRules as error:
        raise ReplayRefused(str(error)) from None


def _under_way(domain):
    other = Replay.objects.filter(domain=domain, state__in=Replay.LIVE).select_related("by").first()
    if other is None:
        return "Another replay was under way at this moment. Try again."
    told = f"{other.progress:.0%} done" if other.state == State.RUNNING else "waiting to begin"
    asked = f", asked for by {other.by}," if other.by else ""
    return f"Replay {other.pk}{asked} is {told}. Wait for it, or cancel it."


def _live(replay_id):
    return Replay.objects.filter(pk=replay_id, state__in=Replay.LIVE)
