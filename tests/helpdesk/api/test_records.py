import pytest

from routing.engine.facts import Candidate, Explanation
from tests.factories import (
    make_administrator,
    make_agent,
    make_decision,
    make_delivery,
    make_inbound_raw,
    make_interaction,
    make_message,
    make_supervisor,
    make_ticket,
    make_user,
)
from tests.routing.floor import ringing

pytestmark = pytest.mark.django_db


def make_explanation(agent, interaction) -> dict:
    return Explanation(
        policy=1,
        interaction=interaction.pk,
        agent=agent.pk,
        waited=12.0,
        target=60.0,
        urgency=0.2,
        tier=0,
        step=0,
        skipped=0,
        phase="greedy",
        excluded={"offline": 2},
        considered=1,
        candidates=(Candidate(agent.pk, {"match": 900}),),
        margin=None,
        without={},
        levels={},
    ).to_json()


def test_a_decision_is_explained_in_sentences(as_user):
    agent, interaction = make_agent("Ada Berg"), make_interaction()
    decision = make_decision(interaction, agent=agent, explanation=make_explanation(agent, interaction))
    told = as_user(make_user()).get(f"/api/v1/decisions/{decision.pk}/").json()
    assert told["agent"]["name"] == "Ada Berg"
    assert told["sentences"][-1] == "Ada Berg was the only choice."
    assert told["explanation"]["candidates"] == [
        {"agent": agent.pk, "name": "Ada Berg", "score": 0.9, "terms": {"match": 0.9}}
    ]


def test_a_decision_says_who_was_left_out_and_by_which_rules(as_user):
    agent, interaction = make_agent("Ada Berg"), make_interaction()
    decision = make_decision(interaction, agent=agent, explanation=make_explanation(agent, interaction))

    told = as_user(make_user()).get(f"/api/v1/decisions/{decision.pk}/").json()

    assert (told["left_out"], told["outcome"]) == (["2 offline"], "")
    because = "something changed: work came in, or an agent had room"
    assert told["occasion"] == f"Decided by the ordinary rules, because {because}; run 1 of the router."


@pytest.mark.parametrize("agents", [1, 3])
def test_a_decision_takes_the_same_queries_for_any_number_of_candidates(as_user, agents, django_assert_num_queries):
    interaction, several = make_interaction(), [make_agent() for _ in range(agents)]
    why = make_explanation(several[0], interaction)
    why["c"] = [[agent.pk, 900] for agent in several]
    decision = make_decision(interaction, agent=several[0], explanation=why)
    client = as_user(make_user())

    with django_assert_num_queries(5):
        client.get(f"/api/v1/decisions/{decision.pk}/")


def test_a_supervisor_may_have_it_decided_again(as_user):
    decision = ringing(make_agent("Ada")).decision

    told = as_user(make_supervisor()).get(f"/api/v1/decisions/{decision.pk}/again/").json()

    assert (told["is_same"], told["agent"]) == (True, decision.agent_id)


def test_an_agent_may_not(as_user):
    decision = ringing(make_agent("Ada")).decision

    assert as_user(make_user()).get(f"/api/v1/decisions/{decision.pk}/again/").status_code == 403


def test_a_failed_delivery_can_be_tried_again(as_user):
    delivery = make_delivery(make_message(make_ticket(), kind="outbound"), state="failed", error="No route.")
    response = as_user(make_user()).post(f"/api/v1/deliveries/{delivery.pk}/retry/")
    assert (response.status_code, response.json()["state"], response.json()["error"]) == (200, "queued", "")


def test_a_delivery_that_arrived_is_not_sent_again(as_user):
    delivery = make_delivery(make_message(make_ticket(), kind="outbound"), state="sent")
    assert as_user(make_user()).post(f"/api/v1/deliveries/{delivery.pk}/retry/").status_code == 409


@pytest.mark.parametrize("rows", [1, 3])
def test_deliveries_take_the_same_queries_and_leave_the_mail_behind(as_user, rows, django_assert_num_queries):
    message = make_message(make_ticket(), kind="outbound")
    for number in range(rows):
        make_delivery(message, recipient=f"{number}@example.test", mime=b"x" * 1000)
    client = as_user(make_user())
    with django_assert_num_queries(2) as asked:
        client.get("/api/v1/deliveries/?state=queued")
    assert not any('"mime"' in query["sql"] for query in asked)


def test_quarantined_mail_is_listed_downloaded_and_tried_again(as_user):
    row = make_inbound_raw(b"Subject: odd\r\n\r\n", state="quarantined", reason="It has no sender.")
    make_inbound_raw()
    client = as_user(make_administrator())
    listed = client.get("/api/v1/inbound/?state=quarantined").json()["results"]
    assert [(one["id"], one["reason"]) for one in listed] == [(row.pk, "It has no sender.")]
    download = client.get(f"/api/v1/inbound/{row.pk}/raw/")
    assert (download.content, download["Content-Disposition"]) == (
        b"Subject: odd\r\n\r\n",
        f'attachment; filename="inbound-{row.pk}.eml"',
    )
    assert client.post(f"/api/v1/inbound/{row.pk}/retry/").json()["state"] == "received"
    assert client.post(f"/api/v1/inbound/{row.pk}/retry/").status_code == 409


@pytest.mark.parametrize("rows", [1, 3])
def test_inbound_takes_the_same_queries_and_leaves_the_bytes_behind(as_user, rows, django_assert_num_queries):
    for _ in range(rows):
        make_inbound_raw()
    client = as_user(make_administrator())
    with django_assert_num_queries(2) as asked:
        client.get("/api/v1/inbound/")
    assert not any('"raw"' in query["sql"] for query in asked)


@pytest.mark.parametrize("make", [make_agent, make_supervisor])
def test_raw_mail_is_for_administrators_only(as_user, make):
    row, user = make_inbound_raw(), make()
    client = as_user(getattr(user, "user", user))
    for url in ("", f"{row.pk}/", f"{row.pk}/raw/"):
        assert client.get(f"/api/v1/inbound/{url}").status_code == 403


def test_events_tell_who_did_what(as_user):
    ticket, ada = make_ticket(), make_user("Ada")
    make_message(ticket, kind="note", user=ada)
    row = as_user(make_supervisor()).get(f"/api/v1/events/?ticket={ticket.pk}&verb=message.noted").json()["results"][0]
    assert (row["actor"], row["actor_name"], row["user"], row["ticket"]) == ("user", "Ada", ada.pk, ticket.pk)


def test_events_are_for_supervisors(as_user):
    assert as_user(make_user()).get("/api/v1/events/").status_code == 403


@pytest.mark.parametrize("rows", [1, 3])
def test_events_take_the_same_queries_for_any_number_of_rows(as_user, rows, django_assert_num_queries):
    for _ in range(rows):
        make_message(make_ticket(), kind="note")
    client = as_user(make_supervisor())
    with django_assert_num_queries(2):
        client.get("/api/v1/events/")
