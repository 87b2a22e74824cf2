import pytest

from routing.engine.facts import Policy, QueuePolicy, RelaxStep
from routing.rules import BadRules, Company, QueueSetup, compiled, ordinary

TWENTY = {"chat": 20}
ORDINARY_RELAX = (
    RelaxStep(after=0.5, lower={"*": 1, "lang.": 0, "member.": 0}),
    RelaxStep(after=1.0, lower={"*": 1, "lang.": 1, "member.": 0}, drop_preferred=True),
    RelaxStep(after=3.0, lower={"*": 5, "lang.": 1, "member.": 0}),
    RelaxStep(after=6.0, lower={"lang.": 5, "member.": 0}),
)


def company(**queues) -> Company:
    return Company(queues={slug: QueueSetup(slug, **setup) for slug, setup in queues.items()})


def relax_of(*steps, **queues):
    """The engine's steps for the queue care, with these in the document."""
    return compiled({"relax": {"care": list(steps)}}, company(care={}, **queues)).engine.queue("care").relax


def test_the_ordinary_rules_are_what_routing_did_before_there_were_any():
    usual = QueuePolicy(head_start=0.5, relax=ORDINARY_RELAX)
    tuned = QueuePolicy(
        targets={"voice": 20, "chat": 30, "email": 14_400}, importance=2.5, head_start=0.5, relax=ORDINARY_RELAX
    )

    policy = compiled(ordinary(), company(care={"targets": {"chat": 30}, "importance": 2.5}, sales={})).policy(0)

    assert policy == Policy(version=0, queues={"care": tuned, "sales": usual}, default_queue=usual, offers_at_once=1)


def test_an_empty_document_is_the_ordinary_rules():
    there = company(care={"targets": {"chat": 30}}, sales={"is_private": True})

    assert compiled({}, there) == compiled(ordinary(), there)


def test_ringing_cooldown_and_misses_are_ordinary_unless_said():
    offer = compiled({"offer": {"ring": {"chat": "10s"}, "misses": {"voice": 3}}}, company()).offer

    assert (offer.ring, offer.decline_cooldown, offer.misses) == (
        {"voice": 20, "chat": 10, "email": 45},
        60,
        {"voice": 3, "chat": 1, "email": 1},
    )


def test_an_agent_is_sent_away_after_so_many_misses_unless_they_stay():
    leaving, staying = compiled({}, company()).offer, compiled({"offer": {"on_timeout": "stay"}}, company()).offer

    assert [leaving.sends_away("voice", misses) for misses in (1, 2)] == [False, True]
    assert staying.sends_away("voice", 99) is False


@pytest.mark.parametrize(
    ("document", "target"),
    [
        ({}, 45),
        ({"queues": {"default": {"target": {"chat": "30s"}}}}, 45),
        ({"queues": {"care": {"target": {"chat": [80, "30s"]}}}}, 30),
    ],
)
def test_the_queues_page_beats_the_default_and_its_entry_beats_the_page(document, target):
    assert compiled(document, company(care={"targets": {"chat": 45}})).engine.queue("care").target("chat") == target


def test_the_percentage_promised_is_kept_beside_the_target():
    document = {"queues": {"default": {"target": {"voice": [90, "20s"]}}, "care": {"target": {"voice": [80, "20s"]}}}}

    assert compiled(document, company(care={}, sales={})).shares == {"care": {"voice": 80}, "sales": {"voice": 90}}


def test_an_offer_rings_as_long_as_the_most_special_word_says():
    document = {"offer": {"ring": {"chat": 40}}, "queues": {"care": {"ring": {"chat": "12s"}}}}
    rules = compiled(document, company(care={"rings": {"chat": 25}}, sales={"rings": {"chat": 25}}, other={}))

    assert [rules.ring(queue, "chat") for queue in ("care", "sales", "other", "made since")] == [12, 25, 40, 40]


def test_waits_and_holds_may_be_said_in_targets():
    document = {
        "queues": {"care": {"target": {"voice": "30s"}, "max_wait": {"voice": "10T"}, "hold": {"voice": ".5T"}}}
    }

    queue = compiled(document, company(care={})).engine.queue("care")

    assert (queue.longest_wait("voice"), queue.longest_wait("chat"), queue.hold) == (300, 600, {"voice": 15})


