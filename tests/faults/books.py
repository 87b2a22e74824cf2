"""The audit after a fault: one look at all the rows, and a sentence for whatever was lost, doubled, halved or too much.

Everything that customers and agents say in these tests is said once, so that equal words are doubled words.
"""

from collections import defaultdict

from routing.audit import INVARIANTS, LATE_SECONDS, PROMISES
from routing.presence import GRACE_SECONDS
from tests.faults.company import Company

DOUBLED = {
    "“{}” was said {} times.": """
        SELECT text, count(*) FROM tickets_message WHERE text <> '' GROUP BY text, kind HAVING count(*) > 1""",
    "The mail {} is {} messages.": """
        SELECT mail_id, count(*) FROM tickets_message WHERE kind = 'inbound' AND mail_id <> ''
        GROUP BY mail_id HAVING count(*) > 1""",
    "“{}” is {} tickets.": """
        SELECT subject, count(*) FROM tickets_ticket GROUP BY subject HAVING count(*) > 1""",
    "Message {} goes to {} {} times.": """
        SELECT message_id, recipient, count(*) FROM helpdesk_delivery WHERE message_id IS NOT NULL
        GROUP BY message_id, recipient HAVING count(*) > 1""",
    "Ticket {} has {} receipts.": """
        SELECT ticket_id, count(*) FROM helpdesk_delivery WHERE purpose = 'receipt'
        GROUP BY ticket_id HAVING count(*) > 1""",
    "The address {} belongs to {} customers.": """
        SELECT value, count(DISTINCT customer_id) FROM customers_address GROUP BY value HAVING count(*) > 1""",
}
HALF = {
    "Ticket {} has no message.": """
        SELECT id FROM tickets_ticket t WHERE NOT EXISTS (SELECT 1 FROM tickets_message WHERE ticket_id = t.id)""",
    "Ticket {} counts {} messages and has {}.": """
        SELECT t.id, t.message_count, count(m.id) FROM tickets_ticket t JOIN tickets_message m ON m.ticket_id = t.id
        GROUP BY t.id HAVING t.message_count <> count(m.id)""",
    "Ticket {} was opened {} times.": """
        SELECT t.id, count(e.id) FROM tickets_ticket t
        LEFT JOIN customers_event e ON e.ticket_id = t.id AND e.verb = 'ticket.opened'
        GROUP BY t.id HAVING count(e.id) <> 1""",
    "Ticket {} has {} messages and {} events of them.": """
        SELECT t.id, t.message_count, count(e.id) FROM tickets_ticket t LEFT JOIN customers_event e
        ON e.ticket_id = t.id AND e.verb IN ('message.received', 'message.sent', 'message.noted')
        GROUP BY t.id HAVING t.message_count <> count(e.id)""",
    "Nobody is asked to read message {}.": """
        SELECT id FROM tickets_message m WHERE kind = 'inbound' AND NOT is_automatic AND NOT is_stranger
        AND NOT EXISTS (SELECT 1 FROM routing_interaction WHERE ticket_id = m.ticket_id)""",
    "Message {} is on its way to nobody.": """
        SELECT id FROM tickets_message m WHERE kind = 'outbound'
        AND NOT EXISTS (SELECT 1 FROM helpdesk_delivery WHERE message_id = m.id)""",
    "Delivery {} carries nothing.": """
        SELECT id FROM helpdesk_delivery WHERE purpose = 'reply' AND message_id IS NULL""",
    "Delivery {} is sent, but no event says so.": """
        SELECT d.id FROM helpdesk_delivery d WHERE state = 'sent' AND NOT EXISTS (
            SELECT 1 FROM customers_event e WHERE e.verb = 'delivery.sent' AND e.subject_id = d.id)""",
    "Stored mail {} was taken in, but is no message.": """
        SELECT id FROM helpdesk_inboundraw WHERE state = 'taken_in' AND message_id IS NULL AND outcome <> 'bounce'""",
    "Stored mail {} was tried {} times.": """
        SELECT id, tries FROM helpdesk_inboundraw WHERE tries > 6""",
    "Interaction {} was accepted by {} agents.": """
        SELECT interaction_id, count(*) FROM customers_event WHERE verb IN ('offer.accepted', 'interaction.taken')
        GROUP BY interaction_id HAVING count(*) > 1""",
}
# Whom each event is about, in the order of the agents' locks: an event is written while its agent's row is held.
HELD_AND_FREED = """
    SELECT e.verb, e.interaction_id, coalesce(o.agent_id, taker.id) FROM customers_event e
    LEFT JOIN routing_offer o ON e.subject_kind = 'offer' AND o.id = e.subject_id
    LEFT JOIN helpdesk_user u ON e.verb = 'interaction.taken' AND u.name = e.facts->>'agent'
    LEFT JOIN routing_agent taker ON taker.user_id = u.id
    WHERE e.verb = ANY(%s) ORDER BY e.id"""
HOLDS = ("offer.made", "interaction.taken")
FREES = ("offer.declined", "offer.expired", "offer.withdrawn", "interaction.wrapped_up", "interaction.withdrawn")
MOST = 3  # what the budget of an agent of the company has room for


def problems(company: Company, *, mails=(), replies=(), texts=()) -> list[str]:
    """A sentence for each thing wrong; `mails` (Message-IDs), `replies` (keys) and `texts` were acknowledged."""
    found = [*_missing(company, "mail_id", mails), *_missing(company, "text", texts)]
    found += _missing(company, "split_part(external_id, ':', 3)", replies)
    for sentence, query in {**DOUBLED, **HALF}.items():
        found += [sentence.format(*row) for row in company.desk.sql(query)]
    found += broken_rules(company)
    found += [f"The customer {letter[0]} got {letter[1]} more than once." for letter in company.sink.doubled()]
    found += [f"Agent {agent} held {most} at once." for agent, most in most_held(company).items() if most > MOST]
    return found


def broken_rules(company: Company) -> list[str]:
    """A sentence for each row that breaks one of the router's own rules (routing/audit.py)."""
    times = {"late": LATE_SECONDS, "grace": GRACE_SECONDS}
    rules = [(rule, company.desk.rows(rule.query, times)) for rule in (*INVARIANTS, *PROMISES)]
    return [rule.exception.format(*row) for rule, rows in rules for row in rows]


def most_held(company: Company) -> dict[int, int]:
    """How many interactions each agent ever held at once, over every prefix of the event log."""
    held, most = defaultdict(set), defaultdict(int)
    for verb, interaction, agent in company.desk.sql(HELD_AND_FREED, [*HOLDS, *FREES]):
        if verb in HOLDS:
            held[agent].add(interaction)
            most[agent] = max(most[agent], len(held[agent]))
        else:
            for holder in [agent] if agent else list(held):
                held[holder].discard(interaction)
    return dict(most)


def _missing(company, column, acknowledged):
    stored = {row[0] for row in company.desk.sql(f"SELECT {column} FROM tickets_message")} if acknowledged else set()
    return [f"{lost} was acknowledged, and is lost." for lost in acknowledged if lost not in stored]
