"""Python imports this before anything else where this folder is on PYTHONPATH: the process then has a wrong clock.

TRUNKLINE_SKEW is by how many seconds it is fast (or slow). Its steady clock, by which it waits, is right.
"""

import os
from datetime import UTC, datetime, timedelta

import time_machine

if skew := float(os.environ.get("TRUNKLINE_SKEW", "0")):
    time_machine.travel(datetime.now(UTC) + timedelta(seconds=skew), tick=True).start()
