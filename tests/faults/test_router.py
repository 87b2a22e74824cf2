"""Faults 1, 11 and 12 for the router: it dies, it races with people and with itself, and desks fall silent."""

import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from random import Random

from websockets.sync.client import connect

from tests.faults.books import most_held, problems
from tests.faults.floor import Floor
from tests.faults.letters import Postman
from tests.harness import wait_for

ARRIVAL = "from tests.faults.founding import arrive; arrive({})"
RING_FOR = "UPDATE routing_queuerouting SET offer_seconds = jsonb_build_object('email', %s::int)"


@contextmanager
def a_second_router(company):
    company.desk.run("router2", of="router")
    try:
        yield
    finally:
        company.desk.kill("router2")


def offers(company):
    """(agent, outcome) of all offers, the first first."""
    return company.desk.sql("SELECT agent_id, outcome FROM routing_offer ORDER BY id")


def test_a_router_killed_in_the_middle_of_a_dispatch_leaves_nothing_half_done(company):
    postman, floor = Postman(company), Floor(company)
    company.sign_in(company.agents[:5])
    with company.holding("SELECT id FROM routing_agent FOR UPDATE"):
        postman.deliver_all(f"mid{n}" for n in range(12))
        wait_for(lambda: company.stuck("SELECT%routing_agent%FOR UPDATE"), 40, "No dispatch came to lock its agents")
        company.desk.kill("router")
    company.desk.run("router")

    floor.work_until(12, seconds=60)

    assert problems(company, mails=postman.acknowledged) == []
    assert [outcome for _, outcome in offers(company)] == ["accepted"] * 12


def test_routers_killed_again_and_again_under_a_stream_offer_everything_once(company):
    postman, floor, random = Postman(company), Floor(company), Random(5)
    company.sign_in(company.agents)
    with a_second_router(company), ThreadPoolExecutor(1) as pool:
        arriving = pool.submit(postman.deliver_all, [f"stream{n}" for n in range(60)], hands=1)
        for victim, accepted in (("router", 6), ("router2", 18), ("router", 30), ("router2", 42)):
            floor.work_until(accepted + random.randint(0, 6), seconds=60)
            company.desk.kill(victim)
            company.desk.run(victim, of="router")
        arriving.result(60)
        floor.work_until(60, seconds=60)

    assert problems(company, mails=postman.acknowledged) == []
    assert [outcome for _, outcome in offers(company)] == ["accepted"] * 60


def test_fifty_agents_two_routers_and_the_list_give_each_of_two_hundred_one_owner(company):
    floor = Floor(company, takers=2, finishes=True)
    company.sign_in(company.agents)
    with a_second_router(company), ThreadPoolExecutor(1) as pool:
        arriving = pool.submit(company.desk.manage, "shell", "-v0", "-c", ARRIVAL.format(200))
        floor.work_until(200, seconds=100)
        arriving.result(30)

    assert problems(company) == []
    assert {status for _, status in floor.answers} == {200, 409}
    assert all(len(words.split()) > 3 for words in floor.refusals)
    assert floor.longest_idle < 10
    assert max(most_held(company).values()) == 3


def test_what_rings_on_a_dead_desk_rings_once_on_the_next(company):
    first, second = company.agents[:2]
    url = company.desk.url.replace("http", "ws", 1) + "/ws/v1/agent/"
    with connect(url, origin=company.desk.url, additional_headers={"Cookie": company.cookie}) as socket:
        socket.send(json.dumps({"t": "hello", "v": 1, "tab": "t_1", "follow": {"me": None}}))
        assert json.loads(socket.recv(timeout=20))["t"] == "welcome"
        assert first.ask("POST", "me/presence/", presence="available", reason="")[0] == 200
        Postman(company).deliver("rings")
        wait_for(lambda: offers(company) == [(first.agent, "open")], 40)
        socket.socket.close()  # no goodbye
    company.sign_in([second])
    company.desk.sql("UPDATE routing_agent SET last_seen = now() - interval '76 s' WHERE id = %s", first.agent)

    wait_for(lambda: len(offers(company)) == 2, 40)

    assert offers(company) == [(first.agent, "withdrawn"), (second.agent, "open")]
    desks = "SELECT presence, used FROM routing_agent WHERE id IN (%s, %s) ORDER BY id"
    assert company.desk.sql(desks, first.agent, second.agent) == [("offline", 0), ("available", 30)]
    assert problems(company) == []


def test_an_offer_that_nobody_answers_goes_to_the_next_and_is_too_late_then(company):
    first, second = company.agents[:2]
    company.sign_in([first])
    company.desk.sql(RING_FOR, 2)
    Postman(company).deliver("missed")
    ((offer,),) = wait_for(lambda: company.desk.sql("SELECT id FROM routing_offer"), 40)
    company.desk.sql(RING_FOR, 60)
    company.sign_in([second])

    wait_for(lambda: offers(company) == [(first.agent, "expired"), (second.agent, "open")], 40)
    status, refusal = first.ask("POST", f"offers/{offer}/accept/")
    Floor(company).work_until(1, seconds=30)

    assert (status, refusal["detail"]) == (409, "The time to answer was over; the next best agent is being asked.")
    assert offers(company) == [(first.agent, "expired"), (second.agent, "accepted")]
    desks = "SELECT presence, reason, used FROM routing_agent WHERE id IN (%s, %s) ORDER BY id"
    assert company.desk.sql(desks, first.agent, second.agent) == [("away", "missed", 0), ("available", "", 30)]
    assert problems(company) == []
