from datetime import datetime

import pytest

from tests.factories import (
    make_agent,
    make_customer,
    make_interaction,
    make_message,
    make_queue,
    make_supervisor,
    make_ticket,
    make_user,
)
from tickets.models import Message, Ticket

pytestmark = pytest.mark.django_db

ROW = {
    "id",
    "number",
    "subject",
    "status",
    "status_label",
    "priority",
    "priority_label",
    "queue",
    "customer",
    "assignee",
    "channel",
    "preview",
    "is_answered",
    "tags",
    "message_count",
    "created_at",
    "last_message_at",
    "revision",
    "waiting_since",
    "interaction",
}


def numbers(response) -> list[int]:
    return [row["number"] for row in response.json()["results"]]


def test_a_row_has_just_what_the_console_shows(as_user):
    make_ticket(text="Hello")
    row = as_user(make_user()).get("/api/v1/tickets/").json()["results"][0]
    assert set(row) == ROW


def test_a_row_names_people_and_queue_by_short_forms(as_user):
    ada = make_user("Ada Berg")
    ticket = make_ticket(
        customer=make_customer("Marta Kowalczyk", tier="gold"), queue=make_queue("Billing"), assignee=ada
    )
    row = as_user(ada).get("/api/v1/tickets/").json()["results"][0]
    assert row["customer"] == {"id": ticket.customer_id, "name": "Marta Kowalczyk", "initials": "MK", "tier": "gold"}
    assert row["assignee"] == {"id": ada.pk, "name": "Ada Berg", "initials": "AB"}
    assert row["queue"] == {"id": ticket.queue_id, "name": "Billing"}


def test_a_row_says_since_when_its_customer_waits(as_user):
    interaction = make_interaction()
    row = as_user(make_user()).get("/api/v1/tickets/").json()["results"][0]
    assert datetime.fromisoformat(row["waiting_since"]) == interaction.waiting_since
    assert row["interaction"] == {"id": interaction.pk, "status": "waiting", "channel": "email"}


@pytest.mark.parametrize("rows", [1, 3])
def test_a_list_takes_the_same_few_queries_for_any_number_of_rows(as_user, rows, django_assert_num_queries):
    agent = make_agent()
    for _ in range(rows):
        make_interaction(make_ticket(text="Hello", assignee=agent.user), status="active", agent=agent, cost=1)
    client = as_user(agent.user)
    with django_assert_num_queries(3):
        client.get("/api/v1/tickets/")


def test_mine_are_the_unsolved_ones_that_i_own(as_user):
    me = make_user()
    mine = make_ticket(assignee=me)
    make_ticket(assignee=me, status="solved")
    make_ticket()
    assert numbers(as_user(me).get("/api/v1/tickets/?view=mine")) == [mine.number]


def test_unassigned_are_the_unsolved_ones_without_owner(as_user):
    me = make_user()
    make_ticket(assignee=me)
    make_ticket(status="closed")
    nobodys = make_ticket()
    assert numbers(as_user(me).get("/api/v1/tickets/?view=unassigned")) == [nobodys.number]


@pytest.mark.parametrize(
    ("field", "value"), [("status", "pending"), ("priority", 3), ("channel", "chat"), ("tag", "vip")]
)
def test_a_list_is_filtered_by_the_keys_it_allows(as_user, field, value):
    make_ticket()
    changes = {"tags": ["vip"]} if field == "tag" else {field: value}
    wanted = make_ticket(**changes)
    assert numbers(as_user(make_user()).get(f"/api/v1/tickets/?{field}={value}")) == [wanted.number]


@pytest.mark.parametrize("key", ["assignee__password", "customer__notes", "queue__members__password__startswith"])
def test_a_key_that_is_not_allowed_filters_nothing(as_user, key):
    ticket = make_ticket(assignee=make_user(password="secret words here"))
    assert numbers(as_user(make_user()).get(f"/api/v1/tickets/?{key}=x")) == [ticket.number]


def test_a_sort_key_that_is_not_allowed_is_refused(as_user):
    response = as_user(make_user()).get("/api/v1/tickets/?sort=assignee__password")
    assert response.status_code == 400
    assert list(response.json()["fields"]) == ["sort"]


def test_a_list_is_sorted_by_number_when_asked(as_user):
    first, second = make_ticket(), make_ticket()
    make_message(first)
    client = as_user(make_user())
    assert numbers(client.get("/api/v1/tickets/?sort=number")) == [first.number, second.number]
    assert numbers(client.get("/api/v1/tickets/?sort=-number")) == [second.number, first.number]


def test_words_of_a_message_find_its_ticket(as_user):
    found = make_ticket(text="My tent arrived with a broken zipper")
    make_ticket(text="Where is my invoice?")
    assert numbers(as_user(make_user()).get("/api/v1/tickets/?search=zipper")) == [found.number]


def test_an_unchanged_list_is_answered_by_304_without_a_body(as_user):
    make_ticket()
    client = as_user(make_user())
    etag = client.get("/api/v1/tickets/")["ETag"]
    again = client.get("/api/v1/tickets/", HTTP_IF_NONE_MATCH=etag)
    assert (again.status_code, again.content) == (304, b"")


