"""What the compared days come to, as tables and drawings for docs/routing.md."""

from pathlib import Path

from benchmarks.routing.compare import LOADS, OURS, POLICIES, Kept
from benchmarks.routing.drawing import chart
from benchmarks.routing.world import WORLDS
from routing.simulation.estimate import Estimate

BEGIN, END = "<!-- policies compared: begin -->", "<!-- policies compared: end -->"
SHOWN_AT = 0.95
ROWS = (
    ("voice service_level", "calls in target", "%"),
    ("VIP service_level", "VIPs' calls in target", "%"),
    ("chat service_level", "chats in target", "%"),
    ("email service_level", "mails in target", "%"),
    ("voice speed_of_answer", "speed of answer (s)", "s"),
    ("voice p95_wait", "calls' 95th percentile (s)", "s"),
    ("voice longest_wait", "calls' longest wait (s)", "s"),
    ("email longest_wait", "mails' longest wait (s)", "s"),
    ("voice abandonment", "calls given up", "%"),
    ("chat abandonment", "chats given up", "%"),
    ("occupancy", "occupancy", "%"),
    ("match", "match", "%"),
    ("gini", "Gini of work", ""),
)


def write(kept: Kept, docs: Path, loads=LOADS) -> None:
    """Put the tables between the marks in docs/routing.md, and the drawings beside the other images."""
    for number, world in enumerate(WORLDS, 1):
        (docs / "images" / f"routing-{number}.svg").write_text(_service_level(kept, world, loads))
    page = docs / "routing.md"
    before, _, rest = page.read_text().partition(BEGIN)
    page.write_text(f"{before}{BEGIN}\n{tables(kept, loads)}{END}{rest.partition(END)[2]}")


def tables(kept: Kept, loads=LOADS) -> str:
    """One part for each world: a drawing over all loads, and every figure at one load."""
    return "\n".join(_world(kept, number, world, loads) for number, world in enumerate(WORLDS, 1))


def _world(kept, number, world, loads):
    days = len({day for name, *_, day in kept.days if name == world.name})
    shown = SHOWN_AT if SHOWN_AT in loads else loads[0]
    head = (
        f"### {world.name[:1].upper()}{world.name[1:]}\n\n![Calls answered in target](images/routing-{number}.svg)\n\n"
    )
    told = (
        f"{days} days of eight hours at each load; the table at a load of {shown:g}, each with its 95 % interval.\n\n"
    )
    return f"{head}{told}{_table(kept, world.name, shown)}\n{_leads(kept, world.name, loads)}\n"


def _table(kept, world, load):
    lines = [f"| | {' | '.join(name.replace('_', ' ') for name in POLICIES)} |", "|---" * (len(POLICIES) + 1) + "|"]
    for figure, name, unit in ROWS:
        found = [kept.estimate(world, load, policy, figure) for policy in POLICIES]
        if any(one.mean == one.mean for one in found):
            lines.append(f"| {name} | {' | '.join(_written(one, unit) for one in found)} |")
    return "\n".join(lines) + "\n"


def _leads(kept, world, loads):
    """How many points more calls the default answers in target than each other policy, load by load."""
    lines = [
        "The default's lead in calls answered in target, in points, day by day on the same customers:\n",
        f"| load | {' | '.join(name.replace('_', ' ') for name in POLICIES if name != OURS)} |",
        "|---" * len(POLICIES) + "|",
    ]
    for load in loads:
        leads = [kept.lead(world, load, policy, "voice service_level") for policy in POLICIES if policy != OURS]
        lines.append(f"| {load:g} | {' | '.join(_points(one) for one in leads)} |")
    return "\n".join(lines) + "\n"


def _service_level(kept, world, loads):
    curves = {
        policy: [(load, kept.estimate(world.name, load, policy, "voice service_level")) for load in loads]
        for policy in POLICIES
    }
    return chart(
        f"Calls in target: {world.name}", curves, across="load, as a share of what all agents can do", bounds=(0.0, 1.0)
    )


def _written(one: Estimate, unit: str) -> str:
    if one.mean != one.mean:
        return ""
    if unit == "%":
        return f"{one.mean * 100:.1f} ±{one.half_width * 100:.1f}"
    return f"{one.mean:.1f} ±{one.half_width:.1f}" if unit == "s" else f"{one.mean:.3f} ±{one.half_width:.3f}"


def _points(one: Estimate) -> str:
    return f"{one.mean * 100:+.1f} ±{one.half_width * 100:.1f}" if one.mean == one.mean else ""
