"""Asking for less, step by step."""

from hypothesis import given
from hypothesis import strategies as st

from routing.engine import RelaxStep
from routing.engine.match import decide
from routing.engine.relaxation import groups_at, in_order, next_step_at, preferred_at, required_at, steps_due
from tests.routing.engine.worlds import NOW, abilities, agent, needs, pairs, policy, relax_steps, state, waits

LOWER_POLISH = RelaxStep(after=1.0, lower={"lang.pl": 1})
DROP_POLISH = RelaxStep(after=2.0, lower={"lang.": 5})


def test_a_step_is_due_once_its_multiple_of_the_target_has_passed():
    assert [steps_due((LOWER_POLISH, DROP_POLISH), waited, 60.0) for waited in (59, 60, 120)] == [0, 1, 2]


def test_steps_add_up():
    steps = (LOWER_POLISH, LOWER_POLISH)
    assert required_at({"lang.pl": 4}, steps, 2) == {"lang.pl": 2}


def test_a_level_does_not_fall_below_one():
    assert required_at({"lang.pl": 2}, (RelaxStep(1.0, {"lang.pl": 4}),), 1) == {"lang.pl": 1}


def test_a_skill_lowered_by_five_is_no_longer_asked_for():
    assert required_at({"lang.pl": 2, "topic.returns": 2}, (DROP_POLISH,), 1) == {"topic.returns": 2}


def test_a_star_lowers_every_skill():
    steps = (RelaxStep(1.0, {"*": 1}),)
    assert required_at({"lang.pl": 3, "topic.returns": 2}, steps, 1) == {"lang.pl": 2, "topic.returns": 1}


def test_of_names_that_cover_a_skill_the_most_specific_counts():
    steps = (RelaxStep(1.0, {"*": 2, "lang.": 0, "lang.es": 1}),)
    asked = {"lang.pl": 3, "lang.es": 3, "topic.returns": 3}
    assert required_at(asked, steps, 1) == {"lang.pl": 3, "lang.es": 2, "topic.returns": 1}


def test_a_step_never_asks_for_more():
    assert required_at({"lang.pl": 3}, (RelaxStep(1.0, {"lang.pl": -2}),), 1) == {"lang.pl": 3}


def test_wishes_are_dropped_by_a_step_that_says_so():
    steps = (LOWER_POLISH, RelaxStep(2.0, drop_preferred=True))
    assert [preferred_at({"topic.returns": 4}, steps, count) for count in (1, 2)] == [{"topic.returns": 4}, {}]


def test_the_next_step_is_due_at_its_multiple_of_the_target():
    steps = (LOWER_POLISH, DROP_POLISH)
    assert [next_step_at(1000.0, 60.0, steps, count, 1000.0) for count in (0, 1, 2)] == [1060.0, 1120.0, None]


@given(st.dictionaries(st.sampled_from(("lang.pl", "topic.billing")), st.integers(1, 5)), st.lists(relax_steps))
def test_each_step_only_widens(required, unordered):
    steps = in_order(unordered)
    for count in range(len(steps)):
        before, after = required_at(required, steps, count), required_at(required, steps, count + 1)
        assert {skill: min(level, before[skill]) for skill, level in after.items()} == after


@given(abilities, needs, st.lists(relax_steps))
def test_whoever_may_serve_may_serve_after_every_further_step(skills, required, unordered):
    steps = in_order(unordered)
    able = [may_serve(skills, required, steps, count) for count in range(len(steps) + 1)]
    assert able == sorted(able)


def may_serve(skills, required, steps, count):
    ways = [required_at(required, steps, count), *(having for _, having in groups_at(required, steps, count))]
    return any(all(skills.get(skill, 0) >= level for skill, level in having.items()) for having in ways)


def test_a_lower_level_serves_once_the_step_is_due():
    world = state([waits(7, waited=61, required={"lang.pl": 3})], [agent(1, skills={"lang.pl": 2})])
    outcome = decide(world, policy(LOWER_POLISH), NOW)
    assert [(one.agent, one.explanation.step, one.explanation.skipped) for one in outcome.assigned] == [(1, 1, 0)]


def test_until_the_step_is_due_the_outcome_says_when_that_will_be():
    agents = [agent(1, skills={"lang.pl": 3}, used=100), agent(2, skills={"lang.pl": 2})]
    outcome = decide(state([waits(7, waited=10, required={"lang.pl": 3})], agents), policy(LOWER_POLISH), NOW)
    assert (outcome.assigned, outcome.next_due) == ((), NOW + 50)


def test_a_step_is_taken_early_when_nobody_signed_in_could_ever_serve():
    agents = [agent(1, skills={"lang.pl": 3}, presence="offline"), agent(2, skills={"lang.pl": 2})]
    outcome = decide(state([waits(7, waited=10, required={"lang.pl": 3})], agents), policy(LOWER_POLISH), NOW)
    assert [(one.agent, one.explanation.skipped) for one in outcome.assigned] == [(2, 1)]


def test_a_step_is_taken_early_when_the_only_one_skilled_has_too_small_a_budget():
    agents = [agent(1, skills={"lang.pl": 3}, budget=50), agent(2, skills={"lang.pl": 2})]
    world = state([waits(7, channel="voice", required={"lang.pl": 3})], agents)
    assert pairs(decide(world, policy(LOWER_POLISH), NOW)) == {7: 2}


def test_somebody_on_a_break_is_waited_for():
    agents = [agent(1, skills={"lang.pl": 3}, presence="break"), agent(2, skills={"lang.pl": 2})]
    world = state([waits(7, waited=10, required={"lang.pl": 3})], agents)
    assert pairs(decide(world, policy(LOWER_POLISH), NOW)) == {}


def test_no_step_is_taken_early_when_none_would_find_anybody():
    outcome = decide(state([waits(7, required={"lang.pl": 3})], [agent(1)]), policy(LOWER_POLISH), NOW)
    assert [(one.step, one.reasons) for one in outcome.unplaced] == [(0, {"skill:lang.pl": 1})]


def test_steps_work_in_the_order_of_their_time_however_they_are_written():
    world = state([waits(7, waited=61, required={"lang.pl": 3})], [agent(1, skills={"lang.pl": 2})])
    assert pairs(decide(world, policy(DROP_POLISH, LOWER_POLISH), NOW)) == {7: 1}
