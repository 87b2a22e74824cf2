"""The company's rows as the plain facts that routing rules speak of."""

from collections import defaultdict
from datetime import timedelta

from django.db import connection
from django.db.models import Avg, Count, F
from django.utils import timezone

from customers.models import Customer
from routing.models import Agent, AgentSkill, Domain, Interaction, QueueRouting, QueueSkill, Skill
from routing.rules import CHANNELS, MEMBER, Company, QueueSetup, Staff, Traffic
from tickets.models import Queue

# Traffic is looked back on for so long, and told of where it was enough to tell anything.
LOOK_BACK = timedelta(days=28)
ENOUGH = 50
# The busiest of a week's hours are what a promise must hold in: one in ten is busier.
BUSY_SHARE = 0.1

# A row's version is where it lies and which transaction wrote it: cheaper to read than what it says.
PAGE_VERSIONS = """
SELECT coalesce(md5(string_agg(r.ctid::text || r.xmin || q.ctid::text || q.xmin, ' ' ORDER BY r.id)), '')
FROM {routing} r JOIN {queue} q ON q.id = r.queue_id WHERE r.domain_id = %(domain)s"""
ASKED_VERSIONS = """
SELECT coalesce(md5(string_agg(k.ctid::text || k.xmin || s.ctid::text || s.xmin, ' ' ORDER BY k.id)), '')
FROM {asked} k JOIN {skill} s ON s.id = k.skill_id JOIN {routing} r ON r.queue_id = k.queue_id
WHERE r.domain_id = %(domain)s"""
_TABLES = {
    "asked": QueueSkill._meta.db_table,
    "queue": Queue._meta.db_table,
    "routing": QueueRouting._meta.db_table,
    "skill": Skill._meta.db_table,
}
SKILL_VERSIONS = f"SELECT ({PAGE_VERSIONS}) || ({ASKED_VERSIONS})".format_map(_TABLES)
PAGE_VERSIONS = PAGE_VERSIONS.format_map(_TABLES)


def fingerprint_of(domain: Domain, *, with_skills: bool) -> str:
    """A word that changes whenever a queue's own page does (the skills it asks for too, where they are wanted).

    Every run of the router asks: it names the versions of the rows, for two hundred queues in half a millisecond.
    """
    with connection.cursor() as cursor:
        cursor.execute(SKILL_VERSIONS if with_skills else PAGE_VERSIONS, {"domain": domain.pk})
        return cursor.fetchone()[0]


def queues_of(domain: Domain) -> dict[str, QueueSetup]:
    """The domain's queues by slug, as their own pages say; in two queries."""
    rows = QueueRouting.objects.filter(domain=domain).select_related("queue").order_by("queue__slug")
    asked = _skills_asked(domain)
    return {row.queue.slug: _setup(row, *asked[row.queue_id]) for row in rows}


def company_of(domain: Domain) -> Company:
    """Everything that rules of a domain are checked against, in a fixed number of queries."""
    return Company(
        queues=queues_of(domain),
        skills=dict(Skill.objects.values_list("slug", "name")),
        agents=tuple(_staff(domain)),
        tiers=tuple(Customer.Tier.values),
        traffic=_traffic(domain),
    )


def _setup(row, needs, wants):
    return QueueSetup(
        slug=row.queue.slug,
        name=row.queue.name,
        is_private=row.queue.is_private,
        targets=row.targets,
        rings=row.offer_seconds,
        importance=row.importance,
        needs=needs,
        wants=wants,
    )


def _skills_asked(domain):
    """({required}, {preferred}) by queue id."""
    asked = defaultdict(lambda: ({}, {}))
    rows = QueueSkill.objects.filter(queue__routing__domain=domain).order_by("skill__slug")
    for queue, slug, level, is_required in rows.values_list("queue", "skill__slug", "level", "is_required"):
        asked[queue][0 if is_required else 1][slug] = level
    return asked


def _staff(domain):
    """Everybody who could sign in, whether or not they have."""
    agents = Agent.objects.filter(domain=domain, user__is_active=True).select_related("user")
    had = defaultdict(dict)
    for agent, slug, level in AgentSkill.objects.filter(agent__in=agents).values_list("agent", "skill__slug", "level"):
        had[agent][slug] = level
    private = agents.filter(user__private_queues__isnull=False).order_by()
    for agent, slug in private.values_list("pk", "user__private_queues__slug"):
        had[agent][MEMBER + slug] = 1
    for agent in agents:
        channels = frozenset(agent.channels or CHANNELS)
        yield Staff(str(agent), had[agent.pk], channels, agent.budget, agent.costs)


def _traffic(domain):
    """The busy hours of each queue and channel of late, where there was enough of it: rate and time of work."""
    since = timezone.now() - LOOK_BACK
    done = Interaction.objects.filter(queue__routing__domain=domain, created_at__gte=since)
    hours = defaultdict(list)
    by_hour = done.values("queue__slug", "channel", "created_at__date", "created_at__hour").order_by()
    for row in by_hour.annotate(count=Count("id")):
        hours[row["queue__slug"], row["channel"]].append(row["count"])
    served = done.filter(accepted_at__isnull=False, done_at__isnull=False).order_by()
    times = served.values("queue__slug", "channel").annotate(
        time=Avg(F("done_at") - F("accepted_at")), count=Count("id")
    )
    return {
        (row["queue__slug"], row["channel"]): Traffic(_busy(hours[row["queue__slug"], row["channel"]]) / 3600, time)
        for row in times
        if row["count"] >= ENOUGH and (time := row["time"].total_seconds()) > 0
    }


def _busy(counts):
    return sorted(counts)[-max(1, round(len(counts) * BUSY_SHARE))]
