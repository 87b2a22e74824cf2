"""A floor for the router to work on: agents with skills, queues that ask for them, and any number in line."""

import random
from dataclasses import dataclass

from django.db import connection

from customers.models import Customer
from helpdesk.models import User
from routing.models import Agent, AgentSkill, Domain, QueueRouting, QueueSkill, Skill
from tickets.models import Queue, Ticket

AGENTS = 200
SKILLS = ("lang.en", "lang.pl", "lang.de", "billing", "returns", "orders", "technical", "warranty")

TICKETS = """
INSERT INTO tickets_ticket (subject, status, priority, queue_id, customer_id, channel, language, tags, revision,
                            message_count, preview, is_answered, created_at, last_message_at)
SELECT 'Order ' || n, 'open', 1, queues[n %% cardinality(queues) + 1], customer, 'chat', 'en', '{}', 1, 1, '', false,
       now() - n * interval '10 ms', now() - n * interval '10 ms'
FROM (SELECT %s::bigint AS customer, %s::bigint[] AS queues) given, generate_series(1, %s) n"""
INTERACTIONS = """
INSERT INTO routing_interaction (ticket_id, queue_id, channel, status, cost, needs, wants, priority, importance,
                                 offer_count, waiting_since, end_reason, created_at)
SELECT t.id, t.queue_id, 'chat', 'waiting', 0, jsonb_build_object(s.slug, q.level), '{"lang.en": 3}', 1, 1, 0,
       t.created_at, '', t.created_at
FROM tickets_ticket t JOIN routing_queueskill q ON q.queue_id = t.queue_id JOIN routing_skill s ON s.id = q.skill_id
WHERE t.customer_id = %s"""
PUT_BACK = (
    """UPDATE routing_offer o SET outcome = 'withdrawn', answered_at = now() FROM routing_agent a
       WHERE a.id = o.agent_id AND a.domain_id = %s AND o.outcome = 'open'""",
    """UPDATE routing_interaction i SET status = 'waiting', agent_id = NULL, cost = 0 FROM routing_queuerouting q
       WHERE q.queue_id = i.queue_id AND q.domain_id = %s AND i.status = 'offered'""",
    """UPDATE routing_agent SET used = 0 WHERE domain_id = %s""",
)
RINGING = "SELECT id FROM routing_offer WHERE outcome = 'open'"
TAKE_ALL = (
    "UPDATE routing_agent a SET used = 0 FROM routing_offer o WHERE o.agent_id = a.id AND o.id = ANY(%s)",
    """UPDATE routing_interaction i SET status = 'done', cost = 0, accepted_at = now(), done_at = now()
       FROM routing_offer o WHERE o.interaction_id = i.id AND o.id = ANY(%s) AND i.status = 'offered'""",
    "UPDATE routing_offer SET outcome = 'accepted', answered_at = now() WHERE id = ANY(%s)",
)


@dataclass(frozen=True, slots=True)
class Floor:
    domain: int
    queues: list[int]


def build(size: int, name: str = "") -> Floor:
    """A domain of its own with AGENTS agents who are free, and `size` interactions in line."""
    dice = random.Random(size)
    domain = Domain.objects.create(name=name or f"bench {size}")
    skills = [Skill.objects.get_or_create(slug=slug, defaults={"name": slug})[0] for slug in SKILLS]
    queues = [_queue(f"b{domain.pk}-{number}", domain, skills[number % len(skills)], dice) for number in range(12)]
    _agents(domain, skills, dice)
    _line(size, queues)
    return Floor(domain.pk, [queue.pk for queue in queues])


def build_empty() -> Floor:
    """The same with nobody in line."""
    return build(0)


def make_tickets(floor: Floor, number: int) -> list[Ticket]:
    """So many tickets of the floor's queues, each as an arrival finds it."""
    customer = Customer.objects.create(name="Arriving")
    with connection.cursor() as cursor:
        cursor.execute(TICKETS, [customer.pk, floor.queues, number])
    return list(Ticket.objects.filter(customer=customer).select_related("queue__routing__domain", "customer"))


def take_all() -> None:
    """Every desk that rings answers and is done at once."""
    with connection.cursor() as cursor:
        cursor.execute(RINGING)
        ringing = [pk for (pk,) in cursor.fetchall()]
        for statement in TAKE_ALL:
            cursor.execute(statement, [ringing])


def put_back_in_line(floor: Floor) -> None:
    """What was offered waits again, and everybody is free; as a floor at work would change as many rows."""
    with connection.cursor() as cursor:
        for statement in PUT_BACK:
            cursor.execute(statement, [floor.domain])


def _queue(slug, domain, skill, dice):
    queue = Queue.objects.create(name=slug, slug=slug)
    QueueRouting.objects.create(queue=queue, domain=domain)
    QueueSkill.objects.create(queue=queue, skill=skill, level=dice.randint(1, 2))
    return queue


def _agents(domain, skills, dice):
    users = User.objects.bulk_create(
        User(email=f"b{domain.pk}-{n}@bench.example", name=f"Bench {domain.pk} {n}", role="agent", password="!")
        for n in range(AGENTS)
    )
    agents = Agent.objects.bulk_create(Agent(user=user, domain=domain, presence="available") for user in users)
    had = [(agent, skill) for agent in agents for skill in dice.sample(skills, 5)]
    AgentSkill.objects.bulk_create(
        AgentSkill(agent=agent, skill=skill, level=dice.randint(2, 5)) for agent, skill in had
    )


def _line(size, queues):
    customer = Customer.objects.create(name=f"Bench {size}")
    with connection.cursor() as cursor:
        cursor.execute(TICKETS, [customer.pk, [queue.pk for queue in queues], size])
        cursor.execute(INTERACTIONS, [customer.pk])
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
