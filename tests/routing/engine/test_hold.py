"""Waiting a moment for who knows the customer, if they are there in time."""

from dataclasses import replace

from routing.engine import Names, RelaxStep, sentences, why_waiting
from routing.engine.match import decide
from tests.routing.engine.worlds import NOW, agent, pairs, policy, state, waits

HOLD = policy(hold={"chat": 20.0})
CHAT = waits(7, waited=5, last_agent=1)
ANA = agent(1, used=100, free_at=NOW + 8)
BO = agent(2, idle=900)


def decided(one, *agents, rules=HOLD):
    return decide(state([one], agents), rules, NOW)


def test_it_waits_for_its_last_agent_who_is_expected_in_time():
    outcome = decided(CHAT, ANA, BO)
    assert [(left.held_for, left.reasons, left.next_due) for left in outcome.unplaced] == [
        (1, {"full": 1, "held": 1}, NOW + 15)
    ]
    assert outcome.next_due == NOW + 15


def test_it_waits_for_its_owner_as_well():
    assert decided(waits(7, owner=1), ANA, BO).unplaced[0].held_for == 1


def test_of_two_it_waits_for_the_one_is_named_who_comes_first():
    owner = agent(3, used=100, free_at=NOW + 4)
    assert decided(replace(CHAT, owner=3), ANA, BO, owner).unplaced[0].held_for == 3


def test_who_has_room_is_asked_rather_than_anybody_better():
    outcome = decided(replace(CHAT, last_agent_days=90.0), agent(1, idle=0, used=50), BO)
    assert pairs(outcome) == {7: 1}
    why = outcome.assigned[0].explanation
    assert (why.kept, why.excluded) == (True, {"held": 1})
    assert sentences(why.to_json(), Names(agents={1: "Ana"}))[-1] == "It was kept for Ana, who knows the customer."


def test_after_the_hold_anybody_may_serve():
    assert pairs(decided(replace(CHAT, waiting_since=NOW - 20), ANA, BO)) == {7: 2}


def test_whoever_is_expected_too_late_is_not_waited_for():
    assert pairs(decided(CHAT, replace(ANA, free_at=NOW + 16), BO)) == {7: 2}


def test_whoever_may_be_back_at_any_time_is_not_waited_for():
    assert pairs(decided(CHAT, replace(ANA, free_at=None), BO)) == {7: 2}


def test_whoever_went_away_or_signed_out_is_not_waited_for():
    assert [pairs(decided(CHAT, replace(ANA, presence=presence), BO)) for presence in ("lunch", "offline")] == [
        {7: 2},
        {7: 2},
    ]


def test_whoever_declined_it_is_not_waited_for():
    for until in (NOW + 60, NOW - 1):
        assert pairs(decided(replace(CHAT, cooldown={1: until}), ANA, BO)) == {7: 2}


def test_whoever_lacks_what_was_asked_at_first_is_not_waited_for():
    rules = policy(RelaxStep(0.05, {"*": 1}), hold={"chat": 20.0})
    skilled = waits(7, last_agent=1, required={"lang.pl": 3})
    agents = [replace(ANA, skills={"lang.pl": 2}), replace(BO, skills={"lang.pl": 2})]
    assert pairs(decided(skilled, *agents, rules=rules)) == {7: 2}


def test_past_the_longest_wait_nobody_is_waited_for():
    rules = policy(hold={"chat": 900.0}, max_wait={"chat": 4.0})
    assert pairs(decided(CHAT, ANA, BO, rules=rules)) == {7: 2}


def test_nobody_is_waited_for_longer_than_ten_minutes():
    assert decided(CHAT, ANA, BO, rules=policy(hold={"chat": 9_000.0})).next_due == NOW + 595


def test_a_person_chosen_by_a_person_is_not_overridden():
    assert pairs(decided(replace(CHAT, reserved_for=2), ANA, BO)) == {7: 2}


def test_when_another_takes_the_friend_it_does_not_wait():
    """Both know Ana; the more urgent gets her, and the other is not kept for somebody who just got work."""
    calls = [waits(number, channel="voice", waited=number, last_agent=1) for number in (7, 8)]
    outcome = decide(state(calls, [agent(1), BO]), replace(policy(hold={"voice": 20.0}), batch_limit=0), NOW)
    assert pairs(outcome) == {8: 1, 7: 2}


def test_it_says_for_whom_it_waits_and_until_when():
    told = why_waiting(state([CHAT], [ANA, BO]), HOLD, NOW, 7, names=Names(agents={1: "Ana"}))
    assert told[:2] == [
        "2 agents are signed in: 1 busy, 1 free.",
        "It waits up to 20 s for Ana, who is expected at 08:00:08.",
    ]
