"""One dispatch: read what changed, ask the engine, and write offers and decisions in bulk.

Runs in one short transaction under the domain's transaction lock. The engine decides on what was read without row
locks; agents and interactions are then locked (in that order) and what changed meanwhile is left for the next run.
"""

import gc
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial

from django.db import transaction

from customers.bulk import answers, ask, one_trip
from routing import commit, estimates
from routing.commit import Pair, Run, Told
from routing.engine.match import decide
from routing.memory import MORE, Memory, Moment, keep, recall
from routing.models import Domain
from routing.policies import in_force

# Advisory locks are shared by the whole database; this number says that ours are about routing domains.
LOCK_SPACE = 7_401
LOCK_TIMEOUT = "2s"
# A router that froze, or whose machine vanished without a word, keeps the domain no longer. (Set only where the
# transaction is the dispatch's own; what a test, or another verb, began may take its time.)
FROZEN = "15s"
# A plan for any arrays and any age of a snapshot is a bad one for those at hand.
PLAN = "force_custom_plan"
LOCK = """SELECT set_config('lock_timeout', %s, true), set_config('plan_cache_mode', %s, true),
                 set_config('transaction_timeout', CASE WHEN pg_current_xact_id_if_assigned() IS NULL
                            THEN %s ELSE current_setting('transaction_timeout') END, true),
                 pg_advisory_xact_lock(%s, %s)"""
BEGIN = """SELECT name, policy_id, epoch, clock_timestamp(), pg_current_snapshot()::text,
                  pg_current_xact_id_if_assigned() IS NULL FROM routing_domain WHERE id = %s"""


class Fenced(Exception):
    """Another router decided for this domain meanwhile; nothing was written."""


@dataclass(frozen=True, slots=True)
class Dispatched:
    """What a run came to: offers made, and how many of its answers no longer applied when it came to write.

    `next_due` is in how many seconds waiting alone may change the answer, `expires` in how many the first of the offers
    made is over; None where nothing is.
    """

    offers: int
    overtaken: int
    next_due: float | None = field(default=None, compare=False)
    expires: float | None = field(default=None, compare=False)


def dispatch(domain_id: int, *, trigger: str = "nudge") -> Dispatched:
    """Offer waiting interactions of a domain to the best agents there are.

    Raises OperationalError when the domain stays locked, Fenced when another router got past the lock all the same.
    """
    with _without_collection(), transaction.atomic():
        return _run(domain_id, trigger)


@contextmanager
def _without_collection():
    """Garbage is collected between runs: among a hundred thousand facts that may take longer than a run."""
    is_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if is_on:
            gc.enable()


def _run(domain_id, trigger):
    domain, moment = _claim(domain_id)
    memory = recall(domain_id, domain.epoch, moment, is_sweep=trigger == "sweep")
    if moment.is_outermost:  # else more may be written in this transaction, which the next snapshot would not show
        transaction.on_commit(partial(keep, memory))
    if not memory.askable or not len(memory.line):
        return Dispatched(0, 0)
    return _offer(domain, memory, Run(domain_id, domain.epoch, moment.now, trigger))


def _claim(domain_id):
    """Take the domain's lock until commit, and raise its epoch; returns the domain and the moment of the run."""
    with one_trip():
        ask(LOCK, [LOCK_TIMEOUT, PLAN, FROZEN, LOCK_SPACE, domain_id]).close()
        # A statement of its own: after the wait for the lock, and before anything else is read or written.
        ((name, policy, before, *moment),) = answers(ask(BEGIN, [domain_id]))
    raised = Domain.objects.filter(pk=domain_id, epoch=before).update(epoch=before + 1)
    if not raised:
        raise Fenced(f"Another router decides for domain {domain_id}.")
    return Domain(pk=domain_id, name=name, epoch=before + 1, policy_id=policy), Moment(*moment)


def _offer(domain: Domain, memory: Memory, run: Run) -> Dispatched:
    """Ask the engine, and write what it answers."""
    rules, policy = in_force(domain)
    memory.follow(policy, estimates.of(domain, run.now))
    state, outcome = _ask(memory, policy, run.epoch)
    asked = [_pair(one, memory, rules) for one in outcome.assigned]
    pairs = commit.possible(asked, policy.interrupts) if asked else []
    if pairs:
        inputs = memory.chain.write(state, policy, run.epoch)
        commit.write(pairs, run, Told(policy.version, memory.chain.base, inputs))
    _doubt(asked, pairs, state, memory)
    next_due = None if outcome.next_due is None else outcome.next_due - memory.now
    expires = min((pair.rings for pair in pairs), default=None)
    return Dispatched(len(pairs), len(asked) - len(pairs), next_due, expires)


def _ask(memory, policy, seed):
    """What the engine was told, and what it answers.

    It is told of a few of each kind. Of one kind the older goes first, so nobody beyond those told of can matter unless
    all of these are placed; then it is asked again, and told of more.
    """
    askable = memory.askable
    most = memory.line.enough(askable)
    while True:
        state = memory.state(most)
        outcome = decide(state, policy, memory.now, seed=seed)
        if most >= askable or not memory.line.exhausted(most, {one.interaction for one in outcome.assigned}):
            return state, outcome
        most *= MORE


def _pair(one, memory, rules):
    row = memory.line.rows[one.interaction]
    return Pair(one, row, rules.ring(memory.queues[row.queue].slug, row.channel))


def _doubt(asked, pairs, state, memory):
    """Look up again what no longer was as remembered; where one has gone without a trace, others may have, too."""
    made = {pair.row.id for pair in pairs}
    if overtaken := [pair.one.agent for pair in asked if pair.row.id not in made]:
        memory.doubt([one.id for one in state.waiting if one.id not in made], overtaken)
