from threading import Barrier, Thread

import pytest
from django.db import IntegrityError, connection, transaction

from customers.models import Event
from routing.models import Domain, Policy
from routing.policies import ORDINARY, policy_of, rules_of
from routing.rules import ordinary
from routing.versions import (
    PolicyFaulty,
    PolicyOvertaken,
    PolicyRefused,
    discard,
    draft,
    draft_of,
    publish,
    publish_draft,
    rollback,
    validate,
    version,
)
from tests import factories as make

pytestmark = pytest.mark.django_db

QUICK = {"offer": {"ring": {"chat": "10s"}}}
SLOW = {"offer": {"ring": {"chat": "50s"}}}
FAULTY = {"relax": {"nowhere": []}}


@pytest.fixture
def desk():
    return Domain.main()


@pytest.fixture
def boss():
    return make.make_supervisor("Ana Boss")


def in_force(domain) -> tuple[int, float]:
    """The number of the rules in force, and for how long they let a chat ring."""
    domain = Domain.objects.get(pk=domain.pk)
    return policy_of(domain).version, rules_of(domain).offer.ring["chat"]


def events() -> list[tuple[str, dict]]:
    return list(Event.objects.filter(verb__startswith="policy.").order_by("id").values_list("verb", "facts"))


def test_the_ordinary_rules_are_in_force_until_somebody_publishes(desk, boss):
    assert in_force(desk) == (ORDINARY, 30)

    publish(desk, QUICK, by=boss, note="Ring shorter")

    assert in_force(desk) == (1, 10)
    assert events() == [("policy.published", {"number": 1, "note": "Ring shorter"})]


def test_a_later_version_retires_the_one_before(desk, boss):
    first = publish(desk, QUICK, by=boss)
    second = publish(desk, SLOW, by=boss)

    rows = Policy.objects.order_by("number").values_list("number", "state", "based_on")
    assert list(rows) == [(1, "retired", None), (2, "published", first.pk)]
    assert Domain.objects.get(pk=desk.pk).policy == second


def test_domains_count_their_versions_each(desk, boss):
    north = make.make_domain("north")

    assert [publish(domain, QUICK, by=boss).number for domain in (desk, north, desk)] == [1, 1, 2]


def test_a_draft_is_kept_with_its_errors_and_changes_nothing(desk, boss):
    draft(desk, FAULTY, by=boss, note="Half done")

    kept = draft_of(desk)
    assert (kept.document, kept.note, kept.by, kept.number, in_force(desk)) == (
        FAULTY,
        "Half done",
        boss,
        None,
        (0, 30),
    )


def test_a_draft_is_published_under_its_note_and_is_gone(desk, boss):
    draft(desk, QUICK, by=boss, note="Ring shorter")

    row = publish_draft(desk, by=boss)

    assert (row.number, row.note, draft_of(desk), in_force(desk)) == (1, "Ring shorter", None, (1, 10))


def test_a_draft_with_errors_is_not_published_and_stays(desk, boss):
    draft(desk, FAULTY, by=boss)

    with pytest.raises(PolicyFaulty) as refusal:
        publish_draft(desk, by=boss)

    assert [(one.path, one.is_error) for one in refusal.value.findings] == [("/relax/nowhere", True)]
    assert str(refusal.value) == "The rules were not published: /relax/nowhere: There is no queue “nowhere”."
    assert (draft_of(desk).document, in_force(desk)) == (FAULTY, (0, 30))


def test_without_a_draft_there_is_nothing_to_publish(desk, boss):
    with pytest.raises(PolicyRefused, match="There is no draft to publish"):
        publish_draft(desk, by=boss)


def test_a_draft_is_thrown_away(desk, boss):
    draft(desk, QUICK, by=boss)
    discard(desk, by=boss)
    discard(desk, by=boss)

    assert (draft_of(desk), [verb for verb, _ in events()]) == (None, ["policy.drafted", "policy.discarded"])


