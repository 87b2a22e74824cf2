"""People and the router reach for the same thing at the same moment: one has it, and the other is told who."""

import pytest

from routing.handover import take, transfer
from routing.interactions import InteractionRefused, end, resolve
from routing.models import Agent, Decision, Domain, Interaction, Offer
from routing.offers import OfferGone, accept
from routing.presence import set_presence
from routing.versions import publish
from tests import factories as make
from tests.races import at_once
from tests.routing.floor import now, ringing, route, talking, waiting

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("sound")]

ROUNDS = 2


@pytest.fixture
def ada(db):
    return make.make_agent("Ada")


@pytest.fixture
def bo(db):
    return make.make_agent("Bo", presence="busy")


def _told(outcomes):
    """The sentences of those who came too late."""
    return [str(outcome) for outcome in outcomes if isinstance(outcome, Exception)]


@pytest.mark.parametrize("_", range(ROUNDS))
def test_who_takes_it_from_the_list_as_it_is_offered_has_it(ada, bo, _):
    interaction = waiting()

    outcomes = at_once(route, lambda: take(now(interaction), agent=now(bo), by=bo.user))

    assert (_told(outcomes), now(interaction).agent) == ([], bo)
    for offer in Offer.objects.all():
        with pytest.raises(OfferGone, match=r"^Bo took it meanwhile\.$"):
            accept(offer, by=ada)


@pytest.mark.parametrize("_", range(ROUNDS))
def test_accepting_against_taking_says_who_has_it(ada, bo, _):
    offer = ringing(ada)

    outcomes = at_once(
        lambda: accept(now(offer), by=now(ada)), lambda: take(now(offer.interaction), agent=now(bo), by=bo.user)
    )

    won = now(offer.interaction).agent
    assert _told(outcomes) == (["Ada has it already."] if won == ada else ["Bo took it meanwhile."])


@pytest.mark.parametrize("_", range(ROUNDS))
def test_what_is_transferred_as_it_is_offered_rings_only_in_its_new_queue(ada, bo, _):
    interaction, sales = waiting(), make.make_queue("Sales", domain=make.make_domain("other"))

    outcomes = at_once(route, lambda: transfer(now(interaction), by=bo.user, queue=sales))

    moved = now(interaction)
    assert (_told(outcomes), moved.queue, moved.status) == ([], sales, "waiting")
    for offer in Offer.objects.all():
        with pytest.raises(
            OfferGone, match=r"^It stopped ringing for you: Bo transferred it\. It waits in Sales now\.$"
        ):
            accept(offer, by=ada)


@pytest.mark.parametrize("_", range(ROUNDS))
def test_accepting_against_a_transfer_says_where_it_is(ada, bo, _):
    offer, sales = ringing(ada), make.make_queue("Sales")

    outcomes = at_once(
        lambda: accept(now(offer), by=now(ada)),
        lambda: transfer(now(offer.interaction), by=bo.user, queue=sales),
    )

    is_accepted = now(offer.interaction).agent == ada
    gone = "It stopped ringing for you: Bo transferred it. It waits in Sales now."
    assert _told(outcomes) == (["It changed hands meanwhile. Ada has it now."] if is_accepted else [gone])


@pytest.mark.parametrize("_", range(ROUNDS))
def test_of_two_transfers_one_counts(ada, bo, _):
    interaction = talking(ada)
    queues = [make.make_queue("Sales"), make.make_queue("Billing")]

    outcomes = at_once(
        *[lambda to=queue: transfer(now(interaction), by=bo.user, queue=to) for queue in queues],
    )

    won = now(interaction).queue
    assert (_told(outcomes), won in queues) == ([f"It changed hands meanwhile. It waits in {won} now."], True)


@pytest.mark.parametrize("_", range(ROUNDS))
def test_ending_against_a_transfer_ends_it_or_not(ada, bo, _):
    interaction, sales = talking(ada), make.make_queue("Sales")

    outcomes = at_once(
        lambda: end(now(interaction), by=ada.user), lambda: transfer(now(interaction), by=bo.user, queue=sales)
    )

    is_ended = now(interaction).status == "wrap_up"
    over = "This interaction is over; what the customer wants next comes as a new one."
    assert _told(outcomes) == ([over] if is_ended else ["It changed hands meanwhile. It waits in Sales now."])


