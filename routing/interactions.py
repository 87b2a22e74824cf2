"""The life of an interaction: waiting, offered, active, wrap-up, done; and parked, while a call interrupts it."""

from datetime import timedelta

from django.db import IntegrityError, transaction
from django.db.models.functions import Now

from customers import clock
from customers.events import nudge, record
from routing.classification import asked_of, sort_in, standing_of
from routing.models import Agent, Disposition, Interaction, Offer
from routing.parking import bring_back
from routing.policies import DISPATCH, general_rules, routing_of
from tickets import lifecycle, messages
from tickets.models import Channel, Ticket

Status = Interaction.Status
# The customer is there and waits for each answer; a mail can wait for its agent.
CONVERSING = (Channel.CHAT, Channel.VOICE)


class InteractionRefused(Exception):
    """The interaction is not in a state for this, or it is somebody else's; the message says which."""


@transaction.atomic(savepoint=False)
def enqueue(ticket: Ticket, *, channel: str, language: str = "", is_first: bool = False) -> Interaction:
    """Put what the customer just said on `channel` in line for an agent; it joins what is live there already.

    Someone who writes during wrap-up gets the same agent back, if that agent is still there. `language` (ISO 639-1)
    asks for that skill; what the rules classify may move a ticket that has just come, and ask for more. With `is_first`
    the ticket was opened in this transaction: nothing of it can be in line, and nobody else can put it there.
    """
    if is_first:
        return _put_in_line(ticket, channel, language)
    live = _live(ticket, channel)
    if live and _is_left_alone(live):
        _finish_for(live)
    elif live and _join(live, ticket):
        return live
    try:
        with transaction.atomic():
            return _put_in_line(ticket, channel, language)
    except IntegrityError:  # somebody else put it in line at this moment
        return enqueue(ticket, channel=channel, language=language)


@transaction.atomic
def withdraw(interaction: Interaction, *, reason: str = "abandoned", by="customer") -> None:
    """The customer hung up or left while nobody had answered; whoever it rang for stops ringing.

    Withdrawing what is over changes nothing. Raises InteractionRefused when an agent has it already.
    """
    held_by = _lock(interaction)
    if interaction.status == Status.DONE:
        return
    if interaction.status not in (Status.WAITING, Status.OFFERED):
        raise InteractionRefused(f"{held_by} has this already; it ends when either side ends it.")
    close_open_offer(interaction, Offer.Outcome.WITHDRAWN, reason=reason)
    _finish(interaction, held_by, reason=reason)
    record("interaction.withdrawn", interaction, by=by, reason=reason)


@transaction.atomic
def end(interaction: Interaction, *, by, reason: str = "agent") -> None:
    """Either side ends the contact; wrap-up begins, with its time limit. `by` is a user, "customer" or "system".

    What ends while it is parked is done at once: there is no room to wrap it up. Ending what is in wrap-up or done
    changes nothing. Raises InteractionRefused while nobody has accepted it, or when it changed hands meanwhile.
    """
    held_by = lock_as_seen(interaction).get(interaction.agent_id)
    if interaction.status in (Status.WRAP_UP, Status.DONE):
        return
    if interaction.status not in (Status.ACTIVE, Status.PARKED):
        raise InteractionRefused("Nobody has accepted this yet; withdraw it instead.")
    now = clock.now()
    limit = routing_of(interaction.queue).wrap_up_seconds
    interaction.ended_at, interaction.end_reason = now, reason[:24]
    if limit and interaction.status == Status.ACTIVE:
        _move(interaction, Status.WRAP_UP, wrap_up_until=now + timedelta(seconds=limit))
    else:
        _finish(interaction, held_by, reason=reason)
    record("interaction.ended", interaction, by=by, reason=reason, agent=str(held_by))


@transaction.atomic
def wrap_up(interaction: Interaction, *, by, disposition: Disposition | None = None, note: str = "") -> None:
    """After-contact work is done: the capacity is free again. A `note` is kept on the ticket.

    Wrapping up what is done changes nothing. Raises InteractionRefused before the contact has ended, or when it
    changed hands meanwhile.
    """
    if note:
        interaction.ticket.touch()
    held_by = lock_as_seen(interaction).get(interaction.agent_id)
    if interaction.status == Status.DONE:
        return
    if interaction.status != Status.WRAP_UP:
        raise InteractionRefused("Only an interaction in wrap-up can be wrapped up; end it first.")
    if note:
        messages.note(interaction.ticket, by=by, text=note)
    interaction.disposition = disposition
    _finish(interaction, held_by, reason=interaction.end_reason)
    record("interaction.wrapped_up", interaction, by=by, disposition=disposition.name if disposition else "")


