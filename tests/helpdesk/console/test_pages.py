import pytest
from django.utils import timezone

from customers.events import record
from routing.engine.facts import Candidate, Explanation
from tests.factories import (
    make_agent,
    make_customer,
    make_decision,
    make_interaction,
    make_offer,
    make_queue,
    make_skill,
    make_ticket,
    make_user,
)
from tests.routing.floor import ringing

pytestmark = pytest.mark.django_db


def page(browser, url) -> str:
    response = browser.get(url)
    assert response.status_code == 200
    return response.content.decode()


def test_customers_are_found_by_name_or_address(as_user):
    make_customer("Marta Kowalczyk", email="marta@example.test"), make_customer("Jan Nowak")
    html = page(as_user(make_user()), "/customers/?q=marta@")
    assert "Marta Kowalczyk" in html and "Jan Nowak" not in html


def test_customers_lead_on_to_older_ones(as_user):
    for number in range(52):
        make_customer(f"Nr {number}.")
    browser = as_user(make_user())
    first = browser.get("/customers/")
    older = browser.get(f"/customers/?before={first.context['older']}")
    assert (len(first.context["rows"]), [str(row) for row in older.context["rows"]]) == (50, ["Nr 1.", "Nr 0."])


@pytest.mark.parametrize("rows", [1, 3])
def test_customers_take_the_same_queries_for_any_number_of_rows(as_user, rows, django_assert_num_queries):
    for _ in range(rows):
        make_customer()
    browser = as_user(make_user())
    with django_assert_num_queries(4):
        browser.get("/customers/")


def test_a_customer_page_shows_addresses_tickets_and_what_happened(as_user):
    customer = make_customer("Marta", email="marta@example.test")
    ticket = make_ticket(customer=customer, queue=make_queue("Billing"), subject="My tent")
    record("ticket.solved", ticket, by=make_user("Ada"))
    html = page(as_user(make_user()), f"/customers/{customer.pk}/")
    for words in (
        "marta@example.test",
        "My tent",
        "Ada solved it",
        "The customer opened the ticket in Billing by E-mail",
    ):
        assert words in html


@pytest.mark.parametrize("rows", [1, 3])
def test_a_customer_page_takes_the_same_queries_for_any_history(as_user, rows, django_assert_num_queries):
    customer = make_customer()
    for _ in range(rows):
        record("ticket.solved", make_ticket(customer=customer, assignee=make_user()), by=make_user())
    browser = as_user(make_user())
    with django_assert_num_queries(7):
        browser.get(f"/customers/{customer.pk}/")


def test_a_customer_is_changed_on_their_page(as_user):
    customer = make_customer("Marta")
    form = {"name": "Marta K.", "language": "pl", "tier": "gold", "notes": "Prefers chat"}
    response = as_user(make_user()).post(f"/customers/{customer.pk}/", form)
    customer.refresh_from_db()
    assert (response.status_code, customer.name, customer.language, customer.tier) == (303, "Marta K.", "pl", "gold")


def test_what_a_customer_is_called_is_shown_as_text(as_user):
    customer = make_customer("<script>alert(1)</script>", email="x@example.test")
    assert "<script>" not in page(as_user(make_user()), f"/customers/{customer.pk}/")


def test_a_decision_is_explained_on_a_page(as_user):
    make_skill("lang.pl", name="Polish")
    ada, bo, interaction = make_agent("Ada Berg"), make_agent("Bo"), make_interaction()
    why = Explanation(
        policy=1,
        interaction=interaction.pk,
        agent=ada.pk,
        waited=12.0,
        target=60.0,
        urgency=0.2,
        tier=0,
        step=0,
        skipped=0,
        phase="greedy",
        excluded={"skill:lang.pl": 2},
        considered=2,
        candidates=(Candidate(ada.pk, {"match": 900}), Candidate(bo.pk, {"match": 500})),
        margin=400,
        without={"match": bo.pk},
        levels={"lang.pl": 4},
    )
    decision = make_decision(interaction, agent=ada, explanation=why.to_json())
    html = page(as_user(make_user()), f"/decisions/{decision.pk}/")
    for words in (
        "Why did it ring for Ada Berg?",
        "Scores: Ada Berg 0.90, Bo 0.50.",
        "2 lack Polish",
        '<rect class="plus"',
        "Without it, it rings for",
    ):
        assert words in html


def test_it_is_said_to_whom_it_rang_as_you(as_user):
    ada = make_agent("Ada Berg")
    decision = make_decision(make_interaction(), agent=ada)
    assert "Why did it ring for you?" in page(as_user(ada.user), f"/decisions/{decision.pk}/")


def test_all_for_whom_it_rang_are_named(as_user):
    ada, bo, interaction = make_agent("Ada"), make_agent("Bo"), make_interaction()
    make_offer(interaction, agent=ada, outcome="declined", reason="Not my topic", answered_at=timezone.now())
    offer = make_offer(interaction, agent=bo)

    html = page(as_user(make_user()), f"/decisions/{offer.decision.pk}/")

    assert "It rings for Bo now." in html and "Ada: declined (Not my topic)" in html and ">why Ada?</a>" in html


@pytest.mark.parametrize("offers", [1, 3])
def test_a_decision_takes_the_same_queries_for_any_number_of_rings(as_user, offers, django_assert_num_queries):
    interaction = make_interaction()
    for _ in range(offers):
        offer = make_offer(interaction, outcome="declined", answered_at=timezone.now())
    browser = as_user(make_user())
    with django_assert_num_queries(4):
        browser.get(f"/decisions/{offer.decision.pk}/")


def test_a_supervisor_has_it_decided_again_at_a_press(as_user):
    decision = ringing(make_agent("Ada")).decision
    browser = as_user(make_user(role="supervisor"))
    assert '<a href="?again=1">' in page(browser, f"/decisions/{decision.pk}/")
    assert "the router has it ring for Ada again" in page(browser, f"/decisions/{decision.pk}/?again=1")


def test_an_agent_has_nothing_decided_again(as_user):
    decision = ringing(make_agent("Ada")).decision
    assert "has it ring for" not in page(as_user(make_user()), f"/decisions/{decision.pk}/?again=1")


def test_a_decision_without_a_record_says_so(as_user):
    decision = make_decision(make_interaction())
    assert "No record was kept of this decision." in page(as_user(make_user()), f"/decisions/{decision.pk}/")
