"""Who waits and who is there, row by row, and as the engine is told. Reads only."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from json import loads
from typing import NamedTuple

from django.contrib.auth import get_user_model
from django.db.models import Window
from django.db.models.functions import RowNumber

from customers.bulk import answers, ask, one_trip
from routing import estimates
from routing.engine import facts
from routing.estimates import Estimates
from routing.models import Agent, AgentSkill, Decision, Dispatch, Domain, Interaction, Offer, QueueRouting, Skill
from routing.policies import MEMBER, policy_of
from routing.rules import CHANNELS
from tickets.models import Queue, Ticket

MOST_OF_A_KIND = 200
# One ring at a time: a desk that rings is asked nothing else until its agent has answered.
RINGING = "ringing"

TABLES = {
    "agent": Agent._meta.db_table,
    "agentskill": AgentSkill._meta.db_table,
    "decision": Decision._meta.db_table,
    "dispatch": Dispatch._meta.db_table,
    "interaction": Interaction._meta.db_table,
    "offer": Offer._meta.db_table,
    "queue": Queue._meta.db_table,
    "members": Queue.members.through._meta.db_table,
    "queuerouting": QueueRouting._meta.db_table,
    "skill": Skill._meta.db_table,
    "ticket": Ticket._meta.db_table,
    "user": get_user_model()._meta.db_table,
}

READ_IN_LINE = """
SELECT i.id, i.status, i.queue_id, i.channel, extract(epoch FROM i.waiting_since)::float8, i.needs::text,
       i.wants::text, i.priority, i.importance, i.last_agent_id, extract(epoch FROM i.last_agent_at)::float8, owner.id,
       i.reserved_for_id, i.offer_count, i.agent_id, i.changed
FROM {interaction} i
JOIN {ticket} t ON t.id = i.ticket_id
LEFT JOIN {agent} owner ON owner.user_id = t.assignee_id
WHERE """.format_map(TABLES)

READ_DESKS = """
SELECT a.id, a.domain_id, a.presence <> 'offline' AND u.is_active, a.presence, a.budget, a.used, a.override,
       extract(epoch FROM a.idle_since)::float8, a.channels::text, a.costs::text,
       (SELECT jsonb_object_agg(s.slug, k.level)::text
        FROM {agentskill} k JOIN {skill} s ON s.id = k.skill_id WHERE k.agent_id = a.id),
       (SELECT jsonb_agg(jsonb_build_array(h.channel, h.status, h.count, h.units))::text
        FROM (SELECT channel, status, count(*), sum(cost) AS units FROM {interaction}
              WHERE agent_id = a.id AND status NOT IN ('waiting', 'done') GROUP BY channel, status) h)
