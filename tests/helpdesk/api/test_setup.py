import pytest

from customers.models import Event
from helpdesk.models import EntryPoint, User
from routing.models import Agent, Disposition, Skill
from tests.factories import (
    make_administrator,
    make_agent,
    make_disposition,
    make_interaction,
    make_mailbox,
    make_queue,
    make_skill,
    make_supervisor,
    make_ticket,
    make_user,
    make_widget,
)
from tickets.models import Queue

pytestmark = pytest.mark.django_db


def verbs() -> list[str]:
    return list(Event.objects.order_by("id").values_list("verb", flat=True))


def test_a_skill_is_created_changed_and_removed_with_an_event_each(as_user):
    client = as_user(make_supervisor())
    skill = client.post("/api/v1/skills/", {"slug": "lang.pl", "name": "Polish", "kind": "language"}).json()
    client.patch(f"/api/v1/skills/{skill['id']}/", {"name": "Polski"})
    assert Skill.objects.get().name == "Polski"
    assert client.delete(f"/api/v1/skills/{skill['id']}/").status_code == 204
    assert verbs() == ["skill.created", "skill.changed", "skill.removed"]


def test_a_skill_with_a_taken_slug_is_refused_by_field(as_user):
    make_skill("billing")
    response = as_user(make_supervisor()).post("/api/v1/skills/", {"slug": "billing", "name": "Billing"})
    assert (response.status_code, list(response.json()["fields"])) == (400, ["slug"])


def test_a_new_agent_has_an_account_and_skills(as_user):
    make_skill("lang.pl")
    body = {
        "name": "Ada Berg",
        "email": "Ada@Desk.test",
        "password": "correct horse battery",
        "budget": 60,
        "skills": [{"slug": "lang.pl", "level": 4}],
    }
    response = as_user(make_supervisor()).post("/api/v1/agents/", body)
    assert response.status_code == 201, response.content
    agent = Agent.objects.get()
    assert (agent.user.email, agent.user.role, agent.user.check_password(body["password"])) == (
        "ada@desk.test",
        "agent",
        True,
    )
    assert (agent.budget, dict(agent.skills.values_list("skill__slug", "level"))) == (60, {"lang.pl": 4})


def test_a_weak_password_is_refused_and_nothing_is_made(as_user):
    body = {"name": "Ada Berg", "email": "ada@desk.test", "password": "password"}
    response = as_user(make_supervisor()).post("/api/v1/agents/", body)
    assert (response.status_code, list(response.json()["fields"])) == (400, ["password"])
    assert not User.objects.filter(email="ada@desk.test").exists()


def test_levels_of_an_agent_are_changed_one_by_one(as_user):
    agent = make_agent(skills={"billing": 2, "returns": 3})
    make_skill("lang.pl")
    body = {"skills": [{"slug": "billing", "level": 0}, {"slug": "lang.pl", "level": 5}]}
    as_user(make_supervisor()).patch(f"/api/v1/agents/{agent.pk}/", body)
    assert dict(agent.skills.values_list("skill__slug", "level")) == {"returns": 3, "lang.pl": 5}


def test_a_budget_below_what_is_held_is_refused_in_words(as_user):
    agent = make_agent("Ada Berg")
    make_interaction(status="active", agent=agent)
    response = as_user(make_supervisor()).patch(f"/api/v1/agents/{agent.pk}/", {"budget": 5})
    assert response.json()["detail"] == "budget: Ada Berg holds 10 units now: give at least that, or wait."


def test_a_queue_is_set_up_with_skills_members_and_routing(as_user):
    make_skill("billing"), make_skill("lang.pl")
    member = make_user()
    body = {
        "name": "Billing",
        "slug": "billing",
        "is_private": True,
        "members": [member.pk],
        "skills": [{"slug": "billing", "level": 3}, {"slug": "lang.pl", "level": 4, "is_required": False}],
        "routing": {"targets": {"chat": 45}, "wrap_up_seconds": 30},
    }
    response = as_user(make_supervisor()).post("/api/v1/queues/", body)
    assert response.status_code == 201, response.content
    queue = Queue.objects.get()
    assert set(queue.skills.values_list("skill__slug", "level", "is_required")) == {
        ("billing", 3, True),
        ("lang.pl", 4, False),
    }
    assert (list(queue.members.all()), queue.routing.targets, queue.routing.wrap_up_seconds) == (
        [member],
        {"chat": 45},
        30,
    )


