"""What a decision says about itself."""

import json

from routing.engine import Explanation, Names, RelaxStep, sentences, why_you
from routing.engine.explain import span
from routing.engine.match import decide
from tests.routing.engine.worlds import NOW, agent, policy, state, waits

NAMES = Names(
    skills={"topic.returns": "Returns", "lang.en": "English"}, agents={1: "Ana", 2: "Bo", 3: "Cy", 4: "Di", 5: "Eli"}
)
NEEDS = {"required": {"lang.en": 3}, "preferred": {"topic.returns": 4}}
ANA = agent(1, skills={"lang.en": 5, "topic.returns": 4}, idle=200)
BO = agent(2, skills={"lang.en": 4, "topic.returns": 4}, idle=20)


def explanation(one, *agents, rules=None):
    return decide(state([one], agents), rules or policy(), NOW).assigned[0].explanation


def test_why_you_names_the_levels_and_what_decided():
    why = explanation(waits(7, **NEEDS), ANA, BO)
    assert why_you(why.to_json(), NAMES) == "You have English 5, Returns 4; idle longest"


def test_why_you_says_when_there_is_nobody_else():
    assert why_you(explanation(waits(7, **NEEDS), ANA).to_json(), NAMES).endswith("; the only one free who fits")


def test_why_you_says_that_you_know_the_customer():
    assert why_you(explanation(waits(7, last_agent=2), ANA, BO).to_json(), NAMES) == "You know this customer"


def test_excluded_agents_are_counted_by_the_first_thing_they_fail():
    others = [
        agent(3, presence="offline"),
        agent(4, presence="break"),
        agent(5, channels={"email"}),
        agent(6, skills={"lang.en": 2}),
        agent(8, skills={"lang.en": 5}),
        agent(9, skills={"lang.en": 5}, used=90),
    ]
    why = explanation(waits(7, cooldown={8: NOW + 9}, **NEEDS), ANA, *others)
    assert why.excluded == {"offline": 1, "away": 1, "channel": 1, "skill:lang.en": 1, "cooldown": 1, "full": 1}


def test_the_margin_is_the_lead_over_the_next_best():
    why = explanation(waits(7, **NEEDS), ANA, BO)
    assert why.margin == why.candidates[0].score - why.candidates[1].score == 90


def test_a_lead_of_nothing_is_not_said_to_be_the_only_choice():
    why = explanation(waits(7), agent(1), agent(2))
    assert (why.margin, Explanation.from_json(why.to_json()).margin) == (0, 0)


def test_it_says_who_would_have_won_without_a_term():
    knows_customer = waits(7, last_agent=2)
    assert explanation(knows_customer, ANA, BO).without == {"affinity": 1}


def test_only_the_best_five_are_kept():
    why = explanation(waits(7), *(agent(number, idle=number) for number in range(1, 10)))
    assert [one.agent for one in why.candidates] == [9, 8, 7, 6, 5]


def test_a_decision_with_five_candidates_takes_less_than_250_bytes():
    agents = [agent(n + 1000, skills={"lang.en": 5, "topic.returns": n % 5 + 1}, idle=n, used=n) for n in range(50)]
    brief = explanation(waits(70_000, waited=123.4, last_agent=1003, **NEEDS), *agents).to_json()
    assert len(json.dumps(brief, separators=(",", ":"))) < 250


def test_the_sentences_tell_the_whole_decision():
    skilled = {"skills": {"lang.en": 5, "topic.returns": 4}, "channels": {"chat"}}
    agents = [
        agent(1, used=10, idle=200, **skilled),
        agent(2, idle=20, **skilled),
        agent(3, skills={"lang.en": 1}),
        agent(4, presence="break"),
    ]
    assert sentences(explanation(waits(7, waited=30, **NEEDS), *agents).to_json(), NAMES) == [
        "It had waited 30 s; the target is 1 min (urgency 0.50).",
        "2 agents could take it; 2 could not: 1 not available, 1 lacks English.",
        "Scores: Ana 1.06, Bo 1.01.",
        "Ana leads by 0.06; without idle time it would be Bo.",
    ]


