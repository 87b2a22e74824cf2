"""The routing rules in force, as the engine takes them, and what a queue and a language ask of an agent."""

from django.db.models import FilteredRelation, Q

from routing.engine.facts import Policy, QueuePolicy, RelaxStep, Weights
from routing.models import Domain, QueueRouting, Skill
from tickets.models import Queue

COSTS = {"voice": 100, "chat": 30, "email": 10}
TARGET_SECONDS = {"voice": 20, "chat": 60, "email": 4 * 3600}
MAX_WAIT_SECONDS = {"voice": 300, "chat": 600, "email": 24 * 3600}
OFFER_SECONDS = {"voice": 20, "chat": 30, "email": 45}
MISSES_ALLOWED = {"voice": 2, "chat": 1, "email": 1}
DECLINE_COOLDOWN_SECONDS = 60
LANGUAGE_LEVEL = 3
HEAD_START = 0.5

# What a private queue asks of an agent beside skills: to be one of its members. Waiting never makes up for that.
MEMBER = "member."

# Topics give way before languages do, and a language at last: better a translated answer than none.
RELAX = (
    RelaxStep(after=0.5, lower={"*": 1, "lang.": 0, MEMBER: 0}),
    RelaxStep(after=1.0, lower={"*": 1, "lang.": 1, MEMBER: 0}, drop_preferred=True),
    RelaxStep(after=3.0, lower={"*": 5, "lang.": 1, MEMBER: 0}),
    RelaxStep(after=6.0, lower={"lang.": 5, MEMBER: 0}),
)


def policy_of(domain: Domain) -> Policy:
    """The policy that a dispatch of `domain` follows."""
    rows = QueueRouting.objects.filter(domain=domain).select_related("queue")
    return Policy(
        version=1,
        queues={row.queue.slug: _queue_policy(row) for row in rows},
        default_queue=_queue_policy(QueueRouting()),
        weights=Weights(),
        costs=COSTS,
        offers_at_once=1,
    )


def routing_of(queue: Queue) -> QueueRouting:
    """How `queue` is routed; a queue nobody tuned yet follows the defaults in the main domain."""
    try:
        return queue.routing
    except QueueRouting.DoesNotExist:
        return QueueRouting.objects.get_or_create(queue=queue, defaults={"domain": Domain.main()})[0]


def skills_asked(queue: Queue, language: str) -> tuple[dict[str, int], dict[str, int]]:
    """(required, preferred) skills by slug for an interaction of `queue` in `language` (ISO 639-1 or empty).

    A language that is no skill of the desk is not asked for: nobody could be told apart by it.
    """
    spoken = Q(slug=language_slug(language), kind=Skill.Kind.LANGUAGE)
    asked = FilteredRelation("queues", condition=Q(queues__queue=queue))
    skills = Skill.objects.annotate(asked=asked).filter(Q(asked__isnull=False) | spoken)
    needs, wants = {}, {}
    for slug, level, is_required in skills.values_list("slug", "asked__level", "asked__is_required"):
        if level is None:
            needs[slug], wants[slug] = LANGUAGE_LEVEL, 5
        else:
            (needs if is_required else wants)[slug] = level
    return needs, wants


def language_slug(language: str) -> str:
    """The skill slug of an ISO 639-1 code: "pl" and "pl-PL" are both "lang.pl"."""
    code = language.strip().lower().replace("_", "-").split("-")[0]
    return f"lang.{code}" if code else ""


def offer_seconds(row: QueueRouting, channel: str) -> float:
    """How long an offer of `channel` rings."""
    return float(row.offer_seconds.get(channel, OFFER_SECONDS[channel]))


def cost_for(agent, channel: str) -> int:
    """Units of `agent`'s budget that one interaction of `channel` takes up."""
    return int(agent.costs.get(channel, COSTS[channel]))


def _queue_policy(row):
    return QueuePolicy(
        targets=TARGET_SECONDS | row.targets,
        max_wait=MAX_WAIT_SECONDS,
        importance=row.importance,
        head_start=HEAD_START,
        relax=RELAX,
    )
