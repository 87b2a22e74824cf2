"""One line before n agents against Garnett, Mandelbaum & Reiman (2002) and against Erlang."""

from math import exp

import numpy as np
import pytest

from routing.staffing import Line, NotALine, Unstable, erlang_b, erlang_c, performance

GARNETT = Line(rate=48 / 60, service_time=60.0, agents=50)
IMPATIENT = Line(rate=48 / 60, service_time=60.0, agents=50, patience=120.0)


def test_without_patience_the_published_table_comes_out():
    done = performance(GARNETT)

    assert done.mean_wait == pytest.approx(20.83, abs=0.005)
    assert done.wait_quantile(0.9) == pytest.approx(58.14, abs=0.005)
    assert done.queue == pytest.approx(16.67, abs=0.005)
    assert done.occupancy == pytest.approx(0.96, abs=1e-9)


def test_with_patience_the_published_table_comes_out():
    done = performance(IMPATIENT)

    assert done.abandoned == pytest.approx(0.0309, abs=5e-5)
    assert done.mean_wait == pytest.approx(3.71, abs=0.005)
    assert done.waits_longer(12.5) == pytest.approx(0.0991, abs=5e-5)
    assert done.queue == pytest.approx(2.97, abs=0.005)
    assert done.occupancy == pytest.approx(0.9303, abs=5e-5)


@pytest.mark.parametrize(("agents", "level"), [(10, 0.768), (11, 0.881)])
def test_service_level_without_patience_is_erlangs(agents, level):
    assert performance(Line(25 / 600, 180.0, agents)).service_level(20.0) == pytest.approx(level, abs=5e-4)


def test_a_third_partys_service_level_lies_where_they_say():
    assert 0.9042 < performance(Line(35 / 900, 752.0, 37)).service_level(20.0) < 0.9043


def test_without_places_to_wait_it_is_erlang_b():
    assert performance(Line(25.0, 1.0, 30, places=0)).blocked == pytest.approx(erlang_b(30, 25.0), rel=1e-12)


def test_without_patience_or_limit_it_is_erlang_c():
    assert performance(Line(20.0, 1.0, 25)).waits == pytest.approx(erlang_c(25, 20.0), rel=1e-12)


def test_all_skills_and_one_line_is_wallace_and_whitts_upper_end():
    done = performance(Line(6 * 1.4 / 60, 600.0, 90, places=30))

    assert done.blocked == pytest.approx(0.00364, abs=5e-6)
    assert done.mean_wait / 60 == pytest.approx(0.4500, abs=5e-5)


def test_very_much_patience_comes_to_none():
    patient = performance(Line(0.8, 60.0, 50, patience=1e9))

    assert patient.mean_wait == pytest.approx(performance(GARNETT).mean_wait, rel=1e-4)


@pytest.mark.parametrize("line", [IMPATIENT, Line(1.0, 60.0, 55, patience=30.0, places=20), GARNETT])
def test_all_that_comes_is_served_or_gives_up_or_is_turned_away(line):
    done = performance(line)
    in_the_end = done.answered_within(1e7)

    assert in_the_end == pytest.approx(done.served, abs=1e-9)
    assert done.service_level(1e7, of="stayed") == pytest.approx(1.0, abs=1e-9)


def test_mean_wait_is_the_area_under_the_waits():
    done = performance(IMPATIENT)
    seconds = np.linspace(0, 400, 4_001)
    left = [done.waits_longer(each) for each in seconds]

    assert np.trapezoid(left, seconds) == pytest.approx(done.mean_wait, rel=1e-4)


def test_a_single_agent_without_patience_waits_as_the_textbook_says():
    done = performance(Line(0.5, 1.0, 1))

    assert done.speed_of_answer == pytest.approx(1.0)
    assert done.waits_longer(2.0) == pytest.approx(0.5 * exp(-0.5 * 2.0))


def test_a_line_that_grows_for_ever_is_refused_in_words():
    with pytest.raises(Unstable, match=r"1\.20 times as much work comes as can be done"):
        performance(Line(12.0, 1.0, 10))


@pytest.mark.parametrize(
    "line", [Line(0.0, 1.0, 1), Line(1.0, 1.0, 0), Line(1.0, 1.0, 1, patience=-1.0), Line(1.0, 1.0, 1, places=-1)]
)
def test_a_line_that_cannot_be_is_refused(line):
    with pytest.raises(NotALine):
        performance(line)
