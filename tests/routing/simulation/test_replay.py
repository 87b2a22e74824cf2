"""Replay in small: a morning drawn by hand-made habits, played by the real engine, and replayed from its record."""

from dataclasses import replace

import pytest

from routing.engine import Names, Policy, preset
from routing.simulation import read_scenario
from routing.simulation.day import Day
from routing.simulation.drawn import draw, run_drawn
from routing.simulation.figures import figures
from routing.simulation.live import Plan
from routing.simulation.record import Arrival, Offering, Passage, Record, Stay, Worker
from routing.simulation.replay import NothingRecorded, replay
from routing.simulation.retold import as_report, retold
from tests.routing.simulation.worlds import calls

MORNING = {
    "name": "a morning of two skills",
    "periods": {"length": 7_200},
    "ringing": {"seconds": 20, "answer": {"kind": "gamma", "shape": 4, "mean": 4}, "miss": 0.03},
    "types": [
        calls(rate=0.022, required={"a": 2}, service={"kind": "gamma", "shape": 2, "mean": 150}, queue="a")
        | {"patience": {"kind": "exponential", "mean": 120}},
        calls(rate=0.022, required={"b": 2}, service={"kind": "gamma", "shape": 2, "mean": 200}, queue="b")
        | {"name": "others", "patience": {"kind": "exponential", "mean": 120}},
    ],
    "groups": [
        {"name": "a", "agents": 4, "skills": {"a": 4}},
        {"name": "b", "agents": 4, "skills": {"b": 4}},
        {"name": "both", "agents": 3, "skills": {"a": 3, "b": 3}},
    ],
    "policy": "balanced",
}
LIVE = Plan(Policy(version=4, interrupts={}), Offering({"voice": 20.0}))


@pytest.fixture(scope="module")
def recorded():
    """What a recording of that morning would hold."""
    scenario = read_scenario(MORNING)
    day = Day(scenario, seed=3, number=0)
    drawn = draw(scenario, day)
    run = run_drawn(scenario, LIVE.policy, day, drawn)
    workers = tuple(replace(worker, stays=(Stay(0.0, 7_200.0),)) for worker in drawn.record.workers)
    return replace(drawn.record, workers=workers, passages=run.passages, rings=tuple(run.rings))


def played(record, draft=None, replications=4):
    return replay(record, LIVE, draft, replications=replications, workers=1)


def named(name):
    return Plan(preset(name)(LIVE.policy), LIVE.offering, "draft")


def test_the_live_policy_comes_out_as_it_went(recorded):
    assert played(recorded, replications=8).is_trusted


def test_with_half_the_agents_hidden_nothing_is_promised(recorded):
    hidden = replace(recorded, workers=recorded.workers[::2])
    outcome = played(hidden, named("random"))

    assert (outcome.is_trusted, outcome.draft, outcome.changes) == (False, (), ())


def test_a_draft_that_is_the_live_policy_changes_nothing(recorded):
    outcome = played(recorded, replace(LIVE, name="draft"))

    assert (outcome.moved, outcome.changes, outcome.difference("service_level").mean) == (0.0, (), 0.0)


def test_another_policy_moves_contacts_and_says_of_each_why(recorded):
    told = retold(played(recorded, named("random")), Names(agents={1: "Ana"}), sample=3)
    change = told["changes"][0]

    assert len(told["changes"]) == 3
    assert change["live"]["agent"] != change["draft"]["agent"]
    assert change["live"]["sentences"][0].startswith("It had waited")


def test_the_difference_is_taken_replication_by_replication(recorded):
    outcome = played(recorded, named("random"))
    differences = [
        two.lines["all"]["mean_wait"] - one.lines["all"]["mean_wait"]
        for one, two in zip(outcome.live, outcome.draft, strict=True)
    ]

    assert outcome.difference("mean_wait").mean == pytest.approx(sum(differences) / 4)


def test_the_report_has_a_row_for_all_the_channel_and_each_queue(recorded):
    report = as_report(retold(played(recorded, named("random")), Names()))

    assert [line.split("  ")[0] for line in report.splitlines() if "±" in line][:4] == [
        "a/voice", "all together", "b/voice", "voice",
    ]  # fmt: skip


def test_what_came_to_nobody_cannot_be_replayed(recorded):
    with pytest.raises(NothingRecorded, match="Nothing came"):
        played(replace(recorded, arrivals=()))


def test_with_nobody_signed_in_there_is_nobody_to_replay_it_with(recorded):
    with pytest.raises(NothingRecorded, match="No agent"):
        played(replace(recorded, workers=()))


def test_progress_is_told_and_may_end_it(recorded):
    told = []

    def stop(done, of):
        told.append((done, of))
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        replay(recorded, LIVE, named("random"), replications=4, workers=1, on_progress=stop)
    assert told == [(1, 8), (2, 8)]


def counted(*passages, until=1_000.0, works_until=1_000.0):
    arrivals = tuple(Arrival(way.arrival, 0.0, "a", "voice", {"a": 4}, target=20.0) for way in passages)
    record = Record(
        0.0, until, arrivals, (Worker(1, (Stay(0.0, works_until),), {"a": 2}),), {way.arrival: way for way in passages}
    )
    return figures(record, record.passages)


def test_figures_count_what_was_answered_in_time_and_who_gave_up():
    found = counted(
        Passage(1, 1, 10.0, 100.0, 110.0), Passage(2, 1, 30.0, 100.0, 110.0), Passage(3, left_at=50.0, gave_up=True)
    )

    assert (found.lines["all"]["service_level"], found.lines["all"]["abandonment"]) == (1 / 3, 1 / 3)
    assert (found.lines["voice"]["speed_of_answer"], found.lines["a/voice"]["mean_wait"]) == (20.0, 30.0)
    assert found.lines["all"]["match"] == 0.5


def test_who_still_waits_counts_once_their_target_has_passed():
    assert counted(Passage(1), until=15.0).lines == {}
    assert counted(Passage(1), until=25.0).lines["all"]["service_level"] == 0.0


def test_occupancy_is_handling_over_being_on_duty():
    found = counted(Passage(1, 1, 10.0, 100.0, 110.0), Passage(2, 1, 60.0, 200.0, 210.0), works_until=400.0)

    assert (found.occupancy, found.agents) == (0.5, {1: 0.5})
