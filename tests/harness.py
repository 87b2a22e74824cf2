"""A whole desk of real processes on a database of its own, whose parts can be killed and started again by name.

desk = Desk(Path("/tmp/some-folder"))
desk.start()                      # web, worker, router, beat, smtp, sink; returns when /readyz says so
desk.kill("worker")               # kill -9 of it and its children
desk.run("worker")                # and again
desk.redis.stop(at_once=True); desk.redis.start()
desk.stop()
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg

from config.embedded import Embedded
from config.processes import HOME, PYTHON, TABLE
from config.supervisor import Supervisor, last_words

EVERYONE = tuple(TABLE)
READY_SECONDS = 60
OURS = ("HELPDESK_", "DATABASE_URL", "REDIS_URL", "SECRET_KEY", "DJANGO_", "WEB_", "PYTEST_")


class Desk:
    """The processes of the table with a PostgreSQL and a Redis of their own, on free ports, all of it in `folder`."""

    def __init__(self, folder: Path, **environ: str):
        """`environ` is added to the processes' environment (for example HELPDESK_VISIBILITY_TIMEOUT="8")."""
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o711)  # PostgreSQL, started by root, runs as someone else
        self.folder = folder
        self.services = Embedded(folder / "data", fast_and_loose=True)
        self.postgres, self.redis = self.services.postgres, self.services.redis
        web, smtp, sink = free_ports(3)
        self.port, self.smtp = web, ("127.0.0.1", smtp)
        self.url = f"http://127.0.0.1:{web}"
        self.environ = {name: value for name, value in os.environ.items() if not name.startswith(OURS)} | {
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "HELPDESK_DEMO": "1",
            "HELPDESK_BASE_URL": self.url,
            "HELPDESK_SMTP_LISTEN": f"127.0.0.1:{smtp}",
            "HELPDESK_SINK_LISTEN": f"127.0.0.1:{sink}",
            "HELPDESK_SMTP_URL": f"smtp://127.0.0.1:{sink}",
            "HELPDESK_MEDIA_ROOT": str(folder / "files"),
            "HELPDESK_VISIBILITY_TIMEOUT": "60",
            "DATABASE_URL": self.postgres.url(),
            "REDIS_URL": self.redis.url,
            "WEB_PORT": str(web),
            "WORKER_PROCESSES": "2",
            **environ,
        }
        self.supervisor = Supervisor(self.environ, folder / "log")
        self.company: dict[str, Any] = {}

    def start(self, *names: str) -> "Desk":
        """Start everything (or the processes named), with fresh tables; returns when the desk is ready."""
        self.services.start()
        self.manage("migrate", "--noinput", "-v0")
        if not names or "web" in names:
            subprocess.run([*PYTHON, "-m", "config.static"], cwd=HOME, env=self.environ, check=True)
        for name in names or EVERYONE:
            self.run(name)
        if not names:
            self.wait_until_ready()
        return self

    def run(self, name: str, *, of: str = "", **environ: str) -> None:
        """Start one process, or start it again; `run("router2", of="router")` starts another of its kind."""
        process = TABLE[of or name]
        self.supervisor.start(replace(process, name=name, environ={**process.environ, **environ}))

    def kill(self, name: str, how: signal.Signals = signal.SIGKILL) -> None:
        """Send `how` to a process and all its children, and wait until it has ended."""
        self.supervisor.kill(name, how)

    def pid(self, name: str) -> int:
        child = self.supervisor.children[name].popen
        assert child, f"{name} was never started"
        return child.pid

    def manage(self, *words: str) -> str:
        """What `manage.py` with these words prints; fails with what it said."""
        command = [*PYTHON, "manage.py", *words]
        done = subprocess.run(command, cwd=HOME, env=self.environ, check=False, capture_output=True, text=True)
        assert done.returncode == 0, f"manage.py {' '.join(words)}: {done.stdout}{done.stderr}"
        return done.stdout

    def seed(self) -> dict[str, Any]:
        """Put the demo's company in; returns what `seed_demo` says of it (users, address, widget, mailbox)."""
        return json.loads(self.manage("seed_demo", "--json"))

    def sql(self, query: str, *values) -> list[tuple]:
        """The rows of a query, straight from PostgreSQL."""
        return self.rows(query, values)

    def rows(self, query: str, values) -> list[tuple]:
        """The same, its values by place or by name."""
        with psycopg.connect(self.postgres.url(), autocommit=True) as connection:
            cursor = connection.execute(query, values)
            return cursor.fetchall() if cursor.description else []

    def readiness(self) -> dict[str, Any]:
        """What /readyz says; empty while the web process does not answer."""
        try:
            with urllib.request.urlopen(f"{self.url}/readyz", timeout=5) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            return json.load(error) if error.code == 503 else {}
        except (OSError, ValueError):
            return {}

    def wait_until_ready(self) -> None:
        wait_for(
            self._is_ready, READY_SECONDS, lambda: f"The desk is not ready: {self.readiness()} {self.last_words()}"
        )

    def last_words(self) -> dict[str, str]:
        """The last log line of each process, for the message of a failed test."""
        return {name: last_words(child.log) for name, child in self.supervisor.children.items()}

    def stop(self) -> None:
        """Stop everything and delete the folder; nothing is left running."""
        self.supervisor.stop()
        self.services.remove()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _is_ready(self) -> bool:
        listening = "smtp" not in self.supervisor.children or answers(*self.smtp)
        return listening and bool(self.readiness().get("ready"))


def wait_for(is_so: Callable[[], Any], seconds: float, otherwise: Callable[[], str] | str = "It did not happen") -> Any:
    """Wait until `is_so()` gives something true, and return that; fail after `seconds`."""
    deadline = time.monotonic() + seconds
    while not (found := is_so()):
        if time.monotonic() > deadline:
            raise AssertionError(f"{otherwise() if callable(otherwise) else otherwise} (waited {seconds} s)")
        time.sleep(0.05)
    return found


def answers(host: str, port: int) -> bool:
    """Does anyone listen there?"""
    try:
        with socket.create_connection((host, port), timeout=1):
            return True
    except OSError:
        return False


def free_ports(count: int) -> list[int]:
    """So many ports of 127.0.0.1 that nobody listens on."""
    doors = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [door.getsockname()[1] for door in doors]
    for door in doors:
        door.close()
    return ports
