"""A floor on which anything may happen in any order, and what must be true after each step (see test_machine.py).

Time does not pass by itself here: rows are aged. Choices are numbers that point into the rows there are, so that
Hypothesis can shrink them.
"""

from collections.abc import Callable
from contextlib import contextmanager
from datetime import timedelta

from django.db import connection
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone
from redis import Redis

from routing.alarms import silence
from routing.engine.match import decide
from routing.handover import OverCapacity
from routing.interactions import InteractionRefused
from routing.models import Agent, Domain, Interaction, Offer
from routing.offers import OfferGone
from routing.policies import policy_of, rules_of
from routing.rules.ordinary import starting_points
from routing.situation import MEMBER, state_of
from tests import factories as make
from tickets.lifecycle import TicketRefused

TABLES = ("tickets_ticket", "tickets_queue", "customers_customer", "customers_event", "routing_agent", "routing_skill")
WATCHED = ("routing_agent", "routing_interaction", "routing_offer", "routing_decision", "tickets_ticket")
LONG = 24 * 3600
REFUSALS = (OfferGone, InteractionRefused, OverCapacity, TicketRefused)
FAR = {"target": {"voice": "1d", "chat": "1d", "email": "1d"}}
# What may follow what, within one step. A sweep is a step too, in which an offer expires and is made again; so is
# giving somebody a ticket whose mail and call both wait: the call parks the mail.
NEXT = {
    "waiting": {"waiting", "offered", "active", "parked", "done"},
    "offered": {"offered", "waiting", "active", "done"},
    "active": {"active", "parked", "wrap_up", "waiting", "offered", "done"},
    "parked": {"parked", "active", "waiting", "offered", "done"},
    "wrap_up": {"wrap_up", "active", "done"},
    "done": {"done"},
}


class PowerCut(BaseException):
    """The process is gone in the middle of what it did; nobody catches that."""


class Floor:
    """Four agents, four queues, and customers who come by chat, mail and telephone."""

    def __init__(self, redis: Redis):
        self.redis = redis
        silence()
        empty()
        redis.flushall()
        self.boss = make.make_administrator("Boss")
        self.agents = [
            make.make_agent("Ada", skills={"billing": 4, "lang.pl": 5}),
            make.make_agent("Bo", skills={"billing": 2}, budget=130),
            make.make_agent("Cy", channels=["chat", "email"], presence="offline"),
            make.make_agent("Di", skills={"lang.pl": 3}, costs={"chat": 50}, presence="break"),
        ]
        far = {"voice": LONG, "chat": LONG, "email": LONG}
        self.queues = [
            make.make_queue("Plain", targets=far),
            make.make_queue("Billing", targets=far, needs={"billing": 3}, wants={"lang.pl": 4}),
            make.make_queue("Quick", targets=far, wrap_up_seconds=0, importance=3),
            make.make_queue("Secret", targets=far, is_private=True, members=[self.agents[0].user]),
        ]
        self.since = {}  # interaction: waiting since; every one there ever was
        self.status = {}
        self.routed_at = timezone.now()
        self.is_owed = True  # a look by the sweep, because time passed or Redis forgot
        self.look()

    def look(self):
        """Read the rows anew, as everybody who chooses from them sees them."""
        self.interactions = list(Interaction.objects.select_related("ticket", "queue").order_by("id"))
        self.offers = list(Offer.objects.open().select_related("interaction", "agent__user").order_by("id"))

    @property
    def domain(self) -> Domain:
        """As it is now: a verb that died may have left another in hand."""
        return Domain.main()

    def of_status(self, *words):
        return [row for row in self.interactions if row.status in words]

    def agent(self, pick) -> Agent:
        return Agent.objects.select_related("user").get(pk=self.agents[pick % len(self.agents)].pk)

    def is_nudged(self) -> bool:
        """Whether a router that runs is about to look at the floor."""
        return bool(self.redis.llen("routing"))

    def take_nudges(self) -> list[bytes]:
        """What a router takes from the broker to work on it."""
        nudges = self.redis.lrange("routing", 0, -1)
        self.redis.delete("routing")
        return nudges

    def give_back(self, nudges) -> None:
        """The router died over them: the broker hands them out again; if there were none, the sweep looks."""
        if nudges:
            self.redis.rpush("routing", *nudges)
        self.is_owed = True

    def attempt(self, act: Callable, *, dies_at: int = 0) -> bool:
        """Do it, perhaps dying at a statement. False when it was refused or died: then nothing may have changed."""
        before = _fingerprint()
        try:
            with _power_cut(dies_at):
                act()
        except (*REFUSALS, PowerCut) as reason:
            assert _fingerprint() == before, f"{type(reason).__name__}, but something changed."
            return False
        return True

    def age(self, seconds):
        """As if everything that is there had happened so long ago."""
        earlier = timedelta(seconds=seconds)
        Interaction.objects.update(waiting_since=F("waiting_since") - earlier)
        Offer.objects.update(cooldown_until=F("cooldown_until") - earlier)
        self.since = {pk: at - earlier for pk, at in self.since.items()}
        self.is_owed = True

    def placeable(self, at=None) -> list[tuple[int, int]]:
        """Whom the engine would give to whom, on rows read anew."""
        at = at or timezone.now()
        outcome = decide(state_of(self.domain, at), policy_of(self.domain), at.timestamp())
        return [(one.interaction, one.agent) for one in outcome.assigned]


