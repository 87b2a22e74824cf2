"""Fault 5: PostgreSQL restarts, loses a backend or dies, while mails come in and answers go out."""

import os
import signal
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.faults.books import problems
from tests.faults.letters import Postman
from tests.harness import wait_for

MAILS, REPLIES = 30, 30


def restart(company):
    company.desk.postgres.stop()
    wait_for(lambda: not company.desk.readiness().get("ready"), 30, "Health did not go red")
    company.desk.postgres.start()


def lose_a_backend(company):
    """PostgreSQL ends all its backends when one is killed: it cannot know what that one left in shared memory."""
    find = "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
    os.kill(wait_for(lambda: company.desk.sql(find), 10)[0][0], signal.SIGKILL)


def die(company):
    company.desk.postgres.stop(at_once=True)
    wait_for(lambda: not company.desk.readiness().get("ready"), 30, "Health did not go red")
    company.desk.postgres.start()


def answer(company, ticket, key):
    """Post an answer with its key until it is taken; returns how many tries that took."""
    body = {"kind": "reply", "text": f"This is answer {key}."}
    path = f"tickets/{ticket}/messages/"
    tries = 0

    def is_taken():
        nonlocal tries
        tries += 1
        return company.supervisor.ask("POST", path, key=key, **body)[0] in (200, 201)

    wait_for(is_taken, 60, f"Answer {key} was not taken")
    return tries


@pytest.mark.parametrize("fault", [restart, lose_a_backend, die])
def test_whatever_was_acknowledged_is_there_once_after_postgresql(company, fault):
    postman, name = Postman(company), fault.__name__.replace("_", "")
    postman.deliver(f"{name}-first")
    ((ticket,),) = wait_for(lambda: company.desk.sql("SELECT id FROM tickets_ticket"), 30)
    keys = [f"{name}{n}" for n in range(REPLIES)]
    with ThreadPoolExecutor(3) as pool:
        mails = pool.submit(postman.deliver_all, [f"{name}-{n}" for n in range(MAILS)])
        replies = [pool.submit(answer, company, ticket, key) for key in keys]
        wait_for(lambda: len(postman.acknowledged) > 8 and replies[5].done(), 30)
        fault(company)
        mails.result(90)
        tries = [reply.result(90) for reply in replies]

    wait_for(lambda: company.desk.readiness().get("ready"), 30, lambda: str(company.desk.readiness()))
    wait_for(lambda: company.backlog() == 0, 60, "The workers did not come back")
    wait_for(lambda: not company.count("helpdesk_delivery", "state = 'queued'"), 60, "The answers were not sent")
    assert postman.refused + sum(tries) > REPLIES  # somebody met the fault
    assert company.count("tickets_ticket") == MAILS + 1
    assert problems(company, mails=postman.acknowledged, replies=keys) == []
