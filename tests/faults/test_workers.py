"""Faults 1 to 3: workers that die in the middle of what they do, and tasks that are handed out twice."""

from contextlib import ExitStack
from threading import Event

import psutil
from redis import Redis

from tests.faults.books import problems
from tests.faults.letters import Postman
from tests.harness import wait_for

# Nobody can write a message while this is held: whoever takes a mail in stops in the middle of it.
NO_MESSAGES = "LOCK TABLE tickets_message IN SHARE ROW EXCLUSIVE MODE"
IN_THE_MIDDLE = "INSERT INTO%tickets_message"


def kill_children(company) -> int:
    """kill -9 of each process that the worker's own process has started; returns how many."""
    children = psutil.Process(company.desk.pid("worker")).children()
    for child in children:
        child.kill()
    return len(children)


def all_taken_in(company):
    wait_for(lambda: company.backlog() == 0, 60, lambda: f"{company.backlog()} mails lie there still")


def ask_and_answer(company, name, text):
    """A customer's mail is taken in, and the supervisor answers it; returns the ticket's id."""
    Postman(company).deliver(name)
    ticket = wait_for(lambda: company.desk.sql("SELECT id FROM tickets_ticket WHERE subject LIKE %s", f"%{name}"), 30)
    status, _ = company.supervisor.ask("POST", f"tickets/{ticket[0][0]}/messages/", kind="reply", text=text)
    assert status == 201
    return ticket[0][0]


def in_hand(company, task) -> set[bytes]:
    """The broker's names of the messages of this task that some worker has and has not settled."""
    unsettled = Redis.from_url(company.desk.redis.url).hgetall("unacked")
    return {name for name, message in unsettled.items() if task.encode() in message}


def state_of(company, text):
    """The state of the delivery of this text."""
    query = "SELECT d.state FROM helpdesk_delivery d JOIN tickets_message m ON m.id = d.message_id WHERE m.text = %s"
    return company.desk.sql(query, text)[0][0]


def test_mails_whose_worker_children_are_killed_in_the_middle_become_tickets_once(company):
    postman = Postman(company)
    with company.holding(NO_MESSAGES):
        postman.deliver_all(f"child{n}" for n in range(25))
        wait_for(lambda: company.stuck(IN_THE_MIDDLE) == 2, 30)
        assert kill_children(company) == 2
    company.desk.sql("UPDATE helpdesk_inboundraw SET next_try_at = now()")  # spares us the 15 s they lie still

    all_taken_in(company)

    assert problems(company, mails=postman.acknowledged) == []
    assert company.count("tickets_ticket") == 25


def test_mails_whose_whole_worker_is_killed_in_the_middle_become_tickets_once(company):
    postman = Postman(company)
    with company.holding(NO_MESSAGES):
        postman.deliver_all(f"worker{n}" for n in range(25))
        wait_for(lambda: company.stuck(IN_THE_MIDDLE) == 2, 30)
        company.desk.kill("worker")
    company.desk.run("worker")

    all_taken_in(company)

    assert problems(company, mails=postman.acknowledged) == []
    assert company.count("tickets_ticket") == 25


def test_a_mail_whose_worker_dies_between_send_and_record_is_unknown_and_not_sent_again(company):
    with ExitStack() as locks:

        def keep_from_recording(letter):
            if "It is on its way" in letter.text:
                company.sink.before_answer = None
                locks.enter_context(company.holding("SELECT id FROM tickets_ticket FOR UPDATE"))

        company.sink.before_answer = keep_from_recording
        ticket = ask_and_answer(company, "between", "It is on its way.")
        wait_for(lambda: company.stuck("UPDATE%tickets_ticket%revision"), 30, "No worker came to record it")
        company.desk.kill("worker")
    company.desk.sql("UPDATE helpdesk_delivery SET lease_until = now() WHERE state = 'sending'")
    company.desk.run("worker")

    wait_for(lambda: state_of(company, "It is on its way.") == "unknown", 40)
    company.supervisor.ask("POST", f"tickets/{ticket}/messages/", kind="reply", text="It arrives tomorrow.")
    wait_for(lambda: state_of(company, "It arrives tomorrow.") == "sent", 40)

    assert len(company.sink.with_text("It is on its way.")) == 1
    assert problems(company) == []


def test_a_mail_handed_to_two_workers_at_once_becomes_one_ticket(company):
    postman = Postman(company)
    with company.holding(NO_MESSAGES):
        postman.deliver("slow")
        wait_for(lambda: company.stuck("INSERT INTO") == 1, 30)
        company.desk.sql("UPDATE helpdesk_inboundraw SET next_try_at = now()")
        wait_for(lambda: company.stuck("INSERT INTO") == 2, 40, "The broker's patience did not end")

    all_taken_in(company)

    assert company.desk.sql("SELECT tries FROM helpdesk_inboundraw") == [(2,)]
    assert problems(company, mails=postman.acknowledged) == []


def test_a_delivery_that_takes_longer_than_the_brokers_patience_is_sent_once(company):
    company.sink.before_answer = lambda letter: "Slowly" in letter.text and is_handed_out_again.wait(12)
    is_handed_out_again = Event()
    ticket = ask_and_answer(company, "patient", "Slowly it comes.")
    wait_for(lambda: company.sink.with_text("Slowly it comes."), 30)
    (first_time,) = wait_for(lambda: in_hand(company, "helpdesk.deliver_mail"), 5)
    wait_for(lambda: first_time not in in_hand(company, "helpdesk.deliver_mail"), 12, "The broker is too patient")
    company.supervisor.ask("POST", f"tickets/{ticket}/messages/", kind="reply", text="There it is.")
    wait_for(lambda: state_of(company, "There it is.") == "sent", 40)  # the other worker is past the first mail
    is_handed_out_again.set()

    wait_for(lambda: state_of(company, "Slowly it comes.") == "sent", 30)

    assert len(company.sink.with_text("Slowly it comes.")) == 1
    assert problems(company) == []
