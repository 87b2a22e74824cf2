"""An interaction changes hands by a person's will: taken from the list, assigned, or transferred."""

from contextlib import suppress

from django.db import transaction

from customers import clock
from customers.events import record
from routing.interactions import (
    CONVERSING,
    InteractionRefused,
    ask_anew,
    ask_for_dispatch,
    close_open_offer,
    cooled,
    follow_ticket,
    lock_as_seen,
    lock_with_agents,
    put_back,
)
from routing.models import Agent, Interaction, Offer
from routing.parking import bring_back, make_room
from routing.policies import general_rules
from tickets import lifecycle, messages
from tickets.models import Queue, Ticket

Status = Interaction.Status


class OverCapacity(Exception):
    """The agent has no room for this; a person may go beyond it with a reason."""


@transaction.atomic
def take(interaction: Interaction, *, agent: Agent, by, reason: str = "") -> Interaction:
    """Give a waiting or ringing interaction to `agent` at a person's will, past the router.

    A call parks mails, as it does when it is offered. Raises InteractionRefused when somebody has it, or the agent is
    offline and it is no mail; OverCapacity when the budget is full and no `reason` is given; with one, the agent is
    allowed that much more until the work is done.
    """
    lifecycle.assign(interaction.ticket, agent.user, by=by)
    agents = lock_with_agents(interaction, agent)
    if interaction.status not in (Status.WAITING, Status.OFFERED):
        raise InteractionRefused(_who_has_it(interaction))
    _check_presence(agents[agent.pk], interaction)
    rung = agents.get(interaction.agent_id)
    if rung:
        close_open_offer(interaction, Offer.Outcome.WITHDRAWN, reason=f"taken by {agent}")
        rung.release(interaction.cost)
    _load(agents[agent.pk], interaction, reason)
    if rung:
        bring_back(rung)
        ask_for_dispatch(interaction)  # who was rung can be rung for the next
    record("interaction.taken", interaction, by=by, agent=str(agent), reason=reason)
    return interaction


@transaction.atomic
def assign(ticket: Ticket, user, *, by) -> None:
    """Make `user` (or None) the ticket's owner; if they are an agent, what waits on the ticket is theirs too."""
    lifecycle.assign(ticket, user, by=by)
    agent = Agent.objects.filter(user=user).first() if user else None
    waiting = ticket.interactions.filter(status__in=[Status.WAITING, Status.OFFERED]).order_by("id")
    for interaction in waiting if agent else []:
        with suppress(InteractionRefused):  # the customer left the line at this moment
            take(interaction, agent=agent, by=by, reason=f"assigned by {by}")


@transaction.atomic
def change(ticket: Ticket, *, by, **values) -> None:
    """Change the ticket's priority, queue, tags or subject; what waits on it goes along to its new place in line.

    Raises tickets.lifecycle.TicketRefused.
    """
    lifecycle.change(ticket, by=by, **values)
    for interaction in ticket.interactions.filter(status__in=[Status.WAITING, Status.OFFERED]).order_by("id"):
        agents = lock_with_agents(interaction)
        if interaction.status == Status.OFFERED and interaction.queue_id != ticket.queue_id:
            close_open_offer(interaction, Offer.Outcome.WITHDRAWN, reason="moved to another queue")
            put_back(interaction, agents[interaction.agent_id])
        if interaction.status == Status.WAITING:
            follow_ticket(interaction, ticket)


@transaction.atomic
def transfer(interaction: Interaction, *, by, queue: Queue | None = None, agent: Agent | None = None, note: str = ""):
    """Pass an interaction on to a `queue`, or to one person, who is rung for it. The ticket goes along.

    Who had it is not rung for it again at once. Raises InteractionRefused when it is over, or the person is not
    signed in, or may not see the queue, or it changed hands meanwhile.
    """
    ticket = interaction.ticket
    if note:
        messages.note(ticket, by=by, text=note)
    lifecycle.change(ticket, by=by, queue=queue or ticket.queue)
    lifecycle.assign(ticket, None, by=by)
    agents = lock_as_seen(interaction, *([agent] if agent else []))
    _check_receiver(agent, ticket.queue, interaction.channel)
    _leave(interaction, agents, by)
    interaction.offers.filter(agent=agent).update(cooldown_until=None)  # a person's will, whatever they said before
    ask_anew(interaction, ticket)
    interaction.reserved_for = agent
    interaction.waiting_since = clock.now()
    interaction.save()
    ask_for_dispatch(interaction)
    record("interaction.transferred", interaction, by=by, to=str(agent or ticket.queue), note=note[:200])


def _check_receiver(agent, queue, channel):
    if agent is None:
        return
    if agent.presence == Agent.Presence.OFFLINE:
        raise InteractionRefused(f"{agent} is offline. Transfer it to a queue, or to somebody who is signed in.")
    if agent.channels and channel not in agent.channels:
        raise InteractionRefused(f"{agent} does not take {channel}. Transfer it to a queue, or to somebody who does.")
    if queue.is_private and not queue.members.filter(pk=agent.user_id).exists():
        raise InteractionRefused(f"{agent} is no member of the private queue {queue}. Choose one who is.")


def _leave(interaction, agents, by):
    if interaction.status in (Status.WRAP_UP, Status.DONE):
        raise InteractionRefused("This interaction is over; what the customer wants next comes as a new one.")
    if interaction.status == Status.WAITING:
        return
    holder = agents[interaction.agent_id]
    close_open_offer(interaction, Offer.Outcome.WITHDRAWN, reason=f"{by} transferred it")
    put_back(interaction, holder)
    interaction.last_agent = interaction.last_agent_at = None
    interaction.offers.filter(agent=holder).update(cooldown_until=cooled(holder))


def _check_presence(agent, interaction):
    if agent.presence == Agent.Presence.OFFLINE and interaction.channel in CONVERSING:
        raise InteractionRefused(f"{agent} is offline, and the customer waits for an answer now. Sign in first.")


def _load(agent, interaction, reason):
    rules = general_rules(agent.domain.policy_id)
    cost = rules.cost(interaction.queue.slug, interaction.channel, agent.costs)
    if not make_room(agent, cost, rules.interrupts.get(interaction.channel, ())):
        free = max(0, agent.free)
        if not reason:
            raise OverCapacity(f"{agent} has no room for this ({free} of {cost} units free). Give a reason.")
        agent.override += max(0, cost - agent.room)
    agent.give(cost)
    interaction.agent, interaction.cost, interaction.status = agent, cost, Status.ACTIVE
    interaction.accepted_at, interaction.reserved_for = clock.now(), None
    interaction.save()


def _who_has_it(interaction):
    if interaction.status == Status.DONE:
        return "This interaction is over already."
    return f"{interaction.agent} has it already."
