import pytest

from customers.events import record
from customers.models import Event
from helpdesk.narration import SENTENCES, sentence
from routing.handover import transfer
from routing.interactions import end, resolve, wrap_up
from tests.factories import (
    make_agent,
    make_disposition,
    make_event,
    make_interaction,
    make_queue,
    make_ticket,
    make_user,
)
from tickets import lifecycle

pytestmark = pytest.mark.django_db


def told(ticket, verb) -> str:
    event = Event.objects.filter(ticket_id=ticket.pk, verb=verb).latest("id")
    return sentence(event)


def test_who_takes_a_ticket_took_it():
    ticket, ada = make_ticket(), make_user("Ada")
    lifecycle.assign(ticket, ada, by=ada)
    assert told(ticket, "ticket.assigned") == "Ada took it"


def test_who_is_given_a_ticket_is_named():
    ticket = make_ticket()
    lifecycle.assign(ticket, make_user("Bo"), by=make_user("Ada"))
    assert told(ticket, "ticket.assigned") == "Ada assigned it to Bo"


def test_a_change_says_what_it_set():
    ticket = make_ticket()
    lifecycle.change(ticket, by=make_user("Ada"), priority=3, queue=make_queue("Billing"), tags=["vip"])
    assert told(ticket, "ticket.changed") == "Ada set the priority to Urgent, the queue to Billing, the tags to vip"


def test_solving_is_told():
    interaction = make_interaction()
    resolve(interaction.ticket, by=make_user("Ada"))
    assert told(interaction.ticket, "ticket.solved") == "Ada solved it"


def test_wrapping_up_is_told_with_the_disposition():
    ada = make_agent("Ada")
    interaction = make_interaction(status="active", agent=ada)
    end(interaction, by=ada.user)
    wrap_up(interaction, by=ada.user, disposition=make_disposition("Answered"))
    assert told(interaction.ticket, "interaction.wrapped_up") == "Ada wrapped it up: Answered"


def test_a_transfer_says_where_to():
    ada = make_agent("Ada")
    interaction = make_interaction(status="active", agent=ada)
    transfer(interaction, by=ada.user, queue=make_queue("Returns"))
    assert told(interaction.ticket, "interaction.transferred") == "Ada transferred it to Returns"


def test_a_verb_without_words_of_its_own_is_still_readable():
    event = record("ticket.sealed_off", make_ticket(), by=make_user("Ada"))
    assert sentence(event) == "Ada: ticket sealed off"


@pytest.mark.parametrize("verb", SENTENCES)
def test_a_fact_that_an_older_version_did_not_write_is_a_dash(verb):
    assert "{" not in sentence(make_event(verb, ticket=make_ticket()))
