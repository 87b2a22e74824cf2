"""Routing goes on: past a router that froze, after Redis was gone, and through a burst of arrivals."""

import os
import signal
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from tests.faults.books import most_held, problems
from tests.faults.floor import Floor
from tests.faults.letters import Postman
from tests.harness import wait_for

ARRIVAL = "from tests.faults.founding import arrive; arrive({})"
BURST = 240  # as quickly as they can be written: ten times what the agents get through
ACCEPTED = "SELECT count(*) FROM routing_offer WHERE outcome = 'accepted'"


def signal_group(company, name, how):
    os.killpg(company.desk.pid(name), how)


def test_another_router_takes_over_from_one_that_froze_in_the_middle_of_a_dispatch(company):
    postman, floor = Postman(company), Floor(company)
    company.sign_in(company.agents[:5])
    with company.holding("SELECT id FROM routing_agent FOR UPDATE"):
        postman.deliver_all(f"frozen{n}" for n in range(6))
        wait_for(lambda: company.stuck("SELECT%routing_agent%FOR UPDATE"), 40, "No dispatch came to lock its agents")
        signal_group(company, "router", signal.SIGSTOP)
    company.desk.run("router2", of="router")  # as if on another machine
    try:
        floor.work_until(6, seconds=80)
        signal_group(company, "router", signal.SIGCONT)
        postman.deliver("thawed")
        floor.work_until(7, seconds=60)
    finally:
        signal_group(company, "router", signal.SIGCONT)
        company.desk.kill("router2")

    assert company.desk.sql(ACCEPTED) == [(7,)]
    assert problems(company, mails=postman.acknowledged) == []


def test_who_came_while_redis_was_gone_is_rung_for_once_it_is_back(company):
    postman, floor = Postman(company), Floor(company)
    company.sign_in(company.agents[:10])
    postman.deliver_all(f"before{n}" for n in range(5))
    wait_for(lambda: company.count("routing_offer", "outcome = 'open'") == 5, 40)
    company.desk.redis.stop(at_once=True)
    try:
        floor.work_until(5, seconds=60)  # what rings can be answered without Redis
        postman.deliver_all(f"without{n}" for n in range(10))
        time.sleep(8)
    finally:
        company.desk.redis.start()
    postman.deliver_all(f"after{n}" for n in range(5))
    floor.work_until(20, seconds=90)

    assert company.desk.sql(ACCEPTED) == [(20,)]
    assert problems(company, mails=postman.acknowledged) == []


def test_a_burst_of_arrivals_is_served_nobody_is_overloaded_and_the_desk_answers(company):
    floor, statuses = Floor(company, finishes=True), Counter()
    company.sign_in(company.agents)
    with ThreadPoolExecutor(2) as pool:
        burst = pool.submit(company.desk.manage, "shell", "-v0", "-c", ARRIVAL.format(BURST))
        looks = pool.submit(look_at_tickets, company, statuses, lambda: floor.accepted() >= BURST)
        floor.work_until(BURST, seconds=110)
        burst.result(30), looks.result(30)

    assert (set(statuses), {status for _, status in floor.answers} - {409}) == ({200}, {200})
    assert (company.count("routing_interaction"), max(most_held(company).values())) == (BURST, 3)
    assert problems(company) == []


def look_at_tickets(company, statuses, is_over):
    while not is_over():
        statuses[company.supervisor.ask("GET", "tickets/?view=all")[0]] += 1
        time.sleep(0.2)
