import threading

import pytest
from django.db import connection

from customers.models import Customer, Event
from helpdesk.channels.email.store import store
from helpdesk.channels.email.take_in import MAX_TRIES, NotInQuarantine, take_in, try_again
from helpdesk.channels.email.tokens import bounce_address, loop_mark, message_id, reply_address
from helpdesk.models import Delivery, InboundRaw
from routing.models import Interaction
from tests.factories import (
    make_customer,
    make_delivery,
    make_mailbox,
    make_message,
    make_queue,
    make_skill,
    make_supervisor,
    make_ticket,
)
from tests.helpdesk.channels.email.mails import SUPPORT, bounce, mail
from tickets.lifecycle import solve
from tickets.models import Message, Ticket

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def mailbox():
    return make_mailbox(SUPPORT)


def arrive(raw, **envelope):
    """Store a mail as the listener does, and take it in."""
    return take_in(store(raw, envelope=envelope, source="smtp").pk)


def adas_ticket(**fields):
    ada = make_customer("Ada Lovelace", email="ada@example.test")
    return make_ticket(customer=ada, text="Where is it?", **fields)


def test_a_mail_becomes_a_ticket_of_its_sender():
    taken = arrive(mail("Where is it?", subject="Parcel"))
    assert (taken.outcome, taken.ticket.subject, taken.message.text.strip()) == ("created", "Parcel", "Where is it?")
    assert taken.ticket.customer.name == "Ada Lovelace"


def test_a_mail_waits_in_the_queue_of_the_mailbox_it_was_sent_to():
    queue = make_queue("Returns")
    make_mailbox("returns@desk.test", queue=queue)
    taken = arrive(mail(to="returns@desk.test"))
    assert Interaction.objects.get(ticket=taken.ticket).queue == queue


def test_the_envelope_says_more_about_the_mailbox_than_the_headers():
    queue = make_queue("Returns")
    make_mailbox("returns@desk.test", queue=queue)
    assert arrive(mail(to=SUPPORT), recipients=["returns@desk.test"]).ticket.queue == queue


def test_letter_case_in_a_mailbox_does_not_matter():
    queue = make_queue("Returns")
    make_mailbox("Returns@Desk.test", queue=queue)
    assert arrive(mail(), recipients=["RETURNS@desk.TEST"]).ticket.queue == queue


def test_a_file_that_names_no_mailbox_goes_to_the_oldest(mailbox):
    assert arrive(mail(to="someone@elsewhere.test")).ticket.queue == mailbox.queue


def test_the_row_says_what_became_of_the_mail():
    taken = arrive(mail())
    row = InboundRaw.objects.get()
    assert (row.state, row.outcome, row.message) == ("taken_in", "created", taken.message)


def test_a_settled_mail_is_not_taken_in_again():
    arrive(mail())
    assert take_in(InboundRaw.objects.get().pk) is None


def test_a_mail_that_another_worker_has_is_left_alone():
    raw = store(mail(), envelope={}, source="smtp")
    InboundRaw.objects.filter(pk=raw.pk).update(next_try_at="2100-01-01T00:00Z")
    assert take_in(raw.pk) is None


def test_the_same_mail_twice_is_one_message():
    first, second = arrive(mail()), arrive(mail())
    assert (second.outcome, second.message) == ("duplicate", first.message)


def test_the_same_id_with_another_content_is_another_message():
    arrive(mail("One"))
    assert arrive(mail("Two")).outcome == "created"


def test_the_same_mail_to_two_of_our_addresses_is_one_message():
    make_mailbox("returns@desk.test")
    arrive(mail(), recipients=[SUPPORT])
    assert arrive(mail(), recipients=["returns@desk.test"]).outcome == "duplicate"


def test_an_answer_to_the_reply_address_goes_on_with_the_ticket():
    ticket = adas_ticket()
    taken = arrive(mail("Still waiting", to=reply_address(SUPPORT, ticket.pk)))
    assert (taken.outcome, taken.ticket) == ("appended", ticket)


def test_an_answer_to_our_message_id_goes_on_with_the_ticket():
    ticket = adas_ticket()
    our_id = message_id(ticket.pk, "desk.test")
    assert arrive(mail(in_reply_to=f"<{our_id}>")).ticket == ticket


def test_an_answer_to_their_own_mail_goes_on_with_the_ticket():
    first = arrive(mail("One", message_id="one@example.test"))
    taken = arrive(mail("Two", message_id="two@example.test", references="<zero@x.test> <one@example.test>"))
    assert (taken.outcome, taken.ticket) == ("appended", first.ticket)


