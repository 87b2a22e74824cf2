from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from rest_framework.throttling import ScopedRateThrottle

from customers.events import record
from helpdesk.models import Delivery
from tests.factories import (
    make_agent,
    make_attachment,
    make_customer,
    make_delivery,
    make_message,
    make_offer,
    make_queue,
    make_ticket,
    make_user,
)
from tickets.models import Attachment, Message

pytestmark = pytest.mark.django_db

PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00"
MESSAGE = {
    "type",
    "id",
    "at",
    "kind",
    "channel",
    "author",
    "text",
    "hidden_text",
    "has_html",
    "subject",
    "copied",
    "is_automatic",
    "is_stranger",
    "attachments",
    "deliveries",
}


def timeline(client, ticket, query=""):
    return client.get(f"/api/v1/tickets/{ticket.pk}/timeline/{query}").json()


def messages_in(page) -> list[str]:
    return [row["text"] for row in page["results"] if row["type"] == "message"]


def say(client, ticket, key="", **body):
    headers = {"HTTP_IDEMPOTENCY_KEY": key} if key else {}
    return client.post(f"/api/v1/tickets/{ticket.pk}/messages/", {"kind": "reply", "text": "Hello", **body}, **headers)


def test_a_timeline_runs_from_old_to_new_and_tells_events_between(as_user):
    ticket, ada = make_ticket(queue=make_queue("Billing"), text="Where is it?"), make_user("Ada")
    make_message(ticket, kind="outbound", user=ada, text="On its way.")
    rows = timeline(as_user(ada), ticket)["results"]
    assert [row.get("text") or row["sentence"] for row in rows] == [
        "The customer opened the ticket in Billing by E-mail",
        "Where is it?",
        "On its way.",
    ]


def test_a_message_has_just_what_the_console_shows(as_user):
    ticket = make_ticket(text="Hello")
    assert set(timeline(as_user(make_user()), ticket)["results"][1]) == MESSAGE


def test_a_message_says_who_wrote_it(as_user):
    ticket = make_ticket(customer=make_customer("Marta Kowalczyk"), text="Hello")
    make_message(ticket, kind="note", user=make_user("Ada Berg"), text="Known.")
    authors = [row["author"] for row in timeline(as_user(make_user()), ticket)["results"] if row["type"] == "message"]
    assert authors == [
        {"name": "Marta Kowalczyk", "initials": "MK", "is_us": False},
        {"name": "Ada Berg", "initials": "AB", "is_us": True},
    ]


def test_a_message_shows_its_files_and_deliveries(as_user):
    ticket = make_ticket()
    message = make_message(ticket, kind="outbound", text="See the file")
    file = make_attachment(message, filename="label.png")
    delivery = make_delivery(message, state="failed", error="The mailbox is full.")
    row = timeline(as_user(make_user()), ticket)["results"][-1]
    assert [(one["id"], one["url"]) for one in row["attachments"]] == [(file.pk, f"/attachments/{file.pk}/")]
    assert [(one["id"], one["state"], one["error"]) for one in row["deliveries"]] == [
        (delivery.pk, "failed", "The mailbox is full.")
    ]


def test_pages_lead_back_through_the_whole_timeline_once(as_user):
    ticket = make_ticket()
    for number in range(120):
        make_message(ticket, text=f"{number}")
    client, page = as_user(make_user()), {"next": f"/api/v1/tickets/{ticket.pk}/timeline/"}
    told = []
    while page["next"]:
        page = client.get(page["next"]).json()
        told = messages_in(page) + told
    assert told == [f"{number}" for number in range(120)]


def test_messages_and_events_of_the_same_instant_are_told_once_each(as_user):
    ticket = make_ticket()
    at = ticket.created_at
    for number in range(60):
        make_message(ticket, text=f"{number}")
        record("ticket.solved", ticket)
    Message.objects.filter(ticket=ticket).update(created_at=at)
    ticket_events = type(record("ticket.solved", ticket)).objects.filter(ticket_id=ticket.pk)
    ticket_events.update(at=at)
    client, page, seen = as_user(make_user()), {"next": f"/api/v1/tickets/{ticket.pk}/timeline/"}, []
    while page["next"]:
        page = client.get(page["next"]).json()
        seen += [(row["type"], row["id"]) for row in page["results"]]
    assert len(seen) == len(set(seen)) == 60 + 62


@pytest.mark.parametrize("messages", [1, 3, 50])
def test_a_timeline_takes_the_same_queries_for_any_number_of_messages(as_user, messages, django_assert_num_queries):
    ticket = make_ticket()
    for _ in range(messages):
        message = make_message(ticket, kind="outbound")
        make_attachment(message)
        make_delivery(message)
    client = as_user(make_user())
    with django_assert_num_queries(3):
        client.get(f"/api/v1/tickets/{ticket.pk}/timeline/")


