"""Fault 1 for the router, at each of its steps: it dies by kill -9 before any one of its statements, and after commit.

Each death is a real one, of a process of its own (a fork of this one) with its own connection to PostgreSQL.
"""

import itertools
import os
import signal
import traceback

import pytest
from django.db import connection, connections

from routing.audit import overdue, problems
from routing.models import Agent, Decision, Domain, Interaction, Offer
from routing.tasks import dispatch_domain, sweep
from tests import factories as make
from tests.routing.floor import overdue as missed
from tests.routing.floor import ringing, talking, waiting, wrapping_up
from tests.routing.machine import empty

pytestmark = pytest.mark.django_db(transaction=True)

MOST_STEPS = 400
LONG_AGO = "2020-01-01T00:00Z"


def dies_at(step, act) -> bool:
    """Do `act` in a process that is killed before its `step`-th statement or commit, or after one; False if it ended
    before that."""
    connections.close_all()
    child = os.fork()
    if not child:
        _live_until(step, act)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0, "The process failed; it says why above."
    return os.WIFSIGNALED(status)


def _live_until(step, act):
    """In the child: never returns."""
    steps, commit = itertools.count(1), connection._commit

    def count():
        if next(steps) == step:
            os.kill(os.getpid(), signal.SIGKILL)

    def execute(execute, sql, params, many, context):
        count()
        return execute(sql, params, many, context)

    def commit_and_count():
        count()
        commit()
        count()

    try:
        connection._commit = commit_and_count
        with connection.execute_wrapper(execute):
            act()
        os._exit(0)
    except BaseException:
        traceback.print_exc()
        os._exit(1)


def a_call_a_chat_and_a_mail_wait():
    """Three agents, of whom one must park a mail for the call."""
    ada = make.make_agent("Ada", channels=["voice", "email"])
    talking(ada, channel="email")
    make.make_agent("Bo", channels=["chat"]), make.make_agent("Cy", channels=["email"])
    for channel in ("voice", "chat", "email"):
        waiting(channel=channel)


def statuses():
    return sorted(Interaction.objects.values_list("status", flat=True))


def test_a_router_that_dies_at_any_step_of_a_dispatch_has_offered_all_or_nothing():
    for step in range(1, MOST_STEPS):
        empty()
        a_call_a_chat_and_a_mail_wait()
        domain = Domain.main().pk
        died = dies_at(step, lambda pk=domain: dispatch_domain(pk))
        assert statuses() in (["active", *["waiting"] * 3], [*["offered"] * 3, "parked"]), f"at step {step}"
        assert problems() == [], f"at step {step}"

        sweep()  # another router's

        assert statuses() == [*["offered"] * 3, "parked"], f"at step {step}"
        assert (Offer.objects.count(), Decision.objects.count(), problems()) == (4, 4, []), f"at step {step}"
        if not died:
            break
    assert 8 < step < MOST_STEPS - 1


def much_is_overdue():
    """An offer that was missed, a wrap-up and a desk whose time is over, and somebody who waits."""
    missed(ringing(make.make_agent("Ada"), channel="voice"))
    interaction = wrapping_up(make.make_agent("Bo"), channel="email")
    Interaction.objects.filter(pk=interaction.pk).update(wrap_up_until=LONG_AGO)
    silent = ringing(make.make_agent("Cy"))
    Agent.objects.filter(pk=silent.agent_id).update(last_seen=LONG_AGO)
    waiting(channel="email")
    make.make_agent("Di")


def test_a_sweep_that_dies_at_any_step_is_made_up_for_by_the_next():
    for step in range(1, MOST_STEPS, 6):
        empty()
        much_is_overdue()
        died = dies_at(step, sweep)
        assert problems() == [], f"at step {step}"

        sweep()

        assert (problems(), overdue(late=0)) == ([], []), f"at step {step}"
        assert [*statuses()].count("done") == 1, f"at step {step}"
        if not died:
            break
    assert 30 < step < MOST_STEPS - 1
