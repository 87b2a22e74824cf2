"""Writing down what was decided: offers with their decisions and events, a few statements for any number of them.

The engine decided without row locks. Agents and interactions are locked now, in that order and each by id; what is no
longer as the engine was told is left for the next run. Values go in as arrays and by COPY, a few rows by INSERT in one
round trip: one big statement that changes several tables gets a plan that is quadratic, and JSON in arrays is slow.
"""

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta

from customers.bulk import FEW, answers, ask, one_trip, write_rows
from customers.events import record_rows
from customers.models import Refs
from routing.engine import facts
from routing.models import Agent, Offer
from routing.packed import pack
from routing.parking import park_all
from routing.situation import TABLES, InLine

LOCK_AGENTS = """
SELECT a.id, a.budget + a.override - a.used, a.revision + 1, coalesce(nullif(u.name, ''), u.email)
FROM {agent} a JOIN {user} u ON u.id = a.user_id
WHERE a.id = ANY(%s) AND a.presence = 'available' AND u.is_active ORDER BY a.id FOR UPDATE OF a""".format_map(TABLES)

LOCK_IN_LINE = """
SELECT i.id, i.ticket_id, t.customer_id
FROM unnest(%s::bigint[], %s::bigint[]) told (id, changed)
JOIN {interaction} i ON i.id = told.id AND i.changed = told.changed AND i.status = 'waiting'
JOIN {ticket} t ON t.id = i.ticket_id ORDER BY i.id FOR UPDATE OF i""".format_map(TABLES)

GIVE = """
UPDATE {agent} a SET used = a.used + given.units, idle_since = %s, revision = a.revision + 1
FROM unnest(%s::bigint[], %s::int[]) given (id, units) WHERE a.id = given.id""".format_map(TABLES)

RING = """
UPDATE {interaction} i SET agent_id = rung.agent, offered_at = %s, status = 'offered', offer_count = i.offer_count + 1,
       cost = rung.cost
FROM unnest(%s::bigint[], %s::bigint[], %s::int[]) rung (id, agent, cost) WHERE i.id = rung.id""".format_map(TABLES)

NUMBERS = """
SELECT nextval('{decision}_id_seq'), nextval('{offer}_id_seq') FROM generate_series(1, %s)""".format_map(TABLES)
DECISION = ("id", "interaction_id", "agent_id", "domain_id", "epoch", "policy_version", "trigger", "explanation", "at")
OFFER = ("id", "interaction_id", "agent_id", "decision_id", "outcome", "epoch", "made_at", "expires_at", "reason")
DISPATCH = ("domain_id", "epoch", "at", "policy", "trigger", "base", "inputs")


@dataclass(frozen=True, slots=True)
class Run:
    """Which dispatch it is: the domain, its epoch (fence and seed), when it decided, and what set it off."""

    domain_id: int
    epoch: int
    now: datetime
    trigger: str


@dataclass(frozen=True, slots=True)
class Told:
    """What the engine was told, as stored (routing/inputs.py), and the number of the rules."""

    policy: int
    base: int
    inputs: bytes


@dataclass(slots=True)
class Pair:
    """An interaction and the agent it is offered to, both locked. `rings` is in seconds."""

    one: facts.Assigned
    row: InLine
    rings: float
    ticket: int = 0
    customer: int = 0
    revision: int = 0
    name: str = ""
    decision: int = 0
    offer: int = 0

    @property
    def refs(self) -> Refs:
        pk = self.row.id
        topics = {f"queue:{self.row.queue}": None, f"interaction:{pk}": None, f"ticket:{self.ticket}": None}
        return Refs(self.customer, self.ticket, pk, {**topics, f"agent:{self.one.agent}": self.revision})


def possible(pairs: Sequence[Pair], interrupts: Mapping[str, tuple[str, ...]]) -> list[Pair]:
    """Those that still hold, with agents, then interactions, locked; one for each agent. Parks what has to give way."""
    told = [[pair.row.id for pair in pairs], [pair.row.changed for pair in pairs]]
    with one_trip():
        locked = ask(LOCK_AGENTS, [[pair.one.agent for pair in pairs]]), ask(LOCK_IN_LINE, told)
        numbers = ask(NUMBERS, [len(pairs)])
        agents, rows = ({row[0]: row[1:] for row in answers(one)} for one in locked)
        for pair, (decision, offer) in zip(pairs, answers(numbers), strict=True):
            pair.decision, pair.offer = decision, offer
    found = {}
    for pair in pairs:
        if pair.one.agent in agents and pair.row.id in rows and pair.one.agent not in found:
            free, pair.revision, pair.name = agents[pair.one.agent]
            pair.ticket, pair.customer = rows[pair.row.id]
            if free + pair.one.parks >= pair.one.cost:
                found[pair.one.agent] = pair
    return _with_room([*found.values()], interrupts)


def write(pairs: Sequence[Pair], run: Run, told: Told) -> None:
    """Make the offers: agents, interactions, decisions, offers, events and inputs; hints after commit.

    A few travel together; of many, most of the time is the writing.
    """
    with one_trip() if len(pairs) <= FEW else nullcontext():
        units = [[pair.one.agent for pair in pairs], [pair.one.cost for pair in pairs]]
        ask(GIVE, [run.now, *units]).close()
        ask(RING, [run.now, [pair.row.id for pair in pairs], *units]).close()
        write_rows(TABLES["decision"], DECISION, (_decision(pair, run) for pair in pairs))
        write_rows(TABLES["offer"], OFFER, (_offer(pair, run) for pair in pairs))
        kept = (run.domain_id, run.epoch, run.now, told.policy, run.trigger, told.base, told.inputs)
        write_rows(TABLES["dispatch"], DISPATCH, [kept])
        made = ((pair.offer, pair.refs, {"agent": pair.name, "decision": pair.decision}) for pair in pairs)
        record_rows("offer.made", "offer", made, by="router")


def _with_room(pairs, interrupts):
    """Without those for whom nothing could be parked after all."""
    tight = {pair.one.agent: pair for pair in pairs if pair.one.parks}
    if not tight:
        return pairs
    agents = list(Agent.objects.filter(pk__in=tight).select_related("user").order_by("pk"))
    asked = [(agent, tight[agent.pk].one, interrupts.get(tight[agent.pk].row.channel, ())) for agent in agents]
    park_all((agent, one.cost - agent.room, channels) for agent, one, channels in asked)
    full = {agent.pk for agent, one, _ in asked if agent.room < one.cost}
    for agent in agents:
        agent.save(update_fields=["parked"])
    return [pair for pair in pairs if pair.one.agent not in full]


def _decision(pair, run):
    why = pair.one.explanation
    told = (pair.decision, pair.row.id, pair.one.agent, run.domain_id, run.epoch, why.policy, run.trigger)
    return (*told, pack(why.to_json()), run.now)


def _offer(pair, run):
    over = run.now + timedelta(seconds=pair.rings)
    whom = (pair.offer, pair.row.id, pair.one.agent, pair.decision)
    return (*whom, str(Offer.Outcome.OPEN), run.epoch, run.now, over, "")
