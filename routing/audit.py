"""What must be true of the router's rows at any moment between transactions, as SQL that finds the exceptions."""

from django.db import connection

INVARIANTS = {
    "Agent {} holds {} units by the counter, but {} by their interactions.": """
        SELECT a.id, a.used, coalesce(sum(i.cost), 0) FROM routing_agent a
        LEFT JOIN routing_interaction i ON i.agent_id = a.id AND i.status NOT IN ('waiting', 'done')
        GROUP BY a.id HAVING a.used <> coalesce(sum(i.cost), 0)""",
    "Agent {} has {} units parked by the counter, but {} by their interactions.": """
        SELECT a.id, a.parked, coalesce(sum(i.cost), 0) FROM routing_agent a
        LEFT JOIN routing_interaction i ON i.agent_id = a.id AND i.status = 'parked'
        GROUP BY a.id HAVING a.parked <> coalesce(sum(i.cost), 0)""",
    "Agent {} holds {} units, more than the {} allowed.": """
        SELECT id, used - parked, budget + override FROM routing_agent WHERE used - parked > budget + override""",
    "Interaction {} is parked, though agent {} has room for it.": """
        SELECT i.id, a.id FROM routing_interaction i JOIN routing_agent a ON a.id = i.agent_id
        WHERE i.status = 'parked' AND i.cost <= a.budget + a.override + a.parked - a.used""",
    "Interaction {} is offered, but rings on no desk.": """
        SELECT i.id FROM routing_interaction i WHERE i.status = 'offered' AND NOT EXISTS (
            SELECT 1 FROM routing_offer o WHERE o.interaction_id = i.id AND o.agent_id = i.agent_id
            AND o.outcome = 'open')""",
    "Offer {} is open, but interaction {} is {}.": """
        SELECT o.id, i.id, i.status FROM routing_offer o JOIN routing_interaction i ON i.id = o.interaction_id
        WHERE o.outcome = 'open' AND (i.status <> 'offered' OR i.agent_id IS DISTINCT FROM o.agent_id)""",
    "Interaction {} has {} open offers.": """
        SELECT interaction_id, count(*) FROM routing_offer WHERE outcome = 'open'
        GROUP BY interaction_id HAVING count(*) > 1""",
    "Agent {} is rung by {} offers at once.": """
        SELECT agent_id, count(*) FROM routing_offer WHERE outcome = 'open' GROUP BY agent_id HAVING count(*) > 1""",
    "Ticket {} has {} live interactions by {}.": """
        SELECT ticket_id, count(*), channel FROM routing_interaction WHERE status <> 'done'
        GROUP BY ticket_id, channel HAVING count(*) > 1""",
    "Interaction {} waits, but holds {} units of agent {}.": """
        SELECT id, cost, coalesce(agent_id::text, 'nobody') FROM routing_interaction
        WHERE status = 'waiting' AND (cost <> 0 OR agent_id IS NOT NULL)""",
    "Interaction {} is done, but still costs {} units.": """
        SELECT id, cost FROM routing_interaction WHERE status = 'done' AND cost <> 0""",
    "Interaction {} is {}, but nobody accepted it.": """
        SELECT id, status FROM routing_interaction
        WHERE status IN ('active', 'parked', 'wrap_up') AND accepted_at IS NULL""",
    "Interaction {} is {} with agent {}, who is offline.": """
        SELECT i.id, i.status, a.id FROM routing_interaction i JOIN routing_agent a ON a.id = i.agent_id
        WHERE a.presence = 'offline'
        AND (i.status = 'offered' OR i.channel IN ('chat', 'voice') AND i.status IN ('active', 'parked'))""",
    "Offer {} was answered at no time.": """
        SELECT id FROM routing_offer WHERE outcome <> 'open' AND answered_at IS NULL""",
    "Offer {} has no decision that explains it.": """
        SELECT id FROM routing_offer WHERE decision_id IS NULL""",
}


def problems() -> list[str]:
    """A sentence for each row that breaks an invariant; an empty list when all is well."""
    found = []
    with connection.cursor() as cursor:
        for sentence, query in INVARIANTS.items():
            cursor.execute(query)
            found += [sentence.format(*row) for row in cursor.fetchall()]
    return found
