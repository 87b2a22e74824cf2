"""The one table of processes: `bin/demo` supervises them, docker-compose runs one a container, the tests kill them.

`python -m config.processes web` becomes the web process; so every shape runs the same commands.
"""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

HOME = Path(__file__).resolve().parent.parent
PYTHON = (sys.executable,)
CELERY = (*PYTHON, "-m", "celery", "--quiet", "-A", "config")
WORKER = ("worker", "--pool=prefork", "--without-gossip", "--without-mingle", "--loglevel=INFO")


@dataclass(frozen=True)
class Process:
    """One process: what it does, the command, and the environment it wants where nothing else is said.

    `{NAME}` in the command stands for a variable of the environment, or of `environ`.
    """

    name: str
    what: str
    template: tuple[str, ...]
    environ: Mapping[str, str] = field(default_factory=dict)

    def environment(self, given: Mapping[str, str]) -> dict[str, str]:
        return {**self.environ, **given}

    def command(self, given: Mapping[str, str]) -> list[str]:
        return [word.format_map(self.environment(given)) for word in self.template]


TABLE = {
    process.name: process
    for process in (
        Process(
            "web",
            "HTTP and websockets",
            (
                *PYTHON, "-m", "uvicorn", "config.asgi:application", "--host={WEB_HOST}", "--port={WEB_PORT}",
                "--ws=wsproto", "--ws-max-size=262144", "--ws-per-message-deflate=false", "--lifespan=off",
                "--no-access-log", "--no-server-header", "--log-level=warning", "--timeout-graceful-shutdown=3",
            ),
            {"WEB_HOST": "127.0.0.1", "WEB_PORT": "8000", "HELPDESK_DB_POOL": "10", "HELPDESK_BROKER_TIMEOUT": "0.3"},
        ),
        Process(
            "worker",
            "parsing, deliveries, files",
            (*CELERY, *WORKER, "--hostname=worker@%h", "--queues=chat,default,mail", "-c", "{WORKER_PROCESSES}"),
            {"WORKER_PROCESSES": "3", "HELPDESK_DB_KEEP": "60"},
        ),
        Process(
            "router",
            "routing, and nothing else",
            (*CELERY, *WORKER, "--hostname=router@%h", "--queues=routing", "-c", "{ROUTER_PROCESSES}"),
            {"ROUTER_PROCESSES": "1", "HELPDESK_DB_KEEP": "60"},
        ),
        Process("beat", "the clock", (*CELERY, "beat", "--loglevel=INFO", "--pidfile=")),
        Process("smtp", "takes mail in", (*PYTHON, "manage.py", "smtp"), {"HELPDESK_BROKER_TIMEOUT": "0.3"}),
        Process("sink", "keeps the demo's outgoing mail", (*PYTHON, "manage.py", "mail_sink")),
    )
}  # fmt: skip


def become(name: str) -> None:
    """Replace this process by the one called `name`."""
    if name not in TABLE:
        raise SystemExit(f"There is no process called {name!r}. Choose one of: {', '.join(TABLE)}.")
    process = TABLE[name]
    os.chdir(HOME)
    command = process.command(os.environ)
    os.execve(command[0], command, process.environment(os.environ))  # noqa: S606


if __name__ == "__main__":
    become(sys.argv[1] if len(sys.argv) == 2 else "")
