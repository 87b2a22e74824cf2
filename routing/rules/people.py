"""Whether the agents there are can do what rules ask: skills nobody has, budgets too small, promises out of reach."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from routing.engine.facts import RelaxStep
from routing.engine.relaxation import groups_at, in_order, required_at
from routing.rules.company import CHANNELS, MEMBER, Company, QueueSetup, Staff, Traffic
from routing.rules.compile import Rules
from routing.rules.durations import worded
from routing.rules.findings import Finding, error, warning

# What is promised where no percentage is said.
USUAL_SHARE = 80.0
CALLED = {"voice": "A call", "chat": "A chat", "email": "An e-mail"}


def impossible(document: Mapping[str, Any], rules: Rules, company: Company) -> Iterator[Finding]:
    """Findings about what the company's agents cannot do; none where there are no agents yet."""
    if not company.agents:
        return
    yield from _costs(document, rules, company)
    yield from _queues_nobody_serves(rules, company)
    yield from _rules_nobody_meets(document, rules, company)
    yield from _promises(document, rules, company)


def _costs(document: Mapping[str, Any], rules: Rules, company: Company) -> Iterator[Finding]:
    for path, queue, channel in _costs_written(document):
        takers = [agent for agent in company.agents if channel in agent.channels]
        if takers and not any(_places(agent, queue, channel, rules) for agent in takers):
            most = max(agent.budget for agent in takers)
            yield error(
                path,
                f"{CALLED[channel]} takes {rules.cost(queue, channel, {})} units, and no agent has a budget above "
                f"{most}: nobody could ever take one.",
            )


def _costs_written(document: Mapping[str, Any]) -> Iterator[tuple[tuple[str, ...], str, str]]:
    """Where a cost is said, of which queue (or none) and of which channel."""
    for channel in document.get("capacity", {}).get("cost", {}):
        yield ("capacity", "cost", channel), "", channel
    for slug, written in document.get("queues", {}).items():
        for channel in written.get("cost", {}):
            yield ("queues", slug, "cost", channel), slug, channel


def _queues_nobody_serves(rules: Rules, company: Company) -> Iterator[Finding]:
    """Warnings only: the fault is on the queue's own page, not in the rules."""
    for setup in company.queues.values():
        steps = rules.engine.queue(setup.slug).relax
        if problem := _who_meets(setup.asked(), steps, company.agents):
            yield warning(("queues", setup.slug), f"Queue {setup.name or setup.slug} asks for {problem}")


def _rules_nobody_meets(document: Mapping[str, Any], rules: Rules, company: Company) -> Iterator[Finding]:
    for place, written in enumerate(document.get("classify", ())):
        needs = written["set"].get("need", {})
        if not any(needs.values()) or not set(needs) <= set(company.skills):
            continue
        setup = company.queues.get(written["set"].get("queue", ""), QueueSetup(""))
        asked = {skill: level for skill, level in {**setup.asked(), **needs}.items() if level}
        steps = rules.engine.queue(setup.slug).relax
        if problem := _who_meets(asked, steps, company.agents):
            is_never = not _ever(asked, steps, company.agents)
            say = error if is_never else warning
            yield say(("classify", place, "set", "need"), f"Rule {place + 1} asks for {problem}")


def _who_meets(asked: Mapping[str, int], steps: Sequence[RelaxStep], agents: Sequence[Staff]) -> str:
    """What nobody has and when that will do, or nothing when somebody has it."""
    if any(_has(agent, asked) for agent in agents):
        return ""
    when = _ever(asked, steps, agents)
    if when is None:
        return f"{_worded(asked)}, which nobody has, and no step of relaxation changes that."
    return f"{_worded(asked)}, which nobody has: its customers wait {when:g} targets until less will do."


def _ever(asked: Mapping[str, int], steps: Sequence[RelaxStep], agents: Sequence[Staff]) -> float | None:
    """After how many targets somebody may serve, None for never."""
    ordered = in_order(steps)
    for count, step in enumerate(ordered, start=1):
        ways = [required_at(asked, ordered, count), *(having for _, having in groups_at(asked, ordered, count))]
        if any(_has(agent, having) for having in ways for agent in agents):
            return step.after
    return None


def _has(agent: Staff, asked: Mapping[str, int]) -> bool:
    return all(agent.skills.get(skill, 0) >= level for skill, level in asked.items())


def _worded(asked: Mapping[str, int]) -> str:
    """Skills with their levels, and membership of a private queue as that."""
    words = [
        f"membership of {skill.removeprefix(MEMBER)}" if skill.startswith(MEMBER) else f"{skill} {level}"
        for skill, level in asked.items()
    ]
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def _promises(document: Mapping[str, Any], rules: Rules, company: Company) -> Iterator[Finding]:
    for (slug, channel), traffic in company.traffic.items():
        if slug not in company.queues or channel not in CHANNELS:
            continue
        target = rules.engine.queue(slug).target(channel)
        share = rules.shares.get(slug, {}).get(channel, USUAL_SHARE)
        can = [agent for agent in company.agents if channel in agent.channels]
        can = [agent for agent in can if _has(agent, company.queues[slug].asked())]
        servers = sum(_places(agent, slug, channel, rules) for agent in can)
        reached = 100 * answered_within(target, traffic, servers)
        if reached < share:
            yield warning(_where(document, slug, channel), _out_of_reach(share, target, traffic, len(can), reached))


def answered_within(seconds: float, traffic: Traffic, servers: int) -> float:
    """The share answered in time if nobody gives up: Erlang's formula, 1 - C exp(-(n - a) t / s)."""
    load = traffic.rate * traffic.service_time
    if load >= servers:
        return 0.0
    blocked = 1.0
    for number in range(1, servers + 1):
        blocked = load * blocked / (number + load * blocked)
    waits = servers * blocked / (servers - load * (1 - blocked))
    return 1 - waits * math.exp(-(servers - load) * seconds / traffic.service_time)


def _where(document: Mapping[str, Any], slug: str, channel: str) -> Iterable[object]:
    written = document.get("queues", {})
    own = channel in written.get(slug, {}).get("target", {})
    return ("queues", slug if own or "default" not in written else "default", "target", channel)


def _out_of_reach(share: float, target: float, traffic: Traffic, agents: int, reached: float) -> str:
    hourly, minutes = traffic.rate * 3_600, traffic.service_time / 60
    came = f"In its busy hours {hourly:.0f} come an hour and take {minutes:.1f} min each"
    who = f"all {agents} agents who can serve them" if agents != 1 else "the one agent who can serve them"
    return (
        f"{share:g} % within {worded(target)} cannot be kept. {came}: with {who} at work at once, "
        f"about {reached:.0f} % would be answered in time."
    )


def _places(agent: Staff, queue: str, channel: str, rules: Rules) -> int:
    return agent.budget // max(1, rules.cost(queue, channel, agent.costs))
