"""Processes are started, started again and stopped."""

import os
import sys
import time

import psutil
import pytest

from config.processes import TABLE, Process
from config.supervisor import Supervisor


@pytest.fixture
def supervisor(tmp_path):
    supervisor = Supervisor(dict(os.environ), tmp_path, say=lambda sentence: None)
    yield supervisor
    supervisor.stop()


def python(name, code):
    return Process(name, "a test", (sys.executable, "-c", code))


def test_a_process_that_dies_is_started_again_after_a_pause_that_grows(supervisor):
    child = supervisor.start(python("short", "raise SystemExit('no more')"))
    child.popen.wait(5)

    supervisor.watch()
    first_pause = child.due - time.monotonic()
    child.due = 0
    supervisor.watch()
    child.popen.wait(5)
    supervisor.watch()

    assert (round(first_pause), round(child.due - time.monotonic())) == (1, 2)
    assert child.log.read_text() == "no more\nno more\n"


def test_it_says_who_ended_and_what_the_last_words_were(supervisor):
    said = []
    supervisor.say = said.append
    supervisor.start(python("short", "raise SystemExit('no more')")).popen.wait(5)

    supervisor.watch()

    log = supervisor.logs / "short.log"
    assert said == [f"short ended (exit code 1); it is started again in 1 s. Its last words: no more (more in {log})"]


def test_stopping_ends_the_children_of_a_process_too(supervisor):
    code = (
        "import subprocess, sys, time; c = subprocess.Popen(['sleep', '60']); print(c.pid, flush=True); time.sleep(60)"
    )
    child = supervisor.start(python("parent", code))
    while not (grandchild := child.log.read_text().strip()):
        time.sleep(0.02)

    supervisor.stop()

    assert child.popen.returncode is not None
    assert _is_gone(int(grandchild))


def test_what_a_killed_supervisor_left_running_is_ended_by_the_next(supervisor):
    left = supervisor.start(python("left", "import time; time.sleep(60)")).popen

    Supervisor({}, supervisor.logs).end_leftovers()

    assert not psutil.pid_exists(left.pid)


def test_every_process_of_the_table_knows_its_command():
    commands = {name: process.command({"WEB_PORT": "8123"})[0] for name, process in TABLE.items()}

    assert commands == dict.fromkeys(("web", "worker", "router", "beat", "smtp", "sink"), sys.executable)
    assert "--port=8123" in TABLE["web"].command({"WEB_PORT": "8123"})


def _is_gone(pid):
    for _ in range(100):
        try:
            os.kill(pid, 0)
            with open(f"/proc/{pid}/stat") as stat:
                if stat.read().split()[2] == "Z":
                    return True
        except (ProcessLookupError, FileNotFoundError):
            return True
        time.sleep(0.02)
    return False
