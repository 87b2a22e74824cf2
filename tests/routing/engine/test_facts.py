"""Facts can be stored and read back."""

import json

from hypothesis import given, settings

from routing.engine import Policy, State
from tests.routing.engine.worlds import agent, policies, state, states, waits


@settings(max_examples=50, deadline=None)
@given(states(most=5))
def test_a_state_read_back_is_the_same(world):
    assert State.from_json(json.loads(json.dumps(world.to_json()))) == world


@settings(max_examples=50, deadline=None)
@given(policies)
def test_a_policy_read_back_is_the_same(rules):
    assert Policy.from_json(json.loads(json.dumps(rules.to_json()))) == rules


def test_what_is_as_by_default_is_not_written():
    written = state([waits(7)], [agent(1)]).to_json()
    assert set(written["waiting"][0]) == {"id", "queue", "channel", "waiting_since", "required", "preferred", "cost"}


def test_a_policy_of_the_first_day_is_its_version():
    assert Policy(version=1).to_json() == {"version": 1}
