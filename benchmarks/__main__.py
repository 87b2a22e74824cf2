"""Run the benchmarks on a desk of real processes and print the tables.

.venv/bin/python -m benchmarks                    all of them, about six minutes on two cores
.venv/bin/python -m benchmarks pages wire ingest  some of them
.venv/bin/python -m benchmarks --quick            fewer rounds, to see that they run
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.harness import Desk

NAMES = ("pages", "wire", "ingest")
# What one process takes in is measured while no other works on what it took in.
APART = ("web", "worker", "router", "beat")
# Neither the limits of public doors nor those of staff are what is measured here.
FREE = {f"HELPDESK_RATE_{door}": "1000000/min" for door in ("CHAT_START", "CHAT_MESSAGE", "REPLY")}


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("names", nargs="*", metavar="pages|wire|ingest")
    words.add_argument("--quick", action="store_true")
    asked = words.parse_args()
    if unknown := set(asked.names) - set(NAMES):
        sys.exit(f"There is no benchmark called {', '.join(sorted(unknown))}. Choose from {', '.join(NAMES)}.")
    desk = Desk(Path(tempfile.mkdtemp(prefix="trunkline-bench-")), **FREE)
    try:
        print("Starting a desk…", file=sys.stderr)
        desk.start()
        pace = "quick" if asked.quick else "full"
        target = _target(desk)
        for name in [one for one in NAMES if one in (asked.names or NAMES)]:
            for process in APART if name == "ingest" else ():
                desk.kill(process)
            command = [sys.executable, "-m", "benchmarks.measure", target, pace, name]
            subprocess.run(command, env=desk.environ, check=True)
    finally:
        desk.stop()


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
