"""Fault 4: Redis dies, or forgets everything, while mails and chats come in. It carries nothing but nudges."""

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from redis import Redis

from tests.faults.books import problems
from tests.faults.letters import Postman
from tests.faults.visitors import Visitor
from tests.harness import wait_for

MAILS, LINES = 40, 20


def crash(company):
    company.desk.redis.stop(at_once=True)
    time.sleep(2)
    company.desk.redis.start()


def forget(company):
    Redis.from_url(company.desk.redis.url).flushall()


def chat(visitor):
    for n in range(LINES):
        visitor.say(f"Line {n} of {visitor.name}", client_id=f"c_{n}")


def look_at_tickets(company, statuses, is_over):
    while not is_over():
        statuses[company.supervisor.ask("GET", "tickets/?view=all")[0]] += 1


@pytest.mark.parametrize("fault", [crash, forget])
def test_nothing_is_lost_and_the_desk_goes_on_when_redis(company, fault):
    postman, visitors, statuses = Postman(company), [Visitor(company, f"vera{n}") for n in range(3)], Counter()
    with ThreadPoolExecutor(6) as pool:
        streams = [pool.submit(postman.deliver_all, [f"{fault.__name__}{n}" for n in range(MAILS)])]
        streams += [pool.submit(chat, visitor) for visitor in visitors]
        pool.submit(look_at_tickets, company, statuses, lambda: all(stream.done() for stream in streams))
        wait_for(lambda: len(postman.acknowledged) > 5 and all(visitor.acknowledged for visitor in visitors), 30)
        fault(company)
        for stream in streams:
            stream.result(90)

    wait_for(lambda: company.backlog() == 0, 60, "The mails were not taken in after Redis came back")
    wait_for(lambda: company.desk.readiness().get("ready"), 30, lambda: str(company.desk.readiness()))
    lines = [line for visitor in visitors for line in visitor.acknowledged]
    assert set(statuses) == {200}
    assert problems(company, mails=postman.acknowledged, texts=lines) == []
    answer_reaches(company, visitors[0])
    for visitor in visitors:
        visitor.hang_up()


def answer_reaches(company, visitor):
    """What an agent says now is heard on the visitor's socket, whatever became of it."""
    ((ticket,),) = company.desk.sql("SELECT ticket_id FROM tickets_message WHERE text = %s", visitor.acknowledged[0])
    status, _ = company.supervisor.ask("POST", f"tickets/{ticket}/messages/", kind="reply", text="We are here again.")
    assert status == 201
    wait_for(
        lambda: visitor.hear(1) and "We are here again." in visitor.heard, 40, lambda: f"Only {visitor.heard} was heard"
    )
