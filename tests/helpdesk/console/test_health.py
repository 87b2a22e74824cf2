"""The page on which supervisors see whether everything runs and the books agree."""

from datetime import timedelta

import pytest
from django.utils import timezone

from config import heartbeat
from helpdesk.console import health
from helpdesk.models import InboundRaw
from routing import versions
from routing.models import Agent, Domain, Interaction
from tests import factories as make
from tests.routing.floor import waiting

pytestmark = pytest.mark.django_db
EVERYONE = ("default", "chat", "mail", "routing", "clock")


def page(as_user, user=None):
    return as_user(user or make.make_supervisor()).get("/settings/health/")


def test_all_is_well_on_a_desk_where_everybody_is_heard_from(as_user):
    heartbeat.tell(*EVERYONE)

    answer = page(as_user)

    assert (answer.status_code, answer.context["wrong"]) == (200, 0)
    assert "All is well." in answer.content.decode()


def test_who_is_not_heard_from_is_named(as_user):
    heartbeat.tell("default", "chat", "mail", "clock")

    answer = page(as_user)

    assert answer.context["wrong"] == 1
    assert "No router has been heard from for 10 s" in answer.content.decode()


def test_a_broken_rule_is_red_and_says_which_row_breaks_it(as_user):
    heartbeat.tell(*EVERYONE)
    agent = make.make_agent(parked=5)

    answer = page(as_user)

    said = f"Agent {agent.pk} has 5 units parked by the counter, but 0 by their interactions."
    assert [one.exceptions for one in answer.context["rules"] if one.exceptions] == [(said,)]
    assert said in answer.content.decode()


def test_a_mail_that_nobody_took_in_is_late(as_user):
    long_ago = timezone.now() - timedelta(minutes=5)
    make.make_inbound_raw(next_try_at=long_ago)
    make.make_inbound_raw(state=InboundRaw.State.QUARANTINED)

    due = {one.kind: (one.count, one.is_late) for one in page(as_user).context["due"]}

    assert due["Mails to take in"] == (1, True)
    assert due["Mails in quarantine"] == (1, False)


def test_who_could_be_served_and_is_not_is_late(as_user):
    interaction = waiting()
    make.make_agent()
    due = {one.kind: one for one in page(as_user).context["due"]}
    assert (due["Who could be served at once"].count, due["Who could be served at once"].is_late) == (1, False)

    long_ago = timezone.now() - timedelta(minutes=5)
    Interaction.objects.filter(pk=interaction.pk).update(waiting_since=long_ago)
    Agent.objects.update(idle_since=long_ago, presence_since=long_ago)

    due = {one.kind: one for one in page(as_user).context["due"]}
    assert (due["Who could be served at once"].count, due["Who could be served at once"].is_late) == (1, True)


def test_the_rules_in_force_are_named_by_version_and_by_whom(as_user):
    domain, ingrid = Domain.main(), make.make_supervisor("Ingrid")
    assert "The ordinary rules" in page(as_user, ingrid).content.decode()

    versions.publish(domain, versions.ordinary(), by=ingrid, note="As before")

    told = page(as_user, ingrid).content.decode()
    assert ("Version 1" in told, "by Ingrid" in told, "As before" in told) == (True, True, True)


def test_a_look_that_takes_too_long_is_given_up_in_words(as_user, monkeypatch):
    heartbeat.tell(*EVERYONE)
    monkeypatch.setattr(health, "PATIENCE", "1ms")
    monkeypatch.setattr(health, "look_over", lambda: Interaction.objects.raw("SELECT pg_sleep(1), 1 AS id")[0])

    answer = page(as_user)

    assert (answer.context["rules"], answer.context["wrong"]) == (None, 1)
    assert "PostgreSQL took too long to look." in answer.content.decode()


def test_agents_and_strangers_are_refused(as_user, client):
    assert page(as_user, make.make_user()).status_code == 403
    assert client.get("/settings/health/").status_code == 302


def test_nothing_on_the_page_needs_a_script_or_a_style_of_its_own(as_user):
    told = page(as_user).content.decode()

    assert ("<script" in told, "style=" in told, "onclick" in told) == (False, False, False)


def test_it_is_found_in_the_settings(as_user):
    browser = as_user(make.make_supervisor())

    assert 'href="/settings/health/"' in browser.get("/settings/").content.decode()
