"""Work that is not one call at a time: chats at once, mail by a deadline, weeks to come."""

from datetime import UTC, datetime, timedelta

import pytest

from routing.staffing import (
    ChatPace,
    Goal,
    Line,
    agents_for_deadline,
    agents_needed,
    backlog,
    chat_line,
    performance,
    weekly_forecast,
)

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)


def test_chats_that_do_not_slow_each_other_are_as_many_agents():
    chats = performance(chat_line(Line(0.05, 300.0, 0, patience=120.0), 6, ChatPace((1.0, 1.0, 1.0))))

    assert chats.mean_wait == pytest.approx(performance(Line(0.05, 300.0, 18, patience=120.0)).mean_wait)


def test_chats_that_slow_each_other_fully_gain_nothing_in_throughput():
    assert ChatPace((1.0, 2.0, 3.0)).effective_servers() == pytest.approx(1.0)


def test_three_at_once_take_fewer_agents_than_one():
    line, goal = Line(0.05, 300.0, 0), Goal(60.0, 0.8)
    three = agents_needed(line, goal, shape=lambda each, agents: chat_line(each, agents, ChatPace((1.0, 1.15, 1.35))))

    assert (agents_needed(line, goal), three) == (18, 8)


def test_a_steady_stream_of_mail_takes_its_workload():
    assert agents_for_deadline([3_600.0] * 10, 0) == 2


def test_a_later_deadline_smooths_the_morning():
    morning = [18_000.0, 0.0, 0.0, 0.0, 0.0]

    assert [agents_for_deadline(morning, deadline) for deadline in (0, 1, 4)] == [10, 5, 2]


def test_night_hours_do_no_mail():
    assert agents_for_deadline([1_800.0] * 4, 1, open_share=[0.0, 0.5, 1.0, 1.0]) == 2


def test_mail_that_comes_when_nobody_can_do_it_is_refused():
    with pytest.raises(ValueError, match="no time before its deadline"):
        agents_for_deadline([100.0, 0.0], 0, open_share=[0.0, 1.0])


def test_agents_for_the_deadline_leave_nothing_late_and_one_less_does():
    work = [9_000.0, 1_000.0, 7_000.0, 4_000.0, 0.0, 0.0]
    agents = agents_for_deadline(work, 2)

    assert backlog(work, [agents * 1_800.0] * 6, 2).late == 0.0
    assert backlog(work, [(agents - 1) * 1_800.0] * 6, 2).late > 0.0


def test_the_pile_is_what_came_less_what_could_be_done():
    assert backlog([100.0, 0.0, 50.0], [60.0, 60.0, 20.0], 1).left == (40.0, 0.0, 30.0)


def test_next_week_is_like_equal_weeks_before():
    at = MONDAY - timedelta(days=7) + timedelta(hours=9, minutes=10)
    forecast = weekly_forecast([at, at - timedelta(weeks=1)], MONDAY, weeks=2)

    assert [slot for slot, count in enumerate(forecast.expected) if count] == [18]
    assert forecast.expected[18] == pytest.approx(1.0)


def test_recent_weeks_count_more():
    recent = MONDAY - timedelta(days=7)
    forecast = weekly_forecast([recent] * 3, MONDAY, weeks=2, half_life=1.0)

    assert forecast.expected[0] == pytest.approx(2.0)


def test_weeks_that_differ_more_than_chance_show_a_busyness():
    slots = [timedelta(minutes=30 * slot) for slot in range(336)]
    weeks = [MONDAY - timedelta(weeks=week) for week in (1, 2, 3, 4)]
    arrivals = [week + slot for week, count in zip(weeks, (20, 60, 20, 60), strict=True) for slot in slots * count]
    forecast = weekly_forecast(arrivals, MONDAY, weeks=4, half_life=1e9)

    assert forecast.busyness_shape() == pytest.approx(40**2 / (1_600 / 3 - 40), rel=1e-3)
