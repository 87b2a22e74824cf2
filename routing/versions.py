"""Versions of the routing rules: drafted, validated, published, put in force again. Each verb is an event."""

import json
from collections.abc import Sequence

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from customers.events import nudge, record
from routing.company import company_of
from routing.models import Domain, Policy
from routing.policies import DISPATCH, ORDINARY
from routing.rules import Finding, findings, ordinary
from routing.rules.findings import error

State = Policy.State
MOST_BYTES, MOST_NOTE, MOST_LEVELS = 256_000, 200, 20


class PolicyRefused(Exception):
    """The rules cannot be kept or published like that; the message says why and the way on."""


class PolicyOvertaken(PolicyRefused):
    """Somebody saved or published other rules meanwhile; the message says who and when."""


class NoSuchVersion(PolicyRefused):
    """No version of the rules has that number."""


class PolicyFaulty(PolicyRefused):
    """The rules have errors. `findings` has them and warnings, each with its place; `fields` errors by place."""

    def __init__(self, found: Sequence[Finding]):
        errors = [one for one in found if one.is_error]
        self.findings = tuple(found)
        self.fields = {one.path: [also.sentence for also in errors if also.path == one.path] for one in errors}
        more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
        super().__init__(
            f"The rules were not published: {errors[0].path or 'the document'}: {errors[0].sentence}{more}"
        )


@transaction.atomic
def draft(
    domain: Domain, document, *, by, note: str = "", based_on: int | None = None, revision: int | None = None
) -> Policy:
    """Keep `document` as the domain's one draft; it may have errors still.

    `based_on` is the number of the version in force that the author looked at (0: the ordinary rules), `revision` that
    of the draft they changed; either not given is not asked after. Raises PolicyOvertaken when others were faster, and
    PolicyRefused for what cannot be kept.
    """
    _check_storable(document, note)
    live = _lock(domain)
    _check_based_on(live, based_on)
    row = Policy.objects.filter(domain=domain, state=State.DRAFT).select_for_update(of=("self",)).first()
    if revision is not None and revision != (row.revision if row else 0):
        raise PolicyOvertaken(_draft_changed(row))
    if row is None:
        row = Policy(domain=domain, revision=0)
    row.document, row.note, row.by, row.based_on = document, note, by, live
    row.revision, row.changed_at = row.revision + 1, timezone.now()
    row.save()
    record("policy.drafted", row, by=by, note=note)
    return row


@transaction.atomic
def discard(domain: Domain, *, by) -> None:
    """Throw the draft away; where there is none, nothing changes."""
    for row in Policy.objects.filter(domain=domain, state=State.DRAFT).select_for_update():
        record("policy.discarded", row, by=by, note=row.note)
        row.delete()


def validate(domain: Domain, document) -> list[Finding]:
    """What is wrong with a document, or worth a thought, for this domain's company; errors first."""
    flaw = _unkeepable(document)
    return [error((), flaw)] if flaw else findings(document, company_of(domain))


@transaction.atomic
def publish(domain: Domain, document, *, by, note: str = "", based_on: int | None = None) -> Policy:
    """Put `document` in force as a new version.

    `based_on` is the number of the version the author looked at (0: the ordinary rules); not given is not asked after.
    Raises PolicyFaulty when it has errors, PolicyOvertaken when somebody published meanwhile, PolicyRefused.
    """
    _check_storable(document, note)
    live = _lock(domain)
    _check_based_on(live, based_on)
    _check_sound(validate(domain, document))
    row = _put_in_force(domain, document, live, by=by, note=note)
    record("policy.published", row, by=by, number=row.number, note=note)
    return row


@transaction.atomic
def publish_draft(domain: Domain, *, by, note: str | None = None, revision: int | None = None) -> Policy:
    """Put the draft in force, under its own note unless another is given.

    Raises what publish raises; PolicyOvertaken too when the draft is not the `revision` its author looked at, or was
    begun before another version was published.
    """
    _lock(domain)
    row = Policy.objects.filter(domain=domain, state=State.DRAFT).select_for_update(of=("self",)).first()
    if row is None:
        raise PolicyRefused("There is no draft to publish; save one first.")
    if revision is not None and revision != row.revision:
        raise PolicyOvertaken(_draft_changed(row))
    note = row.note if note is None else note
    number = row.based_on.number if row.based_on else ORDINARY
    published = publish(domain, row.document, by=by, note=note, based_on=number)
    row.delete()
    return published


