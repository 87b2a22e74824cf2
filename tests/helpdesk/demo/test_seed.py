import io
import json
from datetime import timedelta

import pytest
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command
from django.utils import timezone
from rest_framework.authtoken.models import Token

from customers.models import Customer, Event
from helpdesk.channels.email.store import store
from helpdesk.channels.email.take_in import take_in
from helpdesk.demo.seed import OnlyInTheDemo, seed
from helpdesk.models import User
from routing.dispatch import dispatch
from routing.models import Agent, Domain, Interaction, Offer
from routing.presence import set_presence
from tests.helpdesk.channels.email.mails import mail
from tickets.models import Channel, Message, Ticket

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def demo(settings):
    settings.HELPDESK_DEMO = True


def levels(agent):
    return dict(agent.skills.values_list("skill__slug", "level"))


def counts():
    return [model.objects.count() for model in (User, Agent, Customer, Ticket, Message, Interaction, Event)]


def test_the_company_is_founded_once():
    first = seed()
    before = counts()
    assert (seed(), counts()) == (first, before)


def test_outside_the_demo_it_is_refused(settings):
    settings.HELPDESK_DEMO = False
    with pytest.raises(OnlyInTheDemo):
        seed()
    assert User.objects.count() == 0


def test_every_printed_login_works():
    for login in seed()["users"]:
        user = authenticate(None, email=login["email"], password=login["password"])
        assert (user.role, Token.objects.get(user=user).key) == (login["role"], login["token"])


def test_a_dozen_agents_a_supervisor_and_an_administrator_are_printed():
    roles = [login["role"] for login in seed()["users"]]
    assert roles == ["agent"] * 12 + ["supervisor", "administrator"]


def test_nobody_is_available_until_they_sign_in():
    seed()
    assert set(Agent.objects.values_list("presence", flat=True)) == {"offline"}


def test_nothing_waits_in_line_before_the_first_mail():
    seed()
    assert not Interaction.objects.exclude(status="done").exists()


@pytest.mark.parametrize("second", range(1, 12))
def test_a_mail_to_the_printed_mailbox_rings_for_the_first_agent_whoever_else_is_there(second):
    facts = seed()
    for number in (0, second):
        agent = Agent.objects.get(user__email=facts["users"][number]["email"])
        set_presence(agent, "available", by=agent.user)
    idle_for_long = timezone.now() - timedelta(hours=8)
    Agent.objects.filter(user__email=facts["users"][second]["email"]).update(idle_since=idle_for_long)
    take_in(store(mail("My parcel is late, where is it?", to=facts["address"]), envelope={}, source="smtp").pk)
    dispatch(Domain.main().pk, trigger="nudge")
    assert Offer.objects.get().agent.user.email == facts["users"][0]["email"]


def test_every_agent_can_serve_an_english_mail_to_the_printed_mailbox():
    seed()
    able = [levels(agent).get("care", 0) >= 2 and levels(agent)["lang.en"] >= 3 for agent in Agent.objects.all()]
    assert able == [True] * 12


def test_the_history_covers_all_channels_and_lies_in_the_past():
    seed()
    assert set(Message.objects.values_list("channel", flat=True)) == set(Channel.values)
    assert not Message.objects.filter(created_at__gt=timezone.now()).exists()
    assert not Event.objects.filter(at__gt=timezone.now()).exists()


def test_no_ticket_of_the_history_is_without_messages():
    seed()
    assert not Ticket.objects.filter(messages=None).exists()


def test_the_command_prints_json_for_scripts():
    out = io.StringIO()
    call_command("seed_demo", "--json", stdout=out)
    facts = json.loads(out.getvalue())
    assert (facts["address"], len(facts["users"]), len(facts["widget_key"])) == ("support@desk.example", 14, 36)


def test_without_json_no_password_is_printed():
    out = io.StringIO()
    returned = call_command("seed_demo", stdout=out)
    assert out.getvalue() == "Fjell Outdoor is there: 14 people, mail to support@desk.example.\n"
    assert json.loads(returned)["users"][0]["password"] not in out.getvalue()


def test_the_command_refuses_in_words_outside_the_demo(settings):
    settings.HELPDESK_DEMO = False
    with pytest.raises(CommandError, match="createsuperuser"):
        call_command("seed_demo")
