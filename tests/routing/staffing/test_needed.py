"""How many agents: against calculators others publish."""

import pytest

from routing.staffing import Goal, Line, OutOfReach, agents_needed, over_days, performance, plan, with_redials

GARNETT = Line(rate=48 / 60, service_time=60.0, agents=50, patience=120.0)


@pytest.mark.parametrize(
    ("line", "goal", "agents"),
    [(Line(25 / 900, 752.0, 1), Goal(20.0, 0.9), 28), (Line(25 / 600, 180.0, 1), Goal(20.0, 0.8), 11)],
)
def test_the_agents_needed_are_those_of_other_calculators(line, goal, agents):
    assert agents_needed(line, goal) == agents


def test_one_agent_less_would_break_the_promise():
    agents = agents_needed(GARNETT, Goal(20.0, 0.8, max_abandoned=0.02))

    assert performance(Line(0.8, 60.0, agents, patience=120.0)).abandoned <= 0.02
    assert performance(Line(0.8, 60.0, agents - 1, patience=120.0)).abandoned > 0.02


def test_a_cap_on_occupancy_asks_for_more():
    assert agents_needed(Line(10.0, 1.0, 1), Goal(20.0, 0.8, max_occupancy=0.5)) == 20


def test_a_promise_nobody_can_keep_is_refused():
    with pytest.raises(OutOfReach, match="No number of agents"):
        agents_needed(Line(1.0, 60.0, 1, patience=30.0), Goal(share=1.1))


def test_people_who_are_not_there_are_scheduled_too():
    needed = plan([Line(25 / 600, 180.0, 1), None], Goal(20.0, 0.8), shrinkage=0.3)

    assert [(each.agents, each.scheduled) for each in needed] == [(11, 16), (0, 0)]


def test_redials_raise_the_rate_to_the_fixed_point():
    line = with_redials(GARNETT, 0.5)
    done = performance(line)

    assert line.rate * 60 == pytest.approx(48.92, abs=0.005)
    assert done.abandoned == pytest.approx(0.0377, abs=5e-5)
    assert done.mean_wait == pytest.approx(4.52, abs=0.005)


def test_nobody_calls_again_where_nobody_gives_up():
    line = Line(0.8, 60.0, 50)

    assert with_redials(line, 0.5) == line


def test_days_that_hardly_differ_are_like_the_mean_day():
    level = over_days(GARNETT, 1e5, lambda done: done.service_level(20.0))

    assert level == pytest.approx(performance(GARNETT).service_level(20.0), abs=1e-3)


def test_days_that_differ_serve_fewer_in_time():
    level = over_days(GARNETT, 50.0, lambda done: done.service_level(20.0))

    assert level < performance(GARNETT).service_level(20.0) - 0.05
