"""Work that gives way: a call parks an agent's mails, and they come back by themselves when there is room again.

Parked work stays its agent's and keeps its place: nothing new may fill it (`Agent.free`). Whoever parks or brings back
holds the agent's row already, as lock order asks; nobody changes who holds what without it.
"""

from collections import defaultdict
from collections.abc import Iterable

from django.db.models import F

from customers import clock
from customers.events import record_all
from routing.models import Agent, Interaction

Status = Interaction.Status


def make_room(agent: Agent, cost: int, channels: tuple[str, ...]) -> bool:
    """Whether a locked agent can take `cost` units, if need be by parking work of `channels`.

    Sets `agent.parked`; the caller saves it together with `used`.
    """
    if cost <= agent.free:
        return True
    return bool(channels) and (cost <= agent.room or park_for(agent, cost - agent.room, channels) > 0)


def park_for(agent: Agent, units: int, channels: tuple[str, ...]) -> int:
    """Park active work of `channels` until `units` of a locked agent are free; returns how many are, 0 if too few.

    Sets `agent.parked`; the caller saves it together with `used`.
    """
    return park_all([(agent, units, channels)]).get(agent.pk, 0)


def park_all(asked: Iterable[tuple[Agent, int, tuple[str, ...]]]) -> dict[int, int]:
    """The same for several locked agents, each named once, in three statements; returns units parked by agent id."""
    asked = [(agent, units, channels) for agent, units, channels in asked if units > 0]
    held = _active_of([agent.pk for agent, _, _ in asked])
    given_way, parked = [], {}
    for agent, units, channels in asked:
        rows = _least([row for row in held[agent.pk] if row.channel in channels], units)
        if rows:
            parked[agent.pk] = sum(row.cost for row in rows)
            agent.parked += parked[agent.pk]
            given_way += rows
    _move(given_way, Status.PARKED)
    record_all("interaction.parked", [(row, {"agent": str(row.agent)}) for row in given_way], by="router")
    return parked


def bring_back(agent: Agent) -> int:
    """What was parked of a locked agent's work goes on, oldest first, as far as it fits; returns how many did."""
    if not agent.parked or agent.room <= 0:
        return 0
    back = []
    for row in _locked(Interaction.objects.filter(agent=agent, status=Status.PARKED)):
        if row.cost <= agent.room:
            agent.parked -= row.cost
            back.append(row)
    _move(back, Status.ACTIVE)
    agent.save(update_fields=["parked"])
    record_all("interaction.resumed", [(row, {"agent": str(agent), "parked": True}) for row in back], by="router")
    return len(back)


def parked_with_room():
    """Parked though there is room for it: its agent was given more, or a bug left it."""
    room = F("agent__budget") + F("agent__override") + F("agent__parked") - F("agent__used")
    return Interaction.objects.filter(status=Status.PARKED, cost__lte=room).order_by("id")


def _active_of(agents) -> dict[int, list[Interaction]]:
    by_agent = defaultdict(list)
    for row in _locked(Interaction.objects.filter(agent__in=agents, status=Status.ACTIVE)) if agents else ():
        by_agent[row.agent_id].append(row)
    return by_agent


def _locked(rows):
    """Oldest in hand first; locked by id, as everywhere."""
    locked = rows.select_related("ticket", "agent__user").select_for_update(of=("self",)).order_by("id")
    return sorted(locked, key=lambda row: (row.accepted_at or clock.now(), row.pk))


def _least(rows, units):
    """The newest work that frees `units`, and none that need not give way; empty when all of it is too little."""
    chosen, freed = [], 0
    for row in reversed(rows):
        if freed >= units:
            break
        chosen.append(row)
        freed += row.cost
    for row in sorted(chosen, key=lambda row: row.cost):
        if freed - row.cost >= units:
            chosen.remove(row)
            freed -= row.cost
    return chosen if freed >= units else []


def _move(rows, status):
    for row in rows:
        row.status = status
    Interaction.objects.filter(pk__in=[row.pk for row in rows]).update(status=status)
