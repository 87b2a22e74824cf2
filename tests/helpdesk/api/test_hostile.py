"""Whatever is sent, the answer is a refusal in words, never an error of ours."""

import json

import pytest

from tests.factories import make_agent, make_customer, make_supervisor, make_ticket, make_user

pytestmark = pytest.mark.django_db

HUGE = "9" * 30
QUERIES = [
    f"queue={HUGE}",
    f"customer={HUGE}",
    "queue=x",
    "customer=-1",
    "customer=1.5",
    "customer=NaN",
    "customer=1e400",
    "tag=%00",
    "search=%00",
    "search=%ED%A0%80",
    f"search=%23{HUGE}",
    "search=%22",
    "search=%25_%5C",
    "status=open&status=nonsense",
    "priority=9",
    "view=everything",
    "sort=-",
    "sort=id,number",
    "page_size=-1",
    f"page_size={HUGE}",
]


def send(client, method, url, body):
    """The body as any client may write it, which ours would not."""
    return client.generic(method, url, json.dumps(body), content_type="application/json")


ODD = ["\x00", "\ud800", "x" * 200_000, {"a": 1}, ["x"], None, True, 10**30, -1, 1.5, ""]


@pytest.mark.parametrize("depth", [200, 700, 900, 930, 940, 950, 960, 100_000])
def test_what_is_nested_too_deeply_is_refused_in_words(as_user, depth):
    boss, body = as_user(make_supervisor()), '{"document":' + '{"a":' * depth + "1" + "}" * depth + "}"

    response = boss.generic("POST", "/api/v1/policies/validate/", body, content_type="application/json")

    assert response.status_code == 400
    assert "deeply" in response.data["detail"]


@pytest.mark.parametrize("path", ["policies/", "policies/live/"])
def test_a_domain_that_cannot_be_is_not_there(as_user, path):
    assert as_user(make_supervisor()).get(f"/api/v1/{path}?domain=%00").status_code == 404


@pytest.mark.parametrize("query", QUERIES)
def test_an_odd_question_is_answered_or_refused(as_user, query):
    make_ticket(text="Hello")
    response = as_user(make_user()).get(f"/api/v1/tickets/?{query}")
    assert response.status_code in (200, 400)


@pytest.mark.parametrize(
    "resource", ["tickets", "customers", "interactions", "offers", "events", "deliveries", "decisions"]
)
@pytest.mark.parametrize("pk", ["0", HUGE, "-1", "x", "1%00"])
def test_an_object_that_cannot_be_is_not_found(as_user, resource, pk):
    assert as_user(make_supervisor()).get(f"/api/v1/{resource}/{pk}/").status_code in (404, 405)


@pytest.mark.parametrize("pk", ["0", "9" * 18, HUGE])
@pytest.mark.parametrize("rest", ["timeline/", "messages/"])
def test_a_conversation_that_cannot_be_is_not_found(as_user, pk, rest):
    client = as_user(make_user())
    ask = client.get if rest == "timeline/" else client.post
    assert ask(f"/api/v1/tickets/{pk}/{rest}").status_code == 404


@pytest.mark.parametrize("odd", ODD, ids=lambda odd: repr(odd)[:20])
@pytest.mark.parametrize("name", ["text", "channel", "kind", "html", "copied", "files"])
def test_an_odd_message_is_taken_or_refused(as_user, name, odd):
    body = {"kind": "reply", "text": "Hello", "channel": "email", name: odd}
    response = send(as_user(make_user()), "POST", f"/api/v1/tickets/{make_ticket().pk}/messages/", body)
    assert response.status_code in (201, 400, 409)


@pytest.mark.parametrize("odd", ODD, ids=lambda odd: repr(odd)[:20])
@pytest.mark.parametrize("name", ["status", "priority", "queue", "assignee", "tags", "subject"])
def test_an_odd_change_is_made_or_refused(as_user, name, odd):
    response = send(as_user(make_user()), "PATCH", f"/api/v1/tickets/{make_ticket().pk}/", {name: odd})
    assert response.status_code in (200, 400, 409)


@pytest.mark.parametrize("odd", ODD, ids=lambda odd: repr(odd)[:20])
@pytest.mark.parametrize("name", ["name", "notes", "language", "tier"])
def test_an_odd_customer_is_kept_or_refused(as_user, name, odd):
    response = send(as_user(make_user()), "PATCH", f"/api/v1/customers/{make_customer().pk}/", {name: odd})
    assert response.status_code in (200, 400)


@pytest.mark.parametrize("odd", [*ODD, {"a": "\x00"}, {"a": "\ud800"}, {"\x00": 1}], ids=lambda odd: repr(odd)[:20])
def test_odd_preferences_are_kept_or_refused(as_user, odd):
    assert send(as_user(make_user()), "PATCH", "/api/v1/me/", {"preferences": odd}).status_code in (200, 400)


@pytest.mark.parametrize("odd", ODD, ids=lambda odd: repr(odd)[:20])
@pytest.mark.parametrize("name", ["name", "email", "password", "budget", "channels", "costs", "skills"])
def test_an_odd_agent_is_made_or_refused(as_user, name, odd):
    body = {"name": "Ada", "email": "ada@desk.test", name: odd}
    assert send(as_user(make_supervisor()), "POST", "/api/v1/agents/", body).status_code in (201, 400)


@pytest.mark.parametrize("odd", ODD, ids=lambda odd: repr(odd)[:20])
@pytest.mark.parametrize("name", ["name", "slug", "members", "skills", "routing", "position"])
def test_an_odd_queue_is_made_or_refused(as_user, name, odd):
    body = {"name": "Billing", "slug": "billing", name: odd}
    assert send(as_user(make_supervisor()), "POST", "/api/v1/queues/", body).status_code in (201, 400)


@pytest.mark.parametrize("odd", ODD, ids=lambda odd: repr(odd)[:20])
@pytest.mark.parametrize("name", ["presence", "reason"])
def test_an_odd_presence_is_set_or_refused(as_user, name, odd):
    body = {"presence": "break", name: odd}
    assert send(as_user(make_agent().user), "POST", "/api/v1/me/presence/", body).status_code in (200, 400)


@pytest.mark.parametrize("key", ["\x00", "é", "x" * 5000, " "])
def test_an_odd_key_is_no_error(as_user, key):
    body = {"kind": "note", "text": "Hello"}
    client = as_user(make_user())
    url = f"/api/v1/tickets/{make_ticket().pk}/messages/"
    assert client.post(url, body, HTTP_IDEMPOTENCY_KEY=key).status_code in (201, 400)


@pytest.mark.parametrize("text", ["\\u0000", "\\\\u0000", "\\ud800", "😀", "\u200b\ufeff"])
def test_what_only_looks_odd_is_kept_as_it_was_written(as_user, text):
    body = {"kind": "note", "text": text}
    url = f"/api/v1/tickets/{make_ticket().pk}/messages/"
    assert send(as_user(make_user()), "POST", url, body).json()["text"] == text


@pytest.mark.parametrize("body", [b"{", b"[" * 100_000, b'{"a": NaN}', b"\xff", b""])
def test_a_body_that_is_no_json_is_refused_in_words(as_user, body):
    url = f"/api/v1/tickets/{make_ticket().pk}/messages/"
    response = as_user(make_user()).generic("POST", url, body, content_type="application/json")
    assert (response.status_code, response["Content-Type"]) == (400, "application/problem+json")
