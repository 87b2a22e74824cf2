"""A scenario file (schema.json says how it is written) becomes a Scenario; what is wrong with it is said in words."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from routing.engine import PRESETS, Policy, preset
from routing.simulation.distributions import BY_PERIOD, Distribution, NotADistribution, read_distribution
from routing.simulation.drawn import needs_it
from routing.simulation.scenario import Group, Kind, Retrial, Returning, Ringing, Scenario, could_serve

SCHEMA = Path(__file__).with_name("schema.json")
UNITS = {"second": 1.0, "minute": 60.0, "hour": 3_600.0}
SERVED_BY = "serves:"
TAKEN_FIRST_BY = "first:"
# Agents take from their own types first however long others wait: a match outweighs any difference in urgency.
PRIMARY_FIRST = {
    "strategy": "skill",
    "line": "urgency",
    "weights": {"eta": 1e9},
    "default_queue": {"max_wait": {"voice": 1e12, "chat": 1e12, "email": 1e12}},
}

ALSO_KNOWN_AS = {
    "fifo_longest_idle": "longest_idle",
    "fifo_random": "random",
    "uniform": "random",
    "preference": "best_skill",
    "priority": "strict_priority",
}


class BadScenario(ValueError):
    """The file does not say what to simulate; the message says where and what."""


def read_file(path: Path) -> Scenario:
    """Raises BadScenario."""
    try:
        return read_scenario(json.loads(path.read_text()))
    except (OSError, json.JSONDecodeError) as error:
        raise BadScenario(f"{path} cannot be read as JSON: {error}") from None


def read_scenario(written: Mapping) -> Scenario:
    """From parsed JSON. Raises BadScenario."""
    try:
        return _scenario(_known(written, "scenario", "the scenario"))
    except NotADistribution as error:
        raise BadScenario(str(error)) from None
    except KeyError as missing:
        raise BadScenario(f"The scenario lacks {missing}.") from None
    except (AttributeError, TypeError) as error:
        raise BadScenario(f"Something stands where something else belongs (see schema.json): {error}.") from None


@cache
def read_schema() -> dict[str, Any]:
    """The JSON Schema of scenario files."""
    return json.loads(SCHEMA.read_text())


def read_policy(written: str | Mapping, base: Policy | None = None) -> Policy:
    """A preset by name (the engine's, or another word for one), or an object: a preset to begin with, and any field of
    the engine's Policy. Nothing interrupts anything unless `interrupts` says so. Raises BadScenario."""
    base = base or Policy(version=0, interrupts={})
    if written == "primary_first":
        return read_policy(PRIMARY_FIRST, base)
    if isinstance(written, str):
        name = ALSO_KNOWN_AS.get(written, written)
        if name not in PRESETS:
            known = ", ".join([*PRESETS, *ALSO_KNOWN_AS, "primary_first"])
            raise BadScenario(f"There is no preset {written!r}; choose one of {known}.")
        return preset(name)(base)
    rest = {key: value for key, value in written.items() if key != "preset"}
    base = read_policy(written["preset"], base) if "preset" in written else base
    try:
        return Policy.from_json({**base.to_json(), "version": base.version, **rest})
    except TypeError as error:
        raise BadScenario(f"The policy cannot be read: {error}.") from None


def _scenario(written: Mapping) -> Scenario:
    unit = _unit(written)
    periods = _known(written.get("periods", {}), "periods", "periods")
    count = int(periods.get("count", 1))
    policy = read_policy(written.get("policy", "longest_idle"))
    groups = [_group(each, count, unit) for each in written["groups"]]
    channels = frozenset(kind.get("channel", "voice") for kind in written["types"])
    groups = [replace(group, channels=group.channels or channels) for group in groups]
    kinds = tuple(_kind(each, written, unit, count, policy) for each in written["types"])
    scenario = Scenario(
        name=written["name"],
        about=written.get("about", ""),
        source=written.get("source", ""),
        period=periods["length"] * unit,
        count=count,
        kinds=kinds,
        groups=tuple(_given_preferences(group, written["types"]) for group in groups),
        policy=_promising(policy, kinds),
        warm_up=written.get("warm_up", 0.0) * unit,
        drain=written.get("after", "drain") == "drain",
        clears=written.get("clear_queue", False),
        busyness=read_distribution(written["busyness"]) if "busyness" in written else None,
        lines=written.get("lines"),
        queue_limit=written.get("queue_limit"),
        stayed=written.get("service_level_of", "offered") == "stayed",
        replications=written.get("replications", 100),
        seed=written.get("seed", 1),
        ringing=_ringing(written.get("ringing", {}), channels, unit),
        slowdown={channel: tuple(map(float, each)) for channel, each in written.get("slowdown", {}).items()},
    )
    _check(scenario, written)
    return scenario


def _promising(policy: Policy, kinds: Sequence[Kind]) -> Policy:
    """The types' targets are the queues' promises, unless the policy makes its own."""
    if policy.queues:
        return policy
    targets: dict[str, dict[str, float]] = {}
    for kind in kinds:
        targets.setdefault(kind.queue, {})[kind.channel] = kind.target
    queues = {slug: replace(policy.default_queue, targets=each) for slug, each in targets.items()}
    return replace(policy, queues=queues)


def _kind(written: Mapping, scenario: Mapping, unit: float, count: int, policy: Policy) -> Kind:
    name = _known(written, "type", "a type")["name"]
    channel, queue = written.get("channel", "voice"), written.get("queue", name)
    ordered = {f"{SERVED_BY}{name}": 1} if "groups" in written else {}
    is_ranked = any(group.get("first") for group in scenario["groups"])
    return Kind(
        name=name,
        channel=channel,
        queue=queue,
        service=_by_group(written["service"], unit),
        wrap_up=_by_group(written["wrap_up"], unit) if "wrap_up" in written else {},
        rates=_rates(written, unit, count, scenario["periods"]["length"] * unit),
        between=_maybe(written.get("between"), unit),
        times=tuple(sorted(at * unit for at in written.get("times", ()))),
        patience=_maybe(written.get("patience"), unit),
        retrial=_retrial(written["retrial"], unit) if "retrial" in written else None,
        target=written.get("target", scenario.get("target", 20.0 / unit)) * unit,
        required={**written.get("required", {}), **ordered},
        preferred={**written.get("preferred", {}), **({f"{TAKEN_FIRST_BY}{name}": 1} if is_ranked else {})},
        priority=written.get("priority", 1),
        importance=written.get("importance", 1.0),
        cost=written.get("cost", policy.cost(queue, channel)),
        queue_limit=written.get("queue_limit"),
        returning=_returning(written["returning"]) if "returning" in written else None,
    )


def _returning(written: Mapping) -> Returning:
    return Returning(**_known(written, "returning", "those who return"))


def _ringing(written: Mapping, channels: frozenset[str], unit: float) -> dict[str, Ringing]:
    """By channel, or one for all channels."""
    if not written:
        return {}
    by_channel = written if set(written) <= channels else dict.fromkeys(channels, written)
    return {channel: _rings(_known(each, "ringing", "ringing"), unit) for channel, each in by_channel.items()}


def _rings(written: Mapping, unit: float) -> Ringing:
    return Ringing(
        seconds=written["seconds"] * unit,
        answer=read_distribution(written.get("answer", 0), unit),
        decline=written.get("decline", 0.0),
        miss=written.get("miss", 0.0),
        cooldown=written.get("cooldown", 60.0 / unit) * unit,
    )


def _group(written: Mapping, count: int, unit: float) -> Group:
    shifts = _shifts(_known(written, "group", "a group").get("shifts", ()), unit)
    staff = written["agents"] if "agents" in written or not shifts else len(shifts)
    paces = written.get("pace", 1.0)
    numbers = tuple(_per_period(staff, count, f"agents of group {written['name']!r}"))
    if any(number != int(number) for number in numbers):
        raise BadScenario(f"There cannot be part of an agent in group {written['name']!r}.")
    return Group(
        name=written["name"],
        staff=tuple(int(number) for number in numbers),
        skills={**written.get("skills", {}), **{f"{TAKEN_FIRST_BY}{name}": 1 for name in written.get("first", ())}},
        channels=frozenset(written.get("channels", ())),
        budget=written.get("budget", 100),
        costs=written.get("costs", {}),
        pace=1.0 if isinstance(paces, Sequence) else paces,
        paces=tuple(paces) if isinstance(paces, Sequence) else (),
        shifts=shifts,
        decline=written.get("decline"),
        miss=written.get("miss"),
    )


def _shifts(written: Sequence, unit: float) -> tuple[tuple[tuple[float, float], ...], ...]:
    """Each agent's own times, from when to when."""
    return tuple(tuple((since * unit, until * unit) for since, until in shift) for shift in written)


def _given_preferences(group: Group, types: Sequence[Mapping]) -> Group:
    """A type that lists its groups, best first, makes a skill of that: the first has the highest level."""
    skills = dict(group.skills)
    for each in types:
        places = each.get("groups", ())
        for at, place in enumerate(places):
            if group.name in ([place] if isinstance(place, str) else place):
                skills[f"{SERVED_BY}{each['name']}"] = len(places) - at
    return replace(group, skills=skills)


def _rates(written: Mapping, unit: float, count: int, period: float) -> tuple[float, ...]:
    """Per second and period, from `rate` (per unit of time) or `volume` (expected in each period)."""
    if "volume" in written:
        return tuple(each / period for each in _per_period(written["volume"], count, f"volume of {written['name']!r}"))
    rate = _per_period(written.get("rate", 0.0), count, f"rate of {written['name']!r}")
    return tuple(each / unit for each in rate)


def _retrial(written: Mapping, unit: float) -> Retrial:
    return Retrial(
        probability=_known(written, "retrial", "a retrial").get("probability", 0.0),
        delay=read_distribution(written["delay"], unit),
        blocked=written.get("blocked_probability", 0.0),
        patience=written.get("patience", "fresh"),
        accumulated=written.get("queue_time", "each") == "accumulated",
        once=written.get("counted", "attempts") == "once",
        most=written.get("most", 1_000),
    )


def _by_group(written: Any, unit: float) -> dict[str, Distribution]:
    """One distribution for all, or {"by_group": {...}, "default": ...}."""
    if isinstance(written, Mapping) and "by_group" in written:
        found = {group: read_distribution(each, unit) for group, each in written["by_group"].items()}
        return {**found, "": read_distribution(written["default"], unit)} if "default" in written else found
    return {"": read_distribution(written, unit)}


def _maybe(written: Any, unit: float) -> Distribution | None:
    return None if written is None else read_distribution(written, unit)


def _per_period(written: Any, count: int, what: str) -> list:
    values = list(written) if isinstance(written, Sequence) else [written] * count
    if len(values) != count:
        raise BadScenario(
            f"The {what} need one number, or one for each of the {count} periods; there are {len(values)}."
        )
    if any(value < 0 for value in values):
        raise BadScenario(f"The {what} cannot be below nought.")
    return values


def _unit(written: Mapping) -> float:
    unit = written.get("time_unit", "second")
    if unit not in UNITS:
        raise BadScenario(f"There is no unit of time {unit!r}; choose second, minute or hour.")
    return UNITS[unit]


def _known(written: Mapping, part: str, what: str) -> Mapping:
    """Refuse words that mean nothing here: a misspelt one would be ignored in silence."""
    allowed = read_schema()["$defs"][part]["properties"]
    strange = sorted(set(written) - set(allowed))
    if strange:
        raise BadScenario(f"{what[:1].upper()}{what[1:]} cannot have {strange[0]!r}; it may have {', '.join(allowed)}.")
    return written


def _check(scenario: Scenario, written: Mapping) -> None:
    names = {group.name for group in scenario.groups}
    if len(names) < len(scenario.groups) or len({kind.name for kind in scenario.kinds}) < len(scenario.kinds):
        raise BadScenario("Two types or two groups have the same name.")
    for each in written["types"]:
        for unknown in sorted(_groups_named(each) - names):
            raise BadScenario(f"Type {each['name']!r} names the group {unknown!r}, which there is not.")
    types = {kind.name for kind in scenario.kinds}
    for unknown in sorted({name for group in written["groups"] for name in group.get("first", ())} - types):
        raise BadScenario(f"A group takes {unknown!r} first, which is no type.")
    check_playable(scenario, scenario.policy)
    for kind in scenario.kinds:
        _check_times(kind, scenario.groups)
        _check_periods(kind, scenario.count)


def check_playable(scenario: Scenario, policy: Policy) -> None:
    """What is played agent by agent knows no lines, limits and redials. Raises BadScenario."""
    if not needs_it(scenario, policy):
        return
    is_limited = scenario.lines is not None or scenario.queue_limit is not None or scenario.clears
    if is_limited or any(kind.retrial or kind.queue_limit is not None for kind in scenario.kinds):
        raise BadScenario(
            "Ringing, shifts, returning customers, slowdown, holds and interruption cannot be played together with "
            "lines, a queue limit, clear_queue or retrials. Leave out the one or the other."
        )
    for group in scenario.groups:
        if any(until <= since for shift in group.shifts for since, until in shift):
            raise BadScenario(f"A shift of group {group.name!r} ends before it begins.")


def _groups_named(written: Mapping) -> set[str]:
    named = {one for place in written.get("groups", ()) for one in ([place] if isinstance(place, str) else place)}
    for times in (written["service"], written.get("wrap_up")):
        named |= set(times.get("by_group", ())) if isinstance(times, Mapping) else set()
    return named


def _check_times(kind: Kind, groups: Sequence[Group]) -> None:
    """Whoever may serve a type needs a service time for it."""
    for group in groups:
        if could_serve(group, kind) and group.name not in kind.service and "" not in kind.service:
            raise BadScenario(
                f"Group {group.name!r} may serve {kind.name!r}, but nothing says how long that takes them."
            )
    if not (any(kind.rates) or kind.between or kind.times):
        raise BadScenario(f"Nothing says how {kind.name!r} arrive: give a rate, a volume, times between, or times.")
    if kind.between and kind.between.mean() <= 0:
        raise BadScenario(
            f"Those of {kind.name!r} would all come at once: times between them need a mean above nought."
        )
    if kind.retrial and (kind.retrial.probability >= 1 or kind.retrial.blocked >= 1) and kind.retrial.most >= 1_000:
        raise BadScenario(f"Those of {kind.name!r} would come again for ever: say how often at most.")


def _check_periods(kind: Kind, count: int) -> None:
    for times in (*kind.service.values(), *kind.wrap_up.values(), kind.patience):
        if times and times.kind == BY_PERIOD and len(times.parts) != count:
            raise BadScenario(f"The times of {kind.name!r} by period need one for each of the {count} periods.")
