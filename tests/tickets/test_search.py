import pytest

from customers.models import Address
from tests import factories as make
from tickets.models import Ticket
from tickets.search import search

pytestmark = pytest.mark.django_db


def _found(words):
    return list(search(Ticket.objects.all(), words).order_by("id"))


def test_a_number_finds_its_ticket_only():
    ticket = make.make_ticket()
    make.make_ticket(text=f"I mean number {ticket.number}")

    assert _found(f"#{ticket.number}") == [ticket]
    assert _found(f" {ticket.number} ") == [ticket]


def test_a_number_that_is_no_tickets_is_searched_as_a_word():
    ticket = make.make_ticket(text="My parcel is 777000111222")

    assert _found("777000111222") == [ticket]


@pytest.mark.parametrize("words", ["parc", "PARCEL", "my parcel"])
def test_parts_of_the_subject_are_found(words):
    ticket = make.make_ticket(subject="Where is my parcel?")
    make.make_ticket(subject="Broken lamp")

    assert _found(words) == [ticket]


def test_a_customers_name_and_address_are_found():
    ada = make.make_customer("Ada Lovelace", email="countess@example.test")
    ticket = make.make_ticket(customer=ada)
    make.make_ticket()

    assert _found("lovel") == [ticket]
    assert _found("countess@") == [ticket]


def test_tickets_of_everybody_who_is_one_with_a_customer_are_found():
    ada = make.make_customer("Ada Lovelace")
    old = make.make_ticket(customer=make.make_customer("A. L.", merged_into=ada))

    assert _found("lovelace") == [old]


def test_words_that_were_said_are_found_all_of_them_together():
    ticket = make.make_ticket(text="The zipper broke on the second day")
    make.make_ticket(text="The zipper is fine")

    assert _found("zipper broke") == [ticket]
    assert _found("broke zipper") == [ticket]
    assert _found('"zipper is"') == [Ticket.objects.exclude(pk=ticket.pk).get()]


def test_a_ticket_with_many_hits_is_found_once():
    ticket = make.make_ticket(subject="zipper", text="zipper")
    make.make_message(ticket, text="zipper zipper")

    assert _found("zipper") == [ticket]


def test_nothing_asked_narrows_nothing():
    ticket = make.make_ticket()

    assert _found("  ") == [ticket]


@pytest.mark.parametrize("words", ["%", "_", "'; drop table", "\0", "a & | !", "(((", "x" * 5_000, "zażółć", "\\"])
def test_odd_words_are_words_like_any_other(words):
    ticket = make.make_ticket(subject="plain", text="plain")

    assert _found(words) in ([], [ticket] if not words.strip("\0") else [])


def test_what_was_narrowed_before_stays_narrow():
    ticket = make.make_ticket(text="zipper", status="open")
    make.make_ticket(text="zipper", status="solved")

    assert list(search(Ticket.objects.unsolved(), "zipper")) == [ticket]


def test_a_search_is_four_queries_at_most(django_assert_max_num_queries):
    Address.objects.create(customer=make.make_customer(), kind="chat", value="12345")

    with django_assert_max_num_queries(4):
        _found("12345")
