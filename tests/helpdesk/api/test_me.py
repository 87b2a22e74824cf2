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

pytestmark = pytest.mark.django_db


def test_me_has_all_that_the_console_begins_with(as_user):
    me = as_user(make_agent().user).get("/api/v1/me/").json()
    assert set(me) == {
        "user",
        "agent",
        "now",
        "site_name",
        "presences",
        "decline_reasons",
        "dispositions",
        "queues",
        "people",
        "counts",
    }


def test_me_says_what_i_hold_and_can_do(as_user):
    agent = make_agent(skills={"lang.pl": 4})
    make_interaction(status="active", agent=agent, channel="email")
    told = as_user(agent.user).get("/api/v1/me/").json()["agent"]
    assert (told["used"], told["budget"], told["live"]) == (10, 100, {"email": 1})
    assert told["costs"] == {"voice": 100, "chat": 30, "email": 10}
    assert told["skills"] == [{"slug": "lang.pl", "name": "lang.pl", "kind": "language", "level": 4}]


def test_somebody_who_takes_no_interactions_has_no_agent(as_user):
    assert as_user(make_supervisor()).get("/api/v1/me/").json()["agent"] is None


def test_my_counts_are_of_tickets_i_may_see(as_user):
    me = make_user()
    make_ticket(assignee=me), make_ticket(), make_ticket(queue=make_queue(is_private=True))
    assert as_user(me).get("/api/v1/me/").json()["counts"] == {"mine": 1, "unassigned": 1}


def test_an_account_without_a_role_sees_only_itself(as_user):
    stranger = make_user("New Person", role="")
    make_ticket(), make_disposition(), make_agent()
    me = as_user(stranger).get("/api/v1/me/").json()
    assert me["user"]["name"] == "New Person"
    assert (me["agent"], me["queues"], me["people"], me["dispositions"]) == (None, [], [], [])
    assert me["counts"] == {"mine": 0, "unassigned": 0}


@pytest.mark.parametrize("rows", [1, 3])
def test_me_takes_the_same_queries_for_any_number_of_people_and_queues(as_user, rows, django_assert_num_queries):
    agent = make_agent(skills={f"topic-{number}": 3 for number in range(rows)})
    for _ in range(rows):
        make_interaction(status="active", agent=make_agent())
        make_disposition()
    client = as_user(agent.user)
    with django_assert_num_queries(9):
        client.get("/api/v1/me/")


def test_preferences_are_merged_over_what_is_kept(as_user):
    user = make_user(preferences={"theme": "dark", "density": "cosy"})
    as_user(user).patch("/api/v1/me/", {"preferences": {"density": "compact"}})
    user.refresh_from_db()
    assert user.preferences == {"theme": "dark", "density": "compact"}


def test_nobody_gives_themselves_a_role(as_user):
    user = make_user()
    as_user(user).patch("/api/v1/me/", {"preferences": {}, "role": "administrator"})
    user.refresh_from_db()
    assert user.role == "agent"


def test_presence_is_set_with_its_reason(as_user):
    agent = make_agent()
    told = as_user(agent.user).post("/api/v1/me/presence/", {"presence": "break", "reason": "Lunch"}).json()
    assert (told["presence"], told["reason"]) == ("break", "Lunch")


def test_a_presence_that_there_is_not_is_refused_in_words(as_user):
    response = as_user(make_agent().user).post("/api/v1/me/presence/", {"presence": "gone"})
    assert response.status_code == 400
    assert response.json()["detail"].startswith("“gone” is no presence; choose one of offline, available")


def test_somebody_who_takes_no_interactions_has_no_presence(as_user):
    response = as_user(make_supervisor()).post("/api/v1/me/presence/", {"presence": "available"})
    assert response.status_code == 403


def test_preferences_cannot_grow_for_ever_bit_by_bit(as_user):
    client = as_user(make_user(preferences={"theme": "x" * 9_000}))
    assert client.patch("/api/v1/me/", {"preferences": {"density": "x" * 2_000}}).status_code == 400
