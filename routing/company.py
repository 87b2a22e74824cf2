"""The company's rows as the plain facts that routing rules speak of."""

from collections import defaultdict
from datetime import timedelta

from django.db.models import Avg, Count, F
from django.utils import timezone

from customers.models import Customer
from routing.models import Agent, AgentSkill, Domain, Interaction, QueueRouting, QueueSkill, Skill
from routing.rules import CHANNELS, MEMBER, Company, QueueSetup, Staff, Traffic

# Traffic is looked back on for so long, and told of where it was enough to tell anything.
LOOK_BACK = timedelta(days=28)
ENOUGH = 50
# The busiest of a week's hours are what a promise must hold in: one in ten is busier.
BUSY_SHARE = 0.1
# As the fields of QueueSetup.
PAGE = (
    "queue", "queue__slug", "queue__name", "queue__is_private", "targets", "offer_seconds", "importance"
)  # fmt: skip


def pages_of(domain: Domain, *, with_skills: bool = True) -> tuple[list, list]:
    """What the queues' own pages say, as plain rows that are equal as long as nothing changed.

    Every run of the router asks: one query, another one for the skills they ask for.
    """
    pages = QueueRouting.objects.filter(domain=domain).order_by("queue").values_list(*PAGE)
    asked = QueueSkill.objects.filter(queue__routing__domain=domain).order_by("queue", "skill__slug")
    return list(pages), list(asked.values_list("queue", "skill__slug", "level", "is_required")) if with_skills else []


def queues_of(pages: tuple[list, list]) -> dict[str, QueueSetup]:
    """The queues by slug, from what pages_of read."""
    rows, skills = pages
    asked = defaultdict(lambda: ({}, {}))
    for queue, slug, level, is_required in skills:
        asked[queue][0 if is_required else 1][slug] = level
    setups = [QueueSetup(*fields, *asked[pk]) for pk, *fields in rows]
    return {setup.slug: setup for setup in setups}


def company_of(domain: Domain) -> Company:
    """Everything that rules of a domain are checked against, in a fixed number of queries."""
    return Company(
        queues=queues_of(pages_of(domain)),
        skills=dict(Skill.objects.values_list("slug", "name")),
        agents=tuple(_staff(domain)),
        tiers=tuple(Customer.Tier.values),
        traffic=_traffic(domain),
    )


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
