import pytest

from customers.models import Event
from helpdesk.models import EntryPoint, User
from routing.models import Agent, Disposition, Skill
from tests.factories import (
    make_administrator,
    make_agent,
    make_disposition,
    make_inbound_raw,
    make_interaction,
    make_mailbox,
    make_queue,
    make_skill,
    make_supervisor,
    make_ticket,
    make_token,
    make_user,
    make_widget,
)
from tickets.models import Queue

pytestmark = pytest.mark.django_db


def post(browser, url, **form):
    return browser.post(f"/settings/{url}", form)


def said(browser, response) -> str:
    return browser.get(response["Location"]).content.decode()


QUEUE = {"name": "Billing", "position": 0, "importance": 1, "wrap_up_seconds": 60, "is_active": "on"}


def test_a_queue_is_made_with_skills_and_targets(as_user):
    skill, member = make_skill("lang.pl"), make_user()
    form = QUEUE | {f"need_{skill.pk}": "3", "target_chat": "45", "is_private": "on", "members": [member.pk]}
    browser = as_user(make_supervisor())
    response = post(browser, "queues/new/", **form)
    assert (response.status_code, response["Location"]) == (303, "/settings/queues/")
    queue = Queue.objects.get()
    assert (queue.slug, queue.is_private, list(queue.members.all())) == ("billing", True, [member])
    assert list(queue.skills.values_list("skill", "level", "is_required")) == [(skill.pk, 3, True)]
    assert queue.routing.targets == {"chat": 45}
    assert "The queue Billing was saved." in said(browser, response)


def test_a_queue_is_changed_and_keeps_what_the_form_showed(as_user):
    queue = make_queue("Billing", needs={"billing": 3}, wants={"lang.pl": 4}, targets={"chat": 45}, importance=2.0)
    browser = as_user(make_supervisor())
    form = browser.get(f"/settings/queues/{queue.pk}/").context["form"]
    shown = {name: form[name].value() for name in form.fields}
    sent = {name: value for name, value in shown.items() if value is not None and value is not False}
    post(browser, f"queues/{queue.pk}/", **sent | {"name": "Invoices"})
    queue = Queue.objects.get()
    assert (queue.name, queue.routing.targets, queue.routing.importance) == ("Invoices", {"chat": 45}, 2.0)
    assert set(queue.skills.values_list("skill__slug", "level", "is_required")) == {
        ("billing", 3, True),
        ("lang.pl", 4, False),
    }


def test_a_change_is_recorded_with_who_and_what(as_user):
    boss, queue = make_supervisor(), make_queue("Billing")
    post(as_user(boss), f"queues/{queue.pk}/", **QUEUE | {"name": "Invoices", "slug": "billing"})
    event = Event.objects.get(verb="queue.changed")
    assert (event.user, event.facts) == (boss, {"name": "Invoices", "changed": ["name"]})


def test_a_wrong_form_comes_back_with_sentences(as_user):
    make_queue("Billing")
    response = post(as_user(make_supervisor()), "queues/new/", **QUEUE)
    assert response.status_code == 422
    assert "Queue with this Name already exists." in response.content.decode()


def test_a_queue_with_tickets_is_not_removed_and_says_why(as_user):
    ticket = make_ticket(queue=make_queue("Billing"))
    browser = as_user(make_supervisor())
    response = post(browser, f"queues/{ticket.queue_id}/remove/")
    assert "The queue Billing cannot be removed: tickets belong to it." in said(browser, response)


def test_an_empty_queue_is_removed(as_user):
    queue = make_queue("Billing")
    assert post(as_user(make_supervisor()), f"queues/{queue.pk}/remove/").status_code == 303
    assert not Queue.objects.exists()


def test_a_skill_is_made(as_user):
    post(as_user(make_supervisor()), "skills/new/", name="Polish", slug="lang.pl", kind="language")
    assert Skill.objects.get().name == "Polish"


def test_a_skill_with_a_wrong_short_name_is_refused_in_words(as_user):
    response = post(as_user(make_supervisor()), "skills/new/", name="Polish", slug="Lang PL", kind="language")
    assert "Use small letters, digits, dots and hyphens only." in response.content.decode()


def test_the_matrix_changes_levels_of_several_agents_at_once(as_user):
    ada, bo = make_agent("Ada", skills={"billing": 2}), make_agent("Bo", skills={"billing": 3})
    polish, billing = make_skill("lang.pl"), make_skill("billing")
    browser = as_user(make_supervisor())
    form = {f"level-{ada.pk}-{polish.pk}": "4", f"level-{ada.pk}-{billing.pk}": "2", f"level-{bo.pk}-{billing.pk}": ""}
    response = post(browser, "agents/", **form)
    assert dict(ada.skills.values_list("skill__slug", "level")) == {"billing": 2, "lang.pl": 4}
    assert dict(bo.skills.values_list("skill__slug", "level")) == {}
    assert "Levels of 2 agents were changed." in said(browser, response)


