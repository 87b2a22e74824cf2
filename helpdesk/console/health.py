"""/settings/health/: does everything run, is anything overdue, and do the router's rows agree with each other?"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.db import OperationalError, connection, transaction
from django.db.models import Count, Min
from django.db.models.functions import Now
from django.shortcuts import render
from django.views.decorators.http import require_safe

from customers import clock
from helpdesk.console.admission import supervisors_only
from helpdesk.models import Delivery, InboundRaw
from routing.audit import LATE_SECONDS, Finding, look_over, unserved
from routing.models import Domain, Interaction, Offer

# Nobody waits longer for this page, however many rows there are.
PATIENCE = "4s"


@dataclass(frozen=True, slots=True)
class Due:
    """Work of one kind that is due: how much, and for how many seconds the oldest of it has been."""

    kind: str
    count: int
    seconds: float
    is_promised: bool = True

    @property
    def is_late(self) -> bool:
        return self.is_promised and self.seconds >= LATE_SECONDS


def page_of(checks: Callable[[], Mapping[str, str]]):
    """The page, told by `checks` of each part of the desk: "ok", or a sentence. (Below us nobody knows the parts.)"""

    @supervisors_only
    @require_safe
    def health(request):
        """What runs, what is due, which rules are in force, and what should be true of the rows."""
        parts, rules = checks(), _looked_over()
        due = _due() if rules is not None else []
        wrong = [name for name, said in parts.items() if said != "ok"]
        wrong += [one.kind for one in due if one.is_late]
        wrong += ["rules"] if rules is None else [one.rule for one in rules if one.exceptions]
        domains = Domain.objects.select_related("policy__by").order_by("name")
        context = {"parts": parts, "due": due, "rules": rules, "wrong": len(wrong), "domains": domains}
        return render(request, "helpdesk/settings/health.html", {"section": "settings", "page": "health", **context})

    return health


def _looked_over() -> list[Finding] | None:
    """What breaks which rule; None when that takes too long to find."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT set_config('statement_timeout', %s, true)", [PATIENCE])
            return look_over()
    except OperationalError:
        return None


def _due() -> list[Due]:
    mails = InboundRaw.objects.filter(state=InboundRaw.State.RECEIVED, next_try_at__lte=Now())
    on_the_way = (Delivery.State.QUEUED, Delivery.State.DEFERRED)
    deliveries = Delivery.objects.filter(state__in=on_the_way, due_at__lte=Now())
    wrapped = Interaction.objects.filter(status=Interaction.Status.WRAP_UP, wrap_up_until__lte=Now())
    lags = [one.seconds for one in unserved()]
    return [
        _of(mails, "next_try_at", "Mails to take in"),
        _of(deliveries, "due_at", "Deliveries to make"),
        Due("Who could be served at once", len(lags), max(lags, default=0)),
        _of(Offer.objects.open().filter(expires_at__lte=Now()), "expires_at", "Offers whose time is over"),
        _of(wrapped, "wrap_up_until", "Wrap-ups whose time is over"),
        _of(Interaction.objects.waiting(), "waiting_since", "All who wait in line", is_promised=False),
        _of(_quarantined(), "received_at", "Mails in quarantine", is_promised=False),
    ]


def _quarantined():
    return InboundRaw.objects.filter(state=InboundRaw.State.QUARANTINED)


def _of(rows, since, kind, *, is_promised=True):
    found = rows.aggregate(count=Count("pk"), oldest=Min(since))
    seconds = (clock.now() - found["oldest"]).total_seconds() if found["oldest"] else 0
    return Due(kind, found["count"], max(0, seconds), is_promised)
