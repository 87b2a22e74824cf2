"""The promise behind the nudges: whatever must happen is found again by looking at the rows.

Each chore names the rows that are due and the verb that mends one of them; the verb looks again under lock, so any
number of sweeps may run at once. A row that cannot be mended is logged and stops nothing.
"""

import structlog
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Now
from structlog.contextvars import unbind_contextvars

from routing.interactions import CONVERSING, give_back, lock_with_agents, put_back, time_out
from routing.models import Agent, Interaction, Offer
from routing.offers import expire, withdraw_offer
from routing.parking import bring_back, parked_with_room
from routing.presence import send_offline, silent_agents

log = structlog.get_logger(__name__)

Status = Interaction.Status
AT_ONCE = 500


def repair() -> int:
    """Mend what is due; returns how many rows were."""
    return sum(_mend(rows, verb) for rows, verb in CHORES)


def expire_overdue() -> int:
    """Take back what nobody answered in time; returns how many offers that were."""
    return _mend(overdue_offers, expire)


def overdue_offers():
    return Offer.objects.open().filter(expires_at__lte=Now()).select_related("interaction", "agent").order_by("id")


def overdue_wrap_ups():
    return Interaction.objects.filter(status=Status.WRAP_UP, wrap_up_until__lte=Now()).order_by("id")


def reserved_in_vain():
    """Waiting for one person who has gone: anybody may have it."""
    gone = (Agent.Presence.OFFLINE, Agent.Presence.AWAY)
    return Interaction.objects.waiting().filter(reserved_for__presence__in=gone).order_by("id")


def ringing_for_nobody():
    open_offers = Offer.objects.open().filter(interaction=OuterRef("pk"), agent=OuterRef("agent"))
    return Interaction.objects.filter(~Exists(open_offers), status=Status.OFFERED).order_by("id")


def offers_astray():
    """Open for somebody who is offline, or for what does not ring there."""
    elsewhere = ~Q(interaction__status=Status.OFFERED) | ~Q(interaction__agent=F("agent"))
    is_astray = elsewhere | Q(agent__presence=Agent.Presence.OFFLINE)
    return Offer.objects.open().filter(is_astray).select_related("interaction", "agent").order_by("id")


def left_alone():
    """A chat or call with an agent who is offline."""
    gone = Interaction.objects.filter(channel__in=CONVERSING, agent__presence=Agent.Presence.OFFLINE)
    return gone.filter(status__in=[Status.ACTIVE, Status.PARKED]).order_by("id")


@transaction.atomic
def free_for_all(interaction: Interaction) -> bool:
    """Keep it for nobody any longer; the router asks the best there are."""
    return bool(reserved_in_vain().filter(pk=interaction.pk).update(reserved_for=None))


@transaction.atomic
def return_to_line(interaction: Interaction) -> bool:
    """What rings on no desk waits again, with the age it has."""
    agents = lock_with_agents(interaction)
    is_stuck = ringing_for_nobody().filter(pk=interaction.pk).exists()
    if is_stuck:
        put_back(interaction, agents[interaction.agent_id])
    return is_stuck


def call_off(offer: Offer) -> bool:
    """An offer that should not be open."""
    return withdraw_offer(offer, reason="it should not have been open")


@transaction.atomic
def go_on(interaction: Interaction) -> bool:
    """There is room for what was parked: its agent's parked work comes back."""
    agent = lock_with_agents(interaction).get(interaction.agent_id)
    is_parked = interaction.status == Status.PARKED
    return is_parked and bring_back(agent) > 0


@transaction.atomic
def come_for(interaction: Interaction) -> bool:
    """The customer waits in line for another agent, since theirs went."""
    agent = lock_with_agents(interaction).get(interaction.agent_id)
    is_alone = left_alone().filter(pk=interaction.pk).exists()
    return is_alone and give_back(interaction, since=agent.presence_since, reason=f"{agent} went offline")


CHORES = (
    (overdue_offers, expire),
    (overdue_wrap_ups, time_out),
    (silent_agents, send_offline),
    (offers_astray, call_off),
    (ringing_for_nobody, return_to_line),
    (reserved_in_vain, free_for_all),
    (left_alone, come_for),
    (parked_with_room, go_on),
)


def _mend(rows, verb):
    mended = 0
    for row in rows()[:AT_ONCE]:
        unbind_contextvars("ticket_id", "interaction_id")  # those of the row before
        try:
            mended += bool(verb(row))
        except Exception:
            log.exception("repair.failed", chore=verb.__name__, row=row.pk)
    return mended
