import pytest
from django.db.models.functions import Now

from customers.models import Event
from routing import offers
from routing.audit import problems
from routing.interactions import (
    InteractionRefused,
    end,
    enqueue,
    extend,
    resolve,
    time_out,
    withdraw,
    wrap_up,
)
from routing.models import Agent, Interaction
from tests import factories as make
from tests.races import at_once, sorted_kinds
from tests.routing.floor import now, ringing, route, talking, waiting, wrapping_up
from tickets.models import Message, Ticket

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sound")]


def _last_event(interaction):
    event = Event.objects.filter(interaction_id=interaction.pk).order_by("-id").first()
    return event.verb, event.actor


def test_what_waits_asks_for_the_skills_of_its_queue_and_language():
    make.make_skill("lang.pl")
    queue = make.make_queue(needs={"billing": 3}, wants={"shipping": 2})

    interaction = waiting(queue, language="pl")

    assert (interaction.status, interaction.queue) == ("waiting", queue)
    assert interaction.needs == {"billing": 3, "lang.pl": 3}
    assert interaction.wants == {"shipping": 2, "lang.pl": 5}
    assert _last_event(interaction) == ("interaction.enqueued", "customer")


def test_a_language_that_is_no_skill_of_the_desk_is_not_asked_for():
    assert waiting(language="is").needs == {}


def test_the_customers_own_language_is_asked_for_when_nothing_else_is_known():
    make.make_skill("lang.pl")

    assert waiting(customer=make.make_customer(language="pl")).needs == {"lang.pl": 3}


def test_a_later_message_joins_what_waits_already():
    first = waiting()

    assert enqueue(first.ticket, channel="chat") == first
    assert Interaction.objects.count() == 1


def test_another_channel_is_another_interaction():
    first = waiting(channel="chat")

    assert enqueue(first.ticket, channel="email") != first


def test_who_joins_moves_along_when_the_ticket_went_to_another_queue():
    first, billing = waiting(), make.make_queue("Billing", needs={"billing": 2})
    Ticket.objects.filter(pk=first.ticket_id).update(queue=billing)

    joined = enqueue(now(first.ticket), channel="chat")

    assert (joined, joined.queue, joined.needs) == (first, billing, {"billing": 2})


def test_who_writes_during_wrap_up_gets_the_same_agent_back():
    interaction = wrapping_up()

    joined = now(enqueue(interaction.ticket, channel="chat"))

    assert (joined, joined.status, joined.agent) == (interaction, "active", interaction.agent)
    assert (joined.wrap_up_until, joined.ended_at, joined.end_reason) == (None, None, "")


def test_who_writes_during_the_wrap_up_of_an_agent_who_has_gone_waits_for_another():
    interaction = wrapping_up()
    Agent.objects.update(presence="offline")

    again = enqueue(interaction.ticket, channel="chat")

    assert (again.status, again.last_agent) == ("waiting", interaction.agent)
    assert (now(interaction).status, now(interaction.agent).used) == ("done", 0)


def test_who_comes_back_is_led_to_the_agent_they_know():
    interaction = wrapping_up()
    wrap_up(interaction, by=interaction.agent.user)

    again = enqueue(interaction.ticket, channel="chat")

    assert (again.last_agent, again.last_agent_at) == (interaction.agent, interaction.ended_at)


def test_whoever_was_only_rung_is_nobody_the_customer_knows():
    offer = ringing()
    withdraw(offer.interaction)

    again = enqueue(offer.interaction.ticket, channel="chat")

    assert again.last_agent is None


def test_a_customer_who_leaves_the_line_is_out_of_it():
    interaction = waiting()

    withdraw(interaction)

    left = now(interaction)
    assert (left.status, left.end_reason, left.done_at is not None) == ("done", "abandoned", True)
    assert _last_event(interaction) == ("interaction.withdrawn", "customer")


def test_a_customer_who_leaves_stops_the_ringing():
    offer = ringing()

    withdraw(offer.interaction)

    assert (now(offer).outcome, now(offer.agent).used) == ("withdrawn", 0)
    assert now(offer.interaction).agent is None


def test_leaving_twice_is_told_once():
    interaction = waiting()

    withdraw(interaction)
    withdraw(interaction)

    assert Event.objects.filter(verb="interaction.withdrawn").count() == 1


def test_what_an_agent_has_cannot_be_withdrawn():
    with pytest.raises(InteractionRefused, match="Ada has this already"):
        withdraw(talking(make.make_agent("Ada")))


def test_what_ends_is_wrapped_up_within_the_queues_time():
    interaction = talking(queue=make.make_queue(wrap_up_seconds=90))

    end(interaction, by=interaction.agent.user)

    ended = now(interaction)
    assert (ended.status, ended.end_reason) == ("wrap_up", "agent")
    assert (ended.wrap_up_until - ended.ended_at).total_seconds() == 90
    assert now(interaction.agent).used == 30


def test_a_queue_without_wrap_up_frees_the_agent_at_once():
    interaction = talking(queue=make.make_queue(wrap_up_seconds=0))

    end(interaction, by="customer", reason="customer")

    assert (now(interaction).status, now(interaction.agent).used) == ("done", 0)


def test_ending_twice_is_told_once():
    interaction = talking()

    end(interaction, by="customer", reason="customer")
    end(interaction, by=interaction.agent.user)

    assert now(interaction).end_reason == "customer"
    assert Event.objects.filter(verb="interaction.ended").count() == 1


