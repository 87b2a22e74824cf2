from datetime import timedelta

import pytest
from django.utils import timezone
from redis import Redis

from customers.models import Event
from helpdesk import outbox
from helpdesk.models import Delivery
from tests import factories as make
from tests.races import at_once
from tickets.models import Ticket

pytestmark = pytest.mark.django_db

LONG_AGO = timezone.now() - timedelta(hours=1)


def _queued(**fields) -> Delivery:
    ticket = make.make_ticket(channel=fields.get("channel", "email"))
    return make.make_delivery(make.make_message(ticket, kind="outbound"), **fields)


def _claimed(**fields) -> Delivery:
    return outbox.claim(_queued(**fields).pk)


def _state(delivery):
    return Delivery.objects.get(pk=delivery.pk).state


def _let_the_lease_run_out(delivery):
    Delivery.objects.filter(pk=delivery.pk).update(lease_until=LONG_AGO)


def test_a_claim_is_a_lease_on_one_try():
    delivery = _claimed()

    assert (delivery.state, delivery.tries, delivery.lease_until > timezone.now()) == ("sending", 1, True)


def test_what_is_claimed_cannot_be_claimed_again():
    assert outbox.claim(_claimed().pk) is None


def test_what_is_not_due_cannot_be_claimed():
    assert outbox.claim(_queued(due_at=timezone.now() + timedelta(minutes=1)).pk) is None


@pytest.mark.parametrize("state", ["sent", "failed", "unknown"])
def test_what_is_settled_cannot_be_claimed(state):
    assert outbox.claim(_queued(state=state).pk) is None


def test_what_went_is_sent_and_told():
    delivery = _claimed()

    outbox.sent(delivery)

    delivery.refresh_from_db()
    assert (delivery.state, delivery.lease_until, delivery.sent_at is not None) == ("sent", None, True)
    assert Event.objects.get(verb="delivery.sent").facts == {"recipient": "ada@example.test"}


def test_the_tickets_screen_is_told_of_every_outcome():
    delivery = _claimed()
    before = Ticket.objects.get().revision

    outbox.sent(delivery)

    assert Ticket.objects.get().revision == before + 1
    assert delivery.event_refs().topics[f"ticket:{delivery.ticket_id}"] == before + 1


def test_what_is_deferred_is_tried_again_after_a_while_that_grows():
    delivery, waits = _queued(), []
    for _ in range(3):
        Delivery.objects.update(due_at=LONG_AGO)
        claimed = outbox.claim(delivery.pk)
        outbox.deferred(claimed, "The mail server is away.")
        delivery.refresh_from_db()
        waits.append(round((delivery.due_at - timezone.now()).total_seconds() / 60))

    assert (waits, delivery.state, delivery.error) == ([1, 5, 15], "deferred", "The mail server is away.")


def test_what_was_deferred_too_often_has_failed():
    delivery = _claimed(tries=len(outbox.BACKOFF_MINUTES))

    outbox.deferred(delivery, "The mail server is away.")

    delivery.refresh_from_db()
    assert (delivery.state, delivery.error) == ("failed", "The mail server is away. Given up after 9 tries.")


def test_what_the_other_side_refuses_has_failed():
    delivery = _claimed()

    outbox.failed(delivery, "No such user.")

    assert _state(delivery) == "failed"
    assert Event.objects.get(verb="delivery.failed").facts["error"] == "No such user."


def test_a_mail_whose_worker_died_while_it_went_over_is_unknown_and_never_sent_again():
    delivery = _claimed()
    outbox.begin_hand_over(delivery)
    _let_the_lease_run_out(delivery)

    assert outbox.give_up_lost_mails() == 1
    assert (_state(delivery), outbox.claim(delivery.pk)) == ("unknown", None)
    assert Event.objects.filter(verb="delivery.unknown").count() == 1


def test_a_mail_whose_worker_died_before_anything_went_over_is_sent_by_another():
    delivery = _claimed()
    _let_the_lease_run_out(delivery)

    assert outbox.give_up_lost_mails() == 0
    assert outbox.claim(delivery.pk).tries == 2


def test_a_chat_message_whose_worker_died_is_hinted_anew():
    delivery = _claimed(channel="chat")
    _let_the_lease_run_out(delivery)

    assert outbox.claim(delivery.pk).tries == 2


def test_who_lost_the_lease_may_neither_send_nor_settle():
    slow = _claimed()
    _let_the_lease_run_out(slow)
    quick = outbox.claim(slow.pk)

    assert outbox.begin_hand_over(slow) is False
    outbox.failed(slow, "too late")
    assert _state(slow) == "sending"
    assert outbox.begin_hand_over(quick) is True


def test_who_lost_the_lease_may_not_send_after_a_person_asked_for_another_try():
    slow = _claimed()
    outbox.begin_hand_over(slow)
    _let_the_lease_run_out(slow)
    outbox.give_up_lost_mails()
    outbox.retry(slow, by=make.make_user())
    again = outbox.claim(slow.pk)

    assert (slow.tries, again.tries) == (1, 1)
    assert outbox.begin_hand_over(slow) is False
    outbox.sent(slow)
    assert _state(slow) == "sending"


def test_a_hand_over_that_goes_on_keeps_the_lease():
    delivery = _claimed()
    outbox.begin_hand_over(delivery)

    outbox.sent(delivery)

    assert _state(delivery) == "sent"


@pytest.mark.parametrize("state", ["failed", "unknown", "deferred"])
def test_a_person_can_have_it_tried_again(state):
    delivery, ingrid = (
        _queued(state=state, tries=9, error="x", due_at=timezone.now() + timedelta(days=1)),
        make.make_user(),
    )

    outbox.retry(delivery, by=ingrid)

    assert outbox.claim(delivery.pk).tries == 1
    assert Event.objects.get(verb="delivery.retried").user == ingrid


@pytest.mark.parametrize("state", ["queued", "sending", "sent"])
def test_what_is_on_its_way_or_there_is_not_tried_again(state):
    with pytest.raises(outbox.CannotRetry, match="It is on its way, or has arrived"):
        outbox.retry(_queued(state=state), by=make.make_user())


def test_a_mail_that_comes_back_has_failed_once():
    delivery = _queued(state="sent")

    outbox.bounced(delivery, "No such user.")
    outbox.bounced(delivery, "No such user.")

    assert (_state(delivery), Event.objects.filter(verb="delivery.bounced").count()) == ("failed", 1)


def test_what_is_due_is_found_oldest_first():
    later, sooner = _queued(), _queued(due_at=LONG_AGO)
    lost = _claimed()
    _let_the_lease_run_out(lost)
    _queued(due_at=timezone.now() + timedelta(hours=1)), _queued(state="sent"), _claimed()

    assert list(outbox.due()) == [sooner, later, lost]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("channel", "queue"), [("email", "mail"), ("chat", "chat")])
def test_a_new_delivery_wakes_the_worker_of_its_channel(services, channel, queue):
    outbox.enqueue(make.make_ticket(), channel=channel, recipient="x")

    assert Redis.from_url(services.redis.url).llen(queue) == 1


@pytest.mark.django_db(transaction=True)
def test_a_delivery_claimed_five_times_at_once_is_claimed_once():
    delivery = _queued()

    outcomes = at_once(*[lambda: outbox.claim(delivery.pk)] * 5)

    assert [outcome for outcome in outcomes if outcome] == [delivery]
