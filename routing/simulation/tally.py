"""What is counted while a day runs, per type and period of arrival, and per group."""

from __future__ import annotations

from dataclasses import dataclass, field

COUNTS = (
    "arrived", "served", "abandoned", "blocked", "left", "in_target", "gone_in_target", "retried", "wait_served",
    "wait_all", "handled", "matched",
)  # fmt: skip
(
    ARRIVED, SERVED, ABANDONED, BLOCKED, LEFT, IN_TARGET, GONE_IN_TARGET, RETRIED, WAIT_SERVED, WAIT_ALL, HANDLED,
    MATCHED,
) = range(len(COUNTS))  # fmt: skip
TIMES = ("on_duty", "busy", "used", "on_duty_drained", "busy_drained")
ON_DUTY, BUSY, USED, ON_DUTY_DRAINED, BUSY_DRAINED = range(len(TIMES))
DRAINED = {ON_DUTY: ON_DUTY_DRAINED, BUSY: BUSY_DRAINED}


@dataclass(slots=True)
class Tally:
    """One day's figures, from the end of warm-up to the end of the last period; `drained` times until all are served.

    `counts[type][period]` follows COUNTS (waits and handling in seconds, `matched` the sum of how well each agent
    matched), `times[group]` follows TIMES (agent seconds; `used` weighs them by the share of the budget in use),
    `waits[type]` are the waits of those answered, `decisions` how often the engine was asked.
    """

    counts: list[list[list[float]]]
    times: list[list[float]]
    waits: list[list[float]]
    longest: list[float]
    decisions: int = 0
    busy_by_agent: dict[int, float] = field(default_factory=dict)
    served_by_agent: dict[int, int] = field(default_factory=dict)


def empty(kinds: int, periods: int, groups: int) -> Tally:
    return Tally(
        counts=[[[0] * len(COUNTS) for _ in range(periods)] for _ in range(kinds)],
        times=[[0.0] * len(TIMES) for _ in range(groups)],
        waits=[[] for _ in range(kinds)],
        longest=[0.0] * kinds,
    )