@transaction.atomic
def time_out(interaction: Interaction) -> bool:
    """The time for wrap-up is over: it ends by itself. False if it was extended or wrapped up since."""
    held_by = _lock(interaction)
    is_over = Interaction.objects.filter(pk=interaction.pk, status=Status.WRAP_UP, wrap_up_until__lte=Now()).exists()
    if is_over:
        _finish(interaction, held_by, reason=interaction.end_reason)
        record("interaction.wrapped_up", interaction, by="system", disposition="", timed_out=True)
    return is_over


@transaction.atomic
def extend(interaction: Interaction, *, by, seconds: int = 60) -> None:
    """Give wrap-up more time, 10 to 600 seconds. Raises InteractionRefused when it is over."""
    lock_as_seen(interaction)
    if interaction.status != Status.WRAP_UP:
        raise InteractionRefused("Wrap-up is over.")
    later = max(interaction.wrap_up_until, clock.now()) + timedelta(seconds=min(600, max(10, seconds)))
    _move(interaction, Status.WRAP_UP, wrap_up_until=later)
    record("interaction.extended", interaction, by=by, seconds=seconds)


@transaction.atomic
def resolve(ticket: Ticket, *, by, status: str = Ticket.Status.SOLVED) -> None:
    """Solve (or close) the ticket and end what is live on it: held work is wrapped up, waiting work leaves the line."""
    lifecycle.set_status(ticket, status, by=by)
    live = ticket.interactions.live().exclude(status=Status.WRAP_UP).order_by("id")
    _lock_holders(live)
    for interaction in live:
        if interaction.status in (Status.WAITING, Status.OFFERED):
            withdraw(interaction, reason="solved", by=by)
        else:
            end(interaction, by=by, reason="solved")


@transaction.atomic
def give_back(interaction: Interaction, *, since, by="system", reason: str = "") -> bool:
    """Its agent has gone `since` (a time), but the customer is still there: they wait for another, and stand where
    they would if they had waited on from there. False if nobody was at it any more.
    """
    held_by = _lock(interaction)
    if interaction.status not in (Status.ACTIVE, Status.PARKED):
        return False
    interaction.waiting_since = since - (interaction.accepted_at - interaction.waiting_since)
    interaction.last_agent, interaction.last_agent_at = held_by, since
    put_back(interaction, held_by)
    record("interaction.returned", interaction, by=by, agent=str(held_by), reason=reason)
    return True


def follow_ticket(interaction: Interaction, ticket: Ticket) -> None:
    """Give a locked, waiting interaction the queue, skills and priority that its ticket has now."""
    if (interaction.queue_id, interaction.priority) == (ticket.queue_id, ticket.priority):
        return
    if interaction.queue_id != ticket.queue_id:
        ask_anew(interaction, ticket)
    else:
        before = interaction.priority, interaction.importance
        interaction.priority, interaction.importance = standing_of(ticket, channel=interaction.channel)
        if before == (interaction.priority, interaction.importance):
            return
    interaction.save()
    ask_for_dispatch(interaction)


def ask_anew(interaction: Interaction, ticket: Ticket) -> None:
    """Set what a locked interaction asks for in the queue its ticket is in now; the caller saves."""
    asked = asked_of(ticket, channel=interaction.channel)
    interaction.queue, interaction.needs, interaction.wants = ticket.queue, asked.needs, asked.wants
    interaction.priority, interaction.importance = asked.priority, asked.importance


def put_back(interaction: Interaction, held_by: Agent) -> None:
    """Return a locked interaction to its queue with the age it has; its agent (touched by the caller) is free of it."""
    held_by.release(interaction.cost, of_parked=_parked(interaction))
    interaction.agent, interaction.cost, interaction.reserved_for, interaction.accepted_at = None, 0, None, None
    _move(interaction, Status.WAITING)
    bring_back(held_by)
    ask_for_dispatch(interaction)


def close_open_offer(interaction: Interaction, outcome: str, *, reason: str = "") -> Offer | None:
    """Close what rings for a locked interaction; None when nothing does."""
    offer = interaction.offers.open().select_for_update(of=("self",)).select_related("agent").first()
    if offer:
        offer.interaction = interaction
        offer.outcome, offer.reason, offer.answered_at = outcome, reason[:80], clock.now()
        offer.save(update_fields=["outcome", "reason", "answered_at"])
        record(f"offer.{outcome}", offer, reason=reason)
    return offer


def cooled(agent: Agent):
    """Until when an agent who declined or missed something is not asked for it again, by the database's clock."""
    return Now() + timedelta(seconds=general_rules(agent.domain.policy_id).offer.decline_cooldown)


def ask_for_dispatch(interaction: Interaction) -> None:
    """Nudge the router of the interaction's domain."""
    nudge(DISPATCH, routing_of(interaction.queue).domain_id, coalesce=True)


