"""Run the benchmarks on a desk of real processes and print the tables.

.venv/bin/python -m benchmarks                    all of them, about six minutes on two cores
.venv/bin/python -m benchmarks pages wire ingest  some of them
.venv/bin/python -m benchmarks decide             the engine alone: needs no desk
.venv/bin/python -m benchmarks --quick            fewer rounds, to see that they run
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks import decide
from benchmarks.table import show
from config.processes import CELERY, WORKER, Process
from tests.harness import Desk

NAMES = ("decide", "pages", "wire", "ingest", "dispatch")
# What one process takes in is measured while no other works on what it took in.
APART = ("web", "worker", "router", "beat")
# Neither the limits of public doors nor those of staff are what is measured here.
FREE = {f"HELPDESK_RATE_{door}": "1000000/min" for door in ("CHAT_START", "CHAT_MESSAGE", "REPLY")}

BARE = Process(
    "bare",
    "the bare nudge that others are compared with",
    (*CELERY[:-1], "benchmarks.bare", *WORKER, "--hostname=bare@%h", "--queues=bare", "-c", "1"),
    {"HELPDESK_DB_KEEP": "60"},
)
NO_DESK = json.dumps({"url": "", "port": 0, "smtp": ("", 0), "mailbox": "", "token": "", "user_id": 0})


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("names", nargs="*", metavar="|".join(NAMES))
    words.add_argument("--quick", action="store_true")
    asked = words.parse_args()
    if unknown := set(asked.names) - set(NAMES):
        sys.exit(f"There is no benchmark called {', '.join(sorted(unknown))}. Choose from {', '.join(NAMES)}.")
    pace = "quick" if asked.quick else "full"
    names = [one for one in NAMES if one in (asked.names or NAMES)]
    if "decide" in names:
        print("Measuring decide…", file=sys.stderr)
        print(show("Deciding (CPU time of the engine alone)", decide.run(rounds=3 if asked.quick else 15)), flush=True)
    if on_a_desk := [one for one in names if one not in ("decide", "dispatch")]:
        _measure_desk(on_a_desk, pace)
    if "dispatch" in names:
        _measure_router(pace)


def _measure_desk(names, pace):
    desk = Desk(Path(tempfile.mkdtemp(prefix="trunkline-bench-")), **FREE)
    try:
        print("Starting a desk…", file=sys.stderr)
        desk.start()
        target = _target(desk)
        for name in names:
            for process in APART if name == "ingest" else ():
                desk.kill(process)
            _measure(desk, target, pace, name)
    finally:
        desk.stop()


def _measure_router(pace):
    """A database that keeps what it is told, as in production, Redis, a router, and a worker for the bare nudge."""
    desk = Desk(Path(tempfile.mkdtemp(prefix="trunkline-bench-")))
    desk.postgres.options = ("track_commit_timestamp=on",)
    try:
        print("Starting a router…", file=sys.stderr)
        desk.start("router")
        desk.supervisor.start(BARE)
        _measure(desk, NO_DESK, pace, "dispatch")
    finally:
        desk.stop()


def _measure(desk, target, pace, name):
    command = [sys.executable, "-m", "benchmarks.measure", target, pace, name]
    subprocess.run(command, env=desk.environ, check=True)


def _target(desk):
    company = desk.seed()
    boss = next(user for user in company["users"] if user["role"] == "administrator")
    mailbox = desk.sql("SELECT address FROM helpdesk_entrypoint WHERE kind = 'email' AND is_active ORDER BY id")[0][0]
    user_id = desk.sql("SELECT id FROM helpdesk_user WHERE email = %s", boss["email"])[0][0]
    return json.dumps(
        {
            "url": desk.url,
            "port": desk.port,
            "smtp": desk.smtp,
            "mailbox": mailbox,
            "token": boss["token"],
            "user_id": user_id,
        }
    )


if __name__ == "__main__":
    main()
