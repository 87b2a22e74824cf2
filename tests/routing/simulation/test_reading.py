"""Scenario files: what they may say, and what is said about those that are wrong."""

import json

import jsonschema
import pytest

from routing.simulation import BadScenario, read_file, read_policy, read_scenario
from routing.simulation.oracles import SCENARIOS
from routing.simulation.reading import SCHEMA
from tests.routing.simulation.worlds import agents, calls, scenario

GOOD = {"name": "good", "periods": {"length": 60}, "types": [calls(rate=1)], "groups": [agents()]}
NEVER = {"probability": 1, "delay": 1}


@pytest.mark.parametrize("path", sorted(SCENARIOS.glob("*.json")), ids=lambda path: path.stem)
def test_every_scenario_that_comes_with_the_product_fits_the_schema(path):
    jsonschema.validate(json.loads(path.read_text()), json.loads(SCHEMA.read_text()))

    assert read_file(path).name == json.loads(path.read_text())["name"]


def test_rates_and_times_are_in_the_files_own_unit():
    read = scenario(
        calls(rate=[6, 12], service={"kind": "exponential", "mean": 2}, target=0.5),
        time_unit="minute",
        length=30,
        count=2,
    )

    assert read.kinds[0].rates == (0.1, 0.2)
    assert read.kinds[0].service[""].mean() == 120.0
    assert (read.kinds[0].target, read.period) == (30.0, 1_800.0)


def test_a_volume_is_what_comes_in_a_period():
    assert scenario(calls(volume=90), time_unit="minute", length=30).kinds[0].rates == (0.05,)


def test_twenty_seconds_are_the_target_in_any_unit():
    assert scenario(calls(rate=1), time_unit="hour", length=1).kinds[0].target == pytest.approx(20.0)


def test_groups_in_order_of_preference_become_levels():
    read = scenario(calls(rate=1, groups=["b", ["a", "c"]]), groups=[agents() | {"name": name} for name in "abcd"])

    assert [group.skills for group in read.groups] == [
        {"serves:calls": 1},
        {"serves:calls": 2},
        {"serves:calls": 1},
        {},
    ]
    assert read.kinds[0].required == {"serves:calls": 1}


def test_the_types_targets_are_what_the_queues_promise():
    read = scenario(calls(rate=1, target=7), calls(rate=1, target=8, channel="chat", queue="calls") | {"name": "chats"})

    assert read.policy.queue("calls").targets == {"voice": 7, "chat": 8}


@pytest.mark.parametrize(
    ("name", "strategy", "line"),
    [
        ("fifo_longest_idle", "idle", "fifo"),
        ("fifo_random", "chance", "fifo"),
        ("uniform", "chance", "fifo"),
        ("preference", "skill", "fifo"),
        ("priority", "idle", "priority"),
        ({"preset": "preference", "line": "priority"}, "skill", "priority"),
    ],
)
def test_policies_are_presets_or_made_from_one(name, strategy, line):
    policy = read_policy(name)

    assert (policy.strategy, policy.line) == (strategy, line)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"periods": {"length": 60, "lenght": 3}}, "Periods cannot have 'lenght'"),
        ({"agents": 3}, "The scenario cannot have 'agents'"),
        ({"types": [calls(rate=1, skils={})]}, "A type cannot have 'skils'"),
        ({"types": [calls(rate=[1, 2])]}, "need one number, or one for each of the 1 periods; there are 2"),
        ({"types": [calls(rate=-1)]}, "cannot be below nought"),
        ({"types": [calls()]}, "Nothing says how 'calls' arrive"),
        ({"types": [calls(rate=1, groups=["nobody"])]}, "names the group 'nobody', which there is not"),
        ({"types": [calls(rate=1, service={"by_group": {}})]}, "may serve 'calls', but nothing says how long"),
        ({"types": [calls(rate=1, retrial=NEVER)]}, "would come again for ever"),
        ({"types": [calls(rate=1), calls(rate=1)]}, "the same name"),
        ({"policy": "best"}, "There is no preset 'best'"),
        ({"policy": {"strategi": "idle"}}, "The policy cannot be read"),
        ({"types": [calls(rate=1, patience={"by_period": [1, 2]})]}, "by period need one for each of the 1 periods"),
        ({"types": [calls(between=0)]}, "would all come at once"),
        ({"groups": [agents(2.5)]}, "cannot be part of an agent"),
        ({"types": [calls(rate={"often": 1})]}, "Something stands where something else belongs"),
        ({"types": ["calls"]}, "Something stands where something else belongs"),
        ({"groups": [agents(first=["mail"])]}, "takes 'mail' first, which is no type"),
        ({"time_unit": "day"}, "There is no unit of time 'day'"),
        ({"busyness": {"kind": "normal"}}, "There is no distribution 'normal'"),
    ],
)
def test_a_wrong_scenario_is_refused_in_words(change, words):
    with pytest.raises(BadScenario, match=words):
        read_scenario({**GOOD, **change})


def test_a_scenario_that_lacks_something_is_told_what():
    with pytest.raises(BadScenario, match="The scenario lacks 'groups'"):
        read_scenario({key: value for key, value in GOOD.items() if key != "groups"})


def test_a_file_that_is_no_json_is_refused_by_name(tmp_path):
    (tmp_path / "odd.json").write_text("{")

    with pytest.raises(BadScenario, match=r"odd\.json cannot be read as JSON"):
        read_file(tmp_path / "odd.json")
