"""Who is chosen, told as it happens in a centre."""

from dataclasses import replace

from routing.engine import Policy, QueuePolicy, RelaxStep, Weights
from routing.engine.match import decide
from tests.routing.engine.worlds import NOW, agent, pairs, policy, state, waits


def chosen(waiting, agents, rules=None, **more):
    return pairs(decide(state(waiting, agents, **more), rules or policy(), NOW))


def test_a_polish_speaking_customers_mail_goes_to_the_polish_speaker():
    bo, ana = agent(1, skills={"lang.en": 5}, idle=900), agent(2, skills={"lang.en": 4, "lang.pl": 3})
    assert chosen([waits(7, channel="email", required={"lang.pl": 3})], [bo, ana]) == {7: 2}


def test_a_lower_level_than_asked_for_is_not_enough():
    assert chosen([waits(7, required={"lang.pl": 3})], [agent(1, skills={"lang.pl": 2})]) == {}


def test_the_wanted_level_is_a_wish_and_the_better_match_is_asked():
    beginner, expert = agent(1, skills={"topic.returns": 2}, idle=900), agent(2, skills={"topic.returns": 5}, idle=0)
    assert chosen([waits(7, preferred={"topic.returns": 4})], [beginner, expert]) == {7: 2}


def test_the_wanted_level_keeps_nobody_from_being_asked():
    assert chosen([waits(7, preferred={"topic.returns": 4})], [agent(1)]) == {7: 1}


def test_of_equals_the_one_idle_longest_is_asked():
    assert chosen([waits(7)], [agent(1, idle=30), agent(2, idle=200)]) == {7: 2}


def test_of_equals_the_one_with_less_work_is_asked():
    assert chosen([waits(7)], [agent(1, used=60), agent(2, used=10)]) == {7: 2}


def test_the_last_agent_is_preferred():
    agents = [agent(1, idle=200), agent(2, idle=10)]
    assert chosen([waits(7, last_agent=2, last_agent_days=1)], agents) == {7: 2}


def test_the_last_agent_of_a_year_ago_counts_for_nothing():
    agents = [agent(1, idle=200), agent(2, idle=10)]
    assert chosen([waits(7, last_agent=2, last_agent_days=365)], agents) == {7: 1}


def test_the_owner_of_the_account_is_preferred_to_the_last_agent():
    agents = [agent(1), agent(2), agent(3)]
    assert chosen([waits(7, last_agent=2, last_agent_days=5, owner=3)], agents) == {7: 3}


def test_a_last_agent_who_is_away_is_not_waited_for():
    agents = [agent(1), agent(2, presence="break")]
    assert chosen([waits(7, last_agent=2)], agents) == {7: 1}


def test_a_declined_interaction_is_not_offered_to_the_same_agent_at_once():
    agents = [agent(1, idle=900), agent(2, idle=1)]
    assert chosen([waits(7, cooldown={1: NOW + 30})], agents) == {7: 2}


def test_a_declined_interaction_waits_when_there_is_only_who_declined():
    outcome = decide(state([waits(7, cooldown={1: NOW + 30})], [agent(1)]), policy(), NOW)
    assert [(one.interaction, one.reasons, one.next_due) for one in outcome.unplaced] == [
        (7, {"cooldown": 1}, NOW + 30)
    ]


def test_only_those_who_declined_a_moment_ago_are_passed_over():
    agents = [agent(1), agent(2, idle=900)]
    assert chosen([waits(7, cooldown={1: NOW - 1, 2: NOW + 30})], agents) == {7: 1}


def test_after_the_cooldown_the_same_agent_may_be_asked_again():
    assert chosen([waits(7, cooldown={1: NOW})], [agent(1)]) == {7: 1}


def test_a_transfer_to_a_person_reaches_that_person_whatever_their_skills():
    agents = [agent(1, skills={"lang.pl": 5}, idle=900), agent(2)]
    assert chosen([waits(7, required={"lang.pl": 3}, reserved_for=2)], agents) == {7: 2}


