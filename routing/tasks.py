"""What the routing worker runs: a dispatch when nudged, and the sweep that repairs what a lost nudge left."""

import structlog
from celery import shared_task
from django.db import OperationalError
from psycopg.errors import DeadlockDetected, LockNotAvailable

from customers.events import nudge, seen
from routing.dispatch import dispatch
from routing.interactions import DISPATCH
from routing.models import Agent, Interaction
from routing.repair import repair

log = structlog.get_logger(__name__)


@shared_task(name=DISPATCH)
def dispatch_domain(domain_id: int, trigger: str = "nudge") -> None:
    """Route one domain; what was overtaken while we decided is decided again at once."""
    seen(DISPATCH, domain_id)
    try:
        run = dispatch(domain_id, trigger=trigger)
    except OperationalError as error:
        log.warning("dispatch.postponed", domain=domain_id, error=str(error))
        # Somebody else has the lock: ask again. With the database away the sweep is soon enough.
        if isinstance(error.__cause__, (LockNotAvailable, DeadlockDetected)):
            nudge(DISPATCH, domain_id, coalesce=True)
        return
    if run.overtaken:
        nudge(DISPATCH, domain_id, coalesce=True)
    if run.offers:
        log.info("dispatch.done", domain=domain_id, offers=run.offers, overtaken=run.overtaken)


@shared_task(name="routing.sweep")
def sweep() -> None:
    """Mend what is due by the database's clock, and route who still waits."""
    repair()
    for domain_id in _domains_with_work():
        route(domain_id)


def route(domain_id: int) -> None:
    """Route a domain now; one that cannot be routed must not keep the others waiting."""
    try:
        dispatch_domain(domain_id, "sweep")
    except Exception:
        log.exception("dispatch.failed", domain=domain_id)


def _domains_with_work():
    waiting = Interaction.objects.waiting().filter(queue__routing__domain__agents__presence=Agent.Presence.AVAILABLE)
    return list(waiting.order_by("queue__routing__domain").values_list("queue__routing__domain", flat=True).distinct())
