"""The presets order agents and line as the engines they are named for."""

import pytest

from routing.engine import PRESETS, Policy, preset
from routing.engine.match import decide
from routing.engine.strategies import UnknownPreset
from tests.routing.engine.worlds import NOW, agent, pairs, policy, state, waits


def chosen(name, waiting, agents, seed=0):
    return pairs(decide(state(waiting, agents), preset(name)(policy()), NOW, seed=seed))


def test_longest_idle_asks_who_has_been_idle_longest_even_past_five_minutes():
    assert chosen("longest_idle", [waits(7)], [agent(1, idle=4_000, used=60), agent(2, idle=3_000)]) == {7: 1}


def test_round_robin_asks_who_was_asked_longest_ago():
    agents = [agent(1, idle=500, last_offered=NOW - 10), agent(2, idle=5, last_offered=NOW - 90)]
    assert chosen("round_robin", [waits(7)], agents) == {7: 2}


def test_round_robin_deals_one_to_each():
    agents = [agent(number, last_offered=NOW - number) for number in (1, 2, 3)]
    assert sorted(chosen("round_robin", [waits(7), waits(8), waits(9)], agents).values()) == [1, 2, 3]


def test_spare_capacity_asks_who_has_the_largest_free_share():
    assert chosen("spare_capacity", [waits(7)], [agent(1, used=60, idle=900), agent(2, used=50)]) == {7: 2}


def test_best_skill_asks_the_highest_level():
    agents = [agent(1, skills={"lang.pl": 5}, used=60), agent(2, skills={"lang.pl": 4}, idle=9_000)]
    assert chosen("best_skill", [waits(7, required={"lang.pl": 1})], agents) == {7: 1}


def test_best_skill_asks_the_longest_idle_of_equal_level():
    agents = [agent(1, skills={"lang.pl": 4}, idle=10), agent(2, skills={"lang.pl": 4}, idle=90)]
    assert chosen("best_skill", [waits(7, required={"lang.pl": 1})], agents) == {7: 2}


def test_random_asks_anyone_by_lot():
    agents = [agent(number, idle=number) for number in range(1, 5)]
    assert {chosen("random", [waits(7)], agents, seed)[7] for seed in range(60)} == {1, 2, 3, 4}


def test_strict_priority_serves_the_higher_priority_however_long_the_other_waited():
    waiting = [waits(1, waited=5_000), waits(2, waited=1, priority=2)]
    assert chosen("strict_priority", waiting, [agent(1, used=70)]) == {2: 1}


def test_strict_priority_serves_the_oldest_of_equal_priority():
    assert chosen("strict_priority", [waits(1, waited=50), waits(2, waited=60)], [agent(1, used=70)]) == {2: 1}


def test_first_in_first_out_serves_the_oldest_whatever_its_target():
    waiting = [waits(1, channel="email", waited=300), waits(2, channel="chat", waited=200)]
    assert chosen("longest_idle", waiting, [agent(1, used=90, costs={"chat": 10})]) == {1: 1}


def test_a_preset_leaves_queues_and_version_alone():
    before = Policy(version=4, queues={"care": policy().default_queue})
    after = preset("best_skill")(before)
    assert (after.version, after.queues) == (before.version, before.queues)


def test_balanced_brings_back_the_default():
    assert preset("balanced")(preset("random")(policy())) == policy()


@pytest.mark.parametrize("name", sorted(PRESETS))
def test_every_preset_explains_its_winner_by_the_best_score(name):
    world = state([waits(7, required={"lang.pl": 1})], [agent(n, skills={"lang.pl": n}, idle=n) for n in (1, 2, 3)])
    only = decide(world, preset(name)(policy()), NOW).assigned[0]
    assert only.agent == only.explanation.candidates[0].agent


def test_an_unknown_preset_is_refused_with_those_there_are():
    with pytest.raises(UnknownPreset, match="no preset 'fastest'; choose one of balanced, longest_idle"):
        preset("fastest")
