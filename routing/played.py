"""Recorded traffic played again: at once, or as the job of a row, by one process at a time under a lease.

Apart from replays.py because it brings numpy and scipy, which a process that only asks for replays need not carry.
"""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, Q
from django.db.models.functions import Now

from routing.drafts import NoSuchRules, Written, classifies_otherwise, have_changed, read_draft, rules_at
from routing.engine import Names
from routing.engine.facts import Policy as EnginePolicy
from routing.models import Agent, Domain, Replay, Skill
from routing.recorded import recorded
from routing.rules import Rules
from routing.simulation.live import Plan
from routing.simulation.record import Offering
from routing.simulation.replay import LIVE, Cancelled, NothingRecorded, replay
from routing.simulation.retold import retold

LEASE = timedelta(seconds=90)
MOST_TRIES = 3
LOST = "The process that played it was lost three times. Ask for a shorter time, or look at the worker's log."
CHANGED = "Other rules were published within this time; it is replayed under those in force when it began."
CLASSIFIED = (
    "The draft sorts what comes in otherwise (its `classify`). That is not replayed: everything keeps the queue, "
    "skills and priority that it was given."
)
State = Replay.State


def play_replay(replay_id: int, *, workers: int | None = None) -> bool:
    """Claim a due replay and play it to its end. False if it is another's, cancelled, or over."""
    row = _claim(replay_id)
    if row is None:
        return False
    with suppress(Cancelled):  # by a person, or because another process has it now
        _settle(row, *_played(row, workers))
        return True
    return False


def play(
    domain: Domain,
    since: datetime,
    until: datetime,
    policy: Written | None = None,
    *,
    replications: int = 20,
    seed: int = 1,
    workers: int | None = None,
    on_progress: Callable[[int, int], None] = lambda done, of: None,
) -> dict[str, Any]:
    """Replay recorded traffic now; returns what came of it (see retold.py). Raises NothingRecorded, NoSuchRules."""
    draft = None if policy is None else plan_of(*read_draft(domain, policy), "draft")
    outcome = replay(
        recorded(domain, since, until),
        plan_of(*rules_at(domain, since)),
        draft,
        replications=replications,
        seed=seed,
        workers=workers,
        on_progress=on_progress,
    )
    told = retold(outcome, names_in(domain))
    notes = [CHANGED] if have_changed(domain, since, until) else []
    notes += [CLASSIFIED] if policy is not None and classifies_otherwise(domain, since, policy) else []
    return {**told, "notes": notes}


def names_in(domain: Domain) -> Names:
    agents = Agent.objects.filter(domain=domain).select_related("user")
    return Names(
        skills=dict(Skill.objects.values_list("slug", "name")), agents={agent.pk: str(agent) for agent in agents}
    )


def plan_of(policy: EnginePolicy, rules: Rules, name: str = LIVE) -> Plan:
    """Rules as the player takes them."""
    by_queue = {
        (queue, channel): float(seconds) for queue, own in rules.rings.items() for channel, seconds in own.items()
    }
    return Plan(policy, Offering(dict(rules.offer.ring), by_queue, rules.offer.decline_cooldown), name)


def _claim(replay_id):
    lost = Replay.objects.filter(pk=replay_id, state=State.RUNNING, lease_until__lt=Now())
    lost.filter(tries__gte=MOST_TRIES).update(state=State.FAILED, error=LOST, ended_at=Now(), lease_until=None)
    mine = Replay.objects.filter(Q(state=State.QUEUED) | Q(state=State.RUNNING, lease_until__lt=Now()), pk=replay_id)
    begun = {"state": State.RUNNING, "lease_until": Now() + LEASE, "tries": F("tries") + 1, "started_at": Now()}
    if mine.update(**begun, progress=0.0):
        return Replay.objects.select_related("domain").get(pk=replay_id)
    return None


def _played(row, workers):
    """(state, changes) of what came of it."""
    try:
        result = play(
            row.domain,
            row.since,
            row.until,
            row.policy,
            replications=row.replications,
            seed=row.seed,
            workers=workers,
            on_progress=lambda done, of: _keep(row, done / of),
        )
    except (NothingRecorded, NoSuchRules) as error:
        return State.FAILED, {"error": str(error)[:400]}
    except Cancelled:
        raise
    except Exception as error:
        _settle(row, State.FAILED, {"error": f"It could not be played: {error}"[:400]})
        raise
    return State.DONE, {"result": result, "progress": 1.0}


def _keep(row, progress):
    """Say how far it is and hold on to it. Raises Cancelled when it is not ours any more."""
    if not _mine(row).update(progress=progress, lease_until=Now() + LEASE):
        raise Cancelled(f"Replay {row.pk} was cancelled, or taken over.")


def _settle(row, state, changes):
    """Compare and swap: only the process whose lease counts may end it."""
    _mine(row).update(state=state, ended_at=Now(), lease_until=None, **changes)


def _mine(row):
    return Replay.objects.filter(pk=row.pk, state=State.RUNNING, tries=row.tries)
