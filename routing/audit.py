"""What must be true of the router's rows, as SQL that finds the exceptions.

INVARIANTS hold at any moment between transactions. PROMISES are kept by the sweep: they hold for what is older than a
while (`late` seconds), as does that nobody waits whom somebody free could serve, which only the engine can tell.
"""

from dataclasses import dataclass

from django.db import connection

from customers import clock
from routing.engine.match import decide
from routing.models import Agent, Domain, Interaction
from routing.policies import policy_of
from routing.presence import GRACE_SECONDS
from routing.situation import state_of

LATE_SECONDS = 60
# Of a rule that very many rows break, so many are told.
MOST = 100


@dataclass(frozen=True, slots=True)
class Rule:
    """What is true of all rows, the sentence about one of which it is not, and the query that finds those."""

    says: str
    exception: str
    query: str


INVARIANTS = (
    Rule(
        "Each agent's units in use are those of their interactions.",
        "Agent {} holds {} units by the counter, but {} by their interactions.",
        """SELECT a.id, a.used, coalesce(sum(i.cost), 0) FROM routing_agent a
        LEFT JOIN routing_interaction i ON i.agent_id = a.id AND i.status NOT IN ('waiting', 'done')
        GROUP BY a.id HAVING a.used <> coalesce(sum(i.cost), 0)""",
    ),
    Rule(
        "Each agent's parked units are those of their parked interactions.",
        "Agent {} has {} units parked by the counter, but {} by their interactions.",
        """SELECT a.id, a.parked, coalesce(sum(i.cost), 0) FROM routing_agent a
        LEFT JOIN routing_interaction i ON i.agent_id = a.id AND i.status = 'parked'
        GROUP BY a.id HAVING a.parked <> coalesce(sum(i.cost), 0)""",
    ),
    Rule(
        "Nobody holds more than their budget and what a person allowed them beyond it.",
        "Agent {} holds {} units, more than the {} allowed.",
        "SELECT id, used - parked, budget + override FROM routing_agent WHERE used - parked > budget + override",
    ),
    Rule(
        "Nobody is allowed more beyond their budget than they hold.",
        "Agent {} is allowed {} units beyond the budget, and needs {}.",
        """SELECT id, override, greatest(0, used - parked - budget) FROM routing_agent
        WHERE override > greatest(0, used - parked - budget)""",
    ),
    Rule(
        "Nothing stays parked for which there is room.",
        "Interaction {} is parked, though agent {} has room for it.",
        """SELECT i.id, a.id FROM routing_interaction i JOIN routing_agent a ON a.id = i.agent_id
        WHERE i.status = 'parked' AND i.cost <= a.budget + a.override + a.parked - a.used""",
    ),
    Rule(
        "Whatever is offered rings on its agent's desk.",
        "Interaction {} is offered, but rings on no desk.",
        """SELECT i.id FROM routing_interaction i WHERE i.status = 'offered' AND NOT EXISTS (
            SELECT 1 FROM routing_offer o WHERE o.interaction_id = i.id AND o.agent_id = i.agent_id
            AND o.outcome = 'open')""",
    ),
    Rule(
        "Whatever rings is offered, to whom it rings for.",
        "Offer {} is open, but interaction {} is {}.",
        """SELECT o.id, i.id, i.status FROM routing_offer o JOIN routing_interaction i ON i.id = o.interaction_id
        WHERE o.outcome = 'open' AND (i.status <> 'offered' OR i.agent_id IS DISTINCT FROM o.agent_id)""",
    ),
    Rule(
        "Nothing rings on two desks.",
        "Interaction {} has {} open offers.",
        """SELECT interaction_id, count(*) FROM routing_offer WHERE outcome = 'open'
        GROUP BY interaction_id HAVING count(*) > 1""",
    ),
    Rule(
        "No desk rings twice at once.",
        "Agent {} is rung by {} offers at once.",
        "SELECT agent_id, count(*) FROM routing_offer WHERE outcome = 'open' GROUP BY agent_id HAVING count(*) > 1",
    ),
    Rule(
        "Nothing rings for, and no conversation is left with, somebody who is offline.",
        "Interaction {} is {} with agent {}, who is offline.",
        """SELECT i.id, i.status, a.id FROM routing_interaction i JOIN routing_agent a ON a.id = i.agent_id
        WHERE a.presence = 'offline'
        AND (i.status = 'offered' OR i.channel IN ('chat', 'voice') AND i.status IN ('active', 'parked'))""",
    ),
    Rule(
        "Each ticket has one live interaction by each channel at the most.",
        "Ticket {} has {} live interactions by {}.",
        """SELECT ticket_id, count(*), channel FROM routing_interaction WHERE status <> 'done'
        GROUP BY ticket_id, channel HAVING count(*) > 1""",
    ),
    Rule(
        "Each interaction is waiting, offered, active, parked, in wrap-up or done.",
        "Interaction {} is “{}”.",
        """SELECT id, status FROM routing_interaction
        WHERE status NOT IN ('waiting', 'offered', 'active', 'parked', 'wrap_up', 'done')""",
    ),
    Rule(
        "What waits holds nobody.",
        "Interaction {} waits, but holds {} units of agent {}.",
        """SELECT id, cost, coalesce(agent_id::text, 'nobody') FROM routing_interaction
        WHERE status = 'waiting' AND (cost <> 0 OR agent_id IS NOT NULL)""",
    ),
    Rule(
        "What is done costs nothing.",
        "Interaction {} is done, but still costs {} units.",
        "SELECT id, cost FROM routing_interaction WHERE status = 'done' AND cost <> 0",
    ),
    Rule(
        "What an agent is at was accepted.",
        "Interaction {} is {}, but nobody accepted it.",
        """SELECT id, status FROM routing_interaction
        WHERE status IN ('active', 'parked', 'wrap_up') AND accepted_at IS NULL""",
    ),
    Rule(
        "What rings no longer was answered, or ended, at some time.",
        "Offer {} was answered at no time.",
        "SELECT id FROM routing_offer WHERE outcome <> 'open' AND answered_at IS NULL",
    ),
    Rule(
        "Each offer has the decision that explains it.",
        "Offer {} has no decision that explains it.",
        "SELECT id FROM routing_offer WHERE decision_id IS NULL",
    ),
)
PROMISES = (
    Rule(
        "Nothing rings when its time is over.",
        "Offer {} rings on, though its time was over {} s ago.",
        """SELECT id, round(extract(epoch FROM now() - expires_at)) FROM routing_offer
        WHERE outcome = 'open' AND expires_at < now() - make_interval(secs => %(late)s)""",
    ),
    Rule(
        "Nothing is in wrap-up when its time is over.",
        "Interaction {} is in wrap-up, though its time was over {} s ago.",
        """SELECT id, round(extract(epoch FROM now() - wrap_up_until)) FROM routing_interaction
        WHERE status = 'wrap_up' AND wrap_up_until < now() - make_interval(secs => %(late)s)""",
    ),
    Rule(
        "Whose desk gives no sign of life is offline, and nothing rings there.",
        "Agent {} is {}, but their desk gave no sign of life for {} s.",
        """SELECT id, presence, coalesce(round(extract(epoch FROM now() - last_seen))::text, 'ever so many')
        FROM routing_agent WHERE presence <> 'offline' AND coalesce(last_seen, presence_since) <
        now() - make_interval(secs => %(late)s + %(grace)s)""",
    ),
    Rule(
        "Nothing is kept waiting for somebody who has gone.",
        "Interaction {} waits for agent {} alone, who is {}.",
        """SELECT i.id, a.id, a.presence FROM routing_interaction i JOIN routing_agent a ON a.id = i.reserved_for_id
        WHERE i.status = 'waiting' AND a.presence IN ('offline', 'away')
        AND a.presence_since < now() - make_interval(secs => %(late)s)""",
    ),
)
SERVED = "Nobody waits whom somebody free could serve."


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule, and a sentence for each row (of the first MOST) that breaks it."""

    rule: str
    exceptions: tuple[str, ...]


def problems() -> list[str]:
    """A sentence for each row that breaks an invariant; an empty list when all is well."""
    return [sentence for rule in INVARIANTS for sentence in exceptions_to(rule)]


def overdue(late: float = LATE_SECONDS) -> list[str]:
    """A sentence for each row that a sweep should have put right `late` seconds ago."""
    return [sentence for rule in PROMISES for sentence in exceptions_to(rule, late)] + overlooked(late)


def look_over(late: float = LATE_SECONDS) -> list[Finding]:
    """Every rule, and what breaks it."""
    found = [Finding(rule.says, tuple(exceptions_to(rule, late))) for rule in (*INVARIANTS, *PROMISES)]
    return [*found, Finding(SERVED, tuple(overlooked(late)))]


def exceptions_to(rule: Rule, late: float = LATE_SECONDS) -> list[str]:
    """A sentence for each row that breaks one rule, of the first MOST."""
    with connection.cursor() as cursor:
        cursor.execute(f"{rule.query} LIMIT %(most)s", {"late": late, "grace": GRACE_SECONDS, "most": MOST})
        return [rule.exception.format(*row) for row in cursor.fetchall()]


def overlooked(late: float = LATE_SECONDS) -> list[str]:
    """A sentence for each interaction that the engine would give to an agent who has been free for `late` seconds."""
    return [
        f"Interaction {one.interaction} waits, and agent {one.agent} is free."
        for one in unserved()
        if one.seconds >= late
    ]


@dataclass(frozen=True, slots=True)
class Unserved:
    """Who waits, who could serve them, and for how many seconds both have been there."""

    interaction: int
    agent: int
    seconds: float


def unserved() -> list[Unserved]:
    """Whom the router would serve if it looked now; each a pair that nobody has brought together yet."""
    return [one for domain in Domain.objects.order_by("id") for one in _unserved_in(domain)]


def _unserved_in(domain: Domain) -> list[Unserved]:
    now = clock.now()
    outcome = decide(state_of(domain, now), policy_of(domain), now.timestamp())
    pairs = sorted((one.interaction, one.agent) for one in outcome.assigned)
    waiting = dict(Interaction.objects.filter(pk__in=[pk for pk, _ in pairs]).values_list("pk", "waiting_since"))
    rows = Agent.objects.filter(pk__in=[pk for _, pk in pairs]).values_list("pk", "idle_since", "presence_since")
    free = {pk: max(times) for pk, *times in rows}
    return [
        Unserved(interaction, agent, (now - max(waiting[interaction], free[agent])).total_seconds())
        for interaction, agent in pairs
        if interaction in waiting and agent in free
    ]