@pytest.mark.parametrize("column", ["content", "mime", "html", "search"])
def test_a_timeline_leaves_large_columns_in_the_database(as_user, column, django_assert_num_queries):
    ticket = make_ticket()
    message = make_message(ticket, html="<p>hi</p>")
    make_attachment(message), make_delivery(message)
    client = as_user(make_user())
    with django_assert_num_queries(3) as asked:
        client.get(f"/api/v1/tickets/{ticket.pk}/timeline/")
    assert not any(f'"{column}",' in query["sql"] or f'"{column}" FROM' in query["sql"] for query in asked)


def test_a_made_up_cursor_is_refused_in_words(as_user):
    ticket = make_ticket()
    response = as_user(make_user()).get(f"/api/v1/tickets/{ticket.pk}/timeline/?cursor=nonsense")
    assert response.status_code == 400
    assert response.json()["detail"] == "cursor: This is no cursor of this list; start again without it."


def test_an_offer_in_a_timeline_says_who_it_rang_for(as_user):
    offer = make_offer(agent=make_agent("Ada Berg"))
    record("offer.made", offer, by="router", agent="Ada Berg")
    last = timeline(as_user(make_user()), offer.interaction.ticket)["results"][-1]
    assert (last["sentence"], last["actor"]) == ("It rang for Ada Berg", "The router")


def test_a_reply_becomes_a_message_and_a_delivery(as_user):
    ticket = make_ticket(customer=make_customer(email="marta@example.test"))
    response = say(as_user(make_user()), ticket, text="On its way.")
    assert (response.status_code, response.json()["text"]) == (201, "On its way.")
    assert [delivery.recipient for delivery in Delivery.objects.all()] == ["marta@example.test"]


def test_a_note_is_sent_to_nobody(as_user):
    response = say(as_user(make_user()), make_ticket(), kind="note", text="Careful.")
    assert (response.status_code, response.json()["kind"]) == (201, "note")
    assert not Delivery.objects.exists()


@pytest.mark.parametrize("kind", ["reply", "note"])
def test_the_same_key_again_gives_the_first_message_and_sends_nothing(as_user, kind):
    client, ticket = as_user(make_user()), make_ticket()
    first = say(client, ticket, kind=kind, key="c_1", text="Once")
    again = say(client, ticket, kind=kind, key="c_1", text="Once")
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["id"] == again.json()["id"]
    assert Message.objects.filter(ticket=ticket).count() == 1


def test_the_same_key_of_somebody_else_is_another_message(as_user):
    ticket = make_ticket()
    first, second = (say(as_user(make_user()), ticket, key="c_1") for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 201)


def test_html_of_a_reply_is_cleaned(as_user):
    response = say(as_user(make_user()), make_ticket(), html='<p onclick="x()">Hi<script>alert(1)</script></p>')
    assert Message.objects.get(pk=response.json()["id"]).html == "<p>Hi</p>"


def test_an_empty_reply_is_refused_in_words(as_user):
    response = say(as_user(make_user()), make_ticket(), text="  ")
    assert response.status_code == 409
    assert response.json()["detail"] == "The message is empty; write something first."


def test_a_customer_without_address_cannot_be_answered(as_user):
    ticket = make_ticket(customer=make_customer("Marta", email=""))
    response = say(as_user(make_user()), ticket, channel="email")
    assert (response.status_code, response.json()["type"]) == (409, "urn:trunkline:no-way-out")


def test_files_are_typed_by_their_content_and_named_safely(as_user):
    file = SimpleUploadedFile("../../etc/evil.exe\u202egnp", PNG, content_type="text/html")
    ticket = make_ticket()
    body = {"kind": "reply", "text": "See", "files": [file]}
    response = as_user(make_user()).post(f"/api/v1/tickets/{ticket.pk}/messages/", body, format="multipart")
    assert response.status_code == 201
    kept = Attachment.objects.get()
    assert (kept.content_type, kept.filename, bytes(kept.content)) == ("image/png", "evil.exegnp", PNG)


@pytest.mark.django_db(transaction=True)
def test_the_same_key_in_two_requests_at_once_is_one_message(as_user):
    client, ticket = as_user(make_user()), make_ticket()

    def send(_):
        try:
            return say(client, ticket, key="c_1").json()["id"]
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        ids = set(pool.map(send, range(2)))
    assert ids == set(Message.objects.values_list("pk", flat=True))


def test_who_sends_too_many_messages_is_asked_to_wait(as_user, monkeypatch):
    monkeypatch.setattr(ScopedRateThrottle, "THROTTLE_RATES", {"reply": "2/min"})
    client, ticket = as_user(make_user()), make_ticket()
    answers = [say(client, ticket, kind="note", text="Hello") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [201, 201, 429]
    assert answers[2].json()["title"] == "Too Many Requests"
    assert int(answers[2]["Retry-After"]) > 0


def test_a_note_with_files_is_refused_rather_than_kept_without_them(as_user):
    ticket = make_ticket()
    body = {"kind": "note", "text": "See", "files": [SimpleUploadedFile("a.txt", b"a")]}
    answer = as_user(make_user()).post(f"/api/v1/tickets/{ticket.pk}/messages/", body, format="multipart")
    assert (answer.status_code, ticket.messages.count()) == (400, 0)