def test_a_transfer_to_an_unskilled_person_counts_only_the_others_as_lacking():
    agents = [agent(1), agent(2), agent(3, skills={"lang.pl": 5})]
    outcome = decide(state([waits(7, required={"lang.pl": 3}, reserved_for=2)], agents), policy(), NOW)
    assert outcome.assigned[0].explanation.excluded == {"skill:lang.pl": 1, "reserved": 1}


def test_a_transfer_to_a_person_waits_for_that_person():
    outcome = decide(state([waits(7, reserved_for=2)], [agent(1), agent(2, used=100)]), policy(), NOW)
    assert [one.reasons for one in outcome.unplaced] == [{"reserved": 1, "full": 1}]


def test_a_transfer_to_somebody_unknown_waits():
    outcome = decide(state([waits(7, reserved_for=9)], [agent(1)]), policy(), NOW)
    assert [one.reasons for one in outcome.unplaced] == [{"reserved": 1}]


def test_an_agent_who_does_not_take_the_channel_is_not_asked():
    assert chosen([waits(7, channel="voice")], [agent(1, channels={"chat"})]) == {}


def test_a_call_does_not_go_to_an_agent_who_holds_a_chat():
    assert chosen([waits(7, channel="voice")], [agent(1, used=30)]) == {}


def test_an_override_lets_an_agent_take_one_more():
    assert chosen([waits(7)], [agent(1, used=100, override=30)]) == {7: 1}


def test_a_burst_of_chats_fills_an_agent_and_no_further():
    outcome = decide(state([waits(number) for number in range(1, 6)], [agent(1)]), policy(), NOW)
    assert (len(outcome.assigned), len(outcome.unplaced)) == (3, 2)


def test_an_agent_whose_desk_rings_is_asked_nothing_else():
    outcome = decide(state([waits(7)], [agent(1, presence="ringing", used=30)]), policy(), NOW)
    assert [one.reasons for one in outcome.unplaced] == [{"ringing": 1}]


def test_one_ring_at_a_time_spreads_a_burst_over_the_agents():
    agents, rules = [agent(number) for number in (1, 2, 3)], replace(policy(), offers_at_once=1)
    outcome = decide(state([waits(number) for number in range(1, 6)], agents), rules, NOW)
    assert sorted(pairs(outcome).values()) == [1, 2, 3]


def test_what_an_agent_is_given_counts_as_load_for_the_next():
    agents = [agent(1, idle=0, channels={"chat"}), agent(2, idle=0, channels={"chat"})]
    outcome = decide(state([waits(1), waits(2)], agents), replace(policy(), batch_limit=0), NOW)
    assert sorted(pairs(outcome).values()) == [1, 2]


def test_an_agents_own_cost_counts_instead_of_the_ordinary():
    outcome = decide(state([waits(1), waits(2), waits(3)], [agent(1, costs={"chat": 50})]), policy(), NOW)
    assert [one.cost for one in outcome.assigned] == [50, 50]


def test_two_who_wait_go_to_two_who_are_free():
    assert sorted(chosen([waits(1), waits(2)], [agent(1), agent(2)]).values()) == [1, 2]


def test_with_one_agent_the_most_urgent_goes_first():
    waiting = [waits(1, channel="voice", waited=5), waits(2, channel="voice", waited=15)]
    assert chosen(waiting, [agent(1)]) == {2: 1}


def test_urgency_is_measured_against_the_target_of_the_channel():
    chat, mail = waits(1, channel="chat", waited=30), waits(2, channel="email", waited=600)
    assert chosen([chat, mail], [agent(1, used=70)]) == {1: 1}


def test_a_higher_priority_has_a_head_start():
    waiting = [waits(1, channel="voice", waited=10), waits(2, channel="voice", waited=1, priority=2)]
    assert chosen(waiting, [agent(1)]) == {2: 1}


