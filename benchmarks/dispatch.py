"""Live dispatch: offers a second beside the naive way, and from the commit of an arrival to its committed offer.

The naive way is what most helpdesks do: for each interaction a transaction of its own that claims it, picks an agent
with room by one query, takes up their capacity, and writes offer and decision; six statements, by plain psycopg.
"""

import json
import os
import time
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from itertools import cycle
from multiprocessing import get_context

import django
import psutil
import psycopg
from django.db import connection

from benchmarks import dispatch_wire
from benchmarks.dispatch_floor import AGENTS, build, put_back_in_line
from benchmarks.table import Figure, median
from routing.dispatch import dispatch

PICK = """SELECT id FROM routing_interaction WHERE status = 'waiting' AND queue_id = %s
    ORDER BY waiting_since LIMIT 1 FOR UPDATE SKIP LOCKED"""
CHOOSE = """SELECT a.id FROM routing_agent a
    JOIN routing_agentskill k ON k.agent_id = a.id
    JOIN routing_queueskill q ON q.skill_id = k.skill_id AND q.level <= k.level AND q.queue_id = %s
    WHERE a.domain_id = %s AND a.presence = 'available' AND a.used + 30 <= a.budget AND a.used = 0
    ORDER BY a.idle_since LIMIT 1 FOR UPDATE OF a SKIP LOCKED"""
STEPS = (
    "UPDATE routing_agent SET used = used + 30, idle_since = now(), revision = revision + 1 WHERE id = %(agent)s",
    """UPDATE routing_interaction SET status = 'offered', agent_id = %(agent)s, cost = 30, offered_at = now(),
       offer_count = offer_count + 1 WHERE id = %(row)s""",
    """INSERT INTO routing_decision
           (interaction_id, agent_id, domain_id, epoch, policy_version, trigger, explanation, at)
       VALUES (%(row)s, %(agent)s, %(domain)s, 0, 1, 'naive', %(why)s, now()) RETURNING id""",
    """INSERT INTO routing_offer (interaction_id, agent_id, decision_id, outcome, epoch, made_at, expires_at, reason)
       VALUES (%(row)s, %(agent)s, %(decision)s, 'open', 0, now(), now() + interval '30 s', '')""",
)
WHY = json.dumps({"p": 1, "reason": "longest idle", "candidates": list(range(5))}).encode()
WARM_UP = 3
RATE = 50


def run(target, *, sizes, rounds, seconds) -> list[Figure]:
    """Arrivals for `seconds` each round; offers a second and CPU-ms per offer with `sizes` interactions in line."""
    figures = dispatch_wire.run(rate=RATE, seconds=seconds, rounds=2)
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as own:
        for size in sizes:
            floor = build(size)
            naive, ours = Stopwatch(), Stopwatch()
            for number in range(rounds + WARM_UP):
                naive.time(partial(_naively, own, floor), number >= WARM_UP)
                put_back_in_line(floor)
                ours.time(partial(_ours, floor), number >= WARM_UP)
                put_back_in_line(floor)
            figures += _compared(f"{size:,} in line", naive, ours)
    return [*figures, _two_at_once(rounds), *_bytes()]


def _two_at_once(rounds) -> Figure:
    """Two domains, each routed by a process of its own at the same time, as two routers do on two cores.

    Between its runs each puts back what it offered, which the other one's runs have to bear.
    """
    floors = [build(1_000, name=f"bench at once {number}") for number in range(2)]
    with ProcessPoolExecutor(2, mp_context=get_context("spawn"), initializer=django.setup) as pool:
        rates = list(pool.map(_rate, floors, [3 * rounds + WARM_UP] * 2))
    return Figure("dispatch, two domains at once", sum(rates), "/s", limit=3000, note="1,000 in line in each")


def _rate(floor, rounds) -> float:
    """Offers a second of one process, the median run."""
    watch = Stopwatch()
    for number in range(rounds):
        watch.time(partial(_ours, floor), number >= WARM_UP)
        put_back_in_line(floor)
    return 1 / median(watch.wall)


class Stopwatch:
    """Wall and CPU seconds per offer of several rounds."""

    def __init__(self):
        self.wall, self.here, self.there = [], [], []

    def time(self, act, is_measured: bool):
        began = (time.perf_counter(), time.process_time(), _backend_seconds())
        made = act()
        assert made > 0.8 * AGENTS, f"{made} offers where {AGENTS} were expected"
        ended = (time.perf_counter(), time.process_time(), _backend_seconds())
        if is_measured:
            for kept, begin, end in zip((self.wall, self.here, self.there), began, ended, strict=True):
                kept.append((end - begin) / made)

    @property
    def cpu_ms(self) -> float:
        return (median(self.here) + sum(self.there) / len(self.there)) * 1000


def _compared(what, naive, ours):
    base = 1 / median(naive.wall)
    note = f"{AGENTS} at once, this process {median(ours.here) * 1000:.3f} CPU-ms an offer"
    return [
        Figure(f"naive, {what}", base, "/s", note=f"{naive.cpu_ms:.3f} CPU-ms an offer"),
        Figure(f"dispatch, {what}", 1 / median(ours.wall), "/s", baseline=("naive", base), limit=3000, note=note),
        Figure(f"CPU of an offer, {what}", ours.cpu_ms, "ms", baseline=("naive", naive.cpu_ms)),
    ]


def _ours(floor) -> int:
    return dispatch(floor.domain).offers


def _naively(own, floor) -> int:
    """One transaction for each interaction, the queues in turn, until in no queue anybody fits the next."""
    made, in_vain = 0, 0
    for queue in cycle(floor.queues):
        is_offered = _offer_one(own, floor, queue)
        made, in_vain = made + is_offered, 0 if is_offered else in_vain + 1
        if in_vain == len(floor.queues):
            return made
    return made


def _offer_one(own, floor, queue) -> bool:
    with own.transaction():
        row = own.execute(PICK, [queue]).fetchone()[0]
        found = own.execute(CHOOSE, [queue, floor.domain]).fetchone()
        if not found:
            return False
        values = {"row": row, "agent": found[0], "domain": floor.domain, "why": WHY}
        for step in STEPS:
            cursor = own.execute(step, values)
            if cursor.description:
                values["decision"] = cursor.fetchone()[0]
    return True


def _backend_seconds() -> float:
    """CPU seconds that all of PostgreSQL's processes used so far."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        postmaster = psutil.Process(cursor.fetchone()[0]).parent()
    spent = [child.cpu_times() for child in postmaster.children()]
    return sum(one.user + one.system for one in spent) + sum(postmaster.cpu_times()[:4])


def _bytes():
    with connection.cursor() as cursor:
        cursor.execute("SELECT avg(pg_column_size(d.*)) FROM routing_decision d WHERE trigger <> 'naive'")
        decision = float(cursor.fetchone()[0])
        cursor.execute(
            """SELECT (SELECT sum(pg_column_size(d.*)) FROM routing_dispatch d)::float
                      / (SELECT count(*) FROM routing_decision WHERE trigger <> 'naive')"""
        )
        inputs = float(cursor.fetchone()[0])
    return [
        Figure("bytes of a decision", decision, "B", limit=250),
        Figure("bytes of inputs, per decision", inputs, "B"),
    ]