FROM {agent} a JOIN {user} u ON u.id = a.user_id
WHERE """.format_map(TABLES)

READ_QUEUES = """
SELECT q.id, q.slug, q.is_private
FROM {queuerouting} r JOIN {queue} q ON q.id = r.queue_id WHERE r.domain_id = %s""".format_map(TABLES)

READ_MEMBERS = """
SELECT a.id, q.slug FROM {members} m JOIN {queue} q ON q.id = m.queue_id JOIN {agent} a ON a.user_id = m.user_id
WHERE m.queue_id = ANY(%s)""".format_map(TABLES)

READ_COOLDOWNS = """
SELECT interaction_id, agent_id, extract(epoch FROM max(cooldown_until))::float8 FROM {offer}
WHERE interaction_id = ANY(%s) AND cooldown_until > %s GROUP BY 1, 2""".format_map(TABLES)


def _unseen(table):
    """Condition: the row was written by a transaction that a snapshot (given twice) could not see."""
    since = f"{table}.changed >= pg_snapshot_xmin(%s::pg_snapshot)::text::bigint"
    return f"({since} AND NOT pg_visible_in_snapshot({table}.changed::text::xid8, %s::pg_snapshot))"


# Who was written, and who holds an interaction that was.
HELD = "SELECT i.agent_id FROM {interaction} i WHERE ".format_map(TABLES)
CHANGED_DESKS = f"{_unseen('a')} OR a.id = ANY(%s) OR a.id IN ({HELD}{_unseen('i')})"


class QueueAsTold(NamedTuple):
    """What routing needs to know of one queue."""

    id: int
    slug: str
    is_private: bool


class InLine(NamedTuple):
    """One interaction as it was read; times are epoch seconds, skills JSON as text (many have the same)."""

    id: int
    status: str
    queue: int
    channel: str
    since: float
    needs: str
    wants: str
    priority: int
    importance: float
    last_agent: int | None
    last_agent_at: float | None
    owner: int | None
    reserved_for: int | None
    offers: int
    agent: int | None
    changed: int
    cooldown: Mapping[int, float] = {}

    @property
    def kind(self) -> tuple:
        """Of those of one kind the one who waits longer is never served worse."""
        is_personal = bool(self.last_agent or self.owner)
        asked = (self.queue, self.channel, self.needs, self.wants, self.priority, self.importance)
        return (*asked, self.reserved_for, is_personal, bool(self.cooldown))


class Desk(NamedTuple):
    """One agent as read; `held` has [channel, status, how many, units] of what they hold, as JSON."""

    id: int
    domain: int
    is_there: bool
    presence: str
    budget: int
    used: int
    override: int
    idle_since: float
    channels_written: str
    costs_written: str
    skills: str | None
    held: str | None

    @property
    def is_ringing(self) -> bool:
        return any(status == Interaction.Status.OFFERED for _, status, _, _ in _parsed(self.held))


class Changes(NamedTuple):
    """What a router has to learn."""

    queues: dict[int, QueueAsTold]
    rows: list[InLine]
    desks: list[Desk]


def state_of(domain: Domain, now: datetime, *, also: int | None = None) -> facts.State:
    """Who waits and serves in `domain`, as the engine is told; the first of each kind, and the interaction `also`."""
    queues = queues_of(domain.pk)
    rows = in_line("i.id = ANY(%s)", [[*_first_of_each_kind(domain), also or 0]], now)
    policy, at = policy_of(domain), now.timestamp()
    waiting = [waiting_fact(row, queues[row.queue], policy, at) for row in rows if row.queue in queues]
    member_of = members_of(queues)
    desks = desks_where("a.domain_id = %s AND a.presence <> 'offline'", [domain.pk])
    found = estimates.of(domain, now)
    agents = [agent_fact(desk, member_of.get(desk.id, ()), found) for desk in desks if desk.is_there]
    return facts.State(waiting=waiting, agents=agents, service=found.service, expected_wait=found.expected_wait)


def in_line(condition: str, values: list, now: datetime) -> list[InLine]:
    """The interactions (`i`) that meet an SQL condition, with the cooldowns in force."""
    return _cooling([InLine(*row) for row in _rows(READ_IN_LINE + condition, values)], now)


def changes(domain_id: int, snapshot: str, doubted: list[int], doubted_desks: list[int], now: datetime) -> Changes:
    """What was committed since a snapshot, in any domain, and what is doubted, whatever it is now."""
    since = [snapshot, snapshot]
    with one_trip():
        queues = ask(READ_QUEUES, [domain_id])
        rows = ask(READ_IN_LINE + f"{_unseen('i')} OR i.id = ANY(%s)", [*since, doubted])
        desks = ask(READ_DESKS + CHANGED_DESKS, [*since, doubted_desks, *since])
        found = Changes(_by_id(queues), [InLine(*row) for row in answers(rows)], [Desk(*row) for row in answers(desks)])
    return found._replace(rows=_cooling(found.rows, now))


def _cooling(rows, now):
    offered = [row.id for row in rows if row.offers and row.status == Interaction.Status.WAITING]
    cooling: dict[int, dict[int, float]] = defaultdict(dict)
    for interaction, agent, until in _rows(READ_COOLDOWNS, [offered, now]) if offered else ():
        cooling[interaction][agent] = until
    return [row._replace(cooldown=cooling[row.id]) if row.id in cooling else row for row in rows]


def desks_where(condition: str, values: list) -> list[Desk]:
    """The agents (`a`) that meet an SQL condition, whether or not they are there."""
    return [Desk(*row) for row in _rows(READ_DESKS + condition, values)]


def queues_of(domain_id: int) -> dict[int, QueueAsTold]:
    """The queues of a domain by id."""
    return _by_id(ask(READ_QUEUES, [domain_id]))


def members_of(queues: Mapping[int, QueueAsTold]) -> dict[int, tuple[str, ...]]:
    """By agent the slugs of the private queues they are members of."""
    private = [queue.id for queue in queues.values() if queue.is_private]
    found = defaultdict(list)
    for agent, slug in _rows(READ_MEMBERS, [private]) if private else ():
        found[agent].append(slug)
    return {agent: tuple(sorted(slugs)) for agent, slugs in found.items()}


def waiting_fact(row: InLine, queue: QueueAsTold, policy: facts.Policy, now: float) -> facts.Waiting:
    """What the engine is told of who waits. A private queue asks for its members only, as for a skill of one level."""
    needs = _parsed(row.needs)
    return facts.Waiting(
        id=row.id,
        queue=queue.slug,
        channel=row.channel,
        waiting_since=row.since,
        required={**needs, MEMBER + queue.slug: 1} if queue.is_private else needs,
        preferred=_parsed(row.wants),
        cost=policy.cost(queue.slug, row.channel),
        importance=row.importance,
        priority=row.priority,
        last_agent=row.last_agent,
        last_agent_days=round((now - row.last_agent_at) / 86_400, 2) if row.last_agent_at else 0.0,
        owner=row.owner,
        reserved_for=row.reserved_for,
        cooldown=row.cooldown,
    )


def agent_fact(desk: Desk, member_of: tuple[str, ...], estimated: Estimates | None) -> facts.Agent:
    """What the engine is told of an agent, and what is estimated. What is parked keeps its place: it counts as used."""
    live: dict[str, int] = defaultdict(int)
    held: dict[str, int] = defaultdict(int)
    for channel, status, count, units in _parsed(desk.held):
        live[channel] += count
        held[channel] += units if status == Interaction.Status.ACTIVE else 0
    return facts.Agent(
        id=desk.id,
        skills=_parsed(desk.skills) | {MEMBER + slug: 1 for slug in member_of},
        presence=RINGING if desk.is_ringing else desk.presence,
        budget=desk.budget,
        used=desk.used,
        override=desk.override,
        idle_since=desk.idle_since,
        channels=frozenset(_parsed(desk.channels_written) or CHANNELS),
        live=dict(live),
        costs=_parsed(desk.costs_written),
        held={channel: units for channel, units in held.items() if units},
        free_at=estimated.free_at.get(desk.id) if estimated else None,
        occupancy=estimated.occupancy.get(desk.id, 0.0) if estimated else 0.0,
        pace=estimated.pace.get(desk.id, {}) if estimated else {},
    )


def _by_id(queues):
    return {row[0]: QueueAsTold(*row) for row in answers(queues)}


def _first_of_each_kind(domain):
    """A night's backlog of mails must not hide this minute's chats: of equals only the first few are looked at."""
    place = Window(
        RowNumber(),
        partition_by=["queue", "channel", "needs", "wants", "priority", "importance", "reserved_for"],
        order_by=["waiting_since", "id"],
    )
    waiting = Interaction.objects.waiting().filter(queue__routing__domain=domain)
    return list(waiting.annotate(place=place).filter(place__lte=MOST_OF_A_KIND).values_list("pk", flat=True))


@lru_cache(maxsize=10_000)
def _parsed(written):
    """Small JSON that many rows have in common; nobody may change what is returned."""
    return loads(written) if written else {}


def _rows(query, values):
    return answers(ask(query, values))