def test_nothing_starves_past_the_longest_wait_it_goes_before_the_urgent():
    rules = policy(max_wait={"email": 3_600.0, "voice": 300.0})
    old_mail = waits(1, channel="email", waited=3_700, priority=0)
    urgent_call = waits(2, channel="voice", waited=290, priority=3, importance=5.0)
    assert chosen([old_mail, urgent_call], [agent(1)], rules) == {1: 1}


def test_of_those_who_starve_the_one_furthest_past_the_longest_wait_goes_first():
    rules = policy(max_wait={"voice": 100.0, "chat": 200.0})
    call, chat = waits(1, channel="voice", waited=150), waits(2, channel="chat", waited=400)
    assert chosen([call, chat], [agent(1)], rules) == {2: 1}


def test_the_only_polish_speaker_is_not_spent_on_an_english_mail():
    ana = agent(1, skills={"lang.en": 5, "lang.pl": 5}, idle=120)
    others = [agent(number, skills={"lang.en": 5}, idle=60) for number in (2, 3, 4)]
    assert chosen([waits(7, channel="email", required={"lang.en": 3})], [ana, *others])[7] != 1


def test_the_last_free_voice_agent_is_not_spent_on_a_chat():
    agents = [agent(1, idle=300), agent(2, idle=100, channels={"chat"})]
    assert chosen([waits(7, channel="chat")], agents) == {7: 2}


def test_a_chat_goes_to_who_is_lost_to_calls_already():
    agents = [agent(1, used=30, idle=60), agent(2, idle=60)]
    assert chosen([waits(7, channel="chat")], agents) == {7: 1}


def test_a_batch_keeps_an_agent_for_whom_only_they_can_serve():
    """The more urgent would take the bilingual agent; both are served only if it does not."""
    agents = [agent(1, skills={"lang.en": 5, "lang.pl": 5}, idle=300), agent(2, skills={"lang.en": 3}, idle=0)]
    english = waits(1, channel="voice", waited=15, required={"lang.en": 1}, preferred={"lang.en": 5})
    polish = waits(2, channel="voice", waited=2, required={"lang.pl": 1})
    rules = replace(policy(), weights=Weights(scarcity=0))
    assert chosen([english, polish], agents, rules) == {1: 2, 2: 1}


def test_a_batch_serves_the_starving_first_when_there_are_too_few_agents():
    rules = policy(max_wait={"voice": 60.0})
    waiting = [waits(1, channel="voice", waited=70)] + [
        waits(number, channel="voice", waited=50, importance=20.0) for number in (2, 3)
    ]
    assert 1 in chosen(waiting, [agent(1), agent(2)], rules)


def test_a_batch_of_calls_and_chats_never_overfills_an_agent():
    waiting = [waits(1, channel="voice"), waits(2), waits(3), waits(4), waits(5)]
    outcome = decide(state(waiting, [agent(1), agent(2)]), policy(), NOW)
    held = {number: sum(one.cost for one in outcome.assigned if one.agent == number) for number in (1, 2)}
    assert max(held.values()) <= 100


def test_ties_are_decided_by_the_seed_and_not_by_the_lowest_id():
    world = state([waits(7)], [agent(number) for number in range(1, 9)])
    assert len({pairs(decide(world, policy(), NOW, seed=seed))[7] for seed in range(40)}) > 4


def test_a_backlog_much_larger_than_the_agents_is_served_most_urgent_first():
    waiting = [waits(number, channel="voice", waited=number) for number in range(1, 301)]
    assert set(chosen(waiting, [agent(number) for number in range(1, 4)])) == {298, 299, 300}


def test_an_agent_who_is_scarce_takes_the_better_match_of_equally_urgent():
    returns = [waits(number, preferred={"topic.returns": 4}) for number in range(1, 6)]
    billing = waits(6, preferred={"topic.billing": 4})
    assert chosen([*returns, billing], [agent(1, used=70, skills={"topic.billing": 4})]) == {6: 1}


