"""A desk with many tickets in it, written by PostgreSQL itself in seconds."""

FILL = """
INSERT INTO customers_customer (name, language, tier, time_zone, location, notes, attributes, created_at)
SELECT 'Customer ' || n, 'en', 'standard', '', '', '', '{{}}', now() - n * interval '1 minute'
FROM generate_series({first}, {last}) n;

INSERT INTO customers_address (customer_id, kind, value, is_primary, created_at)
SELECT id, 'email', 'customer' || id || '@bench.example', true, now() FROM customers_customer
WHERE NOT EXISTS (SELECT 1 FROM customers_address a WHERE a.customer_id = customers_customer.id);

INSERT INTO tickets_ticket (subject, status, priority, queue_id, customer_id, channel, language, tags, revision,
                            message_count, preview, is_answered, created_at, last_message_at, assignee_id)
SELECT 'Order ' || n || ' about a ' || (ARRAY['tent', 'stove', 'boot', 'rope'])[n % 4 + 1],
       CASE WHEN n % 10 = 0 THEN 'open' WHEN n % 10 = 1 THEN 'pending' ELSE 'solved' END, n % 4,
       q.id, c.id, 'email', 'en', ARRAY['bench'], 1, 2, 'Where is order ' || n || '?', false,
       c.created_at, c.created_at, CASE WHEN n % 20 = 0 THEN (SELECT min(id) FROM helpdesk_user) END
FROM generate_series({first}, {last}) n
JOIN customers_customer c ON c.name = 'Customer ' || n
JOIN (SELECT id, row_number() OVER (ORDER BY id) - 1 AS place, count(*) OVER () AS queues FROM tickets_queue) q
     ON q.place = n % q.queues;

INSERT INTO tickets_message (ticket_id, kind, channel, customer_id, sender, text, hidden_text, html, subject, copied,
                             mail_id, external_id, digest, is_automatic, is_stranger, created_at)
SELECT t.id, 'inbound', 'email', t.customer_id, 'customer@bench.example',
       'Where is my order ' || t.number || '? It was to come on Friday. ' || repeat('Kind regards ', (t.id % 20)::int),
       '', '', t.subject, '{{}}', 'm' || t.id || '@bench.example', 'm' || t.id || '@bench.example', '', false, false,
       t.created_at
FROM tickets_ticket t WHERE NOT EXISTS (SELECT 1 FROM tickets_message m WHERE m.ticket_id = t.id);

INSERT INTO routing_interaction (ticket_id, queue_id, channel, status, agent_id, cost, needs, wants, priority,
                                 importance, offer_count, waiting_since, accepted_at, ended_at, done_at,
                                 end_reason, created_at)
SELECT t.id, t.queue_id, 'email', 'done', (SELECT min(id) FROM routing_agent), 0, '{{}}', '{{}}', 1, 1, 1,
       t.created_at, t.created_at, t.created_at, t.created_at, 'agent', t.created_at
FROM tickets_ticket t WHERE NOT EXISTS (SELECT 1 FROM routing_interaction i WHERE i.ticket_id = t.id);

INSERT INTO customers_event (verb, at, actor, subject_kind, subject_id, customer_id, ticket_id, facts)
SELECT 'ticket.opened', t.created_at, 'customer', 'ticket', t.id, t.customer_id, t.id, '{{}}'
FROM tickets_ticket t WHERE NOT EXISTS (SELECT 1 FROM customers_event e WHERE e.ticket_id = t.id);
"""

# One ticket with a long conversation, and as many events.
LONG = """
INSERT INTO tickets_message (ticket_id, kind, channel, customer_id, sender, text, hidden_text, html, subject, copied,
                             mail_id, external_id, digest, is_automatic, is_stranger, created_at)
SELECT t.id, CASE WHEN n % 2 = 0 THEN 'inbound' ELSE 'outbound' END, 'email', t.customer_id, '',
       'Message ' || n || ' of a long conversation. ' || repeat('More was said. ', 20), '', '', '', '{}',
       '', '', '', false, false, now() - n * interval '1 minute'
FROM (SELECT * FROM tickets_ticket ORDER BY last_message_at DESC, id DESC LIMIT 1) t, generate_series(1, 49) n;
"""


def fill(desk, tickets: int) -> None:
    """Bring the desk up to so many tickets, each with a message and its event."""
    there = desk.sql("SELECT count(*) FROM tickets_ticket WHERE tags @> ARRAY['bench']::varchar[]")[0][0]
    if there < tickets:
        for statement in FILL.format(first=there + 1, last=tickets).split(";\n"):
            if statement.strip():
                desk.sql(statement)
    desk.sql("VACUUM ANALYZE")


def make_long_ticket(desk) -> int:
    """Give the newest ticket 50 messages; returns its id."""
    ticket = desk.sql("SELECT id FROM tickets_ticket ORDER BY last_message_at DESC, id DESC LIMIT 1")[0][0]
    if desk.sql(f"SELECT count(*) FROM tickets_message WHERE ticket_id = {ticket}")[0][0] < 50:
        desk.sql(LONG)
    return ticket
