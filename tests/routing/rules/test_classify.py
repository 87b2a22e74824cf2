from routing.rules import Classified, classifier_of

GOLD = {"when": 'customer.tier == "gold"', "set": {"queue": "care", "vip": True, "need": {"lang.es": 3}}}


def classified(*rules, **facts) -> Classified:
    return classifier_of({"classify": list(rules)}).classify({name.replace("__", "."): v for name, v in facts.items()})


def test_what_no_rule_speaks_of_stays_as_it_is():
    assert classified(GOLD, customer__tier="standard") == Classified()


def test_a_rule_that_holds_sets_what_it_says():
    assert classified(GOLD, customer__tier="gold") == Classified(
        queue="care", is_vip=True, needs={"lang.es": 3}, rules=("rule 1",)
    )


def test_a_later_rule_may_set_it_anew_and_adds_to_skills():
    later = {
        "set": {"queue": "gold", "need": {"billing": 2}, "want": {"vip": 5}, "importance": 2, "priority": "urgent"}
    }

    assert classified({**GOLD, "name": "Gold"}, later, customer__tier="gold") == Classified(
        queue="gold",
        priority=3,
        is_vip=True,
        importance=2,
        needs={"lang.es": 3, "billing": 2},
        wants={"vip": 5},
        rules=("Gold", "rule 2"),
    )


def test_a_rule_that_stops_ends_it_only_where_it_holds():
    last = {"set": {"importance": 3}}

    assert classified({**GOLD, "stop": True}, last, customer__tier="gold").importance == 1
    assert classified({**GOLD, "stop": True}, last, customer__tier="standard").importance == 3


def test_later_rules_see_what_earlier_ones_set():
    upward = {"set": {"priority": "high"}}
    rule = {"when": 'queue == "care" and ticket.priority == "high"', "set": {"importance": 2}}

    assert classified(upward, GOLD, rule, customer__tier="gold", queue="front", ticket__priority=1).importance == 2


def test_a_vip_waits_as_if_their_priority_were_high_at_least():
    vip = classified(GOLD, customer__tier="gold")

    assert [vip.priority_in_line(priority) for priority in (0, 1, 2, 3)] == [2, 2, 2, 3]
    assert [Classified().priority_in_line(priority) for priority in (0, 3)] == [0, 3]
