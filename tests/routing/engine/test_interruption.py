"""A call may interrupt mail: what is parked, who is spared, and what is said about it."""

from dataclasses import replace

from routing.engine import Names, sentences, why_waiting, why_you
from routing.engine.match import decide
from tests.routing.engine.worlds import NOW, agent, pairs, policy, state, waits

CALL = waits(7, channel="voice")
MAILS = {"held": {"email": 20}, "live": {"email": 2}}
CHAT_TOO = {"voice": ("email", "chat")}


def given(one, *agents, rules=None):
    return decide(state([one], agents), rules or policy(), NOW).assigned


def test_a_call_is_given_to_an_agent_who_is_at_their_mail():
    assert [(one.agent, one.cost, one.parks) for one in given(CALL, agent(1, used=20, **MAILS))] == [(1, 100, 20)]


def test_only_as_much_is_parked_as_is_lacking():
    assert [one.parks for one in given(CALL, agent(1, budget=110, used=20, **MAILS))] == [10]


def test_work_that_may_not_be_interrupted_is_not():
    chatting = agent(1, used=50, held={"email": 20, "chat": 30})
    assert given(CALL, chatting) == ()
    assert [one.parks for one in given(CALL, chatting, rules=replace(policy(), interrupts=CHAT_TOO))] == [50]


def test_wrap_up_and_what_rings_are_not_interrupted():
    assert given(CALL, agent(1, used=40, **MAILS)) == ()


def test_a_chat_does_not_interrupt_mail():
    assert given(waits(7), agent(1, used=80, held={"email": 80})) == ()


def test_of_two_alike_the_one_without_mail_is_asked():
    outcome = given(CALL, agent(1, used=20, **MAILS), agent(2, used=20, budget=120))
    assert [(one.agent, one.parks) for one in outcome] == [(2, 0)]


def test_a_mail_may_go_to_the_last_agent_who_is_free_for_calls():
    """A call would interrupt it, so nothing need be kept free for one."""
    voice, mailer = agent(1), agent(2, channels={"email"}, idle=30.0)
    assert pairs(decide(state([waits(7, channel="email")], [voice, mailer]), policy(), NOW)) == {7: 1}


def test_two_calls_and_two_at_their_mail_are_paired():
    agents = [agent(number, used=20, **MAILS) for number in (1, 2)]
    outcome = decide(state([CALL, waits(8, channel="voice")], agents), policy(), NOW)
    assert [(one.agent, one.parks) for one in outcome.assigned] == [(1, 20), (2, 20)]


def test_what_was_parked_is_told():
    why = given(CALL, agent(1, used=20, **MAILS))[0].explanation
    assert why.parks == {"email": 2}
    assert sentences(why.to_json(), Names(agents={1: "Ana"}))[-1] == (
        "To make room 2 mails of Ana's are parked until there is room again."
    )


def test_the_agent_is_told_that_work_is_parked():
    why = given(CALL, agent(1, used=10, held={"email": 10}, live={"email": 1}))[0].explanation
    assert why_you(why.to_json()) == "The only one free who fits; 1 mail of yours is parked meanwhile"


def test_an_agent_at_their_mail_is_free_for_a_call():
    calls = [CALL, waits(8, channel="voice", reserved_for=1)]
    told = why_waiting(state(calls, [agent(1, used=20, **MAILS)]), policy(), NOW, 8)
    assert told[0] == "It is for agent 1 only, who is free."
