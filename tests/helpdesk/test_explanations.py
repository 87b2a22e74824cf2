import pytest
from django.utils import timezone

from helpdesk.explanations import Bar, names_of, occasion, outcome, tell, tell_again
from routing.engine.facts import Candidate, Explanation
from routing.models import Agent, Decision, Dispatch, Policy
from tests.factories import (
    make_agent,
    make_decision,
    make_interaction,
    make_offer,
    make_queue,
    make_supervisor,
    make_user,
)
from tests.routing.floor import ringing

pytestmark = pytest.mark.django_db


def why(*, agents, terms, **more) -> dict:
    """The record of a decision for the first of `agents`, whose `terms` (in thousandths) are in the same order."""
    facts = {
        "policy": 1, "interaction": 1, "agent": agents[0].pk, "waited": 12.0, "target": 60.0, "urgency": 0.2, "tier": 0,
        "step": 0, "skipped": 0, "phase": "greedy", "excluded": {}, "considered": len(agents), "margin": 100,
        "without": {}, "levels": {},
        "candidates": tuple(Candidate(agent.pk, own) for agent, own in zip(agents, terms, strict=True)),
    }  # fmt: skip
    return Explanation(**facts | more).to_json()


@pytest.fixture
def ada():
    return make_agent("Ada")


@pytest.fixture
def bo():
    return make_agent("Bo")


def _told(*agents, **record):
    return tell(make_decision(make_interaction(), agent=agents[0], explanation=why(agents=agents, **record)))


def test_bars_of_all_considerations_are_drawn_by_one_scale(ada, bo):
    chart = _told(ada, bo, terms=[{"match": 600, "load": -200}, {"match": 300, "load": 0}]).chart

    assert [name for name, _ in chart.terms] == ["Match", "Load"]
    assert chart.zero == 25.0
    assert chart.lines[0].bars == [Bar(0.6, 25.0, 75.0, "plus"), Bar(-0.2, 0.0, 25.0, "minus")]
    assert chart.lines[1].bars == [Bar(0.3, 25.0, 37.5, "plus"), Bar(0.0, 25.0, 0.0, "none")]


def test_sums_are_drawn_against_the_best(ada, bo):
    lines = _told(ada, bo, terms=[{"match": 400}, {"match": 800}], margin=-400).chart.lines

    assert [(line.name, line.total.width, line.total.points) for line in lines] == [
        ("Bo", 100.0, 0.8),
        ("Ada", 50.0, 0.4),
    ]


def test_a_sum_below_nought_is_told_but_has_no_bar(ada):
    [line] = _told(ada, terms=[{"load": -300}], margin=None).chart.lines

    assert line.total == Bar(-0.3, 0.0, 0.0, "none")


def test_what_counted_for_nobody_is_not_shown(ada, bo):
    chart = _told(ada, bo, terms=[{"match": 600, "affinity": 0}, {"match": 300, "affinity": 0}]).chart

    assert [name for name, _ in chart.terms] == ["Match"]


def test_who_would_have_won_is_named_for_each_consideration(ada, bo):
    terms = [{"match": 600, "fairness": 100}, {"match": 300, "fairness": 50}]

    chart = _told(ada, bo, terms=terms, without={"match": bo.pk}).chart

    assert chart.without == ["Bo", "Ada"]


def test_of_one_alone_nobody_else_is_named(ada):
    assert _told(ada, terms=[{"match": 600}], margin=None).chart.without == []


def test_where_the_best_pairs_count_nobody_else_is_named(ada, bo):
    assert _told(ada, bo, terms=[{"match": 600}, {"match": 650}], margin=-50).chart.without == []


def test_the_queue_that_lent_somebody_is_called_by_its_name(ada):
    interaction = make_interaction()
    record = why(agents=[ada], terms=[{"match": 1}], lent=interaction.queue.slug)
    told = tell(make_decision(interaction, agent=ada, explanation=record))

    assert f"Ada is lent by {interaction.queue}." in told.sentences


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ({"outcome": "open"}, "It rings for Ada now."),
        ({"outcome": "accepted"}, "Ada accepted it after 6 s."),
        ({"outcome": "declined", "reason": "Not my topic"}, "Ada declined it after 6 s: Not my topic."),
        ({"outcome": "expired"}, "Ada did not answer after 6 s."),
        ({"outcome": "withdrawn", "reason": "taken by Bo"}, "It stopped ringing after 6 s: taken by Bo."),
    ],
)
def test_what_became_of_it_is_told(ada, answer, told):
    now = timezone.now()
    offer = make_offer(agent=ada, made_at=now - timezone.timedelta(seconds=6), answered_at=now, **answer)

    assert outcome(offer.decision) == told


def test_a_decision_without_an_offer_came_to_nothing(ada):
    assert outcome(make_decision(make_interaction(), agent=ada)) == ""


def test_the_rules_in_force_are_named(ada):
    rules = Policy.objects.create(
        domain=ada.domain, number=3, state="published", document={}, by=make_user("Cy"), published_at=timezone.now()
    )
    decision = make_decision(make_interaction(), agent=ada, policy_version=3, trigger="sweep", epoch=7)

    on = f"{rules.published_at:%-d %b %Y}"
    assert occasion(decision) == (
        f"Decided by version 3 of the rules (published {on} by Cy), because of the regular look at all lines; "
        "run 7 of the router."
    )


def test_the_ordinary_rules_have_no_version(ada):
    decision = make_decision(make_interaction(), agent=ada, trigger="nudge", epoch=7)

    assert occasion(decision).startswith("Decided by the ordinary rules, because something changed")


def test_told_the_same_again_the_same_agent_is_rung():
    decision = ringing(make_agent("Ada")).decision

    assert tell_again(decision) == {
        "is_same": True,
        "agent": decision.agent_id,
        "sentence": "Told the same, the router has it ring for Ada again.",
    }


def test_another_answer_to_the_same_is_said(bo):
    decision = ringing(make_agent("Ada")).decision
    Decision.objects.update(agent=bo)

    told = tell_again(Decision.objects.get(pk=decision.pk))

    assert (told["is_same"], told["sentence"]) == (False, "Told the same, the router has it ring for Ada.")


def test_what_is_forgotten_cannot_be_decided_again():
    decision = ringing().decision
    Dispatch.objects.update(inputs=None)

    assert tell_again(decision) == {
        "is_same": None,
        "agent": None,
        "sentence": "What the engine was told then is not kept any longer.",
    }


def test_queues_that_the_reader_may_not_see_stay_unnamed():
    queue = make_queue("Board", is_private=True)
    agent, boss = make_user(), make_supervisor()

    named = [names_of(Agent.objects.none(), reader=reader).queue(queue.slug) for reader in (agent, boss, None)]

    assert named == ["Another queue", "Board", "Board"]
