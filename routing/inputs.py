"""What the engine was told in a dispatch, kept so that it can be decided again.

It is told everybody who is signed in, and of each kind of interaction the first few who wait (routing/memory.py), not a
hundred thousand: exactly that is kept, so the same agents win again. Written as zlib-compressed JSON:

names     of the fields in the rows below: [those of an interaction, those of an agent]
waiting   a row for each interaction told
agents    a row for each agent told for the first time, or differently than in the dispatch before, in this chain
gone      ids of agents who are told no longer
policy    the rules, where they are others than before in this chain
service, expected_wait   by queue slug
"""

import json
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from operator import attrgetter

from routing.engine import facts
from routing.engine.match import decide
from routing.models import Decision, Dispatch

WAITING = tuple(one.name for one in fields(facts.Waiting))
AGENT = tuple(one.name for one in fields(facts.Agent))
LONGEST_CHAIN = 64


class InputsForgotten(Exception):
    """What the engine was told is not kept any longer, or was told before it was kept."""


@dataclass
class Chain:
    """What was written since `base`, the last dispatch in which all agents were told."""

    base: int = 0
    length: int = 0
    agents: dict[int, facts.Agent] = field(default_factory=dict)
    policy: facts.Policy | None = None

    def write(self, state: facts.State, policy: facts.Policy, epoch: int) -> bytes:
        """The inputs of the dispatch of this epoch, as stored; `base` says where its chain begins."""
        told = {agent.id: agent for agent in state.agents}
        changed = [agent for pk, agent in told.items() if self.agents.get(pk) is not agent]
        if not self.base or self.length >= LONGEST_CHAIN or 2 * len(changed) > len(told):
            changed, self.base, self.length, self.agents, self.policy = list(told.values()), epoch, 0, {}, None
        written = {
            "names": [WAITING, AGENT],
            "waiting": _rows(WAITING, state.waiting),
            "agents": _rows(AGENT, changed),
            "gone": [pk for pk in self.agents if pk not in told],
            "service": state.service,
            "expected_wait": state.expected_wait,
        }
        if policy != self.policy:
            written["policy"] = policy.to_json()
        self.length, self.agents, self.policy = self.length + 1, told, policy
        return zlib.compress(json.dumps(written, separators=(",", ":"), default=sorted).encode(), 3)


def decide_again(decision: Decision) -> facts.Assigned | None:
    """What the engine answers for the decision's interaction when told the same again; None if it gets nobody.

    Raises InputsForgotten.
    """
    dispatch = Dispatch.objects.filter(domain=decision.domain_id, epoch=decision.epoch).first()
    if dispatch is None:
        raise InputsForgotten("Nothing was kept of what this decision was taken from.")
    state, policy = told_in(dispatch)
    outcome = decide(state, policy, dispatch.at.timestamp(), seed=dispatch.epoch)
    return next((one for one in outcome.assigned if one.interaction == decision.interaction_id), None)


def told_in(dispatch: Dispatch) -> tuple[facts.State, facts.Policy]:
    """What the engine was told in a dispatch. Raises InputsForgotten."""
    chain = Dispatch.objects.filter(domain=dispatch.domain_id, base=dispatch.base, epoch__lte=dispatch.epoch)
    blobs = list(chain.order_by("epoch").values_list("epoch", "inputs"))
    if not blobs or blobs[0][0] != dispatch.base or any(blob is None for _, blob in blobs):
        raise InputsForgotten("What the engine was told then is not kept any longer.")
    agents: dict[int, dict] = {}
    policy: dict = {}
    written: dict = {}
    for _, blob in blobs:
        written = json.loads(zlib.decompress(blob))
        agents |= {one["id"]: one for one in _named(written["names"][1], written["agents"])}
        agents = {pk: one for pk, one in agents.items() if pk not in written["gone"]}
        policy = written.get("policy", policy)
    told = {
        "waiting": list(_named(written["names"][0], written["waiting"])),
        "agents": list(agents.values()),
        "service": written["service"],
        "expected_wait": written["expected_wait"],
    }
    return facts.State.from_json(told), facts.Policy.from_json(policy)


def _rows(names, told) -> list[tuple]:
    return [attrgetter(*names)(one) for one in told]


def _named(names, rows) -> Iterable[dict]:
    return (dict(zip(names, row, strict=True)) for row in rows)
