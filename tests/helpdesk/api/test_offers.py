import pytest

from tests.factories import make_agent, make_customer, make_interaction, make_offer, make_queue, make_ticket

pytestmark = pytest.mark.django_db


def make_ringing(agent, queue="", **fields):
    ticket = make_ticket(customer=make_customer("Marta Kowalczyk"), queue=make_queue(queue), text="Where is my tent?")
    return make_offer(make_interaction(ticket), agent=agent, **fields)


def test_my_offer_tells_what_rings(as_user):
    agent = make_agent()
    offer = make_ringing(agent, "Billing")
    ticket = offer.interaction.ticket
    row = as_user(agent.user).get("/api/v1/offers/").json()["results"][0]
    assert row.pop("now") <= row["expires_at"]
    assert row == {
        "id": offer.pk,
        "made_at": offer.made_at.isoformat().replace("+00:00", "Z"),
        "expires_at": offer.expires_at.isoformat().replace("+00:00", "Z"),
        "channel": "email",
        "interaction": offer.interaction_id,
        "queue": {"id": ticket.queue_id, "name": "Billing"},
        "customer": {"id": ticket.customer_id, "name": "Marta Kowalczyk", "initials": "MK", "tier": "standard"},
        "ticket": {"id": ticket.pk, "number": ticket.number, "subject": ticket.subject},
        "first_line": "Where is my tent?",
        "waiting_since": offer.interaction.waiting_since.isoformat().replace("+00:00", "Z"),
        "why_you": "",
    }


def test_what_rings_for_others_is_not_mine(as_user):
    make_ringing(make_agent())
    assert as_user(make_agent().user).get("/api/v1/offers/").json() == {"results": []}


def test_an_offer_past_its_time_does_not_ring(as_user):
    agent = make_agent()
    make_ringing(agent, seconds=-1)
    assert as_user(agent.user).get("/api/v1/offers/").json() == {"results": []}


@pytest.mark.parametrize("rows", [1, 3])
def test_a_list_takes_the_same_queries_for_any_number_of_offers(as_user, rows, django_assert_num_queries):
    agent = make_agent()
    for _ in range(rows):
        make_ringing(agent)
    client = as_user(agent.user)
    with django_assert_num_queries(4):
        client.get("/api/v1/offers/")


def test_accepting_opens_the_ticket(as_user):
    agent = make_agent()
    offer = make_ringing(agent)
    response = as_user(agent.user).post(f"/api/v1/offers/{offer.pk}/accept/")
    assert response.json() == {"interaction": offer.interaction_id, "ticket": offer.interaction.ticket_id}
    offer.interaction.ticket.refresh_from_db()
    assert offer.interaction.ticket.assignee == agent.user


def test_accepting_too_late_is_refused_in_words(as_user):
    agent = make_agent()
    offer = make_ringing(agent, seconds=-1)
    response = as_user(agent.user).post(f"/api/v1/offers/{offer.pk}/accept/")
    assert response.status_code == 409
    assert response.json() == {
        "type": "urn:trunkline:offer-gone",
        "title": "Conflict",
        "status": 409,
        "detail": "The time to answer was over; the next best agent is being asked.",
    }


def test_a_stranger_cannot_answer_for_another(as_user):
    offer = make_ringing(make_agent())
    response = as_user(make_agent().user).post(f"/api/v1/offers/{offer.pk}/accept/")
    assert response.status_code == 404


def test_declining_puts_it_back_with_a_reason(as_user):
    agent = make_agent()
    offer = make_ringing(agent)
    response = as_user(agent.user).post(f"/api/v1/offers/{offer.pk}/decline/", {"reason": "Not my topic"})
    assert response.status_code == 204
    offer.refresh_from_db()
    offer.interaction.refresh_from_db()
    assert (offer.outcome, offer.reason, offer.interaction.status) == ("declined", "Not my topic", "waiting")
