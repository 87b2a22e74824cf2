import pytest
from rest_framework.test import APIClient

from tests.factories import make_agent, make_ticket, make_user

pytestmark = pytest.mark.django_db


def test_a_caller_without_credentials_is_asked_for_them():
    response = APIClient().get("/api/v1/tickets/")
    assert (response.status_code, response["WWW-Authenticate"]) == (401, "Token")
    assert response.json() == {
        "type": "about:blank",
        "title": "Unauthorized",
        "status": 401,
        "detail": "Authentication credentials were not provided.",
    }


def test_what_is_not_there_is_a_problem_in_words(as_user):
    response = as_user(make_user()).get("/api/v1/tickets/999/")
    assert (response.status_code, response["Content-Type"]) == (404, "application/problem+json")
    assert response.json()["detail"] == "There is nothing here, or nothing that you may see."


def test_wrong_fields_are_named_with_their_sentences(as_user):
    response = as_user(make_user()).patch(f"/api/v1/tickets/{make_ticket().pk}/", {"priority": 9})
    assert response.status_code == 400
    assert response.json()["fields"] == {"priority": ['"9" is not a valid choice.']}


def test_json_that_is_none_is_refused_in_words(as_user):
    client = as_user(make_agent().user)
    response = client.post("/api/v1/me/presence/", b"{", content_type="application/json")
    assert (response.status_code, response.json()["title"]) == (400, "Bad Request")


def test_an_account_without_a_role_is_told_the_way_on(as_user):
    response = as_user(make_user(role="")).get("/api/v1/tickets/")
    assert response.status_code == 403
    assert response.json()["detail"] == "Your account has no role yet. Ask an administrator to give you one."


def test_a_session_needs_the_csrf_token():
    client = APIClient(enforce_csrf_checks=True)
    client.force_login(make_agent().user)
    assert client.get("/api/v1/tickets/").status_code == 200
    assert client.post("/api/v1/me/presence/", {"presence": "available"}).status_code == 403


def test_somebody_who_was_made_inactive_is_out(as_user):
    user = make_user()
    client = as_user(user)
    user.is_active = False
    user.save()
    assert client.get("/api/v1/tickets/").status_code == 401
