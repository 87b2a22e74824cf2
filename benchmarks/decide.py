"""How long the engine takes to decide, in CPU time of this process; needs no desk.

A centre of 1,000 agents with four of 20 skills each, 200 of them free, and backlogs that ask for 300 different things.
Everything stands beside a bare `argmax` over 1,000 numbers for each assignment, measured in the same run: the least
that any engine must do which looks at every agent.
"""

import random
import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from benchmarks.table import Figure, median
from routing.engine import Agent, Policy, State, Waiting
from routing.engine.backlog import Backlog
from routing.engine.crew import Crew
from routing.engine.match import decide

NOW = 1_800_000_000.0
TOPICS = [f"topic.{number}" for number in range(16)]
LANGUAGES = [f"lang.{number}" for number in range(4)]
COSTS = {"voice": 100, "chat": 30, "email": 10}
SIZES = (1_000, 10_000, 100_000)
AGENTS, FREE, KINDS = 1_000, 200, 300
POLICY = Policy(version=1)
DECIDE_MS, ONE_MS = 44.0, 0.1


def run(*, sizes=SIZES, rounds=15) -> list[Figure]:
    """CPU milliseconds, medians of `rounds` decisions (of 20 times as many where only one is placed)."""
    agents = crew()
    bare, one = _bare(FREE, rounds * 20), _bare(1, rounds * 20)
    figures = [Figure(f"bare argmax, {FREE} times", bare, "ms"), Figure("bare argmax, once", one, "ms")]
    for size in sizes:
        figures += [_whole(size, agents, bare, rounds), _arrival(size, agents, one, rounds * 20)]
    return [*figures, _anew(sizes[-1], agents, bare, rounds), *_one(agents, one, rounds)]


def crew(seed=1) -> list[Agent]:
    """A thousand agents, every fifth of them free."""
    drawn = random.Random(seed)
    return [_agent(number, drawn, used=0 if number % (AGENTS // FREE) == 0 else 100) for number in range(AGENTS)]


def _agent(number, drawn, used):
    skills = {skill: drawn.randint(1, 5) for skill in [*drawn.sample(TOPICS, 3), drawn.choice(LANGUAGES)]}
    idle = NOW - drawn.random() * 600
    channels = frozenset(COSTS)
    return Agent(number, skills, "available", budget=100, used=used, idle_since=idle, channels=channels)


def backlog(size, seed=2) -> list[Waiting]:
    """So many who wait, of 300 kinds, for up to 50 minutes; half of them know an agent."""
    drawn = random.Random(seed)
    kinds = [_kind(drawn) for _ in range(KINDS)]
    return [_waiting(number, drawn, *drawn.choice(kinds)) for number in range(size)]


def _kind(drawn):
    wishes = {drawn.choice(TOPICS): drawn.randint(2, 5)} if drawn.random() < 0.5 else {}
    return drawn.choice(("care", "sales", "tech")), drawn.choice(list(COSTS)), {drawn.choice(TOPICS): 3}, wishes


def _waiting(number, drawn, queue, channel, needs, wishes):
    since, known = NOW - drawn.random() * 3_000, drawn.randrange(2 * AGENTS)
    last = known if known < AGENTS else None
    return Waiting(number, queue, channel, since, needs, wishes, COSTS[channel], last_agent=last, last_agent_days=2.5)


def _whole(size, agents, bare, rounds):
    """200 agents are free at once, everything kept."""
    state = State(waiting=Backlog(backlog(size)), agents=Crew(agents))
    taken, outcome = _taken(lambda: decide(state, POLICY, NOW), rounds)
    note = f"{len(outcome.assigned)} placed"
    limit = DECIDE_MS if size == SIZES[-1] else None
    return Figure(f"decide, {FREE} free, {size:,} waiting", taken, "ms", ("bare", bare), limit, note)


def _arrival(size, agents, bare, rounds):
    """One agent gets room, one interaction comes, one is given away, with all the others waiting."""
    waiting, busy = Backlog(backlog(size)), Crew(replace(agent, used=100) for agent in agents)
    state, numbers = State(waiting=waiting, agents=busy), iter(range(size, size + rounds * 2))
    first = agents[0]

    def once():
        number = next(numbers)
        waiting.put(replace(backlog_of_one(), id=number))
        busy.put(replace(first, used=0, idle_since=NOW - number))
        outcome = decide(state, POLICY, NOW)
        for one in outcome.assigned:
            waiting.drop(one.interaction)
        busy.put(replace(first, used=100))
        return outcome

    taken, _ = _taken(once, rounds)
    return Figure(f"one comes, one agent gets room, {size:,} waiting", taken, "ms", ("bare", bare))


def _anew(size, agents, bare, rounds):
    """From plain lists, as replay and tests do: backlog and columns are made for one decision."""
    waiting = backlog(size)
    taken, _ = _taken(lambda: decide(State(waiting=waiting, agents=agents), POLICY, NOW), max(3, rounds // 5))
    return Figure(f"the same, {size:,} waiting, nothing kept", taken, "ms", ("bare", bare))


def _one(agents, bare, rounds):
    waiting = Backlog([backlog_of_one()])
    state = State(waiting=waiting, agents=Crew(agents))
    kept, _ = _taken(lambda: decide(state, POLICY, NOW), rounds * 40)
    anew, _ = _taken(lambda: decide(State(waiting=[*waiting], agents=agents), POLICY, NOW), rounds)
    return [
        Figure("one interaction among 1,000 agents", kept, "ms", ("bare", bare), ONE_MS),
        Figure("the same, nothing kept", anew, "ms", ("bare", bare)),
    ]


def backlog_of_one() -> Waiting:
    return Waiting(0, "care", "chat", NOW - 20, {TOPICS[0]: 3}, {TOPICS[1]: 3}, COSTS["chat"])


def _bare(times, rounds):
    numbers = np.random.default_rng(3).random((times, AGENTS))
    return _taken(lambda: [int(row.argmax()) for row in numbers], rounds)[0]


def _taken(act: Callable, rounds):
    """Median CPU milliseconds of `act` after one to warm up, and what it returned."""
    act()
    times = []
    for _ in range(rounds):
        began = time.process_time_ns()
        answer = act()
        times.append((time.process_time_ns() - began) / 1e6)
    return median(times), answer