def test_a_membership_is_called_by_its_queue_and_has_no_level():
    asked = {"channel": "chat", "required": {"member.legal": 1}}
    names = Names(queues={"legal": "Legal matters"})
    skilled = agent(1, skills={"member.legal": 1}, channels={"chat"})
    why = explanation(waits(7, waited=30, **asked), skilled, agent(2, channels={"chat"}))
    assert (
        sentences(why.to_json(), names)[1] == "1 agent could take it; 1 could not: 1 lacks membership of Legal matters."
    )
    assert why_you(why.to_json(), names).startswith("You have membership of Legal matters;")


def test_the_sentences_tell_of_starving_and_of_relaxation():
    rules = policy(RelaxStep(1.0, {"lang.en": 1}), RelaxStep(90.0, {"lang.en": 5}), max_wait={"chat": 100.0})
    why = explanation(waits(7, waited=130, required={"lang.en": 3}), agent(1), rules=rules)
    assert sentences(why.to_json(), NAMES)[:2] == [
        "It had waited 2 min 10 s; the target is 1 min (urgency 2.17). "
        "That is past the longest wait allowed, so it went first.",
        "2 relaxation steps in force, 1 of them early because nobody signed in could have served.",
    ]


def test_in_a_batch_the_runner_up_may_have_scored_more_and_it_says_why():
    agents = [agent(1, skills={"lang.en": 5, "lang.pl": 5}, idle=300), agent(2, skills={"lang.en": 3}, idle=0)]
    english = waits(1, channel="voice", waited=15, required={"lang.en": 1}, preferred={"lang.en": 5})
    polish = waits(2, channel="voice", waited=2, required={"lang.pl": 1})
    first = decide(state([english, polish], agents), policy(), NOW).assigned[0].explanation
    assert (first.phase, first.margin < 0, first.without) == ("batch", True, {})
    assert sentences(first.to_json(), NAMES)[-1] == (
        "Bo was chosen because the pairs are best together: who scored higher serves another better."
    )


def test_the_winner_is_shown_even_when_many_scored_more():
    agents = [agent(number, skills={f"topic.{number}": 3}, idle=200 - number) for number in range(1, 9)]
    bound = [waits(number, channel="voice", required={f"topic.{number}": 3}) for number in range(1, 8)]
    free = waits(8, channel="voice", waited=19)
    first = decide(state([*bound, free], agents), policy(), NOW).assigned[0].explanation
    assert (first.interaction, first.agent, [one.agent for one in first.candidates]) == (8, 8, [1, 2, 3, 4, 8])


def test_a_skill_without_a_name_is_called_by_its_slug():
    assert why_you(explanation(waits(7, required={"topic.data-privacy": 2}), agent(1, skills={"topic.data-privacy": 3}))
                   .to_json()).startswith("You have Data privacy 3")  # fmt: skip


def test_durations_are_said_as_people_say_them():
    assert [span(seconds) for seconds in (0, 42, 60, 200, 14_400, 18_600, 200_000)] == [
        "0 s", "42 s", "1 min", "3 min 20 s", "4 h", "5 h 10 min", "2 days 7 h",
    ]  # fmt: skip


def test_an_earlier_promise_is_told():
    why = [explanation(waits(7, waited=30, due_at=NOW + due), ANA).to_json() for due in (20, -90)]
    assert [sentences(one)[0] for one in why] == [
        "It had waited 30 s; the target is 1 min (urgency 0.67). "
        "Its ticket was due in 20 s, which counts because it is earlier.",
        "It had waited 30 s; the target is 1 min (urgency 2.50). "
        "Its ticket was 1 min 30 s overdue, which counts because it is earlier.",
    ]