def test_a_changed_list_is_sent_again(as_user):
    ticket = make_ticket()
    client = as_user(make_user())
    etag = client.get("/api/v1/tickets/")["ETag"]
    make_message(ticket)
    assert client.get("/api/v1/tickets/", HTTP_IF_NONE_MATCH=etag).status_code == 200


def test_one_ticket_says_how_it_can_be_answered(as_user):
    customer = make_customer(email="marta@example.test", chat="visitor-1")
    ticket = make_ticket(customer=customer, text="Hello")
    detail = as_user(make_user()).get(f"/api/v1/tickets/{ticket.pk}/").json()
    assert detail["default_channel"] == "email"
    assert detail["reply_channels"] == [
        {
            "channel": "email",
            "address": "marta@example.test",
            "label": "E-mail to marta@example.test",
            "is_live": False,
        },
        {"channel": "chat", "address": "visitor-1", "label": "Chat", "is_live": False},
    ]


def test_one_ticket_lists_its_live_contacts(as_user):
    agent = make_agent("Ada Berg")
    interaction = make_interaction(status="active", agent=agent)
    detail = as_user(agent.user).get(f"/api/v1/tickets/{interaction.ticket_id}/").json()
    assert [(row["id"], row["agent"]["name"]) for row in detail["interactions"]] == [(interaction.pk, "Ada Berg")]


def test_one_ticket_takes_few_queries(as_user, django_assert_max_num_queries):
    interaction = make_interaction(status="active", agent=make_agent())
    client = as_user(make_user())
    with django_assert_max_num_queries(6):
        client.get(f"/api/v1/tickets/{interaction.ticket_id}/")


def test_changes_are_written_together(as_user):
    ada, queue, ticket = make_user("Ada"), make_queue(), make_ticket()
    changes = {"priority": 3, "queue": queue.pk, "assignee": ada.pk, "tags": ["vip"], "status": "pending"}
    response = as_user(make_user()).patch(f"/api/v1/tickets/{ticket.pk}/", changes)
    assert response.status_code == 200
    ticket.refresh_from_db()
    now = (ticket.priority, ticket.queue, ticket.assignee, ticket.tags, ticket.status)
    assert now == (3, queue, ada, ["vip"], "pending")


def test_a_refused_change_leaves_the_others_undone(as_user):
    ticket = make_ticket(status="open")
    response = as_user(make_user()).patch(f"/api/v1/tickets/{ticket.pk}/", {"priority": 3, "status": "new"})
    assert response.status_code == 409
    assert response["Content-Type"] == "application/problem+json"
    assert response.json()["detail"] == "A ticket that was worked on cannot become new again; set it to open."
    ticket.refresh_from_db()
    assert ticket.priority == 1


def test_a_ticket_cannot_be_moved_into_a_queue_out_of_reach(as_user):
    ticket, private = make_ticket(), make_queue(is_private=True)
    response = as_user(make_user()).patch(f"/api/v1/tickets/{ticket.pk}/", {"queue": private.pk})
    assert response.status_code == 400
    assert response.json()["fields"] == {"queue": [f"There is no {private.pk} here that you may use."]}


def test_a_ticket_cannot_be_given_to_somebody_without_a_role(as_user):
    ticket = make_ticket()
    response = as_user(make_user()).patch(f"/api/v1/tickets/{ticket.pk}/", {"assignee": make_user(role="").pk})
    assert response.status_code == 400


def test_a_new_conversation_is_sent_to_the_customer(as_user):
    me, customer, queue = make_user(), make_customer(email="marta@example.test"), make_queue()
    body = {"customer": customer.pk, "queue": queue.pk, "subject": "Your order", "channel": "email", "text": "It left."}
    response = as_user(me).post("/api/v1/tickets/", body)
    assert response.status_code == 201
    message = Message.objects.get(ticket=response.json()["id"])
    assert (message.kind, message.text) == ("outbound", "It left.")
    assert [delivery.recipient for delivery in message.deliveries.all()] == ["marta@example.test"]


def test_solving_ends_what_waits_and_reopening_undoes_the_status(as_user):
    interaction = make_interaction()
    client, url = as_user(make_user()), f"/api/v1/tickets/{interaction.ticket_id}"
    assert client.post(f"{url}/solve/").json()["status"] == "solved"
    interaction.refresh_from_db()
    assert interaction.status == "done"
    assert client.post(f"{url}/reopen/").json()["status"] == "open"


def test_taking_a_ticket_makes_it_and_what_waits_on_it_mine(as_user):
    agent, interaction = make_agent(), make_interaction()
    as_user(agent.user).post(f"/api/v1/tickets/{interaction.ticket_id}/take/")
    interaction.refresh_from_db()
    assert (interaction.status, interaction.agent) == ("active", agent)
    assert Ticket.objects.get(pk=interaction.ticket_id).assignee == agent.user


def test_a_supervisor_sees_private_queues(as_user):
    ticket = make_ticket(queue=make_queue(is_private=True))
    assert numbers(as_user(make_supervisor()).get("/api/v1/tickets/")) == [ticket.number]
