import pytest
from django.core.management import call_command
from rest_framework.test import APIClient

from tests.factories import make_customer, make_ticket, make_user
from tickets.models import Ticket

pytestmark = pytest.mark.django_db


def walk(client, url, way="next") -> list[int]:
    seen = []
    while url:
        page = client.get(url).json()
        ids = [row["id"] for row in page["results"]]
        seen = seen + ids if way == "next" else ids + seen
        url = page[way]
    return seen


def last_page(client, url) -> str:
    while following := client.get(url).json()["next"]:
        url = following
    return url


@pytest.fixture
def client(as_user):
    return as_user(make_user())


@pytest.mark.parametrize("sort", ["", "-last_message_at", "number", "-priority"])
def test_pages_show_each_row_once_in_order(client, sort):
    for number in range(7):
        make_ticket(priority=number % 3)
    order = [sort or "-last_message_at", "-id" if sort.startswith("-") or not sort else "id"]
    assert walk(client, f"/api/v1/tickets/?page_size=2&sort={sort}") == list(
        Ticket.objects.order_by(*order).values_list("id", flat=True)
    )


def test_rows_of_the_same_moment_are_shown_once(client):
    tickets = [make_ticket() for _ in range(5)]
    Ticket.objects.update(last_message_at=tickets[0].created_at)
    assert walk(client, "/api/v1/tickets/?page_size=2") == sorted((row.pk for row in tickets), reverse=True)


def test_previous_leads_back_to_the_start(client):
    tickets = [make_ticket() for _ in range(5)]
    last = last_page(client, "/api/v1/tickets/?page_size=2")
    assert walk(client, last, way="previous") == sorted((row.pk for row in tickets), reverse=True)


def test_the_first_page_has_no_previous_and_the_last_no_next(client):
    for _ in range(3):
        make_ticket()
    first = client.get("/api/v1/tickets/?page_size=2").json()
    last = client.get(first["next"]).json()
    assert (first["previous"], last["next"]) == (None, None)
    back = client.get(last["previous"]).json()
    assert (back["results"], back["previous"]) == (first["results"], None)


def test_a_row_that_comes_between_two_pages_repeats_none(client):
    for _ in range(4):
        make_ticket()
    first = client.get("/api/v1/tickets/?page_size=2").json()
    make_ticket()
    second = client.get(first["next"]).json()
    assert not {row["id"] for row in first["results"]} & {row["id"] for row in second["results"]}


def test_nothing_is_counted(client, django_assert_num_queries):
    make_ticket()
    with django_assert_num_queries(3) as asked:
        client.get("/api/v1/tickets/")
    assert not any("COUNT(" in query["sql"] for query in asked)


@pytest.mark.parametrize("cursor", ["x", "eyJhIjoxfQ", "WyJmIiwgIngiLCAxXQ", "WyJmIiwgIjIwMjYtMDEtMDEiLCAiMSJd", "%00"])
def test_a_made_up_cursor_is_refused_in_words(client, cursor):
    response = client.get(f"/api/v1/tickets/?cursor={cursor}")
    assert (response.status_code, response.json()["title"]) == (400, "Bad Request")


@pytest.mark.parametrize(("size", "rows"), [("2", 2), ("0", 1), ("nonsense", 3), ("100000", 3)])
def test_a_page_has_as_many_rows_as_asked_within_bounds(client, size, rows):
    for _ in range(3):
        make_customer()
    assert len(client.get(f"/api/v1/customers/?page_size={size}").json()["results"]) == rows


def test_the_schema_is_complete_and_without_warnings(tmp_path):
    call_command("spectacular", "--validate", "--fail-on-warn", file=tmp_path / "schema.yml")
    assert (tmp_path / "schema.yml").read_text().startswith("openapi: 3.0.3")


@pytest.mark.parametrize("accepted", ["*/*", "application/json", "application/yaml", "application/vnd.oai.openapi"])
def test_the_schema_is_served_to_anybody_in_the_form_they_take(accepted):
    response = APIClient().get("/api/schema/", HTTP_ACCEPT=accepted)
    assert response.status_code == 200
    assert "/api/v1/tickets/{id}/timeline/" in response.content.decode()


def test_the_docs_page_runs_no_inline_script(client):
    browser = APIClient()
    browser.force_login(make_user())
    page = browser.get("/api/docs/").content.decode()
    assert "<script>" not in page and "style=" not in page
