"""Small worlds for the engine: an agent, an interaction, a whole random centre."""

from dataclasses import replace

from hypothesis import strategies as st

from routing.engine import Agent, Policy, QueuePolicy, RelaxStep, State, Waiting, Weights

NOW = 1_800_000_000.0
COSTS = {"voice": 100, "chat": 30, "email": 10}
EVERYTHING = frozenset(COSTS)
SKILLS = ("lang.en", "lang.pl", "topic.billing", "topic.returns")


def agent(number, *, skills=None, used=0, presence="available", idle=60.0, channels=EVERYTHING, **more):
    return Agent(
        id=number,
        skills=skills or {},
        presence=presence,
        budget=more.pop("budget", 100),
        used=used,
        idle_since=NOW - idle,
        channels=frozenset(channels),
        **more,
    )


def waits(number, *, channel="chat", waited=5.0, required=None, preferred=None, queue="care", **more):
    return Waiting(
        id=number,
        queue=queue,
        channel=channel,
        waiting_since=NOW - waited,
        required=required or {},
        preferred=preferred or {},
        cost=more.pop("cost", COSTS[channel]),
        **more,
    )


def state(waiting, agents, **more):
    return State(waiting=tuple(waiting), agents=tuple(agents), **more)


def policy(*steps, **queue):
    """Policy version 1 with one queue for everything."""
    return Policy(version=1, default_queue=QueuePolicy(relax=steps, **queue))


def pairs(outcome):
    """Who got what: {interaction: agent}."""
    return {one.interaction: one.agent for one in outcome.assigned}


needs = st.dictionaries(st.sampled_from(SKILLS), st.integers(1, 3), max_size=1)
wishes = st.dictionaries(st.sampled_from(SKILLS), st.integers(1, 5), max_size=2)
abilities = st.dictionaries(st.sampled_from(SKILLS), st.integers(1, 5), min_size=2, max_size=4)
durations = st.floats(0, 2_000, allow_nan=False).map(lambda seconds: round(seconds, 3))
agent_ids = st.integers(1, 12)


@st.composite
def agents(draw, number):
    budget = draw(st.sampled_from((30, 100, 200)))
    held = draw(st.sampled_from(({}, {}, {"email": 10}, {"email": 20, "chat": 30})))
    return agent(
        number,
        skills=draw(abilities),
        presence=draw(st.sampled_from(("available",) * 5 + ("break", "ringing", "offline"))),
        budget=budget,
        used=draw(st.sampled_from((0, 0, 10, 30, 90))) * budget // 100 + sum(held.values()),
        override=draw(st.sampled_from((0, 0, 30))),
        idle=draw(durations),
        channels=draw(st.sampled_from((EVERYTHING, EVERYTHING, EVERYTHING, {"chat"}, {"email", "chat"}, {"voice"}))),
        costs=draw(st.dictionaries(st.sampled_from(sorted(COSTS)), st.integers(5, 60), max_size=1)),
        held=held,
        free_at=draw(st.none() | durations.map(lambda ahead: NOW + ahead - 1_000)),
        occupancy=draw(st.sampled_from((0.0, 0.5, 0.95))),
        pace=draw(st.dictionaries(st.sampled_from(("care", "sales")), st.sampled_from((0.7, 1.3)), max_size=1)),
    )


@st.composite
def interactions(draw, number):
    return waits(
        number,
        channel=draw(st.sampled_from(sorted(COSTS))),
        waited=draw(durations),
        required=draw(needs),
        preferred=draw(wishes),
        queue=draw(st.sampled_from(("care", "sales"))),
        importance=draw(st.sampled_from((1.0, 2.5))),
        priority=draw(st.integers(0, 3)),
        last_agent=draw(st.none() | agent_ids),
        last_agent_days=draw(st.sampled_from((0.0, 3.0, 400.0))),
        owner=draw(st.none() | agent_ids),
        reserved_for=draw(st.sampled_from((None,) * 8 + (1, 2))),
        cooldown=draw(st.dictionaries(agent_ids, durations.map(lambda ahead: NOW + ahead - 500), max_size=2)),
        due_at=draw(st.none() | durations.map(lambda ahead: NOW + ahead - 500)),
    )


@st.composite
def states(draw, most=10):
    waiting = [draw(interactions(number)) for number in range(1, draw(st.integers(0, most)) + 1)]
    people = [draw(agents(number)) for number in range(1, draw(st.integers(0, most)) + 1)]
    return state(
        waiting,
        people,
        pressure=draw(st.sampled_from(({}, {"voice": 0.7, "lang.pl": 0.9}))),
        service=draw(st.sampled_from(({}, {"sales": 0.7}, {"sales": 0.95}))),
        expected_wait=draw(st.sampled_from(({}, {"sales": 5.0}, {"sales": 90.0}))),
    )


@st.composite
def familiar(draw):
    """A world in which everybody knows one of the first four agents, half of whom will soon have room."""
    world = draw(states(most=6))
    soon = st.integers(0, 700).map(lambda ahead: NOW + ahead)
    waiting = [
        replace(
            one, queue="care", required={}, owner=draw(st.integers(1, 4)), waiting_since=NOW - draw(st.integers(0, 500))
        )
        for one in world.waiting
    ]
    agents = [
        replace(
            one, presence="available", channels=EVERYTHING, used=draw(st.sampled_from((0, 300))), free_at=draw(soon)
        )
        for one in world.agents
    ]
    return replace(world, waiting=tuple(waiting), agents=tuple(agents))


relax_steps = st.builds(
    RelaxStep,
    after=st.sampled_from((0.5, 1.0, 3.0)),
    lower=st.dictionaries(st.sampled_from(("*", "lang.", "topic.billing")), st.integers(0, 5), max_size=2),
    drop_preferred=st.booleans(),
    add=st.sampled_from((None, None, {"topic.billing": 2}, {})),
    lender=st.sampled_from(("", "sales")),
    lender_level=st.sampled_from((0.0, 0.8)),
    lender_wait=st.sampled_from((None, 30.0)),
)

holds = st.sampled_from(({}, {"chat": 20.0}, {"chat": 900.0, "voice": 30.0, "email": 1_200.0}))

policies = st.builds(
    Policy,
    version=st.integers(1, 9),
    queues=st.fixed_dictionaries(
        {"sales": st.builds(QueuePolicy, importance=st.sampled_from((0.5, 3.0)), relax=st.tuples(relax_steps))}
    ),
    default_queue=st.builds(QueuePolicy, relax=st.lists(relax_steps, max_size=3).map(tuple), hold=holds),
    weights=st.builds(
        Weights, match=st.floats(0, 2), load=st.floats(0, 2), eta=st.floats(0, 1), pace=st.sampled_from((0.0, 0.5))
    ),
    interrupts=st.sampled_from(({"voice": ("email",)}, {"voice": ("email", "chat"), "chat": ("email",)}, {})),
    occupancy_cap=st.sampled_from((1.0, 0.88)),
    offers_at_once=st.sampled_from((0, 0, 1, 2)),
    strategy=st.sampled_from(("value", "value", "value", "idle", "turn", "spare", "skill", "chance")),
    line=st.sampled_from(("urgency", "urgency", "fifo", "priority")),
)
