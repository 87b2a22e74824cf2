"""Who has had no rest is spared, and who is fast counts for more."""

from dataclasses import replace

from routing.engine import Weights
from routing.engine.match import decide
from tests.routing.engine.worlds import NOW, agent, pairs, policy, state, waits

CAPPED = replace(policy(), occupancy_cap=0.88)


def given(waiting, agents, rules):
    return decide(state(waiting, agents), rules, NOW)


def test_who_was_busy_beyond_the_cap_is_spared():
    busy, rested = agent(1, idle=120, occupancy=0.99), agent(2, idle=10, occupancy=0.87)
    assert [pairs(given([waits(7)], [busy, rested], rules)) for rules in (policy(), CAPPED)] == [{7: 1}, {7: 2}]


def test_the_term_is_full_ten_points_above_the_cap():
    agents = [agent(number, occupancy=level) for number, level in ((1, 0.88), (2, 0.93), (3, 1.0))]
    why = given([waits(7)], agents, CAPPED).assigned[0].explanation
    assert {one.agent: one.terms["occupancy"] for one in why.candidates} == {1: 0, 2: -250, 3: -500}


def test_nobody_is_left_waiting_because_all_were_busy():
    assert pairs(given([waits(7)], [agent(1, occupancy=1.0)], CAPPED)) == {7: 1}


def test_of_two_lines_the_one_whose_best_agent_is_fast_goes_first():
    mail = [waits(7, channel="voice", waited=10), waits(8, channel="voice", waited=10, queue="sales")]
    fast = agent(1, pace={"sales": 1.2})
    rules = replace(policy(), batch_limit=0)
    assert [pairs(given(mail, [one], rules)) for one in (agent(1), fast)] == [{7: 1}, {8: 1}]


def test_speed_counts_between_agents_only_where_the_policy_says_so():
    agents = [agent(1, idle=61), agent(2, pace={"care": 1.5})]
    liking = replace(policy(), weights=Weights(pace=0.2))
    assert [pairs(given([waits(7)], agents, rules)) for rules in (policy(), liking)] == [{7: 1}, {7: 2}]