def rules_to_try() -> list[dict]:
    """Documents that a supervisor might publish: as other products do, with other costs, and without parking."""
    documents = [{**document, "queues": {"default": FAR}} for document in starting_points().values()]
    dear, still = {"voice": 100, "chat": 45, "email": 15}, {"voice": []}
    return [*documents, *({**documents[0], "capacity": block} for block in ({"cost": dear}, {"interrupts": still}))]


def lost_or_odd(floor: Floor) -> list[str]:
    """A sentence for each interaction that is gone, came from nowhere, or made a step that there is none."""
    now = {row.pk: row for row in floor.interactions}
    found = [f"Interaction {pk} is lost." for pk in floor.since.keys() - now.keys()]
    for pk, row in now.items():
        before = floor.status.get(pk, "waiting")
        if row.status not in NEXT[before]:
            found.append(f"Interaction {pk} went from {before} to {row.status}.")
        is_kept = before in ("waiting", "offered") and row.status in ("waiting", "offered")
        if is_kept and floor.since.get(pk, row.waiting_since) != row.waiting_since:
            found.append(f"Interaction {pk} waits since another time than before.")
        floor.since[pk], floor.status[pk] = row.waiting_since, row.status
    return found


def overlooked(floor: Floor) -> list[str]:
    """Who waits though somebody free fits, as a person with a list would find them: without any engine."""
    free = [agent for agent in map(_seen, floor.agents) if _is_free(agent)]
    return [
        f"Interaction {row.pk} waits, and {agent} is free."
        for row in floor.of_status("waiting")
        for agent in free
        if _fits(row, agent)
    ]


def _seen(agent):
    agent = Agent.objects.select_related("user").get(pk=agent.pk)
    agent.levels = dict(agent.skills.values_list("skill__slug", "level"))
    agent.levels |= {MEMBER + slug: 1 for slug in agent.user.private_queues.values_list("slug", flat=True)}
    return agent


def _is_free(agent):
    rings = Offer.objects.open().filter(agent=agent).exists()
    return agent.presence == "available" and agent.user.is_active and not rings


def _fits(row, agent):
    asked = row.needs | ({MEMBER + row.queue.slug: 1} if row.queue.is_private else {})
    has_skills = all(agent.levels.get(slug, 0) >= level for slug, level in asked.items())
    is_cooling = row.offers.filter(agent=agent, cooldown_until__gt=Now()).exists()
    takes_it = not agent.channels or row.channel in agent.channels
    is_allowed = has_skills if row.reserved_for_id is None else row.reserved_for_id == agent.pk
    has_room = agent.free >= rules_of(agent.domain).cost(row.queue.slug, row.channel, agent.costs)
    return is_allowed and takes_it and has_room and not is_cooling


@contextmanager
def _power_cut(at):
    """The process dies just before its `at`-th statement; 0 for never."""
    count = 0

    def cut(execute, sql, params, many, context):
        nonlocal count
        count += 1
        if count == at:
            raise PowerCut(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(cut):
        yield


def _fingerprint():
    """All that routing stands on, and how much was written in the history."""
    told = " UNION ALL ".join(
        f"SELECT md5(coalesce(string_agg(t::text, '' ORDER BY id), '')) FROM {table} t" for table in WATCHED
    )
    with connection.cursor() as cursor:
        cursor.execute(told + " UNION ALL SELECT count(*)::text FROM customers_event")
        return cursor.fetchall()


def empty():
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {', '.join(TABLES)}, routing_domain, helpdesk_user CASCADE")
        for table in ("routing_agent", "routing_interaction"):  # the engine tells equals apart by their ids
            cursor.execute(f"ALTER SEQUENCE {table}_id_seq RESTART")