def test_rolling_back_publishes_the_old_rules_as_a_new_version(desk, boss):
    publish(desk, QUICK, by=boss)
    publish(desk, SLOW, by=boss)

    row = rollback(desk, 1, by=boss)

    assert (row.number, row.note, row.document, in_force(desk)) == (3, "Back to version 1.", QUICK, (3, 10))
    assert events()[-1] == ("policy.rolled_back", {"number": 3, "to": 1, "note": ""})


def test_rolling_back_to_nought_puts_the_ordinary_rules_in_force(desk, boss):
    publish(desk, QUICK, by=boss)

    assert (rollback(desk, ORDINARY, by=boss).document, in_force(desk)) == (ordinary(), (2, 30))


def test_rolling_back_to_a_queue_that_is_gone_is_refused(desk, boss):
    queue = make.make_queue("Shipping")
    publish(desk, {"relax": {queue.slug: []}}, by=boss)
    publish(desk, QUICK, by=boss)
    queue.delete()

    with pytest.raises(PolicyFaulty, match="There is no queue"):
        rollback(desk, 1, by=boss)


def test_a_number_that_is_none_is_refused(desk, boss):
    with pytest.raises(PolicyRefused, match="There is no version 7 of the rules of main"):
        version(desk, 7)


def test_two_supervisors_cannot_publish_over_each_other(desk, boss):
    publish(desk, QUICK, by=boss, based_on=0)

    with pytest.raises(
        PolicyOvertaken, match=r"Ana Boss published version 1 at .* while you looked at the ordinary rules"
    ):
        publish(desk, SLOW, by=make.make_supervisor(), based_on=0)

    assert in_force(desk) == (1, 10)


def test_a_draft_begun_before_others_published_must_be_saved_again(desk, boss):
    draft(desk, SLOW, by=boss)
    publish(desk, QUICK, by=boss)
    with pytest.raises(PolicyOvertaken, match="save yours again on top of it"):
        publish_draft(desk, by=boss)

    draft(desk, SLOW, by=boss, based_on=1)

    assert publish_draft(desk, by=boss).number == 2


def test_a_draft_that_another_saved_is_not_overwritten(desk, boss):
    opened = draft(desk, QUICK, by=boss).revision
    draft(desk, SLOW, by=boss, revision=opened)

    with pytest.raises(PolicyOvertaken, match="Ana Boss saved the draft at"):
        draft(desk, {}, by=make.make_supervisor(), revision=opened)

    assert draft_of(desk).document == SLOW


def test_a_draft_that_is_gone_is_not_brought_back_unseen(desk, boss):
    opened = draft(desk, QUICK, by=boss).revision
    publish_draft(desk, by=boss)

    with pytest.raises(PolicyOvertaken, match="was published or thrown away meanwhile"):
        draft(desk, SLOW, by=boss, revision=opened)


def test_a_draft_changed_since_it_was_looked_at_is_not_published(desk, boss):
    opened = draft(desk, QUICK, by=boss).revision
    draft(desk, SLOW, by=boss)

    with pytest.raises(PolicyOvertaken, match="after you opened it"):
        publish_draft(desk, by=boss, revision=opened)


def nested(levels):
    return [nested(levels - 1)] if levels else []


@pytest.mark.parametrize(
    ("document", "note", "sentence"),
    [
        ([], "", "Rules are an object of six blocks"),
        ({"about": "a\0b"}, "", "no NUL characters"),
        ({"about": "\ud800"}, "", "half a character"),
        ({"prefer": {"match": float("nan")}}, "", "that JSON cannot say"),
        ({"about": "a" * 300_000}, "", "256 kB at most"),
        ({"about": nested(30)}, "", "never nested more than 20 levels deep"),
        ({}, "a" * 201, "A note has 200 characters at most; this one has 201."),
    ],
)
def test_what_cannot_be_kept_is_refused_in_words(desk, boss, document, note, sentence):
    with pytest.raises(PolicyRefused, match=sentence):
        draft(desk, document, by=boss, note=note)


