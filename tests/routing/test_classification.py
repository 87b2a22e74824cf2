import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from customers.models import Event
from routing.handover import change, transfer
from routing.interactions import enqueue
from routing.models import Interaction
from tests import factories as make
from tests.routing.floor import now, route, talking

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sound")]

GOLD = 'customer.tier == "gold"'


def rules(*classify, domain=None):
    make.make_policy(domain, {"classify": list(classify)})


def arriving(queue=None, *, channel="chat", tier="standard", **fields) -> Interaction:
    """Somebody new gets in touch."""
    ticket = make.make_ticket(queue=queue, channel=channel, customer=make.make_customer(tier=tier), **fields)
    return enqueue(ticket, channel=channel)


def test_without_rules_it_waits_where_it_came_in():
    queue = make.make_queue(needs={"billing": 2})

    came = arriving(queue)

    assert (came.queue, came.needs, came.wants, came.priority, came.importance) == (queue, {"billing": 2}, {}, 1, 1.0)


def test_a_ticket_that_has_just_come_moves_to_the_queue_of_its_rule():
    front, care = make.make_queue("Front"), make.make_queue("Care", needs={"billing": 2})
    rules({"name": "Gold", "when": GOLD, "set": {"queue": "care", "priority": "urgent"}}, {"set": {"importance": 2}})

    came = arriving(front, tier="gold")

    assert (came.queue, came.needs, came.priority) == (care, {"billing": 2}, 3)
    assert (now(came.ticket).queue, now(came.ticket).priority) == (care, 3)
    event = Event.objects.get(verb="ticket.changed")
    assert (event.actor, event.facts) == ("router", {"queue": "Care", "priority": 3})
    assert Event.objects.get(verb="interaction.enqueued").facts["rules"] == ["Gold", "rule 2"]


def test_a_rule_that_does_not_hold_changes_nothing():
    front, _ = make.make_queue("Front"), make.make_queue("Care")
    rules({"when": GOLD, "set": {"queue": "care"}})

    assert arriving(front).queue == front


def test_what_rules_need_and_want_comes_on_top_of_what_the_queue_asks():
    make.make_skill("vip"), make.make_skill("law")
    queue = make.make_queue(needs={"billing": 2, "returns": 1}, wants={"vip": 3})
    rules({"set": {"need": {"billing": 4, "law": 2, "returns": 0}, "want": {"vip": 5}}})

    came = arriving(queue)

    assert (came.needs, came.wants) == ({"billing": 4, "law": 2}, {"vip": 5})


def test_a_skill_that_went_since_is_not_asked_for():
    rules({"set": {"need": {"law": 2}}})

    assert arriving().needs == {}


def test_a_queue_that_went_since_leaves_it_where_it_came_in():
    front = make.make_queue("Front")
    rules({"set": {"queue": "closed"}})

    assert arriving(front).queue == front


def test_a_vip_waits_with_high_priority_while_the_ticket_keeps_its_own():
    rules({"when": GOLD, "set": {"vip": True, "importance": 2}})

    came = arriving(tier="gold")

    assert (came.priority, came.importance, now(came.ticket).priority) == (2, 2.0, 1)


def test_who_is_a_vip_is_served_before_who_came_first():
    rules({"when": GOLD, "set": {"vip": True}})
    queue = make.make_queue()
    arriving(queue)
    vip = arriving(queue, tier="gold")
    make.make_agent()

    assert [offer.interaction for offer in route()] == [vip]


def test_later_messages_do_not_move_a_ticket_back_that_a_person_moved():
    front, _, sales = make.make_queue("Front"), make.make_queue("Care"), make.make_queue("Sales")
    rules({"when": GOLD, "set": {"queue": "care", "priority": "high", "importance": 2}})
    came = arriving(front, tier="gold")
    change(came.ticket, by=make.make_supervisor(), queue=sales, priority=0)

    again = enqueue(now(came.ticket), channel="email")

    assert (again.queue, again.priority, again.importance) == (sales, 0, 2.0)


def test_a_ticket_whose_priority_changes_keeps_what_the_rules_made_of_it():
    rules({"when": GOLD, "set": {"vip": True, "importance": 3}})
    came = arriving(tier="gold")

    change(came.ticket, by=make.make_supervisor(), priority=0)
    lowered = now(came)
    change(came.ticket, by=make.make_supervisor(), priority=3)

    assert (lowered.priority, now(came).priority, now(came).importance) == (2, 3, 3.0)


def test_a_transfer_asks_what_the_rules_ask_in_the_new_queue():
    make.make_skill("law")
    care = make.make_queue("Care", needs={"billing": 1})
    rules({"when": 'queue == "care"', "set": {"need": {"law": 2}, "importance": 2}})
    came = talking()

    transfer(came, by=came.agent.user, queue=now(care))

    assert (now(came).needs, now(came).importance) == ({"billing": 1, "law": 2}, 2.0)


def test_rules_know_channel_subject_tags_language_and_organisation():
    make.make_skill("law")
    acme = make.make_organisation("Acme")
    rules(
        {
            "when": 'channel == "email" and contains(ticket.subject, "refund") and language == "pl" '
            'and customer.organisation == "Acme" and len(ticket.tags) == 0 and hour >= 0 and weekday != ""',
            "set": {"need": {"law": 2}},
        }
    )
    customer = make.make_customer(language="pl", organisation=acme)
    ticket = make.make_ticket(channel="email", customer=customer, subject="A refund, please")

    assert enqueue(ticket, channel="email").needs == {"law": 2}


def test_rules_of_one_domain_say_nothing_of_another():
    rules({"set": {"importance": 9}}, domain=make.make_domain("north"))

    assert arriving(make.make_queue()).importance == 1.0


@pytest.mark.parametrize("published", [False, True])
def test_rules_cost_intake_no_query(published):
    if published:
        rules({"when": GOLD, "set": {"importance": 2}})
    arriving(make.make_queue())  # the rules are read once in a process
    ticket = now(make.make_ticket(queue=make.make_queue(), channel="email"))

    with CaptureQueriesContext(connection) as asked:
        enqueue(ticket, channel="email")

    reads = [query["sql"] for query in asked if query["sql"].startswith("SELECT")]
    assert (len(reads), len(asked)) == (6, 10), reads
