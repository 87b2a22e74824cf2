import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from customers.models import Event
from helpdesk.intake import Inbound, receive
from tests import factories as make

pytestmark = pytest.mark.django_db

REFUNDS = {"name": "Refunds", "when": 'contains(ticket.subject, "refund")', "set": {"queue": "returns", "vip": True}}


def mail(mailbox, number=1, **said) -> Inbound:
    known = {"sender": f"ada{number}@example.test", "external_id": f"{number}@example.test", "digest": f"d{number}"}
    return Inbound(channel="email", entry_point=mailbox, **{"subject": "My refund", "text": "Please.", **known, **said})


def statements(inbound) -> int:
    with CaptureQueriesContext(connection) as asked:
        receive(inbound)
    return len(asked)


def test_a_mail_goes_to_the_queue_that_the_rules_say_and_its_history_tells():
    mailbox, returns = make.make_mailbox(), make.make_queue("Returns", needs={"returns": 2})
    make.make_policy(document={"classify": [REFUNDS]})

    mailbox.refresh_from_db()  # as every mail finds it

    receipt = receive(mail(mailbox))

    assert (receipt.ticket.queue, receipt.interaction.queue) == (returns, returns)
    assert (receipt.interaction.needs, receipt.interaction.priority) == ({"returns": 2}, 2)
    told = Event.objects.filter(ticket_id=receipt.ticket.pk).order_by("id").values_list("verb", "actor")
    assert list(told)[-2:] == [("ticket.changed", "router"), ("interaction.enqueued", "customer")]


def test_a_later_mail_on_the_ticket_does_not_move_it():
    mailbox, returns = make.make_mailbox(), make.make_queue("Returns")
    first = receive(mail(mailbox, subject="Hello"))
    make.make_policy(document={"classify": [REFUNDS]})
    first.ticket.subject = "My refund"
    first.ticket.save()

    again = receive(mail(mailbox, external_id="2@example.test", digest="d2", ticket=first.ticket))

    assert (again.ticket.queue, again.interaction, returns.tickets.count()) == (mailbox.queue, first.interaction, 0)


def test_rules_that_say_nothing_of_a_mail_cost_it_no_statement():
    mailbox = make.make_mailbox()
    receive(mail(mailbox, number=1))
    before = statements(mail(mailbox, number=2))
    make.make_policy(document={"classify": [REFUNDS]})
    mailbox.refresh_from_db()
    receive(mail(mailbox, number=3, subject="Hello"))  # the rules are read once in a process

    assert statements(mail(mailbox, number=4, subject="Hello")) == before
