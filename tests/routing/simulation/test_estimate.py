"""Figures over replications, and the same customers under every policy."""

import numpy as np
import pytest

from routing.simulation import difference, read_policy, replicate, simulate_day
from routing.simulation.day import Day
from routing.simulation.estimate import gini, mean, ratio
from tests.routing.simulation.worlds import agents, calls, scenario

BUSY = {"service": {"kind": "exponential", "mean": 200}, "patience": {"kind": "gamma", "shape": 2, "mean": 90}}


def busy(**more):
    """An hour with more work than three agents like."""
    return scenario(calls(rate=[0.01, 0.02], **BUSY), groups=[agents(3)], length=1_800, count=2, **more)


def test_a_mean_has_students_interval():
    estimate = mean(np.array([1.0, 2.0, 3.0, 4.0]))

    assert estimate.mean == 2.5
    assert estimate.half_width == pytest.approx(3.18245 * (5 / 3) ** 0.5 / 2, rel=1e-5)


def test_a_ratio_is_of_means_and_tells_the_mean_of_days_too():
    estimate = ratio(np.array([1.0, 9.0]), np.array([2.0, 10.0]))

    assert (estimate.mean, estimate.daily) == (pytest.approx(10 / 12), pytest.approx(0.7))


def test_the_interval_of_a_mean_holds_the_truth_in_95_of_100_cases():
    random = np.random.default_rng(3)
    hits = sum(1.0 in mean(random.exponential(1.0, 40)) for _ in range(2_000))

    assert 0.92 < hits / 2_000 < 0.96


def test_the_interval_of_a_ratio_holds_the_truth_in_95_of_100_cases():
    random = np.random.default_rng(4)
    under = random.poisson(200, (2_000, 40)).astype(float)
    over = random.binomial(under.astype(int), 0.8).astype(float)
    hits = sum(0.8 in ratio(*pair) for pair in zip(over, under, strict=True))

    assert 0.93 < hits / 2_000 < 0.97


def test_work_shared_alike_has_a_gini_of_nought_and_one_who_does_all_nearly_one():
    assert (gini([3.0, 3.0, 3.0]), gini([0.0, 0.0, 6.0]), gini([])) == (0.0, pytest.approx(2 / 3), 0.0)


def test_the_same_seed_gives_the_same_day():
    assert simulate_day(busy(), 7, 3) == simulate_day(busy(), 7, 3)


def test_another_seed_or_number_gives_another_day():
    days = [simulate_day(busy(), seed, number).counts for seed, number in ((7, 3), (7, 4), (8, 3))]

    assert days[0] != days[1] != days[2] != days[0]


def test_every_policy_meets_the_same_customers():
    one, other = (Day(busy(policy=policy), 7, 3) for policy in ("longest_idle", "random"))

    assert one.order() == other.order()
    assert (one.streams[0].patience, one.streams[0].service) == (other.streams[0].patience, other.streams[0].service)


def test_days_are_the_same_however_they_are_spread_over_processes():
    alone, spread = (replicate(busy(), replications=10, workers=workers) for workers in (1, 2))

    assert (alone.counts == spread.counts).all()
    assert (alone.times == spread.times).all()


def test_progress_is_told_day_by_day():
    seen = []
    replicate(busy(), replications=3, workers=1, on_progress=seen.append)

    assert seen == [1, 2, 3]


def test_a_paired_difference_is_nought_between_a_policy_and_itself():
    one, other = (replicate(busy(), replications=3, workers=1) for _ in range(2))
    apart = difference(one, other, "service_level")

    assert (apart.low, apart.mean, apart.high) == (0.0, 0.0, 0.0)


def test_a_paired_difference_is_nearer_than_two_policies_are_apart():
    """Agents of whom half are slow: who asks the quick ones first answers sooner, on the same days."""
    groups = [agents(2) | {"name": "quick"}, agents(2, pace=3.0) | {"name": "slow"}]
    skilled = scenario(calls(rate=0.007, groups=["quick", "slow"], **BUSY), groups=groups, length=18_000)
    policies = [read_policy(name) for name in ("best_skill", "random")]
    one, other = (replicate(skilled, policy=policy, replications=20, workers=1) for policy in policies)
    apart = difference(one, other, "abandonment")

    assert apart.high < 0
    assert apart.half_width < one.share("abandonment").half_width


def test_all_that_come_are_served_give_up_or_are_turned_away():
    report = replicate(busy(lines=5), replications=6, workers=1)
    parts = [report.count(what).mean for what in ("served", "abandoned", "blocked", "left")]

    assert sum(parts) == pytest.approx(report.count("arrived").mean)
    assert min(parts[:3]) > 0


def test_a_busy_day_is_busy_for_every_type():
    factor = {"kind": "empirical", "values": [0.0]}

    assert replicate(busy(busyness=factor), replications=2, workers=1).count("arrived").mean == 0.0


def test_busyness_makes_days_differ_by_more_than_chance():
    many = busy(busyness={"kind": "gamma", "shape": 4, "mean": 1})
    arrived = [len(Day(many, 1, number).order()) for number in range(400)]

    assert np.mean(arrived) == pytest.approx(54, rel=0.06)
    assert np.var(arrived) == pytest.approx(54 + 54**2 / 4, rel=0.25)


def test_two_kinds_of_policy_can_be_compared_on_the_same_days():
    reports = [
        replicate(busy(), policy=read_policy(name), replications=2, workers=1) for name in ("random", "round_robin")
    ]

    assert (reports[0].counts[:, :, :, 0] == reports[1].counts[:, :, :, 0]).all()
