"""Small scenarios, in seconds, as parsed from a file."""

from routing.simulation import read_scenario, simulate_day
from routing.simulation.tally import COUNTS


def calls(**more):
    """One type of call that takes a minute."""
    return {"name": "calls", "service": 60, **more}


def agents(number=1, **more):
    return {"name": "agents", "agents": number, **more}


def scenario(*types, groups=None, length=3_600, count=1, **more):
    return read_scenario(
        {
            "name": "small",
            "periods": {"length": length, "count": count},
            "types": list(types),
            "groups": groups or [agents()],
            **more,
        }
    )


def day(*types, **more):
    """One simulated day of such a scenario."""
    return simulate_day(scenario(*types, **more), seed=1, number=0)


def counted(tally, kind=0, period=0):
    """What was counted, without what was nought."""
    return {name: value for name, value in zip(COUNTS, tally.counts[kind][period], strict=True) if value}
