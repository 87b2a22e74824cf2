"""`bin/demo`: one command, one Ctrl-C, and in between a desk that works."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil
import pytest

from config.processes import HOME
from tests.harness import OURS, answers, free_ports, wait_for

pytestmark = pytest.mark.fault


class Demo:
    """The demo in a folder of its own, started and stopped as a person would."""

    def __init__(self):
        self.var = Path(tempfile.mkdtemp(prefix="trunkline-demo-"))
        self.var.chmod(0o711)
        self.port, self.smtp_port = free_ports(2)

    def start(self):
        (self.var / "demo.json").unlink(missing_ok=True)
        began = time.monotonic()
        self.popen = self.popen_of()
        wait_for((self.var / "demo.json").exists, 90, self.said)
        return time.monotonic() - began

    def popen_of(self):
        environ = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
        ports = [f"--port={self.port}", f"--smtp-port={self.smtp_port}"]
        with (self.var / "said").open("w") as said:
            return subprocess.Popen(
                [sys.executable, "-m", "config.demo", *ports],
                cwd=HOME,
                env={**environ, "HELPDESK_VAR": str(self.var)},
                stdout=said,
                stderr=said,
            )

    def said(self):
        return (self.var / "said").read_text()

    def facts(self):
        return json.loads((self.var / "demo.json").read_text())

    def press_ctrl_c(self):
        self.popen.send_signal(signal.SIGINT)
        self.popen.wait(30)

    def left_running(self):
        return [process.pid for process in psutil.process_iter() if str(self.var) in _words_and_variables(process)]


@pytest.fixture(scope="module")
def demo():
    demo = Demo()
    demo.start()
    yield demo
    demo.press_ctrl_c()
    shutil.rmtree(demo.var, ignore_errors=True)


def test_the_demo_says_where_and_as_whom_to_sign_in(demo):
    facts = demo.facts()

    assert sorted(facts) == ["mailbox", "smtp", "url", "users", "widget"]
    assert (facts["url"], facts["smtp"]) == (f"http://127.0.0.1:{demo.port}", f"127.0.0.1:{demo.smtp_port}")
    assert {key for user in facts["users"] for key in user} >= {"email", "password", "role", "token"}
    assert facts["users"][0]["email"] in demo.said()
    assert answers("127.0.0.1", demo.smtp_port)


def test_a_second_demo_in_the_same_folder_is_refused_in_words(demo):
    second = subprocess.run(
        [sys.executable, "-m", "config.demo"],
        cwd=HOME,
        env={**os.environ, "HELPDESK_VAR": str(demo.var)},
        check=False,
        capture_output=True,
        text=True,
    )

    assert second.stderr == (
        "bin/demo: a demo is running here already. "
        "Stop it with Ctrl-C where it runs, or use another copy of the project.\n"
    )


def test_ctrl_c_leaves_nothing_running_and_the_next_start_is_warm(demo):
    logins = demo.facts()["users"]
    demo.press_ctrl_c()
    left = demo.left_running()

    seconds = demo.start()

    assert left == []
    assert demo.facts()["users"] == logins
    assert seconds < 20  # 6 s on an idle machine of two cores


def test_a_taken_port_is_refused_with_the_way_on():
    demo = Demo()
    with socket.create_server(("127.0.0.1", demo.port)):
        demo.popen_of().wait(20)

    assert demo.said() == (
        f"bin/demo: port {demo.port} is taken by another program. Stop that, or choose another: "
        f"bin/demo --port {demo.port + 1}\n"
    )
    shutil.rmtree(demo.var)


def _words_and_variables(process):
    try:
        return " ".join([*process.cmdline(), *process.environ().values()])
    except psutil.Error:
        return ""
