"""The simulator asks the engine only where there is something to decide; asking it always must give the same days."""

import json
from pathlib import Path

import pytest

from routing.simulation import read_policy, read_scenario
from routing.simulation.day import Day
from routing.simulation.run import Run
from tests.routing.simulation.worlds import agents, calls

SCENARIOS = Path("routing/simulation/scenarios")
TIMES = {"service": {"kind": "exponential", "mean": 200}, "patience": {"kind": "exponential", "mean": 150}}
TWO_SKILLS = {
    "name": "two skills, two channels",
    "periods": {"length": 1_800, "count": 2},
    "types": [
        calls(rate=0.02, required={"a": 1}, **TIMES),
        calls(rate=0.02, required={"b": 1}, preferred={"a": 3}, **TIMES) | {"name": "others", "priority": 2},
        calls(rate=0.03, channel="chat", **TIMES) | {"name": "chats"},
    ],
    "groups": [
        agents([3, 2], skills={"a": 3}, first=["calls"]),
        agents([1, 3], skills={"b": 2}) | {"name": "b"},
        agents(3, skills={"a": 1, "b": 1}) | {"name": "both"},
    ],
}


class AlwaysAsked(Run):
    """Tells the engine everything, whenever anything happens."""

    def _place_new(self, visit):
        self._decide_everything()

    def _place_waiting(self, seats):
        self._decide_everything()

    def _decide_everything(self):
        visits = [visit for line in self.lines for visit in line.values()]
        self._decide(visits, [seat for seat in self.floor.seats.values() if not seat.leaving])


@pytest.mark.parametrize(
    "preset",
    [
        "balanced",
        "longest_idle",
        "round_robin",
        "spare_capacity",
        "best_skill",
        "random",
        "strict_priority",
        "primary_first",
    ],
)
def test_asking_only_where_there_is_a_choice_gives_the_same_day(preset):
    scenario = read_scenario(TWO_SKILLS)
    policy = read_policy(preset, scenario.policy)
    short, long = (kind(scenario, policy, Day(scenario, 5, 0)) for kind in (Run, AlwaysAsked))

    assert short.play().counts == long.play().counts
    assert short.tally.waits == long.tally.waits
    assert short.tally.busy_by_agent == long.tally.busy_by_agent
    assert short.tally.decisions < long.tally.decisions


def test_a_whole_mixed_day_is_the_same_too():
    scenario = read_scenario(json.loads((SCENARIOS / "care_day.json").read_text()))
    short, long = (kind(scenario, scenario.policy, Day(scenario, 1, 0)) for kind in (Run, AlwaysAsked))

    assert short.play().counts == long.play().counts
