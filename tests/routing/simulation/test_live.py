"""What happens at a desk, in days so small that one can follow them by hand."""

import pytest

from routing.simulation import BadScenario, simulate_day
from tests.routing.simulation.worlds import agents, calls, counted, day, scenario

MAIL_COSTS = {"policy": {"preset": "balanced", "interrupts": {"voice": ["email"]}}}


def mails(**more):
    return calls(channel="email", **more) | {"name": "mails", "service": 600}


def waits(tally, kind=0):
    return [round(wait, 6) for wait in tally.waits[kind]]


def test_a_desk_rings_until_its_agent_answers():
    tally = day(calls(times=[0]), ringing={"seconds": 20, "answer": 5})

    assert counted(tally) == {
        "arrived": 1, "served": 1, "in_target": 1, "wait_served": 5.0, "wait_all": 5.0, "handled": 60.0,
        "matched": 1.0,
    }  # fmt: skip


def test_what_is_missed_rings_at_the_next_desk_after_the_whole_time():
    late = {"name": "late", "shifts": [[[10, 3_600]]]}
    tally = day(calls(times=[0]), groups=[agents(miss=1), late], ringing={"seconds": 20, "answer": 5})

    assert waits(tally) == [25.0]


def test_who_missed_it_is_not_asked_again_before_the_cooldown_is_over():
    tally = day(calls(times=[0], patience=100), groups=[agents(miss=1)], ringing={"seconds": 20, "cooldown": 60})

    assert counted(tally)["abandoned"] == 1


def test_who_gives_up_while_it_rings_frees_the_agent():
    ringing = {"seconds": 20, "answer": 15}
    tally = day(calls(times=[0, 10], patience=10), ringing=ringing)

    assert counted(tally)["abandoned"] == 2
    assert tally.times[0][1] == 0.0


def test_a_call_parks_mail_which_comes_back_and_takes_as_long_as_it_would_have():
    tally = day(mails(times=[0]), calls(times=[100]), **MAIL_COSTS)

    assert waits(tally, 1) == [0.0]
    assert counted(tally, 0)["handled"] == 660.0


def test_without_leave_to_interrupt_the_call_waits_for_the_mail():
    tally = day(mails(times=[0]), calls(times=[100]), policy="balanced")

    assert waits(tally, 1) == [500.0]


def test_a_queues_cost_says_how_many_fit():
    policies = [{"preset": "balanced", "queue_costs": {"calls": {"chat": units}}} for units in (50, 60)]
    chats = calls(channel="chat", times=[0, 0])
    days = [day(chats, policy=policy, ringing={"seconds": 20}) for policy in policies]

    assert [waits(tally) for tally in days] == [[0.0, 0.0], [0.0, 60.0]]


def test_chats_slow_each_other_down():
    chats = calls(channel="chat", times=[0, 0], cost=30)
    tally = day(chats, slowdown={"chat": [1, 1.5]})

    assert counted(tally)["handled"] == 180.0


def test_a_chat_goes_faster_once_the_other_is_over():
    chats = calls(channel="chat", times=[0, 30], cost=30)
    tally = day(chats, slowdown={"chat": [1, 2]})

    # 30 s alone, 60 s for the other half together; then the second, half done, 30 s alone
    assert counted(tally)["handled"] == 90.0 + 90.0


def test_agents_come_and_go_one_by_one():
    group = {"name": "agents", "shifts": [[[100, 200]], [[300, 400], [500, 600]]]}
    tally = day(calls(times=[0, 250, 450]), groups=[group])

    assert waits(tally) == [100.0, 50.0, 50.0]
    assert tally.times[0][0] == 300.0


def test_each_agent_has_a_pace_of_their_own():
    group = {"name": "agents", "shifts": [[[0, 100]], [[100, 400]]], "pace": [1, 2]}
    tally = day(calls(times=[0, 150]), groups=[group])

    assert counted(tally)["handled"] == 60.0 + 120.0


@pytest.mark.parametrize(("hold", "wait"), [({}, 0.0), ({"voice": 30}, 20.0), ({"voice": 10}, 0.0)])
def test_who_knows_an_agent_is_kept_for_them_within_the_hold(hold, wait):
    first, late = {"name": "first", "shifts": [[[0, 3_600]]]}, {"name": "late", "shifts": [[[30, 3_600]]]}
    kind = calls(times=[0, 40], returning={"probability": 1})
    policy = {"preset": "balanced", "default_queue": {"hold": hold}}
    knows_the_first = 4  # with this seed the second customer does

    tally = simulate_day(scenario(kind, groups=[first, late], policy=policy), seed=knows_the_first, number=0)

    assert waits(tally) == [0.0, wait]


def test_the_same_numbers_give_the_same_day():
    kind = calls(rate=0.01, patience={"kind": "exponential", "mean": 60}, returning={"probability": 0.5})
    one, two = (
        day(kind, groups=[agents(2)], ringing={"seconds": 20, "answer": 3, "miss": 0.1, "decline": 0.1}) for _ in "ab"
    )

    assert (one.counts, one.waits) == (two.counts, two.waits)


def test_ringing_cannot_be_played_with_a_limit_of_lines():
    with pytest.raises(BadScenario, match="cannot be played together"):
        scenario(calls(times=[0]), ringing={"seconds": 20}, lines=3)


def test_a_shift_that_ends_before_it_begins_is_refused():
    with pytest.raises(BadScenario, match="ends before it begins"):
        scenario(calls(times=[0]), groups=[{"name": "agents", "shifts": [[[5, 1]]]}])
