"""Fault 16: the clocks of the processes are hours apart. There is one clock that counts, the database's."""

from contextlib import contextmanager
from pathlib import Path

from tests.faults.books import problems
from tests.faults.floor import Floor
from tests.faults.letters import Postman
from tests.harness import wait_for

SKEWED = str(Path(__file__).parent / "skewed")
HOUR = 3600
WRONG = {"web": HOUR, "router": -HOUR, "worker": HOUR, "beat": -HOUR, "smtp": HOUR}
# Whatever routing wrote a moment ago and is not of about now by the database's clock.
TIMES = {
    "routing_interaction": ("waiting_since", "offered_at", "accepted_at", "ended_at", "done_at", "created_at"),
    "routing_offer": ("made_at", "answered_at"),
    "routing_agent": ("presence_since", "idle_since"),
    "routing_decision": ("at",),
    "customers_event": ("at",),
}
ODD = """SELECT '{table}.{column} is off by ' || round(extract(epoch FROM {column} - now())) || ' s' FROM {table}
    WHERE abs(extract(epoch FROM {column} - now())) > 300"""
RING_FOR = "UPDATE routing_queuerouting SET offer_seconds = jsonb_build_object('email', %s::int)"


@contextmanager
def wrong_clocks(company):
    """Every process believes that it is an hour earlier or later than it is."""
    try:
        for name, skew in WRONG.items():
            company.desk.kill(name)
            company.desk.run(name, PYTHONPATH=SKEWED, TRUNKLINE_SKEW=str(skew))
        company.desk.wait_until_ready()
        yield
    finally:
        for name in WRONG:
            company.desk.kill(name)
            company.desk.run(name)


def odd_times(company):
    queries = [ODD.format(table=table, column=column) for table, names in TIMES.items() for column in names]
    return [row[0] for row in company.desk.sql(" UNION ALL ".join(queries))]


def test_mails_are_taken_in_rung_missed_answered_and_wrapped_up_in_time_though_all_clocks_are_wrong(company):
    first, second = company.agents[:2]
    long_ago = "UPDATE routing_agent SET idle_since = now(), presence_since = now()"
    with wrong_clocks(company):
        company.desk.sql(long_ago)
        company.desk.sql(RING_FOR, 3)
        company.sign_in([first])
        postman = Postman(company)
        postman.deliver("clock")
        wait_for(lambda: ended(company) == [(first.agent, "expired")], 40, lambda: str(ended(company)))
        company.desk.sql(RING_FOR, 60)
        assert second.ask("POST", "me/presence/", presence="available", reason="")[0] == 200
        Floor(company).work_until(1, seconds=40)
        ((interaction,),) = company.desk.sql("SELECT id FROM routing_interaction")
        assert second.ask("POST", f"interactions/{interaction}/end/")[0] == 200

        left = "SELECT round(extract(epoch FROM wrap_up_until - now()) / 60) FROM routing_interaction"
        rang = "SELECT round(extract(epoch FROM expires_at - made_at)) FROM routing_offer ORDER BY id"
        assert (company.desk.sql(left), company.desk.sql(rang)) == ([(10,)], [(3,), (60,)])
        assert odd_times(company) == []
        wait_for(lambda: company.sink.taken, 40, "The receipt was not sent")
    assert problems(company, mails=postman.acknowledged) == []


def ended(company):
    return company.desk.sql("SELECT agent_id, outcome FROM routing_offer ORDER BY id")
