"""What the routing worker runs: a dispatch when nudged, and the sweep that repairs what a lost nudge left."""

import subprocess
import sys
import time
from collections import defaultdict
from datetime import timedelta

import structlog
from celery import shared_task
from django.conf import settings
from django.db import OperationalError
from django.db.models import F
from django.db.models.functions import Now
from psycopg.errors import DeadlockDetected, LockNotAvailable

from customers.events import nudge, seen
from routing import estimates, replays
from routing.alarms import wake_in
from routing.dispatch import Fenced, dispatch
from routing.interactions import DISPATCH
from routing.models import Agent, Dispatch, Interaction, Offer
from routing.repair import expire_overdue, repair

log = structlog.get_logger(__name__)

EXPIRE = "routing.expire"
# What arrives within so short a time after a run is decided together; somebody who comes alone waits for nobody.
GATHER_SECONDS = 0.015
FORGOTTEN_AT_ONCE, SLICES = 500, 40
REPLAY_SECONDS, AGAIN_SECONDS = 4 * 3600, 60

_ended: dict[int, float] = defaultdict(lambda: float("-inf"))


@shared_task(name=DISPATCH)
def dispatch_domain(domain_id: int, trigger: str = "nudge") -> None:
    """Route one domain; what was overtaken while we decided is decided again at once.

    It runs again by itself when a step of relaxation, a cooldown or a hold is over, and looks after its offers when the
    first of them expires.
    """
    estimates.warm(domain_id)
    _gather(domain_id)
    seen(DISPATCH, domain_id)
    try:
        run = dispatch(domain_id, trigger=trigger)
    except (OperationalError, Fenced) as error:
        log.warning("dispatch.postponed", domain=domain_id, error=str(error))
        # Somebody else has the domain: ask again. With the database away the sweep is soon enough.
        if isinstance(error, Fenced) or isinstance(error.__cause__, (LockNotAvailable, DeadlockDetected)):
            nudge(DISPATCH, domain_id, coalesce=True)
        return
    finally:
        _ended[domain_id] = time.monotonic()
    _go_on(run, domain_id)


@shared_task(name=EXPIRE)
def expire_offers() -> None:
    """Take back the offers whose time is over, by the database's clock, and come again for the next one."""
    expire_overdue()
    later = Offer.objects.open().filter(expires_at__gt=Now()).order_by("expires_at")
    if left := later.values_list(F("expires_at") - Now(), flat=True).first():
        wake_in(left.total_seconds(), EXPIRE)


@shared_task(name="routing.sweep")
def sweep() -> None:
    """Mend what is due by the database's clock, and route who still waits."""
    repair()
    for domain_id in _domains_with_work():
        route(domain_id)


@shared_task(name="routing.forget_inputs")
def forget_inputs() -> None:
    """Forget what the engine was told more than HELPDESK_KEEP_DISPATCHES days ago, a slice at a time."""
    long_ago = Now() - timedelta(days=settings.HELPDESK_KEEP_DISPATCHES)
    old = Dispatch.objects.filter(inputs__isnull=False, at__lt=long_ago).order_by("at").values("pk")
    for _ in range(SLICES):
        if Dispatch.objects.filter(pk__in=old[:FORGOTTEN_AT_ONCE]).update(inputs=None) < FORGOTTEN_AT_ONCE:
            return


@shared_task(name=replays.TASK, acks_late=False, time_limit=REPLAY_SECONDS, soft_time_limit=REPLAY_SECONDS)
def play_replay(replay_id: int) -> None:
    """Play one replay in a process of its own, which gives way to all others and gives its memory back."""
    seen(replays.TASK, replay_id)
    if replay_id not in replays.due_replays():
        return
    command = ["nice", "-n", "10", sys.executable, str(settings.BASE_DIR / "manage.py"), "replay", f"--job={replay_id}"]
    ended = subprocess.run(command, check=False, stdin=subprocess.DEVNULL)
    log.info("replay.ended", replay=replay_id, code=ended.returncode)


@shared_task(name="routing.sweep_replays")
def sweep_replays() -> None:
    """Wake the replays that nobody plays."""
    for replay_id in replays.due_replays():
        nudge(replays.TASK, replay_id, coalesce=True, for_seconds=AGAIN_SECONDS)


def route(domain_id: int) -> None:
    """Route a domain now; one that cannot be routed must not keep the others waiting."""
    try:
        dispatch_domain(domain_id, "sweep")
    except Exception:
        log.exception("dispatch.failed", domain=domain_id)


def _gather(domain_id):
    """Right after a run, wait for what comes with the one that nudged us."""
    rest = _ended[domain_id] + GATHER_SECONDS - time.monotonic()
    if rest > 0:
        time.sleep(rest)


def _go_on(run, domain_id):
    if run.overtaken:
        nudge(DISPATCH, domain_id, coalesce=True)
    if run.next_due is not None:
        wake_in(run.next_due, DISPATCH, domain_id, "due")
    if run.expires is not None:
        wake_in(run.expires, EXPIRE)
    if run.offers:
        log.info("dispatch.done", domain=domain_id, offers=run.offers, overtaken=run.overtaken)


def _domains_with_work():
    waiting = Interaction.objects.waiting().filter(queue__routing__domain__agents__presence=Agent.Presence.AVAILABLE)
    return list(waiting.order_by("queue__routing__domain").values_list("queue__routing__domain", flat=True).distinct())
