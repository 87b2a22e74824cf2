"""A small centre and a few days of traffic in its tables."""

from datetime import UTC, datetime

from routing.invented import Written, invent
from routing.models import Domain
from tests import factories as make

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)


def centre(agents: int = 12) -> Domain:
    """Two queues that ask for different skills; of the agents a third has the one, a third the other, a third both."""
    make.make_queue("Billing", needs={"billing": 2})
    make.make_queue("Returns", needs={"returns": 2})
    skills = ({"billing": 4}, {"returns": 4}, {"billing": 3, "returns": 3})
    for number in range(agents):
        make.make_agent(f"Agent {number + 1}", skills=skills[number % 3], presence="offline")
    return Domain.main()


def traffic(domain: Domain, *, days: int = 2, seed: int = 1, load: float = 0.75) -> Written:
    """Days from a Monday on that never were."""
    return invent(domain, since=MONDAY, days=days, seed=seed, load=load)
