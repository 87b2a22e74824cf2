"""Deciding from a kept backlog and a kept crew, against the plain way."""

import random
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.engine import State
from routing.engine.backlog import Backlog
from routing.engine.crew import Crew
from routing.engine.left import Overtaken
from routing.engine.match import decide
from tests.routing.engine.worlds import NOW, agent, pairs, policies, policy, states, waits

many = settings(max_examples=60, deadline=None)
given_worlds = given(world=states(), rules=policies, seed=st.integers(0, 2**32))


def kept(world):
    return replace(world, waiting=Backlog(world.waiting), agents=Crew(world.agents))


def turn(one, rules):
    """When one is served, said once more in plain Python: smaller first."""
    queue = rules.queue(one.queue)
    target, longest = queue.target(one.channel), queue.longest_wait(one.channel)
    since, counted = one.waiting_since, one.counted_since(target)
    waited = max(0.0, NOW - since)
    if rules.line != "urgency":
        return (-one.priority if rules.line == "priority" else 0, -waited, since, counted, one.id)
    if waited > longest:
        return (-1, -waited / longest, since, counted, one.id)
    ahead = queue.head_start * (one.priority - 1)
    urgency = queue.importance * one.importance * max(0.0, max(0.0, NOW - counted) / target + ahead)
    return (0, -urgency, counted, since, one.id)


def one_by_one(world, rules, seed):
    """The next in turn alone chooses among all there are, then the one after them: {interaction: agent}."""
    agents, placed, asked = {one.id: one for one in world.agents}, {}, Counter()
    for one in sorted(world.waiting, key=lambda one: turn(one, rules)):
        alone = replace(world, waiting=[one], agents=list(agents.values()))
        for chosen in decide(alone, rules, NOW, seed=seed).assigned:
            placed[one.id] = chosen.agent
            asked[chosen.agent] += 1
            busier = busier_by(agents[chosen.agent], one.channel, chosen.cost, rules)
            rings = asked[chosen.agent] == rules.offers_at_once
            agents[chosen.agent] = replace(busier, presence="ringing") if rings else busier
    return placed


def busier_by(agent, channel, cost, rules):
    """The agent after one more piece of work, for which as much was parked as was lacking."""
    held, used = dict(agent.held), agent.used
    for other in rules.interrupts.get(channel, ()):
        parked = max(0, min(held.get(other, 0), used + cost - agent.budget - agent.override))
        held[other], used = held.get(other, 0) - parked, used - parked
    return replace(agent, held=held, used=used + cost, idle_since=NOW, last_offered=NOW)


@many
@given_worlds
def test_the_heads_of_groups_are_served_as_if_everybody_were_looked_at(world, rules, seed):
    weights = replace(rules.weights, scarcity=0.0, voice_guard=0.0, eta=0.0)
    alone = replace(rules, weights=weights, batch_limit=0, default_queue=replace(rules.default_queue, hold={}))
    level = replace(world, agents=[replace(one, pace={}) for one in world.agents])
    assert pairs(decide(kept(level), alone, NOW, seed=seed)) == one_by_one(level, alone, seed)


@many
@given_worlds
def test_a_backlog_and_a_crew_give_the_answer_that_lists_give(world, rules, seed):
    assert decide(kept(world), rules, NOW, seed=seed) == decide(world, rules, NOW, seed=seed)


@many
@given(world=states(), before=states(), rules=st.tuples(policies, policies), seed=st.integers(0, 2**32))
def test_it_does_not_matter_what_was_there_before(world, before, rules, seed):
    changing = kept(before)
    decide(changing, rules[0], NOW - 700, seed=seed)
    become(changing.waiting, world.waiting, seed)
    become(changing.agents, world.agents, seed)
    again = replace(world, waiting=changing.waiting, agents=changing.agents)
    assert decide(again, rules[1], NOW, seed=seed) == decide(world, rules[1], NOW, seed=seed)


def become(kept, facts, seed):
    """Drop and put, in any order, until these are there."""
    shuffled = random.Random(seed)
    gone = {one.id for one in kept} - {one.id for one in facts}
    steps = [(kept.drop, number) for number in gone] + [(kept.put, one) for one in facts]
    for act, what in shuffled.sample(steps, len(steps)):
        act(what)


@many
@given(world=states(), rules=policies, later=st.lists(st.floats(-900, 900), min_size=2, max_size=4))
def test_the_clock_may_go_on_and_back(world, rules, later):
    backlog = Backlog(world.waiting)
    for seconds in later:
        now = NOW + round(seconds, 3)
        assert decide(replace(world, waiting=backlog), rules, now) == decide(world, rules, now)


def test_those_alike_stand_in_one_group_whoever_served_them_last():
    backlog = Backlog(waits(number, last_agent=number, owner=number + 1) for number in range(1, 51))
    assert [len(group) for group in backlog.groups()] == [50]


def test_after_its_cooldown_one_stands_with_the_others_again():
    backlog = Backlog([waits(1), waits(2, cooldown={9: NOW + 30})])
    sizes = []
    for now in (NOW, NOW + 30, NOW):
        backlog.arrange(policy(), now)
        sizes.append([len(group) for group in backlog.groups()])
    assert sizes == [[1, 1], [2], [1, 1]]


def test_one_who_changed_is_there_once():
    backlog = Backlog([waits(1, required={"lang.pl": 3}), waits(2)])
    backlog.put(waits(1, channel="voice"))
    assert ([*backlog], backlog.by_channel["voice"], backlog.by_skill["lang.pl"]) == (
        [waits(1, channel="voice"), waits(2)], 1, 0,
    )  # fmt: skip


def test_to_drop_somebody_unknown_changes_nothing():
    backlog = Backlog([waits(1)])
    assert (backlog.drop(7), backlog.drop(1), len(backlog)) == (None, waits(1), 0)


def test_a_long_line_that_is_served_from_the_front_stays_in_order():
    backlog = Backlog(waits(number, waited=number) for number in range(1, 301))
    crew = Crew([agent(1, budget=30)])
    served = []
    for _ in range(290):
        served += pairs(decide(state_of(backlog, crew), policy(), NOW))
        backlog.drop(served[-1])
    assert served == list(range(300, 10, -1))


def state_of(backlog, crew):
    return State(waiting=backlog, agents=crew)


def test_who_is_left_is_not_read_from_a_backlog_that_has_changed():
    backlog = Backlog([waits(1), waits(2)])
    left = decide(state_of(backlog, Crew()), policy(), NOW).unplaced
    backlog.put(waits(3))
    assert len(left) == 2
    with pytest.raises(Overtaken, match="read who is left before that"):
        list(left)


def test_an_agent_who_changed_is_looked_at_anew():
    crew, backlog = Crew([agent(1), agent(2, skills={"lang.pl": 3})]), Backlog([waits(7, required={"lang.pl": 3})])
    winners = []
    for changed in (agent(2, skills={"lang.pl": 3}), agent(2, presence="break"), agent(1, skills={"lang.pl": 4})):
        crew.put(changed)
        winners.append(pairs(decide(state_of(backlog, crew), policy(), NOW)))
    assert winners == [{7: 2}, {}, {7: 1}]


def test_who_comes_and_goes_is_found_in_their_place():
    crew = Crew([agent(5), agent(3)])
    crew.put(agent(4))
    assert (crew.drop(3), crew.drop(3), [one.id for one in crew], crew[0].id) == (agent(3), None, [4, 5], 4)