def test_changing_one_thing_of_a_queue_keeps_the_rest(as_user):
    queue = make_queue("Billing", needs={"billing": 3}, targets={"chat": 45})
    as_user(make_supervisor()).patch(f"/api/v1/queues/{queue.pk}/", {"name": "Invoices"})
    queue.refresh_from_db()
    assert (queue.name, queue.skills.count(), queue.routing.targets) == ("Invoices", 1, {"chat": 45})


def test_a_target_for_a_channel_that_there_is_not_is_refused(as_user):
    queue = make_queue()
    body = {"routing": {"targets": {"fax": 45}}}
    response = as_user(make_supervisor()).patch(f"/api/v1/queues/{queue.pk}/", body)
    assert response.json()["detail"] == "targets: “fax” is no channel; there are email, chat, voice."


def test_a_queue_with_tickets_cannot_be_removed(as_user):
    ticket = make_ticket(queue=make_queue("Billing"))
    response = as_user(make_supervisor()).delete(f"/api/v1/queues/{ticket.queue_id}/")
    assert response.status_code == 409
    assert response.json()["detail"] == (
        "The queue Billing cannot be removed: tickets belong to it. Make it inactive instead."
    )


def test_dispositions_are_kept_by_administrators(as_user):
    response = as_user(make_administrator()).post("/api/v1/dispositions/", {"name": "Answered", "queue": None})
    assert response.status_code == 201
    assert Disposition.objects.get().name == "Answered"


def test_an_entry_point_leads_to_a_queue(as_user):
    queue = make_queue()
    body = {"kind": "email", "name": "Support", "address": "help@desk.test", "queue": queue.pk}
    response = as_user(make_administrator()).post("/api/v1/entry_points/", body)
    assert response.status_code == 201, response.content
    assert EntryPoint.objects.get().queue == queue


@pytest.mark.parametrize("make", [make_mailbox, make_widget])
def test_an_entry_point_is_changed(as_user, make):
    row = make()
    as_user(make_administrator()).patch(f"/api/v1/entry_points/{row.pk}/", {"name": "New name"})
    row.refresh_from_db()
    assert row.name == "New name"


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize(
    ("resource", "make", "queries"),
    [("skills", make_skill, 2), ("dispositions", make_disposition, 2), ("entry_points", make_mailbox, 2)],
)
def test_lists_of_the_setup_take_the_same_queries(as_user, resource, make, queries, rows, django_assert_num_queries):
    for number in range(rows):
        make(f"{number}@desk.test")
    client = as_user(make_administrator())
    with django_assert_num_queries(queries):
        client.get(f"/api/v1/{resource}/")


@pytest.mark.parametrize("rows", [1, 3])
def test_agents_take_the_same_queries_for_any_number_of_rows(as_user, rows, django_assert_num_queries):
    for _ in range(rows):
        make_agent(skills={"billing": 3})
    client = as_user(make_supervisor())
    with django_assert_num_queries(4):
        client.get("/api/v1/agents/")


PERMITTED = {
    "skills": ("agent", "supervisor"),
    "agents": ("supervisor", "supervisor"),
    "queues": ("agent", "supervisor"),
    "dispositions": ("agent", "administrator"),
    "entry_points": ("administrator", "administrator"),
}
RANKS = ["", "agent", "supervisor", "administrator"]


@pytest.mark.parametrize("role", RANKS)
@pytest.mark.parametrize("resource", PERMITTED)
def test_the_setup_is_read_and_changed_only_by_who_may(as_user, resource, role):
    reads, writes = PERMITTED[resource]
    client = as_user(make_user(role=role))
    may_read, may_write = RANKS.index(role) >= RANKS.index(reads), RANKS.index(role) >= RANKS.index(writes)
    assert client.get(f"/api/v1/{resource}/").status_code == (200 if may_read else 403)
    assert client.post(f"/api/v1/{resource}/", {}).status_code == (400 if may_write else 403)
