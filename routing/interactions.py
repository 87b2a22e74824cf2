"""The life of an interaction: waiting, offered, active, wrap-up, done."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from customers.events import nudge, record
from routing.models import Agent, Disposition, Interaction, Offer
from routing.policies import routing_of, skills_asked
from tickets import lifecycle, messages
from tickets.models import Ticket

Status = Interaction.Status
DISPATCH = "routing.dispatch"


class InteractionRefused(Exception):
    """The interaction is not in a state for this, or it is somebody else's; the message says which."""


@transaction.atomic
def enqueue(ticket: Ticket, *, channel: str, language: str = "") -> Interaction:
    """Put what the customer just said on `channel` in line for an agent; it joins what is live there already.

    Someone who writes during wrap-up gets the same agent back. `language` (ISO 639-1) asks for that skill.
    """
    live = ticket.interactions.live().select_for_update(of=("self",)).filter(channel=channel).first()
    if live:
        return _join(live)
    needs, wants = skills_asked(ticket.queue, language or ticket.language or ticket.customer.language)
    last = _last_served(ticket)
    interaction = Interaction.objects.create(
        ticket=ticket,
        queue=ticket.queue,
        channel=channel,
        priority=ticket.priority,
        needs=needs,
        wants=wants,
        last_agent=last and last.agent,
        last_agent_at=last and last.ended_at,
    )
    record("interaction.enqueued", interaction, by="customer", channel=channel, queue=ticket.queue.name)
    ask_for_dispatch(interaction)
    return interaction


@transaction.atomic
def withdraw(interaction: Interaction, *, reason: str = "abandoned", by="customer") -> None:
    """The customer hung up or left while nobody had answered; whoever it rang for stops ringing.

    Raises InteractionRefused when an agent has it already.
    """
    held_by = _lock(interaction)
    if interaction.status not in (Status.WAITING, Status.OFFERED):
        raise InteractionRefused("An agent has this already; it ends when either side ends it.")
    close_open_offer(interaction, Offer.Outcome.WITHDRAWN, reason=reason)
    _finish(interaction, held_by, reason=reason)
    record("interaction.withdrawn", interaction, by=by, reason=reason)


@transaction.atomic
def end(interaction: Interaction, *, by, reason: str = "agent") -> None:
    """Either side ends the contact; wrap-up begins, with its time limit. `by` is a user, "customer" or "system".

    Ending what is in wrap-up or done changes nothing. Raises InteractionRefused while nobody has accepted it.
    """
    held_by = _lock(interaction)
    if interaction.status in (Status.WRAP_UP, Status.DONE):
        return
    if interaction.status not in (Status.ACTIVE, Status.PARKED):
        raise InteractionRefused("Nobody has accepted this yet; withdraw it instead.")
    now = timezone.now()
    limit = routing_of(interaction.queue).wrap_up_seconds
    interaction.ended_at, interaction.end_reason = now, reason
    if limit:
        _move(interaction, Status.WRAP_UP, wrap_up_until=now + timedelta(seconds=limit))
    else:
        _finish(interaction, held_by, reason=reason)
    record("interaction.ended", interaction, by=by, reason=reason, agent=str(held_by))


@transaction.atomic
def wrap_up(interaction: Interaction, *, by, disposition: Disposition | None = None, note: str = "") -> None:
    """After-contact work is done: the capacity is free again. A `note` is kept on the ticket."""
    if note:
        messages.note(interaction.ticket, by=by, text=note)
    held_by = _lock(interaction)
    if interaction.status == Status.DONE:
        return
    if interaction.status != Status.WRAP_UP:
        raise InteractionRefused("Only an interaction in wrap-up can be wrapped up; end it first.")
    interaction.disposition = disposition
    _finish(interaction, held_by, reason=interaction.end_reason)
    record("interaction.wrapped_up", interaction, by=by, disposition=disposition.name if disposition else "")


