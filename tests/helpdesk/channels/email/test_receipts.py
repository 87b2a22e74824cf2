from datetime import timedelta
from email import message_from_bytes
from email.policy import default

import pytest
from django.utils import timezone

from helpdesk.channels.email import receipts
from helpdesk.channels.email.parse import parse
from helpdesk.channels.email.store import store
from helpdesk.channels.email.take_in import take_in
from helpdesk.channels.email.tokens import ticket_of_address
from helpdesk.models import Delivery
from tests.factories import make_mailbox, make_skill
from tests.helpdesk.channels.email.mails import SUPPORT, mail

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def mailbox():
    return make_mailbox(SUPPORT)


def arrive(raw=None, **written):
    return take_in(store(raw or mail(**written), envelope={}, source="smtp").pk)


def arrive_many(count, **written):
    for number in range(count):
        arrive(message_id=f"{number}@example.test", **written)


def the_receipt():
    delivery = Delivery.objects.get(purpose="receipt")
    receipts.freeze(delivery)
    return message_from_bytes(bytes(delivery.mime), policy=default)


def receipts_count():
    return Delivery.objects.filter(purpose="receipt").count()


def test_a_new_ticket_is_acknowledged_with_its_number():
    taken = arrive()
    assert f"[#{taken.ticket.number}]" in the_receipt()["Subject"]


def test_the_receipt_answers_the_customers_mail():
    arrive(message_id="one@example.test")
    assert (the_receipt()["In-Reply-To"], the_receipt()["To"]) == (
        "<one@example.test>",
        "Ada Lovelace <ada@example.test>",
    )


def test_an_answer_to_the_receipt_goes_to_the_same_ticket():
    taken = arrive()
    assert ticket_of_address(the_receipt()["Reply-To"].addresses[0].addr_spec) == taken.ticket.pk


def test_the_receipt_tells_every_machine_that_it_is_automatic():
    arrive()
    receipt = the_receipt()
    assert (receipt["Auto-Submitted"], receipt["X-Auto-Response-Suppress"]) == ("auto-replied", "All")
    assert parse(receipt.as_bytes()).automatic == "auto-submitted: auto-replied"


def test_the_receipt_repeats_nothing_the_sender_wrote():
    arrive(text="BUY NOW at evil.test", subject="Cheap watches")
    receipt = the_receipt().as_string()
    assert ("evil.test" in receipt, "watches" in receipt) == (False, False)


def test_a_polish_customer_gets_a_polish_receipt():
    make_skill("lang.pl")
    arrive(text="Dzień dobry, gdzie jest moja paczka? Czekam już tydzień.")
    assert the_receipt()["Subject"].startswith("Otrzymaliśmy Twoją wiadomość")


def test_the_receipt_is_sent_to_the_sender_and_waits_in_the_outbox():
    arrive()
    delivery = Delivery.objects.get(purpose="receipt")
    assert (delivery.recipient, delivery.state, delivery.message) == ("ada@example.test", "queued", None)


@pytest.mark.parametrize(
    "machine",
    [
        {"auto_submitted": "auto-generated"},
        {"precedence": "bulk"},
        {"list_id": "<news.example.test>"},
        {"sender": "no-reply@example.test"},
    ],
)
def test_a_machine_gets_no_receipt(machine):
    arrive(**machine)
    assert receipts_count() == 0


def test_a_mail_from_nobody_gets_no_receipt():
    take_in(store(mail(), envelope={"sender": ""}, source="smtp").pk)
    assert receipts_count() == 0


def test_an_answer_on_a_ticket_gets_no_second_receipt():
    arrive(message_id="one@example.test")
    arrive(message_id="two@example.test", in_reply_to="<one@example.test>")
    assert receipts_count() == 1


def test_the_same_mail_twice_gets_one_receipt():
    arrive()
    arrive()
    assert receipts_count() == 1


def test_one_address_gets_three_receipts_an_hour():
    arrive_many(5)
    assert receipts_count() == 3


def test_one_address_gets_ten_receipts_a_day():
    for _ in range(4):
        arrive_many(3, subject=f"About {receipts_count()}")
        Delivery.objects.update(created_at=timezone.now() - timedelta(hours=2))
    assert receipts_count() == 10


def test_a_flood_from_many_addresses_pauses_the_receipts_of_the_mailbox(monkeypatch):
    monkeypatch.setattr(receipts, "PER_MINUTE", 4)
    for number in range(6):
        arrive(sender=f"{number}@example.test", message_id=f"{number}@x.test")
    assert receipts_count() == 4


def test_a_mailbox_may_send_none(mailbox):
    mailbox.sends_receipt = False
    mailbox.save()
    arrive()
    assert receipts_count() == 0