def lock_as_seen(interaction: Interaction, *others: Agent) -> dict[int, Agent]:
    """As lock_with_agents; raises InteractionRefused when another is at it than the caller saw, who may be nobody."""
    seen = _who_is_at(interaction)
    agents = lock_with_agents(interaction, *others)
    if seen != _who_is_at(interaction):
        raise InteractionRefused(f"It changed hands meanwhile. {where_it_is(interaction)}")
    return agents


def _who_is_at(interaction):
    return interaction.agent_id if interaction.accepted_at else None


def where_it_is(interaction: Interaction) -> str:
    """A sentence for who comes too late."""
    if interaction.status == Status.DONE:
        return "It is over already."
    if interaction.status == Status.WAITING:
        return f"It waits in {interaction.queue} now."
    if interaction.status == Status.OFFERED:
        return f"It rings for {interaction.agent} now."
    return f"{interaction.agent} has it now."


def lock_with_agents(interaction: Interaction, *others: Agent) -> dict[int, Agent]:
    """Lock the agents concerned (by id), then the interaction, as lock order asks; returns the agents by id.

    The agent who holds it may change while we wait for a lock: then all of it is let go and tried again.
    """
    while True:
        agents = _try_to_lock(interaction, {agent.pk: agent for agent in others})
        if agents is not None:
            return agents


@transaction.atomic
def _try_to_lock(interaction, agents):
    holder = Interaction.objects.values_list("agent", flat=True).get(pk=interaction.pk)
    if holder and holder not in agents:
        agents[holder] = Agent(pk=holder)
    for pk in sorted(agents):
        agents[pk].touch()
    interaction.lock()
    if interaction.agent_id in (holder, None):
        return agents
    # Never lock an agent after an interaction: the savepoint's locks go, and the next try knows the new holder.
    transaction.set_rollback(True)
    return None


def _lock(interaction):
    return lock_with_agents(interaction).get(interaction.agent_id)


def _lock_holders(interactions):
    """Lock all their agents in order, before any interaction is locked."""
    held = interactions.filter(agent__isnull=False).order_by().values("agent")
    list(Agent.objects.select_for_update().filter(pk__in=held).order_by("pk"))


def _live(ticket, channel):
    return next(iter(ticket.interactions.live().filter(channel=channel)), None)


def _is_left_alone(live):
    return live.status == Status.WRAP_UP and live.agent.presence == Agent.Presence.OFFLINE


def _finish_for(live):
    """The customer is back but the agent has gone: wrap-up is over."""
    held_by = _lock(live)
    if live.status == Status.WRAP_UP:
        _finish(live, held_by, reason=live.end_reason)
        record("interaction.wrapped_up", live, by="system", disposition="", timed_out=True)


def _join(live, ticket) -> bool:
    """False if it was done before we had its lock. No agent's row is needed: wrap-up holds what active work does."""
    live.lock()
    if live.status == Status.WRAP_UP:
        _move(live, Status.ACTIVE, wrap_up_until=None, ended_at=None, end_reason="")
        record("interaction.resumed", live, by="customer")
    elif live.status == Status.WAITING:
        follow_ticket(live, ticket)
    return live.status != Status.DONE


def _put_in_line(ticket, channel, language):
    asked, now = sort_in(ticket, channel=channel, language=language), clock.now()
    last_agent, last_agent_at = _last_served(ticket)
    interaction = Interaction.objects.create(
        ticket=ticket,
        queue=ticket.queue,
        channel=channel,
        priority=asked.priority,
        importance=asked.importance,
        waiting_since=now,
        created_at=now,
        needs=asked.needs,
        wants=asked.wants,
        last_agent_id=last_agent,
        last_agent_at=last_agent_at,
    )
    said = {"rules": list(asked.rules)} if asked.rules else {}
    record("interaction.enqueued", interaction, by="customer", channel=channel, queue=ticket.queue.name, **said)
    ask_for_dispatch(interaction)
    return interaction


def _last_served(ticket):
    """The id of the agent who served this customer last, and when that ended."""
    served = Interaction.objects.filter(
        ticket__customer=ticket.customer_id, agent__isnull=False, accepted_at__isnull=False
    )
    return served.order_by("-id").values_list("agent", "ended_at").first() or (None, None)


def _finish(interaction, held_by, *, reason):
    """Locked: capacity is given back, and the interaction is done."""
    is_held = held_by and interaction.status != Status.WAITING
    if is_held:
        held_by.release(interaction.cost, of_parked=_parked(interaction))
    if interaction.accepted_at is None:
        interaction.agent = None
    now = clock.now()
    interaction.ended_at = interaction.ended_at or now
    _move(interaction, Status.DONE, done_at=now, end_reason=reason[:24], cost=0, wrap_up_until=None)
    if is_held:
        bring_back(held_by)
        ask_for_dispatch(interaction)


def _parked(interaction):
    return interaction.cost if interaction.status == Status.PARKED else 0


def _move(interaction, status, **changes):
    interaction.status = status
    for field, value in changes.items():
        setattr(interaction, field, value)
    interaction.save()
