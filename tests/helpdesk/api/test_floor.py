from datetime import timedelta

import pytest
from django.utils import timezone

from tests.factories import make_agent, make_interaction, make_queue, make_supervisor, make_ticket, make_user

pytestmark = pytest.mark.django_db


def queues(client) -> dict:
    return {row["name"]: row for row in client.get("/api/v1/queues/").json()["results"]}


def make_waiting(queue, seconds):
    since = timezone.now() - timedelta(seconds=seconds)
    return make_interaction(make_ticket(queue=queue, channel="chat", text="Hello"), waiting_since=since)


def test_a_queue_says_who_waits_and_who_is_there(as_user):
    queue = make_queue("Billing", needs={"billing": 3})
    make_agent(skills={"billing": 3}), make_agent(skills={"billing": 1})
    make_waiting(queue, 10)
    row = queues(as_user(make_user()))["Billing"]
    assert (row["waiting"], row["longest_wait"], row["available_agents"], row["state"]) == (1, 10, 1, "ok")


@pytest.mark.parametrize(("seconds", "state"), [(5, "ok"), (35, "warn"), (70, "bad")])
def test_a_queue_near_or_past_its_target_shows_it(as_user, seconds, state):
    make_waiting(make_queue("Chat", targets={"chat": 60}), seconds)
    assert queues(as_user(make_user()))["Chat"]["state"] == state


def test_private_queues_are_listed_for_members_only(as_user):
    member = make_user()
    make_queue("Board", is_private=True, members=[member])
    assert list(queues(as_user(member))) == ["Board"]
    assert list(queues(as_user(make_user()))) == []


@pytest.mark.parametrize("rows", [1, 3])
def test_queues_take_the_same_queries_for_any_number_of_rows(as_user, rows, django_assert_num_queries):
    for _ in range(rows):
        make_waiting(make_queue(needs={"billing": 3}), 10)
    make_agent()
    client = as_user(make_user())
    with django_assert_num_queries(10):
        client.get("/api/v1/queues/")


@pytest.mark.parametrize("url", ["/api/v1/queues/", "/api/v1/floor/"])
def test_an_unchanged_floor_is_answered_by_304(as_user, url):
    make_queue(), make_agent()
    client = as_user(make_supervisor())
    again = client.get(url, HTTP_IF_NONE_MATCH=client.get(url)["ETag"])
    assert (again.status_code, again.content) == (304, b"")


def test_the_floor_shows_what_each_agent_holds(as_user):
    agent = make_agent("Ada Berg")
    interaction = make_interaction(status="active", agent=agent)
    row = as_user(make_supervisor()).get("/api/v1/floor/").json()["agents"][0]
    assert (row["name"], row["presence"], row["used"], row["live"]) == ("Ada Berg", "available", 10, {"email": 1})
    assert [(held["id"], held["ticket"]["id"]) for held in row["interactions"]] == [
        (interaction.pk, interaction.ticket_id)
    ]


def test_the_floor_is_for_supervisors(as_user):
    assert as_user(make_agent().user).get("/api/v1/floor/").status_code == 403


@pytest.mark.parametrize("rows", [1, 3])
def test_the_floor_takes_the_same_queries_for_any_number_of_agents(as_user, rows, django_assert_num_queries):
    for _ in range(rows):
        make_interaction(status="active", agent=make_agent())
    client = as_user(make_supervisor())
    with django_assert_num_queries(12):
        client.get("/api/v1/floor/")
