"""The published JSON Schema (draft 2020-12) of the rules: what may be written where, and what it means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from routing.engine.facts import Weights
from routing.engine.strategies import LINES, STRATEGIES
from routing.rules.company import CHANNELS
from routing.rules.durations import LONGEST, MOST_TARGETS, SHORTEST, TARGETS, TIME
from routing.rules.expressions import MOST_CHARACTERS, PRIORITIES

DIALECT = "https://json-schema.org/draft/2020-12/schema"
ID = "urn:trunkline:routing-rules:1"
MOST_RULES, MOST_QUEUES, MOST_STEPS = 200, 500, 20
SLUG = r"^[a-z0-9][a-z0-9._-]*$"

ABOUT_WEIGHTS = {
    "match": "How much it counts that an agent comes close to the wanted levels.",
    "affinity": "How much it counts to have served this customer last, or to own the ticket.",
    "fairness": "How much it counts to have been without work for long.",
    "load": "How much it counts against an agent to be loaded already.",
    "scarcity": "How much it counts against an agent to have a rare skill that somebody else may need.",
    "voice_guard": "How much it counts against an agent that this would make them unavailable for calls.",
    "eta": "How much a good match counts when an agent is what is scarce and picks from the line.",
    "parking": "How much it counts against an agent that their work would be interrupted.",
    "occupancy": "How much it counts against an agent to be above the occupancy cap.",
    "pace": "How much it counts to be fast in the queue.",
}


def _object(about: str, properties: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "description": about,
        "properties": dict(properties),
        "additionalProperties": False,
        **more,
    }


def _by_channel(about: str, value: Mapping[str, Any]) -> dict[str, Any]:
    return _object(about, dict.fromkeys(CHANNELS, value))


def _by_slug(about: str, value: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "description": about,
        "propertyNames": {"pattern": SLUG},
        "additionalProperties": value,
        **more,
    }


def _levels(about: str, lowest: int) -> dict[str, Any]:
    return _by_slug(about, {"type": "integer", "minimum": lowest, "maximum": 5}, maxProperties=50)


_TIME = {"$ref": "#/$defs/time"}
_TIME_OR_TARGETS = {"anyOf": [_TIME, {"$ref": "#/$defs/targets"}]}

_DEFS = {
    "time": {
        "description": "A time from .1s to 30d: 20s, 5m, 4h, 1d, or a number of seconds.",
        "anyOf": [
            {"type": "string", "pattern": TIME, "maxLength": 12, "format": "time-span"},
            {"type": "number", "minimum": SHORTEST, "maximum": LONGEST},
        ],
    },
    "targets": {
        "description": "A share of the target, 1000T at most: .5T is half of it.",
        "type": "string",
        "pattern": TARGETS,
        "maxLength": 12,
        "format": "share-of-target",
    },
    "target": {
        "description": "Answer within this time; or [percent, time], as in [80, 20s]: this share of them within it.",
        "anyOf": [
            _TIME,
            {
                "type": "array",
                "prefixItems": [{"type": "number", "minimum": 1, "maximum": 100}, _TIME],
                "items": False,
                "minItems": 2,
            },
        ],
    },
}

_SET = _object(
    "What the rule changes; a later rule may change it again.",
    {
        "queue": {
            "type": "string",
            "pattern": SLUG,
            "description": "Slug of its queue, if it has just come.",
        },
        "priority": {
            "description": "The ticket's priority, if it has just come: a word, or 0 (low) to 3 (urgent).",
            "enum": [*PRIORITIES, 0, 1, 2, 3],
        },
        "vip": {"type": "boolean", "description": "Waits in line as if its priority were high at least."},
        "importance": {
            "type": "number",
            "minimum": 0.1,
            "maximum": 10,
            "description": "How much its waiting counts against that of others: 1 is ordinary, 2 double.",
        },
        "need": _levels("Skills it requires, with the least level, 1 to 5; 0 takes off what its queue asks for.", 0),
        "want": _levels("Skills it prefers, with the level wanted, 1 to 5.", 1),
    },
    minProperties=1,
)

_RULE = _object(
    "One rule of classification.",
    {
        "name": {"type": "string", "maxLength": 80, "description": "What people call it."},
        "when": {
            "type": "string",
            "maxLength": MOST_CHARACTERS,
            "description": 'A condition: channel == "voice" and customer.tier == "gold". Without one it always holds.',
        },
        "set": _SET,
        "stop": {"type": "boolean", "description": "When it holds, no rule below is looked at."},
    },
    required=["set"],
)

_IMPORTANCE = {
    "type": "number",
    "minimum": 0.1,
    "maximum": 100,
    "description": "How much waiting here counts against waiting in other queues: 1 is ordinary.",
}
_QUEUE = {
    "target": _by_channel("By channel: how soon to answer.", {"$ref": "#/$defs/target"}),
    "max_wait": _by_channel("By channel: who has waited so long goes before everybody else.", _TIME_OR_TARGETS),
    "head_start": {
        "type": "number",
        "minimum": 0,
        "maximum": 20,
        "description": "How many targets each step of priority above normal is ahead.",
    },
    "hold": _by_channel(
        "By channel: how long to wait for the agent who served this customer last, or owns the ticket, if they are "
        "expected in time.",
        _TIME_OR_TARGETS,
    ),
    "ring": _by_channel("By channel: how long an offer of this queue rings.", _TIME),
}

_COST = {"type": "integer", "minimum": 1, "maximum": 1_000, "description": "Units of the budget."}
_QUEUE_COST = _by_channel(
    "By channel: units of an agent's budget that one interaction of this queue takes, unless the agent has their own.",
    _COST,
)

_STEP = _object(
    "From a moment on, ask for less. A step can only widen the circle of agents who may serve.",
    {
        "after": {
            "description": "When: in targets of waiting, .5T or 0.5.",
            "anyOf": [{"$ref": "#/$defs/targets"}, {"type": "number", "minimum": 0, "maximum": MOST_TARGETS}],
        },
        "need": {
            "type": "object",
            "description": "By how many levels less will do: a skill's slug, “topics”, “languages”, or a beginning of "
            "slugs that ends in a dot; -5 asks for it no longer.",
            "additionalProperties": {"type": "integer", "minimum": -5, "maximum": 5},
            "maxProperties": 50,
        },
        "drop": {"const": "want", "description": "Preferred skills are looked at no longer."},
        "add": {
            "type": "string",
            "pattern": SLUG,
            "description": "Slug of a queue that lends its agents: who can serve that one may serve this one too.",
        },
        "if": {
            "type": "string",
            "maxLength": 200,
            "description": "Only while the lender keeps its promise: sl(slug) >= 85 (percent) and ewt(slug) <= 60s.",
        },
    },
    required=["after"],
    minProperties=2,
    dependentRequired={"if": ["add"]},
)
_STEPS = {"type": "array", "items": _STEP, "maxItems": MOST_STEPS, "description": "Steps in order of time; [] is none."}

_WEIGHT = {"type": "number", "minimum": 0, "maximum": 10}
_PREFER = _object(
    "Whom to ask first among those who can serve.",
    {
        **{one.name: {**_WEIGHT, "description": ABOUT_WEIGHTS.get(one.name, one.name)} for one in fields(Weights)},
        "agents": {
            "enum": list(STRATEGIES),
            "description": "In what order agents are asked: value (by the weights), idle (longest without work), turn "
            "(longest without an offer), spare (most room), skill (best at it), chance (by lot).",
        },
        "line": {
            "enum": list(LINES),
            "description": "In what order the line is served: urgency (waiting against the target), fifo (oldest "
            "first), priority (higher priority always first).",
        },
        "occupancy_cap": {
            "type": "number",
            "minimum": 10,
            "maximum": 100,
            "description": "Percent of the last half hour: agents busier than this are spared where others can serve.",
        },
        "affinity_days": {
            "type": "number",
            "minimum": 0.1,
            "maximum": 3_650,
            "description": "After how many days having served a customer counts for a third of what it did.",
        },
        "idle_full": {**_TIME, "description": "After how long without work fairness counts in full."},
    },
)

_CAPACITY = _object(
    "How much work fits. What may not run together follows from the costs: two that cost 60 do not fit into 100.",
    {
        "cost": _by_channel(
            "By channel: units of an agent's budget (100 as a rule) that one interaction takes, unless the agent "
            "or its queue has their own.",
            _COST,
        ),
        "interrupts": _object(
            "By channel: the channels whose work may be parked for it, and comes back by itself.",
            {
                channel: {
                    "type": "array",
                    "items": {"enum": list(CHANNELS)},
                    "uniqueItems": True,
                    "description": "Parked for it.",
                }
                for channel in CHANNELS
            },
        ),
    },
)

_OFFER = _object(
    "How a desk rings.",
    {
        "ring": _by_channel("By channel: how long an offer rings; a queue's own page may say otherwise.", _TIME),
        "decline_cooldown": {**_TIME, "description": "How long an agent who declined or missed it is not asked again."},
        "misses": _by_channel(
            "By channel: after how many missed offers in a row an agent is sent away.",
            {"type": "integer", "minimum": 1, "maximum": 20, "description": "Misses in a row."},
        ),
        "on_timeout": {
            "enum": ["away", "stay"],
            "description": "What happens to an agent who missed that many: sent away, or left available.",
        },
    },
)

SCHEMA: dict[str, Any] = {
    "$schema": DIALECT,
    "$id": ID,
    "title": "Trunkline routing rules",
    **_object(
        "Six blocks, each of which may be left out: where they are silent, a queue's page holds, or what is ordinary.",
        {
            "about": {"type": "string", "maxLength": 500, "description": "What these rules are for."},
            "classify": {
                "type": "array",
                "items": _RULE,
                "maxItems": MOST_RULES,
                "description": "What comes in, from top to bottom: where it goes and what it asks of an agent.",
            },
            "queues": {
                "type": "object",
                "description": "What each queue promises, by slug; “default” holds where a queue's page is silent.",
                "properties": {"default": _object("Where neither the queue's page nor its entry here says.", _QUEUE)},
                "propertyNames": {"pattern": SLUG},
                "additionalProperties": _object(
                    "One queue's promises.", {**_QUEUE, "importance": _IMPORTANCE, "cost": _QUEUE_COST}
                ),
                "maxProperties": MOST_QUEUES,
            },
            "relax": _by_slug(
                "By queue slug, or “default”: asking for less as time goes by.", _STEPS, maxProperties=MOST_QUEUES
            ),
            "prefer": _PREFER,
            "capacity": _CAPACITY,
            "offer": _OFFER,
        },
    ),
    "$defs": _DEFS,
}