def test_what_is_too_large_to_keep_is_not_looked_into(desk):
    (found,) = validate(desk, {"queues": {f"queue-{number}": {} for number in range(100_000)}})

    assert (found.is_error, found.path, found.sentence) == (
        True,
        "",
        "Rules have 256 kB at most, and no NUL characters.",
    )


@pytest.mark.parametrize(
    "change", [{"document": {}}, {"number": 9}, {"note": "Nicer"}, {"state": "draft", "number": None}]
)
def test_the_database_refuses_to_change_what_was_published(desk, boss, change):
    row = publish(desk, QUICK, by=boss)

    with pytest.raises(IntegrityError), transaction.atomic():
        Policy.objects.filter(pk=row.pk).update(**change)


def test_the_database_refuses_to_delete_what_was_published(desk, boss):
    publish(desk, QUICK, by=boss)
    publish(desk, SLOW, by=boss)

    with pytest.raises(IntegrityError, match="was published and is never changed"), connection.cursor() as cursor:
        cursor.execute("DELETE FROM routing_policy WHERE number = 1")


def test_the_database_holds_one_draft_a_domain(desk):
    Policy.objects.create(domain=desk, document={})

    with pytest.raises(IntegrityError, match="one_draft"), transaction.atomic():
        Policy.objects.create(domain=desk, document={})


def test_rules_are_compiled_once_as_long_as_nothing_changes(desk, boss, django_assert_num_queries):
    make.make_queue("Shipping")
    publish(desk, QUICK, by=boss)
    before = rules_of(desk)

    with django_assert_num_queries(1):
        assert rules_of(desk) is before


def test_a_changed_queue_page_counts_at_once_without_a_version(desk):
    queue = make.make_queue("Shipping", targets={"chat": 30})
    before = policy_of(desk).queue(queue.slug).target("chat")
    queue.routing.targets = {"chat": 15}
    queue.routing.save()

    assert (before, policy_of(desk).queue(queue.slug).target("chat")) == (30, 15)


def test_lent_agents_are_asked_for_what_the_lender_asks_now(desk, boss):
    care, sales = make.make_queue("Care"), make.make_queue("Sales", needs={"billing": 2})
    publish(desk, {"relax": {care.slug: [{"after": 1, "add": sales.slug}]}}, by=boss)
    before = policy_of(desk).queue(care.slug).relax[0].add
    sales.skills.update(level=4)

    assert (before, policy_of(desk).queue(care.slug).relax[0].add) == ({"billing": 2}, {"billing": 4})


def test_rules_that_no_release_follows_any_more_give_way_to_the_ordinary_ones(desk):
    row = make.make_policy(desk, {"classify": [{"when": "moon == 'full'", "set": {}}]})

    assert (policy_of(desk).version, rules_of(desk).classify({}).rules, row.number) == (1, (), 1)


def test_validating_looks_at_the_company_there_is(desk):
    make.make_agent(skills={"billing": 3})
    document = {"classify": [{"set": {"need": {"billing": 4, "biling": 1}}}]}

    assert [(one.severity, one.path) for one in validate(desk, document)] == [("error", "/classify/0/set/need/biling")]


@pytest.mark.django_db(transaction=True)
def test_of_two_who_publish_at_once_one_is_told_that_the_other_was_faster(desk, boss):
    start, outcomes = Barrier(2), []

    def try_to_publish():
        start.wait()
        try:
            outcomes.append(publish(Domain.objects.get(pk=desk.pk), QUICK, by=boss, based_on=0).number)
        except PolicyOvertaken:
            outcomes.append("overtaken")
        finally:
            connection.close()

    threads = [Thread(target=try_to_publish) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes, key=str) == [1, "overtaken"]
