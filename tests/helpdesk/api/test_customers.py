import pytest

from customers.events import record
from tests.factories import make_customer, make_organisation, make_queue, make_supervisor, make_ticket, make_user

pytestmark = pytest.mark.django_db


def names(response) -> list[str]:
    return [row["name"] for row in response.json()["results"]]


def test_a_row_has_every_address(as_user):
    customer = make_customer(
        "Marta", email="marta@example.test", phone="+4791234567", organisation=make_organisation("Fjell")
    )
    row = as_user(make_user()).get("/api/v1/customers/").json()["results"][0]
    assert row == {
        "id": customer.pk,
        "name": "Marta",
        "initials": "M",
        "tier": "standard",
        "language": "",
        "organisation": "Fjell",
        "addresses": [
            {"kind": "email", "value": "marta@example.test", "verified": False},
            {"kind": "phone", "value": "+4791234567", "verified": False},
        ],
    }


@pytest.mark.parametrize("rows", [1, 3])
def test_a_list_takes_the_same_queries_for_any_number_of_rows(as_user, rows, django_assert_num_queries):
    for _ in range(rows):
        make_customer(organisation=make_organisation())
    client = as_user(make_user())
    with django_assert_num_queries(3):
        client.get("/api/v1/customers/")


@pytest.mark.parametrize("words", ["kowal", "MARTA@", "4791"])
def test_a_customer_is_found_by_name_or_address(as_user, words):
    make_customer("Marta Kowalczyk", email="marta@example.test", phone="+4791234567")
    make_customer("Jan Nowak")
    assert names(as_user(make_user()).get(f"/api/v1/customers/?search={words}")) == ["Marta Kowalczyk"]


def test_somebody_merged_into_another_is_not_listed(as_user):
    make_customer("Old", merged_into=make_customer("New"))
    assert names(as_user(make_user()).get("/api/v1/customers/")) == ["New"]


def test_one_customer_has_tickets_and_counts(as_user):
    customer = make_customer()
    solved, opened = make_ticket(customer=customer, status="solved"), make_ticket(customer=customer)
    detail = as_user(make_user()).get(f"/api/v1/customers/{customer.pk}/").json()
    assert [row["id"] for row in detail["tickets"]] == [opened.pk, solved.pk]
    assert detail["counts"] == {"tickets": 2, "open": 1}


def test_private_tickets_leak_neither_through_list_nor_counts(as_user):
    customer = make_customer()
    make_ticket(customer=customer, queue=make_queue(is_private=True))
    detail = as_user(make_user()).get(f"/api/v1/customers/{customer.pk}/").json()
    assert (detail["tickets"], detail["counts"]) == ([], {"tickets": 0, "open": 0})


def test_a_change_is_written_and_recorded(as_user):
    me, customer = make_user(), make_customer()
    response = as_user(me).patch(f"/api/v1/customers/{customer.pk}/", {"notes": "Prefers chat", "tier": "gold"})
    assert (response.status_code, response.json()["notes"], response.json()["tier"]) == (200, "Prefers chat", "gold")
    event = customer.events.get(verb="customer.changed")
    assert (event.user, event.facts["changed"]) == (me, ["notes", "tier"])


def test_what_may_not_be_changed_stays(as_user):
    customer = make_customer()
    as_user(make_user()).patch(f"/api/v1/customers/{customer.pk}/", {"merged_into": make_customer().pk})
    customer.refresh_from_db()
    assert customer.merged_into is None


def test_a_timeline_tells_events_newest_first(as_user):
    customer = make_customer("Marta")
    ticket = make_ticket(customer=customer, queue=make_queue("Billing"))
    record("ticket.solved", ticket, by=make_user("Ada"))
    rows = as_user(make_user()).get(f"/api/v1/customers/{customer.pk}/timeline/").json()["results"]
    assert [row["sentence"] for row in rows] == ["Ada solved it", "The customer opened the ticket in Billing by E-mail"]


def test_a_timeline_leaves_out_what_happened_in_private_queues(as_user):
    customer = make_customer()
    make_ticket(customer=customer, queue=make_queue(is_private=True))
    url = f"/api/v1/customers/{customer.pk}/timeline/"
    assert as_user(make_user()).get(url).json()["results"] == []
    assert len(as_user(make_supervisor()).get(url).json()["results"]) == 1


@pytest.mark.parametrize("rows", [1, 3])
def test_a_timeline_takes_the_same_queries_for_any_number_of_events(as_user, rows, django_assert_num_queries):
    customer = make_customer()
    for _ in range(rows):
        record("ticket.solved", make_ticket(customer=customer), by=make_user())
    client = as_user(make_user())
    with django_assert_num_queries(4):
        client.get(f"/api/v1/customers/{customer.pk}/timeline/")


def test_somebody_merged_is_found_by_their_old_name_as_who_they_are_now(as_user):
    make_customer("Old Name", email="old@example.test", merged_into=make_customer("New Name"))
    client = as_user(make_user())
    for words in ("old name", "old@example"):
        assert names(client.get(f"/api/v1/customers/?search={words}")) == ["New Name"]


def test_what_was_merged_into_a_customer_is_theirs(as_user):
    customer = make_customer("New")
    ticket = make_ticket(customer=make_customer("Old", merged_into=customer))
    client = as_user(make_user())
    detail = client.get(f"/api/v1/customers/{customer.pk}/").json()
    events = client.get(f"/api/v1/customers/{customer.pk}/timeline/").json()["results"]
    assert ([row["id"] for row in detail["tickets"]], detail["counts"]["tickets"]) == ([ticket.pk], 1)
    assert [row["ticket"] for row in events] == [ticket.pk]