def test_the_matrix_leaves_alone_what_is_no_level(as_user):
    ada = make_agent("Ada", skills={"billing": 2})
    post(as_user(make_supervisor()), "agents/", **{f"level-{ada.pk}-{make_skill('billing').pk}": "9"})
    assert ada.skills.get().level == 2


@pytest.mark.parametrize("rows", [1, 3])
def test_the_matrix_takes_the_same_queries_for_any_number_of_agents(as_user, rows, django_assert_num_queries):
    for _ in range(rows):
        make_agent(skills={"billing": 2, "lang.pl": 3})
    browser = as_user(make_supervisor())
    with django_assert_num_queries(6):
        browser.get("/settings/agents/")


def test_a_new_agent_can_sign_in_and_serve(as_user):
    skill = make_skill("lang.pl")
    form = {"name": "Ada Berg", "email": "ada@desk.test", "password": "correct horse battery", "budget": "60"}
    response = post(as_user(make_supervisor()), "agents/new/", **form, **{f"level_{skill.pk}": "4"})
    assert response.status_code == 303
    agent = Agent.objects.get()
    assert (agent.user.role, agent.budget, agent.skills.get().level) == ("agent", 60, 4)
    assert agent.user.check_password("correct horse battery")


def test_an_agent_whose_address_is_taken_is_refused_at_the_field(as_user):
    make_user(email="ada@desk.test")
    response = post(as_user(make_supervisor()), "agents/new/", name="Ada", email="ada@desk.test", budget="100")
    assert list(response.context["form"].errors) == ["email"]


def test_the_capacity_of_an_agent_is_changed(as_user):
    agent = make_agent(skills={"billing": 2})
    form = {"budget": "80", "channels": ["chat"], "cost_chat": "40", f"level_{make_skill('billing').pk}": "5"}
    post(as_user(make_supervisor()), f"agents/{agent.pk}/", **form)
    agent.refresh_from_db()
    assert (agent.budget, agent.channels, agent.costs, agent.skills.get().level) == (80, ["chat"], {"chat": 40}, 5)


def test_a_budget_below_what_is_held_is_refused_in_words(as_user):
    agent = make_agent("Ada")
    make_interaction(status="active", agent=agent)
    response = post(as_user(make_supervisor()), f"agents/{agent.pk}/", budget="5")
    assert "Ada holds 10 units now: give at least that, or wait." in response.content.decode()


STAFF = {"name": "Ada Berg", "email": "ada@desk.test", "role": "supervisor", "is_active": "on"}


def test_a_new_account_has_a_role_and_may_be_an_agent(as_user):
    browser = as_user(make_administrator())
    post(browser, "staff/new/", **STAFF, takes_interactions="on", password="correct horse battery")
    user = User.objects.get(email="ada@desk.test")
    assert (user.role, user.agent.presence) == ("supervisor", "offline")


def test_an_account_without_a_tick_is_no_agent(as_user):
    post(as_user(make_administrator()), "staff/new/", **STAFF)
    assert not Agent.objects.exists()


def test_whoever_leaves_goes_offline_and_loses_their_token(as_user):
    agent = make_agent("Ada Berg")
    make_token(agent.user)
    form = {name: value for name, value in STAFF.items() if name != "is_active"}
    post(as_user(make_administrator()), f"staff/{agent.user_id}/", **form)
    agent = Agent.objects.get()
    assert (agent.user.is_active, agent.presence, hasattr(agent.user, "auth_token")) == (False, "offline", False)


def test_the_last_administrator_stays_one(as_user):
    boss = make_administrator()
    form = {"name": "Boss", "email": boss.email, "role": "agent", "is_active": "on"}
    response = post(as_user(boss), f"staff/{boss.pk}/", **form)
    assert response.status_code == 422
    assert "Somebody must administer the desk" in response.content.decode()
    boss.refresh_from_db()
    assert boss.role == "administrator"


def test_a_token_is_shown_once_and_can_be_revoked(as_user):
    user, browser = make_user(), as_user(make_administrator())
    page = post(browser, f"staff/{user.pk}/token/")
    user.refresh_from_db()
    assert f"Authorization: Token {user.auth_token.key}" in page.content.decode()
    assert "no-store" in page["Cache-Control"]
    post(browser, f"staff/{user.pk}/token/revoke/")
    assert not hasattr(User.objects.get(pk=user.pk), "auth_token")


