"""Why an interaction still waits, in sentences."""

from routing.engine import Names, RelaxStep, why_waiting
from tests.routing.engine.worlds import NOW, agent, policy, state, waits

NAMES = Names(skills={"lang.es": "Spanish"}, agents={1: "Ana", 2: "Bo"})
SPANISH = {"lang.es": 3}
RELAX = RelaxStep(after=1.0, lower={"lang.es": 1})


def told(one, *agents, rules=None, others=()):
    world = state([one, *others], agents)
    return why_waiting(world, rules or policy(RELAX), NOW, one.id, names=NAMES, clock=lambda at: f"+{at - NOW:.0f} s")


def test_all_who_have_the_skill_are_busy_and_a_lower_level_will_soon_do():
    busy = [agent(number, skills={"lang.es": 4}, used=100) for number in (1, 2, 3)]
    lower = [agent(number, skills={"lang.es": 2}) for number in range(4, 9)]
    assert told(waits(7, waited=20, required=SPANISH), *busy, *lower) == [
        "3 agents have Spanish 3, all busy.",
        "At +40 s Spanish 2 is enough, which adds 5 agents.",
        "It has waited 20 s of a target of 1 min and is first in its queue.",
    ]


def test_what_each_of_them_is_doing_is_counted():
    have = {"skills": {"lang.es": 4}}
    agents = [agent(1, used=100, **have), agent(2, presence="break", **have), agent(3, channels={"voice"}, **have)]
    assert told(waits(7, required=SPANISH), *agents)[0] == "3 agents have Spanish 3: 1 away, 1 not taking chat, 1 busy."


def test_nobody_signed_in_has_the_skill():
    offline = agent(1, skills={"lang.es": 4}, presence="offline")
    assert told(waits(7, required=SPANISH), offline, agent(2), rules=policy())[0] == (
        "Nobody signed in has Spanish 3; 1 agent offline could."
    )


def test_nobody_is_signed_in_at_all():
    assert told(waits(7))[0] == "Nobody is signed in."


def test_a_step_that_adds_nobody_says_so():
    busy = agent(1, skills={"lang.es": 4}, used=100)
    assert told(waits(7, waited=0, required=SPANISH), busy)[1] == (
        "At +60 s Spanish 2 is enough, which adds nobody who is signed in."
    )


def test_a_skill_that_will_no_longer_be_needed_is_named():
    busy = agent(1, skills={"lang.es": 4}, used=100)
    rules = policy(RelaxStep(2.0, {"lang.": 5}))
    assert told(waits(7, waited=0, required=SPANISH), busy, agent(2), rules=rules)[1] == (
        "At +120 s Spanish is no longer needed, which adds 1 agent."
    )


def test_who_declined_is_named_with_when_they_may_be_asked_again():
    assert told(waits(7, cooldown={1: NOW + 30}), agent(1))[:2] == [
        "1 agent is signed in, asked a moment ago.",
        "It was declined or missed; it may be offered to Ana again at +30 s.",
    ]


def test_a_transfer_to_a_person_says_what_they_are_doing():
    assert told(waits(7, reserved_for=2), agent(1), agent(2, presence="lunch"))[0] == "It is for Bo only, who is away."


def test_a_transfer_to_somebody_signed_out_says_so():
    assert told(waits(7, reserved_for=2), agent(1))[0] == "It is for Bo only, who is offline."


def test_the_more_urgent_of_the_same_queue_go_first():
    others = [waits(8, waited=50), waits(9, waited=40), waits(10, waited=90, queue="sales"), waits(11, waited=1)]
    assert told(waits(7, waited=20), agent(1, used=100), others=others)[-1] == (
        "It has waited 20 s of a target of 1 min; 2 in its queue go first."
    )


def test_an_interaction_that_does_not_wait_has_nothing_to_say():
    assert why_waiting(state([], []), policy(), NOW, 7) == []


def test_the_time_of_day_is_told_in_utc_unless_a_clock_is_given():
    busy = agent(1, skills={"lang.es": 4}, used=100)
    world = state([waits(7, waited=0, required=SPANISH)], [busy])
    assert why_waiting(world, policy(RELAX), NOW, 7)[1].startswith("At 08:01:00 Es 2 is enough")


def test_an_earlier_promise_is_told_with_its_time():
    assert told(waits(7, waited=10, due_at=NOW + 15), agent(1, used=100))[-1] == (
        "It has waited 10 s of a target of 1 min, is due at +15 s and is first in its queue."
    )
