"""Erlang B and C against the tables and figures others published."""

import pytest

from routing.staffing import erlang_b, erlang_c


@pytest.mark.parametrize(
    ("servers", "load", "lost"), [(10, 4.46, 0.00999), (20, 12.03, 0.01000), (100, 84.06, 0.00999), (30, 25, 0.0526)]
)
def test_erlang_b_gives_the_figures_of_the_tables(servers, load, lost):
    assert erlang_b(servers, load) == pytest.approx(lost, abs=5e-5 if servers == 30 else 5e-6)


@pytest.mark.parametrize(
    ("servers", "load", "waits"),
    [(2, 1, 1 / 3), (12, 8.4, 0.18389), (25, 20, 0.20910), (13, 10, 0.28527), (14, 10, 0.17413)],
)
def test_erlang_c_gives_the_figures_of_the_tables(servers, load, waits):
    assert erlang_c(servers, load) == pytest.approx(waits, abs=5e-6)


def test_everybody_waits_when_more_comes_than_can_be_done():
    assert erlang_c(5, 5) == 1.0


def test_without_agents_every_call_is_lost():
    assert erlang_b(0, 3.0) == 1.0