def test_a_good_match_moves_an_interaction_up_only_while_that_agent_is_free():
    expert, other = agent(1, skills={"topic.returns": 5}), agent(2)
    wish = {"preferred": {"topic.returns": 5}}
    first = waits(1, channel="voice", waited=26, **wish)
    second = waits(2, channel="voice", waited=20, queue="sales", **wish)
    third = waits(3, channel="voice", waited=22, preferred={"topic.billing": 5})
    rules = replace(policy(), batch_limit=0)
    assert chosen([first, second, third], [expert, other], rules) == {1: 1, 3: 2}


def test_nobody_waiting_needs_no_decision():
    assert decide(state([], [agent(1)]), policy(), NOW).next_due is None


def test_nobody_serving_leaves_everybody_waiting():
    outcome = decide(state([waits(1), waits(2)], []), policy(), NOW)
    assert [one.interaction for one in outcome.unplaced] == [1, 2]


def test_a_clock_that_runs_behind_makes_nobody_wait_less_than_nothing():
    assert chosen([waits(1, waited=-60)], [agent(1)]) == {1: 1}


def test_a_queue_without_rules_of_its_own_follows_the_ordinary_ones():
    rules = Policy(version=1, queues={"sales": QueuePolicy(importance=2.0)}, default_queue=QueuePolicy(importance=3.0))
    outcome = decide(state([waits(1, waited=60, queue="care")], [agent(1)]), rules, NOW)
    assert outcome.assigned[0].explanation.urgency == 3.0


def test_measured_pressure_on_a_skill_counts_instead_of_the_estimate():
    ana, bo = agent(1, skills={"lang.pl": 5}, idle=100), agent(2, skills={"topic.returns": 5}, idle=100)
    assert chosen([waits(7)], [ana, bo], pressure={"lang.pl": 0.9, "topic.returns": 0.1}) == {7: 2}
    assert chosen([waits(7)], [ana, bo], pressure={"lang.pl": 0.1, "topic.returns": 0.9}) == {7: 1}


def test_after_a_step_that_lowers_the_level_who_has_it_in_full_is_still_preferred():
    rules = policy(RelaxStep(after=0.5, lower={"lang.pl": 2}))
    agents = [agent(1, skills={"lang.pl": 1}, idle=100), agent(2, skills={"lang.pl": 3}, idle=100)]
    assert chosen([waits(7, waited=40, required={"lang.pl": 3})], agents, rules) == {7: 2}


def test_the_earlier_promise_of_its_ticket_counts():
    promised, older = waits(7, waited=10, due_at=NOW + 15), waits(8, waited=40)
    outcome = decide(state([promised, older], [agent(1, budget=30)]), policy(), NOW)
    assert [(one.interaction, one.explanation.urgency, one.explanation.due) for one in outcome.assigned] == [
        (7, 0.75, 15.0)
    ]


def test_a_promise_later_than_the_target_changes_nothing():
    later = waits(7, waited=10, due_at=NOW + 900)
    why = decide(state([later], [agent(1)]), policy(), NOW).assigned[0].explanation
    assert (round(why.urgency, 3), why.due) == (0.167, None)


def test_long_overdue_is_a_head_start_and_no_more():
    overdue, call = waits(7, channel="email", waited=60, due_at=NOW - 3_600), waits(8, channel="voice", waited=30)
    outcome = decide(state([overdue, call], [agent(1)]), policy(), NOW)
    assert pairs(outcome) == {8: 1}


def test_asking_for_less_starts_earlier_for_what_is_due_earlier():
    one = waits(7, waited=10, required={"lang.pl": 3}, due_at=NOW + 20)
    outcome = decide(
        state([one], [agent(1, skills={"lang.pl": 3}, used=100)]), policy(RelaxStep(1.0, {"lang.pl": 1})), NOW
    )
    assert outcome.next_due == NOW + 20
