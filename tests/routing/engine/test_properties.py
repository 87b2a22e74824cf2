"""What holds in every world, whatever the policy."""

import json
import random
from collections import Counter
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from routing.engine import Explanation, Policy, State, sentences, why_waiting, why_you
from routing.engine.match import decide
from routing.engine.relaxation import as_lent_now, in_order, required_at
from tests.routing.engine.worlds import NOW, familiar, policies, states


def worlds(test):
    """Try a test in many random worlds; machines are shared, so no deadline."""
    tried = given(world=states(most=8), rules=policies, seed=st.integers(0, 2**32))(test)
    return settings(max_examples=60, deadline=None)(tried)


def by_id(facts):
    return {one.id: one for one in facts}


def units(one, agent):
    return agent.costs.get(one.channel, one.cost)


def has(agent, levels):
    return all(agent.skills.get(skill, 0) >= level for skill, level in levels.items())


def has_skills(one, agent, rules, step):
    """What is asked for now; or what a group in force has, and whatever language or membership is still asked for."""
    steps = in_order(rules.queue(one.queue).relax)
    levels = required_at(one.required, steps, step)
    always = {skill: level for skill, level in levels.items() if skill.startswith(("lang.", "member."))}
    groups = [taken.add for taken in steps[:step] if taken.add is not None]
    return has(agent, levels) or any(has(agent, group) and has(agent, always) for group in groups)


def fits(one, agent, rules, step):
    """Everything but room and guards, said once more in plain Python."""
    ready = agent.presence == "available" and one.channel in agent.channels
    cool = one.cooldown.get(agent.id, 0) <= NOW
    if one.reserved_for is not None:
        return ready and cool and one.reserved_for == agent.id
    return ready and cool and has_skills(one, agent, rules, step)


@worlds
def test_everybody_who_waits_is_placed_once_or_left_once(world, rules, seed):
    outcome = decide(world, rules, NOW, seed=seed)
    answered = [one.interaction for one in (*outcome.assigned, *outcome.unplaced)]
    assert sorted(answered) == sorted(one.id for one in world.waiting)


@worlds
def test_nobody_is_taken_above_budget_and_override(world, rules, seed):
    waiting, agents = by_id(world.waiting), by_id(world.agents)
    taken = Counter()
    for one in decide(world, rules, NOW, seed=seed).assigned:
        taken[one.agent] += units(waiting[one.interaction], agents[one.agent]) - one.parks
    assert [number for number, more in taken.items() if agents[number].used + more > room(agents[number])] == []


@worlds
def test_no_more_is_parked_than_is_lacking_and_may_be_interrupted(world, rules, seed):
    waiting, agents = by_id(world.waiting), by_id(world.agents)
    used = Counter({number: agent.used for number, agent in agents.items()})
    parked = Counter()
    for one in decide(world, rules, NOW, seed=seed).assigned:
        agent, channel = agents[one.agent], waiting[one.interaction].channel
        used[agent.id] += one.cost - one.parks
        parked[agent.id, channel] += one.parks
        assert one.parks == 0 or used[agent.id] == room(agent)
        assert parked[agent.id, channel] <= parkable(agent, channel, rules)


def room(agent):
    return agent.budget + agent.override


def parkable(agent, channel, rules):
    return sum(agent.held.get(other, 0) for other in rules.interrupts.get(channel, ()))


@worlds
def test_nobody_is_asked_more_at_once_than_the_policy_allows(world, rules, seed):
    asked = Counter(one.agent for one in decide(world, rules, NOW, seed=seed).assigned)
    assert max(asked.values(), default=0) <= (rules.offers_at_once or 100)


@worlds
def test_nobody_is_asked_who_is_away_unskilled_cooling_or_not_the_one(world, rules, seed):
    waiting, agents = by_id(world.waiting), by_id(world.agents)
    outcome = decide(world, rules, NOW, seed=seed)
    wrong = [
        one
        for one in outcome.assigned
        if not fits(waiting[one.interaction], agents[one.agent], rules, one.explanation.step)
    ]
    assert wrong == []


@worlds
def test_nothing_goes_on_waiting_while_an_agent_who_fits_has_room(world, rules, seed):
    waiting = by_id(world.waiting)
    rules = as_lent_now(rules, world)
    outcome = decide(world, rules, NOW, seed=seed)
    rest = by_id(served(outcome, world, rules))
    asked = Counter(one.agent for one in outcome.assigned)
    forgotten = [
        (left.interaction, agent.id)
        for left in outcome.unplaced
        for agent in world.agents
        if left.held_for is None
        and fits(waiting[left.interaction], agent, rules, left.step)
        and asked[agent.id] < (rules.offers_at_once or 100)
        and rest[agent.id].used + units(waiting[left.interaction], agent)
        <= room(agent) + parkable(rest[agent.id], waiting[left.interaction].channel, rules)
    ]
    assert forgotten == []


def holding(test):
    """Try a test where holds are likely."""
    everywhere = {"voice": 300.0, "chat": 600.0, "email": 600.0}
    rules = policies.map(lambda one: replace(one, default_queue=replace(one.default_queue, hold=everywhere)))
    tried = given(world=familiar(), rules=rules, seed=st.integers(0, 2**32))(test)
    return settings(max_examples=60, deadline=None)(tried)