def test_a_participant_who_names_the_number_goes_on_with_the_ticket():
    ticket = adas_ticket()
    assert arrive(mail(subject=f"About [#{ticket.number}]")).ticket == ticket


def test_a_stranger_who_names_the_number_begins_a_new_ticket():
    ticket = adas_ticket()
    taken = arrive(mail(subject=f"About [#{ticket.number}]", sender="eve@example.test"))
    assert taken.outcome == "created"


def test_a_strangers_answer_is_kept_but_opens_and_queues_nothing():
    ticket = adas_ticket()
    solve(ticket, by=make_supervisor())
    taken = arrive(mail(to=reply_address(SUPPORT, ticket.pk), sender="eve@example.test"))
    ticket.refresh_from_db()
    assert (taken.ticket, taken.message.is_stranger) == (ticket, True)
    assert (ticket.status, Interaction.objects.filter(ticket=ticket).count()) == ("solved", 0)


def test_whoever_we_copied_in_is_no_stranger():
    ticket = adas_ticket()
    make_message(ticket, kind="outbound", text="See Bob", copied=["bob@example.test"])
    taken = arrive(mail(to=reply_address(SUPPORT, ticket.pk), sender="Bob@Example.test"))
    assert not taken.message.is_stranger


def test_a_guessed_signature_leads_nowhere():
    ticket = adas_ticket()
    assert arrive(mail(to=f"support+t.{ticket.pk}.aaaaaaaaaaaaaaaa@desk.test")).outcome == "created"


def test_an_answer_opens_a_solved_ticket_and_waits_again():
    ticket = adas_ticket()
    solve(ticket, by=make_supervisor())
    arrive(mail(to=reply_address(SUPPORT, ticket.pk)))
    ticket.refresh_from_db()
    assert (ticket.status, Interaction.objects.get(ticket=ticket).status) == ("open", "waiting")


def test_an_answer_after_two_months_begins_a_new_ticket():
    ticket = adas_ticket(status="solved", solved_at="2020-01-01T00:00Z")
    assert arrive(mail(to=reply_address(SUPPORT, ticket.pk))).outcome == "created"


def test_an_out_of_office_note_is_kept_but_opens_and_queues_nothing():
    ticket = adas_ticket()
    solve(ticket, by=make_supervisor())
    taken = arrive(mail("I am away", to=reply_address(SUPPORT, ticket.pk), auto_submitted="auto-replied"))
    ticket.refresh_from_db()
    assert (taken.outcome, taken.message.is_automatic) == ("auto_reply", True)
    assert (ticket.status, Interaction.objects.filter(ticket=ticket).count()) == ("solved", 0)


def test_our_own_mail_coming_back_is_ignored():
    taken = arrive(mail(x_loop=loop_mark()))
    assert (taken.outcome, Ticket.objects.count(), InboundRaw.objects.get().state) == ("rejected", 0, "ignored")


def test_a_mail_that_claims_to_be_from_one_of_our_mailboxes_is_ignored():
    assert arrive(mail(sender=SUPPORT)).outcome == "rejected"


def sent_delivery():
    ticket = adas_ticket()
    message = make_message(ticket, kind="outbound", text="On its way", mail_id="t.1@desk.test")
    return make_delivery(message, state="sent", mail_id="t.1@desk.test", recipient="ada@example.test")


def test_a_bounce_to_our_bounce_address_fails_the_delivery():
    delivery = sent_delivery()
    taken = arrive(bounce(), recipients=[bounce_address(delivery.pk, "desk.test")], sender="")
    delivery.refresh_from_db()
    assert (taken.outcome, taken.ticket, delivery.state) == ("bounce", delivery.ticket, "failed")


def test_a_bounce_is_an_event_on_the_ticket_and_no_message():
    delivery = sent_delivery()
    before = Message.objects.count()
    arrive(bounce(), recipients=[bounce_address(delivery.pk, "desk.test")], sender="")
    assert Event.objects.filter(ticket_id=delivery.ticket_id, verb="delivery.bounced").count() == 1
    assert Message.objects.count() == before


def test_a_bounce_that_names_our_message_and_its_recipient_fails_the_delivery():
    delivery = sent_delivery()
    arrive(bounce(mail_id="t.1@desk.test", recipient="ada@example.test"), sender="")
    delivery.refresh_from_db()
    assert delivery.state == "failed"


