"""A group of another queue helps out, while its own queue can spare it."""

from dataclasses import replace

from routing.engine import Names, RelaxStep, sentences, why_waiting, why_you
from routing.engine.match import decide
from tests.routing.engine.worlds import NOW, agent, pairs, policy, state, waits

BILLING = {"topic.billing": 3}
RETURNS = {"topic.returns": 2}
LEND = RelaxStep(1.5, add=RETURNS, lender="back-office", lender_level=0.85, lender_wait=60.0)
NAMES = Names(agents={1: "Ana", 2: "Bo"}, queues={"back-office": "Back office"})
ANA = agent(1, skills=BILLING, used=100)
BO = agent(2, skills=RETURNS)


def given(waited, *agents, rules=None, required=BILLING, **guards):
    world = state([waits(7, waited=waited, required=required)], agents, **guards)
    return decide(world, rules or policy(LEND), NOW)


def told(waited, *agents, **guards):
    world = state([waits(7, waited=waited, required=BILLING)], agents, **guards)
    return why_waiting(world, policy(LEND), NOW, 7, names=NAMES)


def test_the_group_serves_once_its_step_is_due():
    assert [pairs(given(waited, ANA, BO)) for waited in (89, 90)] == [{}, {7: 2}]


def test_until_then_the_outcome_says_when():
    assert given(80, ANA, BO).next_due == NOW + 10


def test_only_who_has_what_the_group_has_is_lent():
    assert given(90, ANA, agent(3, skills={"topic.returns": 1})).unplaced[0].reasons == {
        "skill:topic.billing": 1,
        "full": 1,
    }


def test_nobody_is_lent_while_the_lender_misses_its_own_level():
    assert [pairs(given(90, ANA, BO, service={"back-office": level})) for level in (0.84, 0.85)] == [{}, {7: 2}]


def test_nobody_is_lent_while_the_lenders_customers_wait_too_long():
    assert [pairs(given(90, ANA, BO, expected_wait={"back-office": wait})) for wait in (61, 60)] == [{}, {7: 2}]


def test_a_lender_of_whom_nothing_is_known_lends():
    assert pairs(given(90, ANA, BO, service={"care": 0.1})) == {7: 2}


def test_a_group_is_lent_early_when_nobody_signed_in_could_ever_serve():
    assert [(one.agent, one.explanation.skipped) for one in given(0, BO).assigned] == [(2, 1)]


def test_who_has_what_was_asked_goes_before_who_is_lent():
    assert pairs(given(90, replace(ANA, used=0, idle_since=NOW), BO)) == {7: 1}


def test_what_is_for_members_only_is_lent_to_members_only():
    members = BILLING | {"member.care": 1}
    assert pairs(given(900, ANA, BO, required=members)) == {}
    assert pairs(given(900, ANA, replace(BO, skills=RETURNS | {"member.care": 1}), required=members)) == {7: 2}


def test_waiting_never_makes_up_for_a_membership():
    rules = policy(RelaxStep(0.5, {"*": 5}))
    assert pairs(given(900, BO, rules=rules, required={"member.care": 1})) == {}


def test_it_says_who_lent_the_winner():
    why = given(90, ANA, BO).assigned[0].explanation
    assert (why.lent, sentences(why.to_json(), NAMES)[-1]) == ("back-office", "Bo is lent by Back office.")
    assert why_you(why.to_json(), NAMES) == "The only one free who fits; lent by Back office"


def test_a_group_nobody_named_is_another_group():
    why = given(90, ANA, BO, rules=policy(replace(LEND, lender=""))).assigned[0].explanation
    assert sentences(why.to_json(), NAMES)[-1] == "Bo is lent by another group."


def test_it_says_when_a_group_will_be_lent():
    assert told(30, ANA, BO)[1] == "At 08:01:00 Back office lends its agents, which adds 1 agent."


def test_it_says_who_is_lent_and_busy():
    assert told(90, ANA, replace(BO, used=100))[0] == ("2 agents have Billing 3 or are lent by Back office, all busy.")


def test_it_says_why_nobody_is_lent():
    assert [
        told(90, ANA, BO, **guards)[1]
        for guards in ({"service": {"back-office": 0.7}}, {"expected_wait": {"back-office": 90}})
    ] == [
        "Back office lends nobody now: its service level is 70%, 85% is needed.",
        "Back office lends nobody now: its customers wait 1 min 30 s, 1 min at most is needed.",
    ]


POLISH = BILLING | {"lang.pl": 3}


def test_who_is_lent_speaks_the_customers_language():
    carl = agent(3, skills=RETURNS | {"lang.pl": 3})

    assert pairs(given(90, ANA, BO, required=POLISH)) == {}
    assert pairs(given(90, ANA, BO, carl, required=POLISH)) == {7: 3}


def test_who_is_lent_needs_no_more_of_a_language_than_everybody_by_then():
    less, none = (RelaxStep(1, lower={"lang.": levels}) for levels in (1, 5))
    little = agent(3, skills=RETURNS | {"lang.pl": 2})

    given_little = [given(90, ANA, little, required=POLISH, rules=policy(*steps)) for steps in ((LEND,), (less, LEND))]

    assert [pairs(outcome) for outcome in given_little] == [{}, {7: 3}]
    assert pairs(given(90, ANA, BO, required=POLISH, rules=policy(none, LEND))) == {7: 2}


def test_what_the_lender_asks_of_a_language_counts_where_it_asks_more():
    strict = replace(LEND, add=RETURNS | {"lang.pl": 4})
    agents = [agent(number, skills=RETURNS | {"lang.pl": number}) for number in (3, 4)]

    assert pairs(given(90, *agents, required=POLISH, rules=policy(strict))) == {7: 4}