@holding
def test_what_is_held_waits_for_somebody_it_knows_who_is_expected_in_time(world, rules, seed):
    waiting, agents = by_id(world.waiting), by_id(world.agents)
    for left in decide(world, rules, NOW, seed=seed).unplaced:
        if left.held_for is not None:
            one, friend = waiting[left.interaction], agents[left.held_for]
            ends = one.waiting_since + rules.queue(one.queue).hold[one.channel]
            assert ends > NOW and friend.free_at <= ends and left.next_due <= ends
            assert friend.id in (one.last_agent, one.owner) and friend.presence in ("available", "ringing")
            assert has(friend, one.required)


@holding
def test_no_hold_outlives_its_end(world, rules, seed):
    for one in world.waiting:
        ends = one.waiting_since + rules.queue(one.queue).longest_hold(one.channel)
        left = decide(replace(world, waiting=(one,)), rules, ends, seed=seed).unplaced
        assert [held.held_for for held in left] in ([], [None])


@holding
def test_a_hold_that_has_begun_never_holds_later_what_was_free_to_go(world, rules, seed):
    for one in world.waiting:
        alone = replace(world, waiting=(one,))
        if decide(alone, rules, NOW, seed=seed).assigned:
            assert decide(alone, rules, NOW + 200, seed=seed).assigned != ()


def served(outcome, world, rules):
    """The agents once they have taken and parked what was decided."""
    agents, waiting = by_id(world.agents), by_id(world.waiting)
    for one in outcome.assigned:
        agent, held, lacking = agents[one.agent], dict(agents[one.agent].held), one.parks
        for channel in rules.interrupts.get(waiting[one.interaction].channel, ()):
            taken = min(lacking, held.get(channel, 0))
            held[channel], lacking = held.get(channel, 0) - taken, lacking - taken
        agents[one.agent] = replace(agent, used=agent.used + one.cost - one.parks, held=held)
    return list(agents.values())


@worlds
def test_the_order_in_which_people_are_listed_does_not_matter(world, rules, seed):
    shuffled = random.Random(seed)
    waiting = shuffled.sample(world.waiting, len(world.waiting))
    agents = shuffled.sample(world.agents, len(world.agents))
    again = replace(world, waiting=waiting, agents=agents)
    assert decide(again, rules, NOW, seed=seed) == decide(world, rules, NOW, seed=seed)


@worlds
def test_deciding_again_from_the_stored_inputs_gives_the_same(world, rules, seed):
    stored = json.loads(json.dumps([world.to_json(), rules.to_json()]))
    world_again, rules_again = State.from_json(stored[0]), Policy.from_json(stored[1])
    assert decide(world_again, rules_again, NOW, seed=seed) == decide(world, rules, NOW, seed=seed)


@worlds
def test_what_is_explained_is_what_was_decided(world, rules, seed):
    for one in decide(world, rules, NOW, seed=seed).assigned:
        why = one.explanation
        assert (why.interaction, why.agent) == (one.interaction, one.agent)
        assert one.agent in {candidate.agent for candidate in why.candidates}


@worlds
def test_one_by_one_the_winner_has_the_best_score_shown(world, rules, seed):
    for one in decide(world, replace(rules, batch_limit=0), NOW, seed=seed).assigned:
        assert one.agent == one.explanation.candidates[0].agent
        assert one.explanation.margin is None or one.explanation.margin >= 0


@worlds
def test_every_agent_is_accounted_for_in_every_explanation(world, rules, seed):
    for one in decide(world, rules, NOW, seed=seed).assigned:
        why = one.explanation
        assert why.considered + sum(why.excluded.values()) == len(world.agents)


@worlds
def test_every_agent_is_accounted_for_where_nobody_was_found(world, rules, seed):
    for left in decide(world, rules, NOW, seed=seed).unplaced:
        assert sum(left.reasons.values()) == len(world.agents)


@worlds
def test_an_explanation_survives_being_stored(world, rules, seed):
    for one in decide(world, rules, NOW, seed=seed).assigned:
        brief = json.loads(json.dumps(one.explanation.to_json()))
        assert Explanation.from_json(brief).to_json() == brief


@worlds
def test_everything_can_be_said_in_sentences(world, rules, seed):
    outcome = decide(world, rules, NOW, seed=seed)
    for one in outcome.assigned:
        assert all(sentence.endswith(".") for sentence in sentences(one.explanation.to_json()))
        assert why_you(one.explanation.to_json()) != ""
    for left in outcome.unplaced:
        assert all(sentence.endswith(".") for sentence in why_waiting(world, rules, NOW, left.interaction))


@given(world=states(most=6), rules=policies, later=st.floats(0, 5_000))
@settings(max_examples=60, deadline=None)
def test_waiting_longer_never_makes_an_interaction_harder_to_place(world, rules, later):
    alone = replace(world, waiting=world.waiting[:1])
    assert len(decide(alone, rules, NOW + later).assigned) >= len(decide(alone, rules, NOW).assigned)


@given(world=states(), rules=policies)
@settings(max_examples=60, deadline=None)
def test_nothing_changes_before_it_is_due(world, rules):
    """Up to `next_due`, deciding again about what is left finds nobody."""
    rules = replace(rules, offers_at_once=0)
    outcome = decide(world, rules, NOW)
    left = {one.interaction for one in outcome.unplaced}
    waiting = tuple(one for one in world.waiting if one.id in left)
    rest = replace(world, waiting=waiting, agents=tuple(served(outcome, world, rules)))
    just_before = NOW + 100_000 if outcome.next_due is None else outcome.next_due - 0.001
    assert decide(rest, rules, max(NOW, just_before)).assigned == ()