def test_a_queue_without_steps_of_its_own_has_the_default_ones():
    document = {"relax": {"default": [{"after": 2, "drop": "want"}], "sales": []}}
    policy = compiled(document, company(care={}, sales={})).engine

    assert (policy.queue("care").relax, policy.queue("sales").relax) == ((RelaxStep(2.0, drop_preferred=True),), ())


def test_topics_are_everything_but_languages():
    step = relax_of({"after": ".5T", "need": {"topics": -2, "lang.pl": -1}})

    assert step == (RelaxStep(0.5, lower={"*": 2, "lang.": 0, "lang.pl": 1, "member.": 0}),)


@pytest.mark.parametrize("name", ["member.care", "member."])
def test_no_step_lets_strangers_to_a_private_queue_in(name):
    assert relax_of({"after": 1, "need": {name: -5}})[0].lower.get("member.", 0) == 0
    assert "member.care" not in relax_of({"after": 1, "need": {name: -5, "topics": -1}})[0].lower


def test_a_lender_lends_who_has_what_it_asks_while_it_keeps_its_promise():
    step = {"after": "1.5T", "add": "backoffice", "if": "sl(backoffice) >= 85 and ewt(backoffice) <= 2m"}

    lent = relax_of(step, backoffice={"needs": {"mail": 2}, "wants": {"lang.en": 3}})

    assert lent == (RelaxStep(1.5, add={"mail": 2}, lender="backoffice", lender_level=0.85, lender_wait=120),)


def test_whom_a_lender_lends_to_a_private_queue_must_be_its_member():
    document = {"relax": {"care": [{"after": 1, "add": "board"}]}}
    there = company(care={"is_private": True}, board={"is_private": True, "needs": {"law": 3}})

    step = compiled(document, there).engine.queue("care").relax[0]

    assert step.add == {"law": 3, "member.care": 1, "member.board": 1}


def test_a_step_whose_lender_is_gone_is_left_out():
    assert relax_of({"after": 1, "add": "closed"}, {"after": 2, "drop": "want"}) == (
        RelaxStep(2.0, drop_preferred=True),
    )


def test_weights_costs_and_interruption_are_taken_over():
    document = {
        "prefer": {"match": 2, "agents": "idle", "line": "fifo", "occupancy_cap": 88, "idle_full": "10m"},
        "capacity": {"cost": {"chat": 50}, "interrupts": {"voice": [], "chat": ["email"]}},
    }
    policy = compiled(document, company()).policy(7)

    assert (policy.version, policy.weights.match, policy.weights.load) == (7, 2, 0.35)
    assert (policy.strategy, policy.line, policy.occupancy_cap, policy.idle_full) == ("idle", "fifo", 0.88, 600)
    assert (policy.costs, policy.interrupts) == ({"voice": 100, "chat": 50, "email": 10}, {"chat": ("email",)})


def test_an_agents_own_cost_beats_the_rules():
    rules = compiled({"capacity": {"cost": {"chat": 50}}}, company())

    costs = [rules.cost("care", channel, own) for channel, own in (("chat", {}), ("chat", TWENTY), ("voice", TWENTY))]
    assert costs == [50, 20, 100]


def test_a_queues_cost_beats_the_cost_for_all_and_an_agents_own_beats_both():
    rules = compiled({"capacity": {"cost": {"chat": 50}}, "queues": {"care": {"cost": {"chat": 40}}}}, company())
    costs = [rules.cost("care", "chat", own) for own in ({}, TWENTY, {"voice": 20})]

    assert (costs, rules.cost("sales", "chat", {}), rules.cost("care", "email", {})) == ([40, 20, 40], 50, 10)


def test_a_queues_cost_is_known_where_no_queue_is():
    rules = compiled({"queues": {"care": {"cost": {"chat": 40}}}}, Company())

    assert (rules.cost("care", "chat", {}), rules.policy(1).cost("care", "chat")) == (40, 40)


@pytest.mark.parametrize(
    "document",
    [
        {"queues": {"default": {"target": {"voice": "soon"}}}},
        {"classify": [{"when": "nonsense", "set": {"vip": True}}]},
        {"relax": {"care": [{"need": {"topics": -1}}]}},
        {"prefer": []},
        {"classify": 7},
    ],
)
def test_a_document_that_cannot_be_followed_is_refused(document):
    with pytest.raises(BadRules):
        compiled(document, company(care={}))
