"""Searching the staff where skills overlap."""

import pytest

from routing.simulation.search import NobodyServes, search
from tests.routing.simulation.worlds import agents, calls, scenario

TIMES = {"service": {"kind": "exponential", "mean": 240}, "patience": {"kind": "exponential", "mean": 180}}


def two_languages(english, both):
    return scenario(
        calls(volume=[10, 20], required={"en": 1}, **TIMES) | {"name": "en"},
        calls(volume=[4, 4], required={"es": 1}, **TIMES) | {"name": "es"},
        groups=[
            agents(english, skills={"en": 1}) | {"name": "english"},
            agents(both, skills={"en": 1, "es": 1}) | {"name": "both"},
        ],
        length=1_800,
        count=2,
    )


def test_agents_are_added_until_every_type_keeps_its_share():
    found = search(two_languages(1, 1), {"en": 0.8, "es": 0.8}, replications=6, workers=1)

    assert found.is_enough
    assert min(found.report.share("service_level", kind).mean for kind in ("en", "es")) >= 0.8


def test_agents_who_are_not_needed_are_taken_away():
    found = search(two_languages(9, 9), {"en": 0.8, "es": 0.8}, replications=4, workers=1)

    assert sum(map(sum, found.staff.values())) < 36
    assert found.is_enough


def test_the_search_begins_at_the_bound_it_is_given():
    tried = []
    search(two_languages(2, 2), {"en": 0.1}, start=[4, 6], replications=2, workers=1, on_progress=tried.append)

    assert tried[0] == 10


def test_a_type_that_nobody_can_serve_is_refused():
    nobody = scenario(calls(rate=0.01, required={"fi": 1}, **TIMES), groups=[agents(2)])

    with pytest.raises(NobodyServes, match="No group can serve 'calls'"):
        search(nobody, {"calls": 0.8}, replications=2, workers=1)