def test_a_forged_bounce_about_somebody_else_changes_nothing():
    delivery = sent_delivery()
    taken = arrive(bounce(mail_id="t.1@desk.test", recipient="bob@example.test"), sender="")
    delivery.refresh_from_db()
    assert (taken.outcome, delivery.state, InboundRaw.objects.get().state) == ("bounce", "sent", "ignored")


def test_a_polish_mail_asks_for_polish_where_the_desk_has_it():
    make_skill("lang.pl")
    make_skill("lang.en")
    taken = arrive(mail("Dzień dobry, gdzie jest moja paczka? Czekam już tydzień."))
    assert (taken.ticket.language, Interaction.objects.get().needs["lang.pl"] > 0) == ("pl", True)


POISON = {
    "empty": b"",
    "blank lines": b"\r\n\r\n\r\n",
    "no header": b"\x00\xff\xfe garbage without any header at all",
    "no sender": b"Subject: who am I?\r\n\r\nhello",
}


@pytest.mark.parametrize("raw", POISON.values(), ids=POISON)
def test_a_mail_without_sense_or_sender_is_quarantined_with_its_bytes(raw):
    taken = arrive(raw)
    row = InboundRaw.objects.get()
    assert (taken.outcome, row.state, bytes(row.raw)) == ("quarantined", "quarantined", raw)
    assert row.reason.endswith(".")


ODD = {
    "a NUL in the text": mail().replace(b"parcel", b"par\x00cel"),
    "a NUL in the subject": mail().replace(b"Subject: Parcel", b"Subject: Par\x00cel"),
    "an unknown charset": mail().replace(b'charset="utf-8"', b'charset="x-klingon"'),
    "bytes that are no UTF-8": mail().replace(b"parcel", b"p\xe4rcel"),
    "backslashes": mail().replace(b"parcel", rb"C:\new\users"),
    "a very long line": mail().replace(b"parcel", b"x" * 300_000),
    "a very long subject": mail().replace(b"Subject: Parcel", b"Subject: " + b"x" * 60_000),
    "a very long id": mail().replace(b"<one@", b"<" + b"x" * 5_000 + b"@"),
    "a lone surrogate": mail().replace(b"Subject: Parcel", b"Subject: =?utf-8?b?7aCA?="),
}


@pytest.mark.parametrize("raw", ODD.values(), ids=ODD)
def test_an_odd_mail_still_becomes_a_ticket(raw):
    assert arrive(raw).outcome == "created"


def test_poisoned_mails_never_stop_good_ones():
    outcomes = [arrive(raw).outcome for raw in (*POISON.values(), mail())]
    assert outcomes == ["quarantined"] * len(POISON) + ["created"]


def test_a_mail_that_killed_the_worker_again_and_again_is_quarantined():
    raw = store(mail(), envelope={}, source="smtp")
    InboundRaw.objects.filter(pk=raw.pk).update(tries=MAX_TRIES)
    assert take_in(raw.pk).outcome == "quarantined"


def test_a_quarantined_mail_can_be_tried_again(mailbox):
    mailbox.delete()
    taken = arrive(mail())
    make_mailbox(SUPPORT)
    raw = InboundRaw.objects.get()
    try_again(raw, by=make_supervisor())
    assert (taken.outcome, take_in(raw.pk).outcome) == ("quarantined", "created")


def test_a_mail_that_was_taken_in_cannot_be_tried_again():
    arrive(mail())
    with pytest.raises(NotInQuarantine):
        try_again(InboundRaw.objects.get(), by=make_supervisor())


def test_a_header_that_hides_a_line_break_stays_one_line():
    taken = arrive(mail().replace(b"Subject: Parcel", b"Subject: =?utf-8?q?x=0d=0aBcc:_eve@example.test?="))
    assert "\n" not in taken.ticket.subject


@pytest.mark.django_db(transaction=True)
def test_the_same_mail_five_times_at_once_is_one_message_of_one_customer():
    raws = [store(mail(), envelope={}, source="smtp").pk for _ in range(5)]
    barrier = threading.Barrier(5)

    def take(raw_id):
        barrier.wait()
        take_in(raw_id)
        connection.close()

    workers = [threading.Thread(target=take, args=[raw_id]) for raw_id in raws]
    [worker.start() for worker in workers]
    [worker.join() for worker in workers]
    assert (Message.objects.count(), Ticket.objects.count(), Customer.objects.count()) == (1, 1, 1)
    assert sorted(InboundRaw.objects.values_list("outcome", flat=True)) == ["created"] + ["duplicate"] * 4
    assert Delivery.objects.filter(purpose="receipt").count() == 1
