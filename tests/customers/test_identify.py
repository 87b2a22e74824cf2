import pytest

from customers.identify import Nameless, current, identify, language_code, normalise
from customers.models import Address, Customer, Event
from tests import factories as make
from tests.races import at_once

pytestmark = pytest.mark.django_db


def test_a_first_contact_becomes_a_customer():
    address = identify(kind="email", value="Ada@Example.Test", name="Ada  Lovelace", language="en-GB")

    assert (address.value, address.is_primary) == ("ada@example.test", True)
    assert (address.customer.name, address.customer.language) == ("Ada Lovelace", "en")
    assert list(Event.objects.values_list("verb", "actor", "customer")) == [
        ("customer.created", "customer", address.customer_id)
    ]


def test_the_same_address_is_the_same_customer_however_it_is_spelled():
    first = identify(kind="phone", value="+48 (22) 123-45-67")

    assert identify(kind="phone", value="+48221234567") == first
    assert Customer.objects.count() == 1


def test_what_is_known_of_a_customer_is_never_overwritten_by_a_channel():
    make.make_customer("Ada", email="ada@example.test", language="pl")

    customer = identify(kind="email", value="ada@example.test", name="Someone Else", language="en").customer

    customer.refresh_from_db()
    assert (customer.name, customer.language) == ("Ada", "pl")


def test_an_empty_name_is_filled_in():
    address = identify(kind="chat", value="v_1")

    identify(kind="chat", value="v_1", name="Ada")

    address.customer.refresh_from_db()
    assert address.customer.name == "Ada"


def test_an_address_of_a_merged_customer_leads_to_the_one_they_are_now():
    into = make.make_customer("Ada")
    make.make_customer("A. L.", email="al@example.test", merged_into=into)

    assert identify(kind="email", value="al@example.test").customer == into


def test_an_empty_address_is_nobodys():
    with pytest.raises(Nameless, match="empty phone address"):
        identify(kind="phone", value=" - ")

    assert Customer.objects.count() == 0


def test_names_and_languages_longer_than_their_columns_are_cut():
    customer = identify(kind="email", value="a@b.test", name="x" * 500, language="abcdefghijkl").customer

    assert (len(customer.name), customer.language) == (200, "abcdefgh")


@pytest.mark.django_db(transaction=True)
def test_two_first_contacts_at_once_end_with_one_customer():
    outcomes = at_once(*[lambda: identify(kind="email", value="ada@example.test", name="Ada")] * 5)

    assert {address.customer_id for address in outcomes} == {Customer.objects.get().pk}
    assert Address.objects.count() == 1


def test_current_follows_a_chain_of_merges():
    last = make.make_customer("C")
    middle = make.make_customer("B", merged_into=last)

    assert current(make.make_customer("A", merged_into=middle)) == last


@pytest.mark.parametrize(
    ("kind", "written", "kept"),
    [
        ("email", " Ada@Example.TEST ", "ada@example.test"),
        ("phone", "+48 22 123", "+4822123"),
        ("chat", " AbC ", "AbC"),
    ],
)
def test_each_kind_of_address_has_one_spelling(kind, written, kept):
    assert normalise(kind, written) == kept


@pytest.mark.parametrize(("tag", "code"), [("pl-PL", "pl"), ("PL_pl", "pl"), ("en", "en"), ("", "")])
def test_a_language_tag_is_cut_to_its_code(tag, code):
    assert language_code(tag) == code


def test_who_gave_no_name_goes_by_their_address_until_they_give_one():
    ann = identify(kind="email", value="Ann@customer.example").customer
    assert str(ann) == "ann@customer.example"

    assert str(identify(kind="email", value="ann@customer.example", name="Ann Lee").customer) == "Ann Lee"
    assert str(identify(kind="email", value="ann@customer.example", name="Impostor").customer) == "Ann Lee"
