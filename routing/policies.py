"""The routing rules in force, as the engine and the desk take them, and what a queue and a language ask of an agent."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import structlog
from django.db import transaction
from django.db.models import FilteredRelation, Max, Q
from django.utils import timezone

from customers.events import nudge, record
from routing.company import company_of, fingerprint_of, queues_of
from routing.engine.facts import Policy as EnginePolicy
from routing.models import Domain, Policy, QueueRouting, Skill
from routing.rules import (
    MEMBER,
    BadRules,
    Classified,
    Company,
    Finding,
    Rules,
    compiled,
    findings,
    ordinary,
)
from routing.rules.ordinary import COSTS, DECLINE_COOLDOWN_SECONDS, MISSES_ALLOWED, OFFER_SECONDS, TARGET_SECONDS
from tickets.models import Queue

__all__ = [
    "COSTS",
    "DECLINE_COOLDOWN_SECONDS",
    "DISPATCH",
    "MEMBER",
    "MISSES_ALLOWED",
    "OFFER_SECONDS",
    "ORDINARY",
    "TARGET_SECONDS",
    "NoSuchVersion",
    "PolicyFaulty",
    "PolicyOvertaken",
    "PolicyRefused",
    "cost_for",
    "discard",
    "draft",
    "draft_of",
    "general_rules",
    "in_force",
    "language_slug",
    "offer_seconds",
    "policy_of",
    "publish",
    "publish_draft",
    "rollback",
    "routing_of",
    "rules_of",
    "skills_asked",
    "targets_of",
    "validate",
    "version",
]

LANGUAGE_LEVEL = 3
# The number of the rules in force where nobody published any.
ORDINARY = 0
NOTHING = Classified()
State = Policy.State
DISPATCH = "routing.dispatch"
MOST_BYTES, MOST_NOTE = 256_000, 200

log = structlog.get_logger(__name__)


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


@dataclass(frozen=True, slots=True)
class _InForce:
    """The compiled rules of a domain, and what they were compiled from."""

    policy_id: int | None
    fingerprint: str
    rules: Rules
    policy: EnginePolicy


# By domain: rules are compiled once per version and process, and anew when a queue's own page changed.
_in_force: dict[int, _InForce] = {}


def in_force(domain: Domain) -> tuple[Rules, EnginePolicy]:
    """The rules in force in `domain` and what a dispatch follows; the same objects as long as nothing changed.

    One query asks whether the queues' own pages changed.
    """
    known = _of(domain)
    return known.rules, known.policy


def policy_of(domain: Domain) -> EnginePolicy:
    """The policy that a dispatch of `domain` follows, as of in_force."""
    return _of(domain).policy


def rules_of(domain: Domain) -> Rules:
    """The rules in force in `domain`, queues and all, as of in_force."""
    return _of(domain).rules


def targets_of(rows: Iterable[QueueRouting]) -> dict[int, dict[str, float]]:
    """Seconds to answer in by channel, by queue id; `rows` have queue and domain at hand.

    One query or two for each domain that has published rules, none for others.
    """
    rows = list(rows)
    domains = {row.domain_id: row.domain for row in rows if row.domain.policy_id}
    ruled = {pk: rules_of(domain) for pk, domain in domains.items()}
    return {
        row.queue_id: ruled[row.domain_id].engine.queue(row.queue.slug).targets
        if row.domain_id in ruled
        else TARGET_SECONDS | row.targets
        for row in rows
    }


@lru_cache(maxsize=64)
def general_rules(policy_id: int | None) -> Rules:
    """The rules of a published version (None: the ordinary ones) as far as they speak of no queue.

    For classification, costs, cooldown and misses; no query but once in a process.
    """
    number, document = _written(policy_id)
    return _compiled(number, document, Company())


def routing_of(queue: Queue) -> QueueRouting:
    """How `queue` is routed, its domain at hand; a queue nobody tuned yet follows the defaults in the main domain."""
    if not queue._state.fields_cache.get("routing"):
        rows = QueueRouting.objects.select_related("domain")
        queue.routing = rows.filter(queue=queue).first() or _made(queue)
    return queue.routing


def skills_asked(queue: Queue, language: str, more: Classified = NOTHING) -> tuple[dict[str, int], dict[str, int]]:
    """(required, preferred) skills by slug for an interaction of `queue` in `language` (ISO 639-1 or empty).

    What rules asked for (`more`) beats what the queue asks for. A language or skill that the desk does not have is not
    asked for: nobody could be told apart by it.
    """
    spoken = Q(slug=language_slug(language), kind=Skill.Kind.LANGUAGE)
    named = Q(slug__in=[*more.needs, *more.wants])
    asked = FilteredRelation("queues", condition=Q(queues__queue=queue))
    skills = Skill.objects.annotate(asked=asked).filter(Q(asked__isnull=False) | spoken | named)
    needs, wants, known = {}, {}, set()
    for slug, level, is_required in skills.values_list("slug", "asked__level", "asked__is_required"):
        known.add(slug)
        if level is not None:
            (needs if is_required else wants)[slug] = level
        elif slug == language_slug(language):
            needs[slug], wants[slug] = LANGUAGE_LEVEL, 5
    return _merged(needs, wants, more, known)


def language_slug(language: str) -> str:
    """The skill slug of an ISO 639-1 code: "pl" and "pl-PL" are both "lang.pl"."""
    code = language.strip().lower().replace("_", "-").split("-")[0]
    return f"lang.{code}" if code else ""


def offer_seconds(row: QueueRouting, channel: str) -> float:
    """How long an offer of `channel` rings."""
    return float(row.offer_seconds.get(channel, OFFER_SECONDS[channel]))


def cost_for(agent, channel: str, rules: Rules | None = None) -> int:
    """Units of `agent`'s budget that one interaction of `channel` takes up, under these rules or the ordinary ones."""
    return int(agent.costs.get(channel, (rules.costs if rules else COSTS)[channel]))


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
    return findings(document, company_of(domain))


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