@transaction.atomic
def extend(interaction: Interaction, *, by, seconds: int = 60) -> None:
    """Give wrap-up more time, 10 to 600 seconds."""
    _lock(interaction)
    if interaction.status != Status.WRAP_UP:
        raise InteractionRefused("Wrap-up is over.")
    later = max(interaction.wrap_up_until, timezone.now()) + timedelta(seconds=min(600, max(10, seconds)))
    _move(interaction, Status.WRAP_UP, wrap_up_until=later)
    record("interaction.extended", interaction, by=by, seconds=seconds)


@transaction.atomic
def resolve(ticket: Ticket, *, by) -> None:
    """Solve the ticket and end what is live on it: held work goes to wrap-up, waiting work leaves the line."""
    lifecycle.solve(ticket, by=by)
    for interaction in ticket.interactions.live().exclude(status=Status.WRAP_UP).order_by("id"):
        if interaction.status in (Status.WAITING, Status.OFFERED):
            withdraw(interaction, reason="solved", by=by)
        else:
            end(interaction, by=by, reason="solved")


def put_back(interaction: Interaction, held_by: Agent) -> None:
    """Return a locked interaction to its queue with the age it has; its agent (touched by the caller) is free of it."""
    held_by.release(interaction.cost)
    interaction.agent, interaction.cost, interaction.reserved_for = None, 0, None
    _move(interaction, Status.WAITING)
    ask_for_dispatch(interaction)


def close_open_offer(interaction: Interaction, outcome: str, *, reason: str = "") -> Offer | None:
    """Close what rings for a locked interaction; None when nothing does."""
    offer = interaction.offers.open().select_for_update().first()
    if offer:
        offer.outcome, offer.reason, offer.answered_at = outcome, reason[:80], timezone.now()
        offer.save(update_fields=["outcome", "reason", "answered_at"])
        record(f"offer.{outcome}", offer, reason=reason)
    return offer


def ask_for_dispatch(interaction: Interaction) -> None:
    """Nudge the router of the interaction's domain."""
    nudge(DISPATCH, routing_of(interaction.queue).domain_id, coalesce=True)


def lock_with_agents(interaction: Interaction, *others: Agent) -> dict[int, Agent]:
    """Lock the agents concerned (by id), then the interaction, as lock order asks; returns the agents by id.

    The agent who holds it may change while we wait for a lock, so it is read again and tried once more.
    """
    while True:
        holder = Interaction.objects.values_list("agent", flat=True).get(pk=interaction.pk)
        wanted = {agent.pk for agent in others} | ({holder} if holder else set())
        agents = {pk: Agent(pk=pk) for pk in sorted(wanted)}
        for agent in agents.values():
            agent.touch()
        interaction.refresh_from_db(
            from_queryset=Interaction.objects.select_for_update(of=("self",)).select_related("ticket", "queue")
        )
        if interaction.agent_id in (holder, None):
            return agents


def _lock(interaction):
    agents = lock_with_agents(interaction)
    return agents.get(interaction.agent_id)


def _join(live):
    if live.status == Status.WRAP_UP:
        _lock(live)
        if live.status == Status.WRAP_UP:
            _move(live, Status.ACTIVE, wrap_up_until=None, ended_at=None, end_reason="")
            record("interaction.resumed", live, by="customer")
    return live


def _last_served(ticket):
    served = Interaction.objects.filter(ticket__customer=ticket.customer_id, agent__isnull=False)
    return served.select_related("agent").order_by("-id").first()


def _finish(interaction, held_by, *, reason):
    """Locked: capacity is given back, and the interaction is done."""
    if held_by:
        held_by.release(interaction.cost)
        ask_for_dispatch(interaction)
    now = timezone.now()
    interaction.ended_at = interaction.ended_at or now
    _move(interaction, Status.DONE, done_at=now, end_reason=reason, cost=0, wrap_up_until=None)


def _move(interaction, status, **changes):
    interaction.status = status
    for field, value in changes.items():
        setattr(interaction, field, value)
    interaction.save()
