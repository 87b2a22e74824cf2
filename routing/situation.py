"""Who waits and who is there, as the engine is told. Reads only, so that a page may ask why somebody still waits."""

from collections import defaultdict
from datetime import datetime

from django.db.models import Count, Window
from django.db.models.functions import RowNumber

from routing.engine import facts
from routing.models import Agent, AgentSkill, Domain, Interaction, Offer
from routing.policies import MEMBER, MISSES_ALLOWED, cost_for

MOST_OF_A_KIND = 200
# One ring at a time: a desk that rings is asked nothing else until its agent has answered.
RINGING = "ringing"


def state_of(domain: Domain, now: datetime) -> facts.State:
    """Everybody who waits and serves in `domain`, as the engine is told."""
    return told(waiting_in(domain, now), signed_in(domain))


def waiting_in(domain: Domain, now: datetime) -> list[Interaction]:
    """The interactions to decide about, oldest first, each with its `cooldown` by agent and `days` since the last."""
    rows = list(
        Interaction.objects.filter(pk__in=_first_of_each_kind(domain))
        .select_related("queue__routing", "ticket__assignee__agent")
        .defer("ticket__preview", "ticket__subject", "ticket__assignee__password", "ticket__assignee__preferences")
        .order_by("waiting_since", "id")
    )
    cooling = defaultdict(dict)
    offers = Offer.objects.filter(interaction__in=rows, cooldown_until__gt=now)
    for interaction, agent, until in offers.values_list("interaction", "agent", "cooldown_until"):
        cooling[interaction][agent] = max(until.timestamp(), cooling[interaction].get(agent, 0))
    for row in rows:
        row.cooldown, row.days = cooling[row.pk], _days(row.last_agent_at, now)
    return rows


def _first_of_each_kind(domain):
    """A night's backlog of mails must not hide this minute's chats: of equals only the first few are looked at."""
    place = Window(
        RowNumber(),
        partition_by=["queue", "channel", "needs", "reserved_for"],
        order_by=["-priority", "waiting_since", "id"],
    )
    waiting = Interaction.objects.waiting().filter(queue__routing__domain=domain)
    return list(waiting.annotate(place=place).filter(place__lte=MOST_OF_A_KIND).values_list("pk", flat=True))


def signed_in(domain: Domain) -> list[Agent]:
    """The agents who are not offline, each with what they `can`, what they hold `live`, and whether it rings there."""
    there = Agent.objects.filter(domain=domain, user__is_active=True).exclude(presence=Agent.Presence.OFFLINE)
    agents = list(there)
    held = Interaction.objects.held().filter(agent__in=agents).values_list("agent", "channel", "status")
    for agent in agents:
        agent.live, agent.is_ringing, agent.can = defaultdict(int), False, {}
    by_id = {agent.pk: agent for agent in agents}
    for pk, slug, level in _skills(agents):
        by_id[pk].can[slug] = level
    for pk, channel, status, count in held.annotate(count=Count("id")):
        by_id[pk].live[channel] += count
        by_id[pk].is_ringing |= status == Interaction.Status.OFFERED
    return agents


def _skills(agents):
    """(agent, skill, level) as plain values: as objects they took half of a dispatch.

    Who may see a private queue's tickets is told as a skill of one level: nobody else is ever rung for them.
    """
    had = AgentSkill.objects.filter(agent__in=agents).values_list("agent", "skill__slug", "level")
    members = Agent.objects.filter(pk__in=[agent.pk for agent in agents], user__private_queues__isnull=False)
    private = members.order_by().values_list("pk", "user__private_queues__slug")
    return [*had, *((pk, MEMBER + slug, 1) for pk, slug in private)]


def told(waiting: list[Interaction], agents: list[Agent]) -> facts.State:
    """Rows as the plain facts that the engine takes."""
    return facts.State(waiting=[_waiting_fact(row) for row in waiting], agents=[_agent_fact(row) for row in agents])


def _waiting_fact(row):
    owner = getattr(row.ticket.assignee, "agent", None)
    return facts.Waiting(
        id=row.pk,
        queue=row.queue.slug,
        channel=row.channel,
        waiting_since=row.waiting_since.timestamp(),
        required=row.needs | ({MEMBER + row.queue.slug: 1} if row.queue.is_private else {}),
        preferred=row.wants,
        cost=0,
        importance=row.queue.routing.importance,
        priority=row.priority,
        last_agent=row.last_agent_id,
        last_agent_days=row.days,
        owner=owner and owner.pk,
        reserved_for=row.reserved_for_id,
        cooldown=row.cooldown,
    )


def _agent_fact(row):
    return facts.Agent(
        id=row.pk,
        skills=row.can,
        presence=RINGING if row.is_ringing else row.presence,
        budget=row.budget,
        used=row.used - row.parked,
        override=row.override,
        idle_since=row.idle_since.timestamp(),
        channels=frozenset(row.channels or MISSES_ALLOWED),
        live=dict(row.live),
        costs={channel: cost_for(row, channel) for channel in MISSES_ALLOWED},
    )


def _days(at, now):
    return (now - at).total_seconds() / 86_400 if at else 0.0
