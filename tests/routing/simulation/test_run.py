"""Days so small that one can follow them by hand: every arrival at a given time, every service of a given length."""

import pytest

from tests.routing.simulation.worlds import agents, calls, counted, day

MINUTE = {"kind": "constant", "value": 60}


def test_who_finds_the_agent_busy_waits_for_them():
    tally = day(calls(times=[0, 30], target=20))

    assert counted(tally) == {
        "arrived": 2, "served": 2, "in_target": 1, "wait_served": 30.0, "wait_all": 30.0, "handled": 120.0,
        "matched": 2.0,
    }  # fmt: skip


def test_who_waits_longer_than_their_patience_gives_up():
    tally = day(calls(times=[0, 30], patience=10, target=20))

    assert counted(tally) == {
        "arrived": 2, "served": 1, "abandoned": 1, "in_target": 1, "gone_in_target": 1, "wait_all": 10.0,
        "handled": 60.0, "matched": 1.0,
    }  # fmt: skip


def test_wrap_up_keeps_the_agent_but_not_the_line():
    tally = day(calls(times=[0, 70], wrap_up=30), lines=1)

    assert counted(tally)["wait_served"] == 20.0


def test_who_finds_all_lines_taken_is_blocked():
    assert counted(day(calls(times=[0, 30]), lines=1))["blocked"] == 1


@pytest.mark.parametrize("where", ["scenario", "type"])
def test_a_limit_of_the_queue_blocks_who_would_wait_beyond_it(where):
    limit = {"queue_limit": 1}
    tally = day(
        calls(times=[0, 10, 20], **(limit if where == "type" else {})), **(limit if where == "scenario" else {})
    )

    assert (counted(tally)["served"], counted(tally)["blocked"]) == (2, 1)


def test_a_limit_of_no_queue_blocks_nobody_who_is_served_at_once():
    tally = day(calls(times=[0, 60, 61]), queue_limit=0)

    assert (counted(tally)["served"], counted(tally)["blocked"]) == (2, 1)


def test_who_gave_up_comes_again_and_each_try_counts():
    retrial = {"probability": 0.999999, "delay": 100, "patience": "same"}
    tally = day(calls(times=[0, 1], patience=10, retrial=retrial))

    assert counted(tally) == {
        "arrived": 3, "served": 2, "abandoned": 1, "in_target": 2, "gone_in_target": 1, "retried": 1, "wait_all": 10.0,
        "handled": 120.0,
        "matched": 2.0,
    }  # fmt: skip


def test_queue_time_adds_up_where_all_tries_are_one():
    retrial = {"probability": 0.999999, "delay": 25, "patience": "same", "queue_time": "accumulated", "counted": "once"}
    tally = day(calls(times=[0, 1], patience=30, retrial=retrial, target=20))

    assert counted(tally) == {
        "arrived": 2, "served": 2, "in_target": 1, "retried": 1, "wait_served": 34.0, "wait_all": 34.0,
        "handled": 120.0,
        "matched": 2.0,
    }  # fmt: skip


def test_what_is_left_of_patience_is_all_there_is_at_the_next_try():
    retrial = {"probability": 0.999999, "delay": 5, "patience": "left", "most": 1}

    assert counted(day(calls(times=[0, 1], patience=30, retrial=retrial)))["wait_all"] == 30.0


def test_one_comes_again_no_more_often_than_said():
    retrial = {"probability": 1, "delay": 1, "patience": "same", "most": 3}
    tally = day(calls(times=[0, 1], patience=2, retrial=retrial))

    assert (counted(tally)["retried"], counted(tally)["abandoned"]) == (3, 4)


def test_who_was_blocked_may_come_again_too():
    retrial = {"blocked_probability": 0.999999, "delay": 60}

    assert counted(day(calls(times=[0, 1], retrial=retrial), lines=1))["served"] == 2


def test_an_agent_over_the_number_finishes_the_call_and_leaves():
    tally = day(calls(times=[90, 95]), groups=[agents([2, 1])], length=100, count=2)

    assert counted(tally)["served"] == 2
    assert [round(seconds) for seconds in tally.times[0]] == [350, 120, 120, 350, 120]


def test_an_agent_who_is_wanted_again_before_they_leave_stays():
    tally = day(calls(times=[90], service=200), groups=[agents([1, 0, 1])], length=100, count=3)

    assert round(tally.times[0][0]) == 300


def test_agents_who_come_take_who_waits():
    tally = day(calls(times=[0]), groups=[agents([0, 1])], length=100, count=2)

    assert counted(tally)["wait_served"] == 100.0


