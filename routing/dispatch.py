"""One dispatch: read who waits and who is there, ask the engine, and write offers and decisions in bulk.

Runs in one short transaction under the domain's transaction lock. The engine decides on what was read without row
locks; agents and interactions are then locked (in that order) and what changed meanwhile is left for the next run.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Count, Window
from django.db.models.functions import RowNumber

from customers.events import record_all
from routing.engine import facts
from routing.engine.match import decide
from routing.models import Agent, AgentSkill, Decision, Domain, Interaction, Offer
from routing.policies import MEMBER, MISSES_ALLOWED, cost_for, offer_seconds, policy_of

# Advisory locks are shared by the whole database; this number says that ours are about routing domains.
LOCK_SPACE = 7_401
LOCK_TIMEOUT = "2s"
MOST_OF_A_KIND = 200
# One ring at a time: a desk that rings is asked nothing else until its agent has answered.
RINGING = "ringing"


class Fenced(Exception):
    """Another router decided for this domain meanwhile; nothing was written."""


@dataclass(frozen=True, slots=True)
class Dispatched:
    """What a run came to: offers made, and how many of its answers no longer applied when it came to write."""

    offers: int
    overtaken: int


@transaction.atomic
def dispatch(domain_id: int, *, trigger: str = "nudge") -> Dispatched:
    """Offer waiting interactions of a domain to the best agents there are.

    Raises OperationalError when the domain stays locked, Fenced when another router got past the lock all the same.
    """
    domain, now = _claim(domain_id)
    waiting = _waiting(domain, now)
    agents = _signed_in(domain) if waiting else []
    if not agents:
        return Dispatched(0, 0)
    outcome = decide(_state(waiting, agents), policy_of(domain), now.timestamp(), seed=domain.epoch)
    pairs = _still_possible(outcome.assigned, {row.pk: row for row in waiting})
    offers = _write(pairs, domain, now, trigger)
    return Dispatched(len(offers), len(outcome.assigned) - len(offers))


def state_of(domain: Domain, now: datetime) -> facts.State:
    """Everybody who waits and serves in `domain`, as the engine is told."""
    return _state(_waiting(domain, now), _signed_in(domain))


def _claim(domain_id):
    """Take the domain's lock until commit, and raise its epoch; returns the domain and the database's time."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, true)", [LOCK_TIMEOUT])
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCK_SPACE, domain_id])
        cursor.execute("SELECT clock_timestamp()")  # a statement of its own: after the wait for the lock
        now = cursor.fetchone()[0]
    domain = Domain.objects.get(pk=domain_id)
    before, domain.epoch = domain.epoch, domain.epoch + 1
    if not Domain.objects.filter(pk=domain_id, epoch=before).update(epoch=domain.epoch):
        raise Fenced(f"Another router decides for domain {domain_id}.")
    return domain, now


def _waiting(domain, now):
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


def _signed_in(domain):
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


def _state(waiting, agents):
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


def _still_possible(assigned, told):
    """(interaction, agent, explanation) of what still holds with agents, then interactions, locked; one per agent."""
    agents = _locked(Agent.objects.select_related("user"), [one.agent for one in assigned])
    rows = _locked(
        Interaction.objects.select_related("queue__routing", "ticket"), [one.interaction for one in assigned]
    )
    pairs = []
    for one in assigned:
        agent, row = agents.get(one.agent), rows.get(one.interaction)
        if agent and row and _holds(row, agent, told[one.interaction]):
            row.cost = cost_for(agent, row.channel)
            agent.used += row.cost
            agent.presence = RINGING
            pairs.append((row, agent, one.explanation))
    return pairs


def _holds(row, agent, told):
    """Whether the interaction still waits as the engine was told, and the agent can still take it."""
    asked = (row.status, row.queue_id, row.needs, row.reserved_for_id)
    is_as_told = asked == (Interaction.Status.WAITING, told.queue_id, told.needs, told.reserved_for_id)
    return is_as_told and agent.presence == Agent.Presence.AVAILABLE and agent.free >= cost_for(agent, row.channel)


def _locked(rows, ids):
    return {row.pk: row for row in rows.select_for_update(of=("self",)).filter(pk__in=ids).order_by("pk")}


def _write(pairs, domain, now, trigger):
    for row, agent, _ in pairs:
        agent.idle_since = now
        row.agent, row.offered_at, row.status = agent, now, Interaction.Status.OFFERED
        row.offer_count += 1
    agents = {agent.pk: agent for _, agent, _ in pairs}.values()
    for agent in agents:
        agent.revision += 1
    Agent.objects.bulk_update(agents, ["used", "idle_since", "revision"])
    Interaction.objects.bulk_update(
        [row for row, _, _ in pairs], ["agent", "offered_at", "status", "offer_count", "cost"]
    )
    decisions = Decision.objects.bulk_create(_decision(pair, domain, now, trigger) for pair in pairs)
    offers = Offer.objects.bulk_create(
        _offer(pair, decision, domain, now) for pair, decision in zip(pairs, decisions, strict=True)
    )
    told = [(offer, {"agent": str(offer.agent), "decision": offer.decision_id}) for offer in offers]
    record_all("offer.made", told, by="router")
    return offers


def _decision(pair, domain, now, trigger):
    row, agent, explanation = pair
    return Decision(
        interaction=row,
        agent=agent,
        domain=domain,
        epoch=domain.epoch,
        policy_version=explanation.policy,
        trigger=trigger,
        explanation=explanation.to_json(),
        at=now,
    )


def _offer(pair, decision, domain, now):
    row, agent, _ = pair
    rings = timedelta(seconds=offer_seconds(row.queue.routing, row.channel))
    return Offer(
        interaction=row, agent=agent, decision=decision, epoch=domain.epoch, made_at=now, expires_at=now + rings
    )


def _days(at, now):
    return (now - at).total_seconds() / 86_400 if at else 0.0
