"""`manage.py simulate`: what people type, and what they are told."""

import json
import re
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from routing.simulation.command import MARKS, put_between_marks
from routing.simulation.oracles import SCENARIOS
from routing.simulation.reading import BadScenario, read_file, read_scenario
from routing.simulation.tally import COUNTS

QUICK = {"replications": 2, "workers": 1}


def simulated(*words, **options):
    out = StringIO()
    call_command("simulate", *words, stdout=out, **{**QUICK, **options})
    return out.getvalue()


def test_the_table_has_a_row_for_each_type_and_each_group():
    firsts = [line.split("  ")[0] for line in simulated("care_day").splitlines()[1:]]

    assert firsts == [
        "type",
        "calls",
        "Spanish calls",
        "chats",
        "mail",
        "all",
        "",
        "group",
        "early",
        "late",
        "bilingual",
    ]


def test_json_tells_types_periods_and_groups_with_intervals():
    told = json.loads(simulated("care_day", json=True))
    calls = told["types"]["calls"]

    assert list(told["groups"]) == ["early", "late", "bilingual"]
    assert (len(told["periods"]), told["replications"], told["seed"]) == (20, 2, 1)
    assert sorted(calls["service_level"]) == ["daily", "high", "low", "mean"]
    assert calls["arrived"]["mean"] == pytest.approx(
        sum(at["types"]["calls"]["arrived"]["mean"] for at in told["periods"])
    )


def test_a_policy_and_a_seed_can_be_chosen():
    one, other = (
        json.loads(simulated("care_day", json=True, seed=7, policy=policy)) for policy in ("random", "best_skill")
    )

    assert one["types"]["calls"]["arrived"] == other["types"]["calls"]["arrived"]
    assert one["types"]["calls"]["wait_p95"] != other["types"]["calls"]["wait_p95"]


def test_a_policy_can_be_a_file(tmp_path):
    (tmp_path / "draft.json").write_text('{"preset": "balanced", "weights": {"match": 0.0}}')

    assert json.loads(simulated("care_day", json=True, policy=str(tmp_path / "draft.json")))["replications"] == 2


def test_two_policies_are_compared_on_the_same_days():
    told = simulated("care_day", policy="balanced", against="random").splitlines()
    first = told.index("The first less the second:")

    assert [line.split("  ")[0] for line in told[first + 1 :]] == [
        "type", "calls", "Spanish calls", "chats", "mail", "all", "", told[-1],
    ]  # fmt: skip
    assert told[-1].startswith("Gini of busy time ")


def test_every_period_is_shown_on_request():
    assert simulated("care_day", periods=True).count(", period 20") == 4


@pytest.mark.parametrize(
    ("words", "options", "said"),
    [
        ([], {}, "Name a scenario file"),
        (["nowhere.json"], {}, "nowhere.json cannot be read"),
        (["care_day"], {"policy": "best"}, "There is no preset 'best'"),
        (["care_day"], {"policy": "nowhere.json"}, "nowhere.json cannot be read"),
        (["care_day"], {"replications": 0}, "--replications must be at least 1"),
    ],
)
def test_what_cannot_be_simulated_is_refused_in_words(words, options, said):
    with pytest.raises(CommandError, match=said):
        simulated(*words, **options)


def test_what_is_counted_adds_up_in_json_as_in_the_day():
    scenario = read_file(SCENARIOS / "mmc.json")
    told = json.loads(simulated("mmc", json=True))["types"][scenario.kinds[0].name]

    assert told["served"] == told["arrived"]
    assert set(COUNTS) - set(told) == {"wait_served", "wait_all", "handled", "matched"}


def test_a_recorded_day_can_be_played_again(tmp_path):
    (tmp_path / "log.csv").write_text("arrived,wait,service\n2026-03-02T09:00:00,5,60\n2026-03-02T09:01:00,0,80\n")
    (tmp_path / "scenario.json").write_text(simulated(from_csv=str(tmp_path / "log.csv")))

    assert simulated(str(tmp_path / "scenario.json")).startswith("log: 2 days")


def test_a_log_that_cannot_be_read_is_refused_in_words(tmp_path):
    (tmp_path / "log.txt").write_text("AA0101 33116 9664491")

    with pytest.raises(CommandError, match="Line 1 has 3 fields"):
        simulated(from_bank=str(tmp_path / "log.txt"))


def test_a_chosen_oracle_is_told_as_a_row_of_markdown():
    told = simulated(oracles=True, only="graph_n", share=0.02).splitlines()

    assert [line.split(" | ")[0:2] for line in told[2:6]] == [["| graph_n", "2"]] * 4
    assert told[-1].endswith("of 4 figures are met.")


def test_an_oracle_nobody_knows_is_refused():
    with pytest.raises(CommandError, match="No figures are known for 'delphi'"):
        simulated(oracles=True, only="delphi")


def test_the_table_of_oracles_takes_the_place_of_the_one_before(tmp_path):
    page = tmp_path / "page.md"
    page.write_text(f"before {MARKS[0]} old {MARKS[1]} after")
    put_between_marks("new", page)

    assert page.read_text() == f"before {MARKS[0]}\n\nnew\n\n{MARKS[1]} after"


def test_a_page_without_marks_is_left_as_it_is(tmp_path):
    (tmp_path / "page.md").write_text("text")

    with pytest.raises(BadScenario, match="has no marks"):
        put_between_marks("new", tmp_path / "page.md")
    assert (tmp_path / "page.md").read_text() == "text"


def test_the_example_in_the_documentation_can_be_read():
    page = Path("docs/simulation.md").read_text()
    example = json.loads(re.search(r"```json\n(.*?)```", page, re.DOTALL)[1])

    assert [kind.name for kind in read_scenario(example).kinds] == ["English", "Spanish"]