def test_nobody_is_left_waiting_for_agents_who_never_come_but_in_the_count():
    assert counted(day(calls(times=[0]), groups=[agents(0)])) == {"arrived": 1, "left": 1}


def test_a_day_that_stops_leaves_its_queue():
    assert counted(day(calls(times=[0, 10]), length=50, after="stop"))["left"] == 1


def test_who_comes_before_the_end_of_warm_up_is_not_counted():
    tally = day(calls(times=[0, 200]), warm_up=100)

    assert counted(tally)["arrived"] == 1
    assert tally.times[0] == [3_500.0, 60.0, 60.0, 3_500.0, 60.0]


def test_figures_stand_in_the_period_of_arrival():
    tally = day(calls(times=[90, 95]), length=100, count=2)

    assert [counted(tally, period=period).get("served") for period in (0, 1)] == [2, None]


def test_an_agent_holds_as_many_chats_as_the_budget_allows():
    tally = day(calls(times=[0, 1, 2, 3], channel="chat", service=50))

    assert counted(tally)["wait_served"] == 47.0


def test_a_group_that_works_slower_takes_longer():
    assert counted(day(calls(times=[0]), groups=[agents(pace=1.5)]))["handled"] == 90.0


def test_each_group_has_its_own_service_time():
    service = {"by_group": {"agents": MINUTE}, "default": {"kind": "constant", "value": 5}}

    assert counted(day(calls(times=[0], service=service)))["handled"] == 60.0


def test_those_who_know_the_type_best_are_asked_first():
    groups = [agents(), {"name": "others", "agents": 1}]
    tally = day(calls(times=[0], groups=["others", "agents"]), groups=groups, policy="preference")

    assert tally.served_by_agent == {2: 1}


def test_an_agent_takes_their_own_types_first_however_long_others_wait():
    others = calls(name="others", times=[0, 10])
    tally = day(
        calls(times=[30]), {**others, "name": "others"}, groups=[agents(first=["calls"])], policy="primary_first"
    )

    assert [counted(tally, kind)["wait_served"] for kind in (0, 1)] == [30.0, 110.0]


def test_those_who_take_a_type_first_are_asked_for_it_first():
    groups = [agents(), {"name": "primary", "agents": 1, "first": ["calls"]}]

    assert day(calls(times=[5]), groups=groups, policy="primary_first").served_by_agent == {2: 1}


def test_a_higher_priority_goes_first_under_strict_priority():
    gold = calls(name="gold", times=[0, 20], priority=2)
    tally = day(calls(times=[10]), {**gold, "name": "gold"}, policy="strict_priority")

    assert [counted(tally, kind)["wait_served"] for kind in (0, 1)] == [110.0, 40.0]


def test_a_step_that_asks_for_less_is_taken_when_it_is_due():
    steps = [{"after": 2.0, "lower": {"es": 5}}]
    groups = [agents(skills={}), {"name": "signed in", "agents": 1, "skills": {"es": 1}, "channels": ["chat"]}]
    policy = {"preset": "balanced", "queues": {"calls": {"targets": {"voice": 20}, "relax": steps}}}
    tally = day(calls(times=[5], required={"es": 1}), groups=groups, policy=policy)

    assert counted(tally)["wait_served"] == 40.0


def test_times_may_differ_by_the_period_of_arrival():
    tally = day(calls(times=[0, 100], service={"by_period": [5, 7]}), length=100, count=2)

    assert [counted(tally, period=period)["handled"] for period in (0, 1)] == [5.0, 7.0]


def test_who_waits_is_sent_away_when_the_last_agent_leaves():
    tally = day(calls(times=[90, 95], service=20), groups=[agents([1, 0])], length=100, count=2, clear_queue=True)

    assert (counted(tally)["served"], counted(tally)["left"]) == (1, 1)


def test_queue_time_may_add_up_though_each_try_counts():
    retrial = {"probability": 0.999999, "delay": 25, "patience": "same", "queue_time": "accumulated"}
    tally = day(calls(times=[0, 1], patience=30, retrial=retrial, target=20))

    assert (counted(tally)["arrived"], counted(tally)["abandoned"], counted(tally)["wait_served"]) == (3, 1, 34.0)


def test_time_beyond_the_last_period_is_told_apart():
    tally = day(calls(times=[50]), length=100)

    assert tally.times[0] == [100.0, 50.0, 50.0, 110.0, 60.0]