def test_what_nobody_accepted_cannot_end():
    with pytest.raises(InteractionRefused, match="Nobody has accepted this yet"):
        end(waiting(), by="customer")


def test_wrapping_up_says_how_it_ended_and_frees_the_agent():
    interaction, refunded = wrapping_up(), make.make_disposition("Refunded")

    wrap_up(interaction, by=interaction.agent.user, disposition=refunded, note="Paid back 20 €")

    done = now(interaction)
    assert (done.status, done.disposition, done.cost) == ("done", refunded, 0)
    assert (done.end_reason, now(interaction.agent).used) == ("agent", 0)
    assert Message.objects.get(kind="note").text == "Paid back 20 €"


def test_wrapping_up_twice_leaves_one_note():
    interaction = wrapping_up()

    wrap_up(interaction, by=interaction.agent.user, note="Paid back")
    wrap_up(interaction, by=interaction.agent.user, note="Paid back")

    assert Message.objects.filter(kind="note").count() == 1


def test_what_has_not_ended_cannot_be_wrapped_up():
    interaction = talking()

    with pytest.raises(InteractionRefused, match="end it first"):
        wrap_up(interaction, by=interaction.agent.user, note="Too early")

    assert Message.objects.filter(kind="note").count() == 0


def test_wrap_up_can_be_given_more_time():
    interaction = wrapping_up()
    before = interaction.wrap_up_until

    extend(interaction, by=interaction.agent.user, seconds=120)

    assert (now(interaction).wrap_up_until - before).total_seconds() == 120


def test_what_is_not_in_wrap_up_gets_no_more_time():
    with pytest.raises(InteractionRefused, match="Wrap-up is over"):
        extend(talking(), by="system")


def test_wrap_up_ends_by_itself_when_its_time_is_over():
    interaction = wrapping_up()
    Interaction.objects.update(wrap_up_until=Now())

    assert time_out(interaction) is True
    assert (now(interaction).status, now(interaction.agent).used) == ("done", 0)
    assert _last_event(interaction) == ("interaction.wrapped_up", "system")


def test_wrap_up_that_was_extended_meanwhile_goes_on():
    interaction = wrapping_up()

    assert time_out(interaction) is False
    assert now(interaction).status == "wrap_up"


def test_resolving_a_ticket_ends_what_is_live_on_it():
    interaction = talking()
    enqueue(interaction.ticket, channel="email")

    resolve(interaction.ticket, by=interaction.agent.user)

    ended = dict(Interaction.objects.values_list("channel", "status"))
    assert (now(interaction.ticket).status, ended) == ("solved", {"chat": "wrap_up", "email": "done"})


def test_resolving_twice_changes_nothing_more():
    interaction = talking()

    resolve(interaction.ticket, by=interaction.agent.user)
    resolve(interaction.ticket, by=interaction.agent.user)

    assert Event.objects.filter(verb__in=["ticket.solved", "interaction.ended"]).count() == 2


def test_closing_a_ticket_ends_what_is_live_on_it_too():
    interaction = waiting()

    resolve(interaction.ticket, by="system", status="closed")

    assert (now(interaction.ticket).status, now(interaction).status) == ("closed", "done")


def test_freed_capacity_is_used_again():
    agent = make.make_agent(budget=30)
    interaction = wrapping_up(agent)
    later = waiting()
    assert route() == []

    wrap_up(interaction, by=agent.user)

    assert [offer.interaction for offer in route()] == [later]


@pytest.mark.django_db(transaction=True)
def test_two_who_put_the_same_in_line_at_once_share_the_place():
    ticket = make.make_ticket(channel="chat", text="Hello")

    outcomes = at_once(*[lambda: enqueue(now(ticket), channel="chat")] * 4)

    assert {outcome.pk for outcome in outcomes} == {Interaction.objects.get().pk}


@pytest.mark.django_db(transaction=True)
def test_a_message_that_comes_while_wrap_up_ends_is_never_left_without_an_interaction():
    for _ in range(5):
        interaction = wrapping_up(make.make_agent())

        at_once(
            lambda it=interaction: enqueue(now(it.ticket), channel="chat"),
            lambda it=interaction: wrap_up(now(it), by=it.agent.user),
        )

        live = Interaction.objects.live().filter(ticket=interaction.ticket)
        assert [one.status in ("waiting", "active") for one in live] == [True]
        resolve(now(interaction.ticket), by="system")
        Agent.objects.all().update(presence="offline")
    assert problems() == []


@pytest.mark.django_db(transaction=True)
def test_when_both_sides_end_it_at_once_it_ends_once():
    interaction = talking()

    outcomes = at_once(
        lambda: end(now(interaction), by="customer", reason="customer"),
        lambda: end(now(interaction), by=interaction.agent.user),
    )

    assert outcomes == [None, None]
    assert Event.objects.filter(verb="interaction.ended").count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_customer_who_hangs_up_while_it_is_accepted_is_told_or_the_agent_is():
    from_the_customer = ringing()

    outcomes = at_once(
        lambda: withdraw(now(from_the_customer.interaction)),
        lambda: accept_now(from_the_customer),
    )

    assert sorted_kinds(outcomes) in (["Interaction", "InteractionRefused"], ["NoneType", "OfferGone"])


def accept_now(offer):
    fresh = now(offer)
    return offers.accept(fresh, by=fresh.agent)
