"""Two customers turn out to be one person. Nothing is moved: the one points to the other, so it can be undone."""

from django.db import transaction

from customers.events import record
from customers.models import Customer


class MergeRefused(Exception):
    """These two cannot be merged, or not parted; the message says why and the way on."""


@transaction.atomic
def merge(customer: Customer, *, into: Customer, by) -> None:
    """Make `customer` one with `into`, and with them everybody who was merged into `customer` before.

    Their addresses lead to `into` from now on. Raises MergeRefused when one of them is merged already.
    """
    locked = _lock(customer, into)
    if customer.pk == into.pk:
        raise MergeRefused("This is one customer already; choose another to merge with.")
    for one in locked.values():
        if one.merged_into_id:
            raise MergeRefused(f"{one} was merged into {one.merged_into} before; merge that one instead.")
    followers = list(Customer.objects.filter(merged_into=customer).values_list("pk", flat=True))
    Customer.objects.filter(pk__in=[customer.pk, *followers]).update(merged_into=into)
    customer.merged_into = into
    record("customer.merged", customer, by=by, into=into.pk, followers=followers)
    record("customer.joined", into, by=by, merged=customer.pk)


@transaction.atomic
def unmerge(customer: Customer, *, by) -> None:
    """Make `customer` a person of their own again, with all that was theirs. Raises MergeRefused if they are one."""
    into = _lock(customer)[customer.pk].merged_into
    if into is None:
        raise MergeRefused(f"{customer} is not merged into anybody.")
    followers = _followers_at_merge(customer, into)
    Customer.objects.filter(pk=customer.pk).update(merged_into=None)
    Customer.objects.filter(pk__in=followers, merged_into=into).update(merged_into=customer)
    customer.merged_into = None
    record("customer.unmerged", customer, by=by, was=into.pk)
    record("customer.parted", into, by=by, unmerged=customer.pk)


def _lock(*customers):
    """Fresh rows by id, locked in the order of their ids."""
    rows = Customer.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=[one.pk for one in customers])
    return {row.pk: row for row in rows.order_by("pk")}


def _followers_at_merge(customer, into):
    """Who came along when `customer` was merged: they go with them again."""
    merges = customer.events.filter(verb="customer.merged", subject_id=customer.pk, facts__into=into.pk)
    last = merges.order_by("-id").first()
    return last.facts.get("followers", []) if last else []
