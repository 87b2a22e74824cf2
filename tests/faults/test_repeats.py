"""Faults 6 and 7: the same thing comes more than once, and the listener dies while it comes."""

import time
from concurrent.futures import ThreadPoolExecutor
from random import Random

from tests.faults.books import problems
from tests.faults.letters import Postman, letter
from tests.harness import wait_for


def all_taken_in(company, stored):
    """So many mails were stored, and all of them are understood."""
    wait_for(
        lambda: (company.count("helpdesk_inboundraw"), company.backlog()) == (stored, 0),
        60,
        lambda: f"{company.count('helpdesk_inboundraw')} of {stored} stored, {company.backlog()} not understood",
    )


def test_sixty_mails_delivered_twice_are_sixty_tickets(company):
    postman, names = Postman(company), [f"again{n}" for n in range(60)]

    postman.deliver_all([*names, *names], hands=4)
    all_taken_in(company, 120)

    assert (company.count("tickets_ticket"), company.count("tickets_message")) == (60, 60)
    assert problems(company, mails=postman.acknowledged) == []


def test_the_same_mail_five_times_in_parallel_is_one_ticket(company):
    postman = Postman(company)

    postman.deliver_all(["five"] * 5, hands=5)
    all_taken_in(company, 5)

    outcomes = company.desk.sql("SELECT outcome FROM helpdesk_inboundraw ORDER BY outcome")
    assert [outcome for (outcome,) in outcomes] == ["created", *["duplicate"] * 4]
    assert problems(company, mails=postman.acknowledged) == []


def test_the_same_mail_to_two_of_our_addresses_is_one_message(company):
    postman, both = Postman(company), "parcels@desk.test, returns@desk.test"
    raw = letter("both", to=both)

    assert all(postman.try_once(raw, sender="both@customers.test", to=(mailbox,)) for mailbox in company.mailboxes)
    all_taken_in(company, 2)

    assert company.count("tickets_message") == 1
    assert problems(company, mails=["both@customers.test"]) == []


def test_sixty_replies_posted_twice_at_once_with_the_same_keys_are_sixty_messages(company):
    Postman(company).deliver("keys")
    ((ticket,),) = wait_for(lambda: company.desk.sql("SELECT id FROM tickets_ticket"), 30)

    def post(n):
        body = {"kind": "reply", "text": f"This is answer {n}."}
        return company.supervisor.ask("POST", f"tickets/{ticket}/messages/", key=f"key{n}", **body)

    with ThreadPoolExecutor(2) as pool:  # two hands, each a step behind the other
        answers = list(pool.map(post, [n // 2 for n in range(120)]))

    assert {status for status, _ in answers} <= {200, 201}
    assert len({message["id"] for _, message in answers}) == company.count("tickets_message", "kind = 'outbound'") == 60
    wait_for(lambda: len(company.sink.with_text("This is answer")) >= 60, 40)
    assert problems(company, replies=[f"key{n}" for n in range(60)]) == []


def test_mails_are_there_once_though_the_listener_is_killed_again_and_again(company):
    postman, random = Postman(company), Random(7)
    with ThreadPoolExecutor(1) as pool:
        delivering = pool.submit(postman.deliver_all, [f"listener{n}" for n in range(45)], hands=3)
        while not delivering.done():
            seen = len(postman.acknowledged)
            wait_for(lambda seen=seen: len(postman.acknowledged) > seen + 8 or delivering.done(), 40)
            time.sleep(random.uniform(0, 0.1))  # at any moment of a conversation
            company.desk.kill("smtp")
            company.desk.run("smtp")
        delivering.result(60)
    wait_for(lambda: company.backlog() == 0, 60)

    assert company.count("tickets_ticket") == 45
    assert problems(company, mails=postman.acknowledged) == []
