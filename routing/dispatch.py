"""One dispatch: read who waits and who is there, ask the engine, and write offers and decisions in bulk.

Runs in one short transaction under the domain's transaction lock. The engine decides on what was read without row
locks; agents and interactions are then locked (in that order) and what changed meanwhile is left for the next run.
"""

from dataclasses import dataclass
from datetime import timedelta

from django.db import connection, transaction

from customers.events import record_all
from routing.engine.match import decide
from routing.models import Agent, Decision, Domain, Interaction, Offer
from routing.policies import cost_for, offer_seconds, policy_of
from routing.situation import RINGING, signed_in, told, waiting_in

# Advisory locks are shared by the whole database; this number says that ours are about routing domains.
LOCK_SPACE = 7_401
LOCK_TIMEOUT = "2s"


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
    waiting = waiting_in(domain, now)
    agents = signed_in(domain) if waiting else []
    if not agents:
        return Dispatched(0, 0)
    outcome = decide(told(waiting, agents), policy_of(domain), now.timestamp(), seed=domain.epoch)
    pairs = _still_possible(outcome.assigned, {row.pk: row for row in waiting})
    offers = _write(pairs, domain, now, trigger)
    return Dispatched(len(offers), len(outcome.assigned) - len(offers))


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


def _still_possible(assigned, rows_told):
    """(interaction, agent, explanation) of what still holds with agents, then interactions, locked; one per agent."""
    agents = _locked(Agent.objects.select_related("user"), [one.agent for one in assigned])
    rows = _locked(
        Interaction.objects.select_related("queue__routing", "ticket"), [one.interaction for one in assigned]
    )
    pairs = []
    for one in assigned:
        agent, row = agents.get(one.agent), rows.get(one.interaction)
        if agent and row and _holds(row, agent, rows_told[one.interaction]):
            row.cost = cost_for(agent, row.channel)
            agent.used += row.cost
            agent.presence = RINGING
            pairs.append((row, agent, one.explanation))
    return pairs


def _holds(row, agent, row_told):
    """Whether the interaction still waits as the engine was told, and the agent can still take it."""
    asked = (row.status, row.queue_id, row.needs, row.reserved_for_id)
    is_as_told = asked == (Interaction.Status.WAITING, row_told.queue_id, row_told.needs, row_told.reserved_for_id)
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