def _of(domain):
    known = _in_force.get(domain.pk)
    number, document = _written(domain.policy_id)
    fingerprint = fingerprint_of(domain, with_skills=_lends(document))
    if known is None or (known.policy_id, known.fingerprint) != (domain.policy_id, fingerprint):
        rules = _compiled(number, document, Company(queues=queues_of(domain)))
        known = _in_force[domain.pk] = _InForce(domain.policy_id, fingerprint, rules, rules.policy(number))
    return known


@lru_cache(maxsize=64)
def _written(policy_id):
    """(number, document) of a published version; neither ever changes."""
    if policy_id is None:
        return ORDINARY, ordinary()
    return Policy.objects.values_list("number", "document").get(pk=policy_id)


def _lends(document):
    return any("add" in step for steps in document.get("relax", {}).values() for step in steps)


def _compiled(number, document, company):
    """Routing goes on, whatever an older release let through: rules nobody can follow give way to the ordinary."""
    try:
        return compiled(document, company)
    except BadRules as error:
        log.error("policy.broken", version=number, reason=str(error))
        return compiled(ordinary(), company)


def _made(queue):
    return QueueRouting.objects.get_or_create(queue=queue, defaults={"domain": Domain.main()})[0]


def _merged(needs, wants, more, known):
    """What the queue and the language ask for, and on top what the rules do; a need of 0 is none."""
    needs = {**needs, **{slug: level for slug, level in more.needs.items() if slug in known}}
    wants = {**wants, **{slug: level for slug, level in more.wants.items() if slug in known}}
    dropped = [slug for slug, level in needs.items() if level == 0]
    for slug in dropped:
        del needs[slug]
    return needs, {slug: level for slug, level in wants.items() if slug not in dropped or slug in more.wants}


def _lock(domain):
    """Lock the domain's row, so that rules are published one after the other; returns the version in force or None."""
    locked = Domain.objects.select_for_update(of=("self",), no_key=True).select_related("policy__by")
    domain.policy = locked.get(pk=domain.pk).policy
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
    try:
        written = json.dumps(document, ensure_ascii=False, allow_nan=False).encode()
    except (ValueError, RecursionError):
        raise PolicyRefused("The rules hold something that JSON cannot say, or half a character.") from None
    if len(written) > MOST_BYTES or b"\\u0000" in written or "\0" in note:
        raise PolicyRefused(f"Rules have {MOST_BYTES // 1000} kB at most, and no NUL characters.")


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