@pytest.mark.parametrize("_", range(ROUNDS))
def test_accepting_while_being_sent_offline_leaves_nobody_alone(ada, bo, _):
    offer = ringing(ada)

    outcomes = at_once(lambda: accept(now(offer), by=now(ada)), lambda: set_presence(now(ada), "offline", by="system"))

    interaction = now(offer.interaction)
    assert (interaction.status, interaction.agent, now(ada).used) == ("waiting", None, 0)
    gone = f"It stopped ringing for you: Ada went offline. It waits in {interaction.queue} now."
    assert _told(outcomes) in ([], [gone])


@pytest.mark.parametrize("_", range(ROUNDS))
def test_parking_a_mail_as_it_is_solved_leaves_counters_right(ada, bo, _):
    mail = talking(ada, channel="email")

    outcomes = at_once(
        lambda: take(waiting(channel="voice"), agent=now(ada), by=ada.user),
        lambda: resolve(now(mail.ticket), by=bo.user),
    )

    # Wrap-up keeps its capacity: then the call needs a reason.
    told = ["Ada has no room for this (90 of 100 units free). Give a reason."]
    is_parked = now(mail).status == "done"
    assert (_told(outcomes), now(ada).used) == (([], 100) if is_parked else (told, 10))


@pytest.mark.parametrize("_", range(ROUNDS))
def test_parking_a_mail_as_it_is_transferred_leaves_counters_right(ada, bo, _):
    mail, sales = talking(ada, channel="email"), make.make_queue("Sales")

    outcomes = at_once(
        lambda: take(waiting(channel="voice"), agent=now(ada), by=ada.user),
        lambda: transfer(now(mail), by=bo.user, queue=sales),
    )

    assert (_told(outcomes), now(ada).used, now(ada).parked, now(mail).status) == ([], 100, 0, "waiting")


@pytest.mark.parametrize("_", range(ROUNDS))
def test_rules_published_as_it_is_offered_are_in_force_from_then_on(ada, bo, _):
    waiting()

    outcomes = at_once(route, lambda: publish(Domain.main(), {}, by=bo.user))

    assert (_told(outcomes), Decision.objects.get().policy_version in (0, 1)) == ([], True)
    assert ringing(make.make_agent()).decision.policy_version == 1


def test_who_is_too_late_because_it_expired_is_told_who_has_it(ada, bo):
    offer = ringing(ada)
    Offer.objects.update(outcome="expired")
    Interaction.objects.update(status="waiting", agent=None, cost=0)
    Agent.objects.update(used=0)
    take(now(offer.interaction), agent=bo, by=bo.user)
    Offer.objects.update(answered_at=offer.made_at)

    with pytest.raises(OfferGone, match=r"^The time to answer was over; Bo has it now\.$"):
        accept(now(offer), by=ada)


def test_what_was_seen_with_another_is_not_ended_by_mistake(ada, bo):
    interaction = talking(ada)
    stale = now(interaction)
    transfer(interaction, by=ada.user, queue=interaction.queue)
    take(interaction, agent=bo, by=bo.user)

    with pytest.raises(InteractionRefused, match=r"^It changed hands meanwhile\. Bo has it now\.$"):
        end(stale, by=ada.user)


def test_rules_published_at_the_same_moment_come_one_after_the_other(ada):
    acts = [lambda: publish(Domain.main(), {}, by=ada.user)] * 4

    numbers = sorted(row.number for row in at_once(*acts))

    assert (numbers, Domain.main().policy.number) == ([1, 2, 3, 4], 4)


def test_who_publishes_on_what_is_overtaken_at_that_moment_is_told_by_which_version(ada):
    acts = [lambda: publish(Domain.main(), {}, by=ada.user, based_on=0)] * 3

    [first, second] = _told(at_once(*acts))

    assert first == second
    assert first.startswith("Ada published version 1 at ")
