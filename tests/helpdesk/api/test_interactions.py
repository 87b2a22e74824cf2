import pytest

from tests.factories import (
    make_agent,
    make_disposition,
    make_interaction,
    make_queue,
    make_supervisor,
    make_ticket,
    make_user,
)
from tickets.models import Message

pytestmark = pytest.mark.django_db


def act(client, interaction, verb, **body):
    return client.post(f"/api/v1/interactions/{interaction.pk}/{verb}/", body)


def status_of(interaction):
    interaction.refresh_from_db()
    return interaction.status


def test_mine_are_those_i_hold(as_user):
    agent = make_agent()
    mine = make_interaction(status="active", agent=agent)
    make_interaction()
    rows = as_user(agent.user).get("/api/v1/interactions/?mine=1").json()["results"]
    assert [(row["id"], row["status"]) for row in rows] == [(mine.pk, "active")]


@pytest.mark.parametrize("rows", [1, 3])
def test_a_list_takes_the_same_queries_for_any_number_of_rows(as_user, rows, django_assert_num_queries):
    agent = make_agent()
    for _ in range(rows):
        make_interaction(status="active", agent=agent, cost=1)
    client = as_user(agent.user)
    with django_assert_num_queries(2):
        client.get("/api/v1/interactions/")


def test_ending_begins_wrap_up_and_wrapping_up_ends_it(as_user):
    agent, disposition = make_agent(), make_disposition("Answered")
    interaction = make_interaction(status="active", agent=agent)
    client = as_user(agent.user)
    assert act(client, interaction, "end").json()["status"] == "wrap_up"
    answer = act(client, interaction, "wrap_up", disposition=disposition.pk, note="All fine").json()
    assert (answer["status"], answer["disposition"]) == ("done", disposition.pk)
    assert Message.objects.get(kind="note").text == "All fine"


def test_wrap_up_can_be_extended(as_user):
    agent = make_agent()
    interaction = make_interaction(status="active", agent=agent)
    client = as_user(agent.user)
    before = act(client, interaction, "end").json()["wrap_up_until"]
    assert act(client, interaction, "extend", seconds=120).json()["wrap_up_until"] > before


@pytest.mark.parametrize("verb", ["end", "wrap_up", "extend"])
def test_what_another_agent_holds_is_theirs(as_user, verb):
    interaction = make_interaction(status="active", agent=make_agent("Ada Berg"))
    response = act(as_user(make_agent().user), interaction, verb)
    assert response.status_code == 403
    assert response.json()["detail"] == "Ada Berg has this. Ask them, or a supervisor."


def test_a_supervisor_may_end_what_an_agent_holds(as_user):
    interaction = make_interaction(status="active", agent=make_agent())
    assert act(as_user(make_supervisor()), interaction, "end").status_code == 200


def test_transfer_to_a_queue_takes_the_ticket_along(as_user):
    agent, queue = make_agent(), make_queue("Returns")
    interaction = make_interaction(status="active", agent=agent)
    answer = act(as_user(agent.user), interaction, "transfer", queue=queue.pk, note="Please take over").json()
    assert (answer["status"], answer["queue"]["name"], answer["agent"]) == ("waiting", "Returns", None)


def test_transfer_to_a_person_reserves_it_for_them(as_user):
    agent, other = make_agent(), make_agent()
    interaction = make_interaction(status="active", agent=agent)
    act(as_user(agent.user), interaction, "transfer", agent=other.user_id)
    interaction.refresh_from_db()
    assert interaction.reserved_for == other


def test_transfer_into_a_private_queue_out_of_reach_is_refused(as_user):
    agent, private = make_agent(), make_queue(is_private=True)
    interaction = make_interaction(status="active", agent=agent)
    assert act(as_user(agent.user), interaction, "transfer", queue=private.pk).status_code == 400


def test_a_transfer_needs_a_queue_or_a_person(as_user):
    agent = make_agent()
    response = act(as_user(agent.user), make_interaction(status="active", agent=agent), "transfer")
    assert response.json()["detail"] == "Name a queue or a person to transfer to, one of them."


def test_taking_from_the_list_makes_it_mine(as_user):
    agent, interaction = make_agent(), make_interaction()
    answer = act(as_user(agent.user), interaction, "take").json()
    assert (answer["status"], answer["agent"]["id"]) == ("active", agent.user_id)


def test_taking_beyond_the_budget_needs_a_reason(as_user):
    agent, interaction = make_agent(budget=5), make_interaction()
    client = as_user(agent.user)
    refused = act(client, interaction, "take")
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:trunkline:over-capacity")
    assert act(client, interaction, "take", reason="I know her").status_code == 200


def test_somebody_who_is_no_agent_takes_nothing(as_user):
    response = act(as_user(make_user()), make_interaction(), "take")
    assert response.status_code == 403


def test_why_it_still_waits_is_told_in_sentences(as_user):
    interaction = make_interaction(make_ticket(queue=make_queue(needs={"billing": 3}), text="Hello"))
    told = as_user(make_user()).get(f"/api/v1/interactions/{interaction.pk}/waiting/").json()["sentences"]
    assert told[0] == "Nobody signed in has billing 3."
