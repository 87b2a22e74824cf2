"""The agents at their desks: they accept what rings, take from the list what they like, and finish what they have."""

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from random import Random

import psycopg

from tests.faults.company import Company

RINGING = "SELECT id, agent_id FROM routing_offer WHERE outcome = 'open' ORDER BY id"
WAITING = "SELECT id FROM routing_interaction WHERE status = 'waiting' ORDER BY id LIMIT 20"
HELD = "SELECT id, agent_id FROM routing_interaction WHERE status = 'active' ORDER BY id"
ACCEPTED = "SELECT count(*) FROM routing_interaction WHERE accepted_at IS NOT NULL"
IDLE = """
    SELECT a.id FROM routing_agent a WHERE presence = 'available' AND used + 30 <= budget
    AND NOT EXISTS (SELECT 1 FROM routing_offer o WHERE o.agent_id = a.id AND o.outcome = 'open')"""


class Floor:
    """All agents of the company, at work at once.

    `answers` counts (what was asked, status); `refusals` are the words of the 409s; `longest_idle` is for how many
    seconds somebody was free, with nothing ringing, while somebody waited.
    """

    def __init__(self, company: Company, *, takers: int = 0, finishes: bool = False):
        self.company, self.takers, self.finishes = company, takers, finishes
        self.people = {person.agent: person for person in company.agents}
        self.answers: Counter[tuple[str, int]] = Counter()
        self.refusals: set[str] = set()
        self.longest_idle = 0.0
        self._asked: set[tuple[str, int]] = set()
        self._fought_over: set[int] = set()
        self._idle_since: dict[int, float] = {}
        self._random = Random(11)

    def work_until(self, accepted: int, *, seconds: float) -> None:
        """Work until so many interactions have been accepted by somebody."""
        deadline = time.monotonic() + seconds
        with (
            psycopg.connect(self.company.desk.postgres.url(), autocommit=True) as rows,
            ThreadPoolExecutor(8) as pool,
        ):
            while (so_far := rows.execute(ACCEPTED).fetchone()[0]) < accepted:
                assert time.monotonic() < deadline, f"{so_far} of {accepted} accepted after {seconds} s; {self.answers}"
                self._look_around(rows, pool)
                time.sleep(0.05)

    def accepted(self) -> int:
        """How many interactions somebody has accepted so far."""
        return self.company.desk.sql(ACCEPTED)[0][0]

    def _look_around(self, rows, pool):
        for offer, agent in rows.execute(RINGING).fetchall():
            self._once(pool, f"offers/{offer}/accept/", agent)
        waiting = [row[0] for row in rows.execute(WAITING).fetchall()]
        idle = {row[0] for row in rows.execute(IDLE).fetchall()} if waiting else set()
        for interaction in waiting[: self.takers]:
            self._fight_over(pool, interaction)
        if self.finishes and waiting and not idle:
            for interaction, agent in rows.execute(HELD).fetchall()[:5]:
                self._once(pool, f"interactions/{interaction}/end/", agent, f"interactions/{interaction}/wrap_up/")
        self._note_idle(idle)

    def _fight_over(self, pool, interaction):
        """Two agents see it in the list, and both take it."""
        if interaction not in self._fought_over:
            self._fought_over.add(interaction)
            for agent in self._random.sample(sorted(self.people), 2):
                self._once(pool, f"interactions/{interaction}/take/", agent)

    def _once(self, pool, path, agent, *then):
        if (path, agent) not in self._asked:
            self._asked.add((path, agent))
            pool.submit(self._ask, self.people[agent], path, *then)

    def _ask(self, person, *paths):
        for path in paths:
            status, answer = person.ask("POST", path)
            self.answers[path.split("/")[2], status] += 1
            if status == 409:
                self.refusals.add(answer["detail"])

    def _note_idle(self, idle):
        now = time.monotonic()
        self._idle_since = {agent: self._idle_since.get(agent, now) for agent in idle}
        self.longest_idle = max([self.longest_idle, *(now - since for since in self._idle_since.values())])
