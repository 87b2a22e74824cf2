"""Who has left the line, and who has not."""

from datetime import timedelta

import pytest
from django.utils import timezone

from helpdesk.channels.chat.conversation import leave, say
from helpdesk.channels.chat.visitors import arrive
from helpdesk.channels.chat.visits import GRACE_SECONDS, withdraw_left
from helpdesk.models import ChatVisit
from routing.models import Interaction, Offer
from routing.offers import accept
from routing.presence import set_presence
from tests import factories as make
from tests.races import at_once
from tests.routing.floor import now

pytestmark = pytest.mark.django_db


@pytest.fixture
def chat() -> Interaction:
    """A chat that waits in line."""
    say(arrive(make.make_widget()), client_id="c_1", text="Hello")
    return Interaction.objects.get()


def silent_for(seconds):
    ChatVisit.objects.update(seen_at=timezone.now() - timedelta(seconds=seconds))


def test_who_gave_no_sign_of_life_is_taken_out_of_line(chat):
    silent_for(GRACE_SECONDS + 1)
    withdraw_left()
    chat.refresh_from_db()
    assert (chat.status, chat.end_reason) == ("done", "abandoned")


def test_who_reloads_the_page_keeps_the_place(chat):
    silent_for(GRACE_SECONDS - 5)
    withdraw_left()
    chat.refresh_from_db()
    assert chat.status == "waiting"


def test_an_offer_of_a_chat_whose_visitor_left_stops_ringing(chat):
    make.make_offer(chat)
    silent_for(GRACE_SECONDS + 1)
    withdraw_left()
    assert Offer.objects.get().outcome == "withdrawn"


def test_a_chat_that_an_agent_has_taken_is_not_taken_away(chat):
    agent = make.make_agent()
    accept(make.make_offer(chat, agent=agent), by=agent)
    silent_for(GRACE_SECONDS + 1)
    assert withdraw_left() == 0


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("_", range(3))
def test_who_leaves_as_their_agent_goes_has_left(_):
    visitor, ada = arrive(make.make_widget()), make.make_agent("Ada")
    say(visitor, client_id="c_1", text="Hello")
    chat = Interaction.objects.get()
    accept(make.make_offer(chat, agent=ada), by=ada)

    outcomes = at_once(lambda: leave(visitor), lambda: set_presence(now(ada), "offline", by=ada.user))

    assert (outcomes, now(chat).status in ("done", "wrap_up")) == ([None, None], True)


def test_a_chat_that_came_by_no_widget_is_left_alone():
    make.make_interaction(make.make_ticket(channel="chat", text="Hello"))
    assert withdraw_left() == 0
