"""Which customer is this? By the address they came from; a new one is made when nobody has it."""

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet

from customers.events import record
from customers.models import Address, Customer

NAME_CHARS = 200
VALUE_CHARS = 320


class Nameless(ValueError):
    """There is no address to tell by who this is; the message says of what kind."""


def identify(*, kind: str, value: str, name: str = "", language: str = "") -> Address:
    """The address `value` of `kind` ("email", "phone", "chat") with its customer, made if nobody has it yet.

    Two first contacts at the same time end with one customer: the unique address decides. A known customer's empty
    name or language is filled in, never changed; until somebody says a name, it is their address.
    Raises Nameless for an empty address, which would be everybody's.
    """
    value = normalise(kind, value)[:VALUE_CHARS]
    if not value:
        raise Nameless(f"Nobody can be told by an empty {kind} address.")
    name = " ".join(name.split())[:NAME_CHARS]
    language = language_code(language)
    address = _find(kind, value)
    if address is None:
        address = _make(kind, value, name or _nameless(kind, value), language)
    if name and address.customer.name == _nameless(kind, value):
        address.customer.name = ""  # an address stood in for it
    _fill_in(address.customer, name=name, language=language)
    return address


def normalise(kind: str, value: str) -> str:
    """One spelling per address: mail lower case, phone with digits and a leading + only."""
    value = value.strip()
    if kind == Address.Kind.EMAIL:
        return value.lower()
    if kind == Address.Kind.PHONE:
        return "".join(c for c in value if c.isdigit() or c == "+")
    return value


def language_code(language: str) -> str:
    """The ISO 639 code of a language tag: "pl" for "pl-PL" and "PL_pl"."""
    return language.strip().lower().replace("_", "-").split("-")[0][:8]


def current(customer: Customer) -> Customer:
    """The customer that this one was merged into, or itself."""
    while customer.merged_into_id:
        customer = customer.merged_into
    return customer


def same_person(customer: Customer) -> QuerySet[Customer]:
    """The customer, and everybody who was merged into them."""
    return Customer.objects.filter(Q(pk=customer.pk) | Q(merged_into=customer.pk))


def _nameless(kind, value):
    """What to call somebody who gave no name; a chat's random key says nothing."""
    return "" if kind == Address.Kind.CHAT else value[:NAME_CHARS]


def _find(kind, value):
    found = Address.objects.select_related("customer").filter(kind=kind, value=value)
    address = next(iter(found), None)
    if address:
        address.customer = current(address.customer)
    return address


def _make(kind, value, name, language):
    try:
        with transaction.atomic():
            customer = Customer.objects.create(name=name, language=language)
            address = Address.objects.create(customer=customer, kind=kind, value=value, is_primary=True)
            record("customer.created", customer, by="customer", address=value)
            return address
    except IntegrityError:
        return _find(kind, value)


def _fill_in(customer, **values):
    missing = {field: value for field, value in values.items() if value and not getattr(customer, field)}
    if missing:
        for field, value in missing.items():
            setattr(customer, field, value)
        customer.save(update_fields=list(missing))
