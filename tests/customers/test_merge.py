import pytest

from customers.identify import current
from customers.merge import MergeRefused, merge, unmerge
from customers.models import Customer, Event
from customers.timeline import timeline
from tests import factories as make
from tests.races import at_once, sorted_kinds

pytestmark = pytest.mark.django_db


@pytest.fixture
def boss():
    return make.make_supervisor("Sue")


def test_a_merged_customer_is_one_with_the_other(boss):
    ada, al = make.make_customer("Ada"), make.make_customer("A. L.")

    merge(al, into=ada, by=boss)

    assert current(Customer.objects.get(pk=al.pk)) == ada
    assert list(Event.objects.order_by("id").values_list("verb", "customer", "user")) == [
        ("customer.merged", al.pk, boss.pk),
        ("customer.joined", ada.pk, boss.pk),
    ]


def test_unmerging_gives_back_exactly_what_was(boss):
    ada, al, lady = make.make_customer("Ada"), make.make_customer("A. L."), make.make_customer("Lady L.")
    merge(lady, into=al, by=boss)
    merge(al, into=ada, by=boss)

    unmerge(al, by=boss)

    merged_into = dict(Customer.objects.values_list("pk", "merged_into"))
    assert merged_into == {ada.pk: None, al.pk: None, lady.pk: al.pk}


def test_who_was_merged_before_comes_along(boss):
    ada, al, lady = make.make_customer("Ada"), make.make_customer("A. L."), make.make_customer("Lady L.")
    merge(lady, into=al, by=boss)

    merge(al, into=ada, by=boss)

    lady.refresh_from_db()
    assert lady.merged_into == ada


def test_nobody_is_merged_with_themselves_or_twice(boss):
    ada, al = make.make_customer("Ada"), make.make_customer("A. L.")
    with pytest.raises(MergeRefused, match="one customer already"):
        merge(ada, into=ada, by=boss)
    merge(al, into=ada, by=boss)

    with pytest.raises(MergeRefused, match=r"A\. L\. was merged into Ada before"):
        merge(al, into=make.make_customer(), by=boss)
    with pytest.raises(MergeRefused, match=r"A\. L\. was merged into Ada before"):
        merge(make.make_customer(), into=al, by=boss)


def test_who_is_merged_into_nobody_cannot_be_unmerged(boss):
    with pytest.raises(MergeRefused, match="Ada is not merged into anybody"):
        unmerge(make.make_customer("Ada"), by=boss)


def test_the_timeline_is_everything_of_everybody_they_are_newest_first(boss):
    ada, al, other = make.make_customer("Ada"), make.make_customer("A. L."), make.make_customer()
    make.make_ticket(customer=ada)
    make.make_ticket(customer=al, channel="chat")
    make.make_ticket(customer=other)

    merge(al, into=ada, by=boss)

    verbs = list(timeline(ada).values_list("verb", "customer"))
    assert verbs == [
        ("customer.joined", ada.pk),
        ("customer.merged", al.pk),
        ("ticket.opened", al.pk),
        ("ticket.opened", ada.pk),
    ]


def test_the_timeline_is_one_query(boss, django_assert_num_queries):
    customer = make.make_customer()
    ticket = make.make_ticket(customer=customer, text="Hello")
    make.make_message(ticket, kind="note", user=boss)

    with django_assert_num_queries(1):
        actors = [str(event.user) for event in timeline(customer)]

    assert actors == ["Sue", "None", "None"]


@pytest.mark.django_db(transaction=True)
def test_two_merges_at_once_make_no_circle(boss):
    ada, al = make.make_customer("Ada"), make.make_customer("A. L.")

    outcomes = at_once(lambda: merge(al, into=ada, by=boss), lambda: merge(ada, into=al, by=boss))

    assert sorted_kinds(outcomes) == ["MergeRefused", "NoneType"]
    assert Customer.objects.filter(merged_into=None).count() == 1