def test_a_mailbox_is_made(as_user):
    queue = make_queue()
    form = {"name": "Support", "address": "Help@Desk.test", "queue": queue.pk, "is_active": "on"}
    post(as_user(make_administrator()), "entry-points/new/?kind=email", **form)
    entry = EntryPoint.objects.get()
    assert (entry.kind, entry.address, entry.sends_receipt) == ("email", "help@desk.test", False)


def test_a_widget_shows_the_line_to_paste(as_user):
    widget = make_widget()
    page = as_user(make_administrator()).get(f"/settings/entry-points/{widget.pk}/").content.decode()
    assert f"/widget.js&quot; data-key=&quot;{widget.key}&quot; async&gt;" in page


def test_a_widget_takes_origins_by_the_line(as_user):
    widget = make_widget()
    form = {"name": "Chat", "queue": widget.queue_id, "origins": "https://a.example/\nhttp://b.example:8080"}
    post(as_user(make_administrator()), f"entry-points/{widget.pk}/", **form)
    widget.refresh_from_db()
    assert widget.origins == ["https://a.example", "http://b.example:8080"]


def test_an_origin_that_is_none_is_refused_in_words(as_user):
    widget = make_widget()
    form = {"name": "Chat", "queue": widget.queue_id, "origins": "javascript:alert(1)"}
    response = post(as_user(make_administrator()), f"entry-points/{widget.pk}/", **form)
    assert "javascript:alert(1) is no origin" in response.content.decode()


def test_a_disposition_is_made(as_user):
    post(as_user(make_administrator()), "dispositions/new/", name="Answered", position="1", is_active="on")
    assert Disposition.objects.get().name == "Answered"


def test_quarantined_mail_is_listed_with_its_reason_and_tried_again(as_user):
    row = make_inbound_raw(state="quarantined", reason="It has no sender.", envelope={"recipients": ["help@desk.test"]})
    browser = as_user(make_administrator())
    assert "It has no sender." in browser.get("/settings/inbound/").content.decode()
    assert browser.get(f"/settings/inbound/{row.pk}/raw/").content == bytes(row.raw)
    assert post(browser, f"inbound/{row.pk}/retry/").status_code == 303
    row.refresh_from_db()
    assert row.state == "received"


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize(
    ("page", "make"),
    [
        ("queues", lambda: make_queue(needs={"billing": 2})),
        ("skills", lambda: make_queue(needs={f"s{Skill.objects.count()}": 2})),
        ("staff", make_agent),
        ("entry-points", make_mailbox),
        ("dispositions", lambda: make_disposition(queue=make_queue())),
        ("inbound", lambda: make_inbound_raw(state="quarantined")),
    ],
)
def test_a_page_takes_the_same_queries_for_any_number_of_rows(as_user, page, make, rows, django_assert_max_num_queries):
    for _ in range(rows):
        make()
    browser = as_user(make_administrator())
    with django_assert_max_num_queries(5):
        browser.get(f"/settings/{page}/")


SUPERVISED = ["", "queues/", "queues/new/", "skills/", "skills/new/", "agents/", "agents/new/"]
ADMINISTERED = ["staff/", "staff/new/", "entry-points/", "entry-points/new/", "dispositions/", "inbound/"]


@pytest.mark.parametrize("page", SUPERVISED + ADMINISTERED)
@pytest.mark.parametrize("role", ["", "agent", "supervisor", "administrator"])
def test_a_page_opens_only_to_who_may_set_it_up(as_user, role, page):
    welcome = ("supervisor", "administrator") if page in SUPERVISED else ("administrator",)
    response = as_user(make_user(role=role)).get(f"/settings/{page}")
    assert response.status_code == (200 if role in welcome else 403)


@pytest.mark.parametrize("page", SUPERVISED + ADMINISTERED)
def test_somebody_who_is_not_signed_in_is_sent_to_sign_in(client, page):
    assert client.get(f"/settings/{page}")["Location"] == f"/sign-in/?next=/settings/{page}"


@pytest.mark.parametrize("page", SUPERVISED + ADMINISTERED)
def test_a_page_has_no_inline_script_or_style(as_user, page):
    make_agent(skills={"billing": 2}), make_queue(needs={"billing": 2}), make_widget(), make_disposition()
    html = as_user(make_administrator()).get(f"/settings/{page}").content.decode()
    assert "<script" not in html and "<style" not in html and " style=" not in html and " onclick=" not in html


def test_what_a_page_of_the_desk_showed_is_kept_by_no_cache(as_user):
    answer = as_user(make_administrator()).get("/settings/staff/")
    assert "no-store" in answer["Cache-Control"]
