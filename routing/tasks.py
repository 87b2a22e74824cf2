"""What the routing worker runs: a dispatch when nudged, and the sweep that repairs what a lost nudge left."""

import structlog
from celery import shared_task
from django.db import OperationalError
from django.db.models.functions import Now
from psycopg.errors import LockNotAvailable

from customers.events import nudge, seen
from routing.dispatch import dispatch
from routing.interactions import DISPATCH, wrap_up
from routing.models import Agent, Interaction, Offer
from routing.offers import expire
from routing.presence import send_silent_offline

log = structlog.get_logger(__name__)


@shared_task(name=DISPATCH)
def dispatch_domain(domain_id: int, trigger: str = "nudge") -> None:
    """Route one domain; what was overtaken while we decided is decided again at once."""
    seen(DISPATCH, domain_id)
    try:
        run = dispatch(domain_id, trigger=trigger)
    except OperationalError as error:
        log.warning("dispatch.postponed", domain=domain_id, error=str(error))
        # Another router has the lock: ask again. With the database away the sweep is soon enough.
        if isinstance(error.__cause__, LockNotAvailable):
            nudge(DISPATCH, domain_id, coalesce=True)
        return
    if run.overtaken:
        nudge(DISPATCH, domain_id, coalesce=True)
    if run.offers:
        log.info("dispatch.done", domain=domain_id, offers=run.offers, overtaken=run.overtaken)


@shared_task(name="routing.sweep")
def sweep() -> None:
    """Expire offers by the database's clock, end overdue wrap-up, send silent agents offline, route who still waits."""
    for offer in Offer.objects.open().filter(expires_at__lte=Now()).select_related("interaction", "agent"):
        expire(offer)
    for interaction in Interaction.objects.filter(status="wrap_up", wrap_up_until__lte=Now()).order_by("id"):
        wrap_up(interaction, by="system")
    send_silent_offline()
    for domain_id in _domains_with_work():
        dispatch_domain(domain_id, "sweep")


def _domains_with_work():
    waiting = Interaction.objects.waiting().filter(queue__routing__domain__agents__presence=Agent.Presence.AVAILABLE)
    return sorted(set(waiting.values_list("queue__routing__domain", flat=True)))
