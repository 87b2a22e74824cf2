"""A staffing plan as a file: channels with volumes per interval, and what is promised for each.

    {"interval": 1800, "shrinkage": 0.3, "channels": [
        {"name": "calls", "volume": [20, 35, 31], "service_time": 300, "patience": 180, "redials": 0.4,
         "goal": {"seconds": 20, "share": 0.8, "max_occupancy": 0.88}},
        {"name": "chats", "volume": 12, "service_time": 540, "at_once": [1, 1.15, 1.35], "goal": {"seconds": 60}},
        {"name": "mail", "volume": [60, 30, 20], "service_time": 240, "deadline": 14400}]}

Times are seconds; a volume is one number for every interval or a list.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields

from routing.staffing.chat import ChatPace, chat_line
from routing.staffing.line import Line, NotALine, Performance, performance
from routing.staffing.mail import agents_for_deadline
from routing.staffing.needed import Goal, agents_needed, scheduled
from routing.staffing.redials import with_redials

CHANNEL = frozenset(
    ("name", "volume", "service_time", "patience", "places", "redials", "at_once", "deadline", "goal", "shrinkage")
)
PLAN = frozenset(("name", "about", "interval", "shrinkage", "channels"))


class BadPlan(ValueError):
    """The plan does not say what to staff; the message says where and what."""


@dataclass(frozen=True, slots=True)
class Row:
    """One channel in one interval: volume, agents at work, agents scheduled, and how it then does (None: mail, or
    nothing comes)."""

    channel: str
    interval: int
    volume: float
    agents: int
    scheduled: int
    performance: Performance | None


def staff_plan(written: Mapping) -> list[Row]:
    """What a plan takes, channel by channel. Raises BadPlan, and what the formulas raise."""
    _only(written, PLAN, "The plan")
    channels = written.get("channels") or ()
    if not channels:
        raise BadPlan("The plan names no channels.")
    return [row for channel in channels for row in _channel(channel, written)]


def _channel(written: Mapping, plan: Mapping) -> list[Row]:
    name = written.get("name", "calls")
    _only(written, CHANNEL, f"Channel {name!r}")
    try:
        volumes, service_time = _volumes(written["volume"]), float(written["service_time"])
    except KeyError as missing:
        raise BadPlan(f"Channel {name!r} lacks {missing}.") from None
    interval = float(plan.get("interval", 1_800))
    shrinkage = float(written.get("shrinkage", plan.get("shrinkage", 0.0)))
    if "deadline" in written:
        return _mail(name, volumes, service_time, interval, written, shrinkage)
    goal = _goal(written.get("goal", {}), name)
    found: dict[float, Row] = {}
    for volume in volumes:
        if volume not in found:
            found[volume] = _interval(name, volume, volume / interval, service_time, written, goal, shrinkage)
    return [Row(name, at, v, r.agents, r.scheduled, r.performance) for at, v in enumerate(volumes) for r in [found[v]]]


def _interval(
    name: str, volume: float, rate: float, service_time: float, written: Mapping, goal: Goal, shrinkage: float
) -> Row:
    if not volume:
        return Row(name, 0, volume, 0, 0, None)
    shape = _shape(written)
    line = Line(rate, service_time, 1, written.get("patience"), written.get("places"))
    agents = agents_needed(line, goal, shape=shape)
    return Row(name, 0, volume, agents, scheduled(agents, shrinkage), performance(shape(line, agents)))


def _shape(written: Mapping) -> Callable[[Line, int], Line]:
    """The line for a number of agents, with chats at once and redials where there are any."""
    pace = ChatPace(tuple(written["at_once"])) if "at_once" in written else ChatPace((1.0,))
    redials = float(written.get("redials", 0.0))

    def build(line: Line, agents: int) -> Line:
        shaped = chat_line(line, agents, pace)
        return with_redials(shaped, redials) if redials else shaped

    return build


def _mail(
    name: str, volumes: Sequence[float], service_time: float, interval: float, written: Mapping, shrinkage: float
) -> list[Row]:
    deadline = int(written["deadline"] // interval)
    agents = agents_for_deadline([volume * service_time for volume in volumes], deadline, seconds=interval)
    many = scheduled(agents, shrinkage)
    return [Row(name, at, volume, agents, many, None) for at, volume in enumerate(volumes)]


def _goal(written: Mapping, name: str) -> Goal:
    _only(written, frozenset(each.name for each in fields(Goal)), f"The goal of {name!r}")
    return Goal(**written)


def _volumes(written: float | Sequence[float]) -> list[float]:
    volumes = [float(written)] if isinstance(written, int | float) else [float(each) for each in written]
    if any(volume < 0 for volume in volumes):
        raise NotALine("A volume cannot be below nought.")
    return volumes


def _only(written: Mapping, allowed: frozenset[str], what: str) -> None:
    strange = sorted(set(written) - allowed)
    if strange:
        raise BadPlan(f"{what} cannot have {strange[0]!r}; it may have {', '.join(sorted(allowed))}.")
