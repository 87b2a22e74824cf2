"""From the commit of an arrival to its committed offer, through real Celery and Redis, beside a bare nudge.

Both are read from the commit timestamps that PostgreSQL keeps of the two transactions, so nobody's clock matters. The
arrivals are the product's own verb at an even pace, whether or not those before were offered; the two kinds alternate.
Offers are accepted and ended by the hundred, so that there is always a desk free to ring.
"""

import time
from concurrent.futures import ThreadPoolExecutor
from itertools import count

from django.db import connection, transaction

from benchmarks.bare import BARE
from benchmarks.dispatch_floor import build_empty, make_tickets, take_all
from benchmarks.table import Figure, median
from config import heartbeat
from customers.events import nudge
from customers.models import Event
from routing.interactions import enqueue
from routing.models import Interaction
from tests.harness import wait_for

HANDS = 4
COMMITTED = """
SELECT extract(epoch FROM pg_xact_commit_timestamp(after.xmin) - pg_xact_commit_timestamp(before.xmin)) * 1000
FROM customers_event before JOIN customers_event after ON {same}
WHERE before.id > %s AND before.verb = %s AND after.verb = %s"""
LIVE = COMMITTED.format(same="after.interaction_id = before.interaction_id")
NUDGED = COMMITTED.format(same="after.subject_id = before.subject_id AND after.subject_kind = 'bench'")
_numbers = count(1)


def run(*, rate, seconds, rounds) -> list[Figure]:
    """p50 and p99 in ms of both, at `rate` arrivals a second."""
    wait_for(lambda: not heartbeat.silent(["routing", "bare"]), 60, "The workers do not come")
    floor = build_empty()
    bare, live = [], []
    for number in range(rounds + 1):
        nudged = _measured(_nudge_bare, range(rate * seconds), rate, (NUDGED, "bench.asked", "bench.came"))
        tickets = make_tickets(floor, rate * seconds)
        offered = _measured(_arrive, tickets, rate, (LIVE, "interaction.enqueued", "offer.made"))
        if number:  # the first of each process make their connections
            bare, live = bare + nudged, live + offered
    limit = max(150, 3 * _p99(bare))
    note = f"{len(live)} of {rounds * rate * seconds} arrivals offered"
    return [
        Figure("bare nudge to commit, p50", median(bare), "ms"),
        Figure("bare nudge to commit, p99", _p99(bare), "ms"),
        Figure(f"arrival to offer, {rate}/s, p50", median(live), "ms", ("bare", median(bare)), 40, note),
        Figure(f"arrival to offer, {rate}/s, p99", _p99(live), "ms", ("bare", _p99(bare)), round(limit)),
    ]


def _measured(act, subjects, rate, committed) -> list[float]:
    last = Event.objects.order_by("-id").values_list("id", flat=True).first() or 0
    with ThreadPoolExecutor(HANDS) as pool:
        began, done = time.perf_counter(), []
        for place, subject in enumerate(subjects):
            time.sleep(max(0.0, began + place / rate - time.perf_counter()))
            done.append(pool.submit(act, subject))
            if place % rate == 0:
                take_all()
        for one in done:
            one.result()
        wait_for(lambda: not Interaction.objects.waiting().exists(), 30, "Somebody still waits")
        time.sleep(1.0)
        pool.map(lambda _: connection.close(), range(HANDS))
    take_all()
    query, before, after = committed
    with connection.cursor() as cursor:
        cursor.execute(query, [last, before, after])
        return [float(waited) for (waited,) in cursor.fetchall()]


@transaction.atomic
def _nudge_bare(_) -> None:
    number = next(_numbers)
    Event.objects.create(verb="bench.asked", actor="system", subject_kind="bench", subject_id=number)
    nudge(BARE, number)


@transaction.atomic
def _arrive(ticket) -> None:
    enqueue(ticket, channel="chat")


def _p99(values) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(0.99 * len(ordered)))]