@transaction.atomic
def rollback(domain: Domain, number: int, *, by, note: str = "", based_on: int | None = None) -> Policy:
    """Publish the rules of an earlier version (0: the ordinary ones) again, as a new version.

    Raises PolicyRefused for a number that is none, and what publish raises: since then a queue may have gone.
    """
    document = ordinary() if number == ORDINARY else version(domain, number).document
    live = _lock(domain)
    _check_based_on(live, based_on)
    _check_sound(validate(domain, document))
    row = _put_in_force(domain, document, live, by=by, note=note or f"Back to {_called(number)}.")
    record("policy.rolled_back", row, by=by, number=row.number, to=number, note=note)
    return row


def version(domain: Domain, number: int) -> Policy:
    """A published version by its number. Raises NoSuchVersion."""
    row = Policy.objects.filter(domain=domain, number=number).select_related("by").first()
    if row is None:
        raise NoSuchVersion(f"There is no version {number} of the rules of {domain}.")
    return row


def draft_of(domain: Domain) -> Policy | None:
    """The domain's draft, if there is one."""
    rows = Policy.objects.filter(domain=domain, state=State.DRAFT)
    return rows.select_related("by", "based_on").first()


def _lock(domain):
    """Lock the domain's row, so that rules are published one after the other; returns the version in force or None."""
    Domain.objects.select_for_update(no_key=True).get(pk=domain.pk)
    # Not in one query: who waited for the lock would not see the version that was published meanwhile.
    domain.policy = Domain.objects.select_related("policy__by").get(pk=domain.pk).policy
    return domain.policy


def _check_based_on(live, based_on):
    if based_on is None or based_on == (live.number if live else ORDINARY):
        return
    if live is None:
        raise PolicyOvertaken(f"There is no version {based_on} in force: the ordinary rules are.")
    who = live.by or "Somebody"
    raise PolicyOvertaken(
        f"{who} published version {live.number} at {_clock(live.published_at)}, while you looked at "
        f"{_called(based_on)}. Look at what differs, and save yours again on top of it."
    )


def _draft_changed(row):
    if row is None:
        return "The draft was published or thrown away meanwhile; look at the rules in force, and save yours anew."
    who = row.by or "Somebody"
    return f"{who} saved the draft at {_clock(row.changed_at)}, after you opened it. Look at it, then change it again."


def _check_storable(document, note):
    if not isinstance(document, dict):
        raise PolicyRefused("Rules are an object of six blocks; {} is the least of them.")
    if len(note) > MOST_NOTE:
        raise PolicyRefused(f"A note has {MOST_NOTE} characters at most; this one has {len(note)}.")
    flaw = "A note has no NUL characters." if "\0" in note else _unkeepable(document)
    if flaw:
        raise PolicyRefused(flaw)


def _unkeepable(document):
    """Why it can be neither kept nor looked at, in a sentence, or nothing."""
    if _levels(document) > MOST_LEVELS:
        return f"Rules are never nested more than {MOST_LEVELS} levels deep; these are."
    try:
        written = json.dumps(document, ensure_ascii=False, allow_nan=False).encode()
    except ValueError:
        return "The rules hold something that JSON cannot say, or half a character."
    is_kept = len(written) <= MOST_BYTES and b"\\u0000" not in written
    return "" if is_kept else f"Rules have {MOST_BYTES // 1000} kB at most, and no NUL characters."


def _levels(document):
    """How deeply it is nested, as far as that matters."""
    here, levels = [document], 0
    while here and levels <= MOST_LEVELS:
        inner = [one.values() if isinstance(one, dict) else one for one in here if isinstance(one, dict | list)]
        here, levels = [one for many in inner for one in many], levels + 1
    return levels


def _check_sound(found):
    if any(one.is_error for one in found):
        raise PolicyFaulty(found)


def _put_in_force(domain, document, live, *, by, note):
    now = timezone.now()
    last = Policy.objects.filter(domain=domain).aggregate(last=Max("number"))["last"] or ORDINARY
    Policy.objects.filter(domain=domain, state=State.PUBLISHED).update(state=State.RETIRED)
    row = Policy.objects.create(
        domain=domain, number=last + 1, state=State.PUBLISHED, document=document, note=note, by=by,
        based_on=live, published_at=now,
    )  # fmt: skip
    # Compare and swap: the lock makes sure of it, and this makes sure of the lock.
    if not Domain.objects.filter(pk=domain.pk, policy=live).update(policy=row):
        raise PolicyOvertaken("Somebody published other rules at this very moment; look at them, and try again.")
    domain.policy = row
    nudge(DISPATCH, domain.pk, coalesce=True)
    return row


def _called(number):
    return f"version {number}" if number else "the ordinary rules"


def _clock(at):
    return f"{timezone.localtime(at):%H:%M on %d %b}"
