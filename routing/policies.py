"""The routing rules in force, as the engine and the desk take them, and what a queue and a language ask of an agent."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import structlog
from django.db.models import FilteredRelation, Q

from routing.company import fingerprint_of, queues_of
from routing.engine.facts import Policy as EnginePolicy
from routing.models import Domain, Policy, QueueRouting, Skill
from routing.rules import (
    MEMBER,
    BadRules,
    Classified,
    Company,
    Rules,
    compiled,
    ordinary,
)
from routing.rules.ordinary import COSTS, OFFER_SECONDS, TARGET_SECONDS
from tickets.models import Queue

__all__ = [
    "COSTS",
    "DISPATCH",
    "MEMBER",
    "OFFER_SECONDS",
    "ORDINARY",
    "TARGET_SECONDS",
    "general_rules",
    "in_force",
    "language_slug",
    "policy_of",
    "routing_of",
    "rules_of",
    "skills_asked",
    "targets_of",
]

LANGUAGE_LEVEL = 3
# The number of the rules in force where nobody published any.
ORDINARY = 0
NOTHING = Classified()
DISPATCH = "routing.dispatch"

log = structlog.get_logger(__name__)


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
