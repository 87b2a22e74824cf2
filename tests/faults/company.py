"""The desk that faults are tried on: fifty agents with room for three each, two mailboxes, a widget; and its people.

Founded once, in the desk's own database. Before each fault it is emptied of whatever was going on.
"""

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import psycopg

from tests.faults.sink import Sink
from tests.harness import Desk, wait_for

PROCESSES = ("web", "worker", "router", "beat", "smtp")
AGENTS = 50
FOUNDING = "from tests.faults.founding import found; print(found())"
EVERYTHING_THAT_HAPPENED = "tickets_ticket, customers_customer, customers_event, helpdesk_inboundraw"


@dataclass(frozen=True, slots=True)
class Person:
    """A member of staff who works by REST."""

    url: str
    token: str
    name: str = ""
    agent: int = 0

    def ask(self, method: str, path: str, *, key: str = "", **body) -> tuple[int, Any]:
        """(status, answer); status 0 when the desk did not answer."""
        headers = {"Authorization": f"Token {self.token}", "Content-Type": "application/json"}
        headers |= {"Idempotency-Key": key} if key else {}
        content = json.dumps(body).encode() if method != "GET" else None
        request = urllib.request.Request(f"{self.url}/api/v1/{path}", content, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return answer.status, json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as refusal:
            with suppress(ValueError):
                return refusal.code, json.loads(refusal.read())
            return refusal.code, None
        except (OSError, ValueError):
            return 0, None

    def download(self, path: str) -> bytes:
        """The bytes of a file."""
        headers = {"Authorization": f"Token {self.token}"}
        request = urllib.request.Request(f"{self.url}/api/v1/{path}", headers=headers)
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.read()


@dataclass
class Company:
    """A whole desk with its people, and the mail server at the other end."""

    desk: Desk
    sink: Sink
    agents: list[Person] = field(default_factory=list)
    supervisor: Person | None = None
    administrator: Person | None = None
    mailboxes: list[str] = field(default_factory=list)
    widget_key: str = ""
    cookie: str = ""  # of the first agent's browser

    @classmethod
    def found(cls, desk: Desk, sink: Sink) -> "Company":
        facts = json.loads(desk.manage("shell", "-v0", "-c", FOUNDING))
        return cls(
            desk,
            sink,
            agents=[Person(desk.url, **agent) for agent in facts["agents"]],
            supervisor=Person(desk.url, facts["supervisor"]),
            administrator=Person(desk.url, facts["administrator"]),
            mailboxes=facts["mailboxes"],
            widget_key=facts["widget"],
            cookie=facts["cookie"],
        )

    def begin_anew(self) -> None:
        """All processes run, all agents are offline, and nothing has happened yet."""
        self.desk.postgres.start()
        self.desk.redis.start()
        for name in PROCESSES:
            if not self.desk.supervisor.children[name].is_running():
                self.desk.run(name)
        self.desk.wait_until_ready()
        wait_for(self._emptied, 30, "The tables could not be emptied")
        self.sink.forget()

    def sign_in(self, people: list[Person]) -> None:
        """These agents are available, and will not be missed for an hour."""
        self.desk.sql(
            "UPDATE routing_agent SET presence = 'available', last_seen = now() + interval '1 hour' WHERE id = ANY(%s)",
            [person.agent for person in people],
        )

    def count(self, table: str, where: str = "true") -> int:
        return self.desk.sql(f"SELECT count(*) FROM {table} WHERE {where}")[0][0]

    def backlog(self) -> int:
        """Mails that are stored and not understood yet."""
        return self.count("helpdesk_inboundraw", "state = 'received'")

    @contextmanager
    def holding(self, *statements: str) -> Iterator[None]:
        """Hold the locks that these statements take, while the block runs."""
        with psycopg.connect(self.desk.postgres.url()) as connection:
            for statement in statements:
                connection.execute(statement)
            yield
            connection.rollback()

    def stuck(self, words: str) -> int:
        """How many of the desk's connections wait for a lock in a query with these words."""
        query = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query ILIKE %s"
        return self.desk.sql(query, f"%{words}%")[0][0]

    def _emptied(self) -> bool:
        with suppress(psycopg.errors.DeadlockDetected, psycopg.errors.LockNotAvailable):
            with psycopg.connect(self.desk.postgres.url()) as connection:
                connection.execute("SET lock_timeout = '2s'")
                connection.execute(f"TRUNCATE {EVERYTHING_THAT_HAPPENED} CASCADE")
                connection.execute(
                    "UPDATE routing_agent SET presence = 'offline', reason = '', used = 0, parked = 0, override = 0, "
                    "misses = 0, revision = revision + 1"
                )
                connection.execute("UPDATE routing_queuerouting SET offer_seconds = '{}'")
            return True
        return False
