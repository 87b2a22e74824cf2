"""A desk to be broken: its own processes, PostgreSQL and Redis, and a mail server at the other end."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.books import broken_rules
from tests.faults.company import PROCESSES, Company
from tests.faults.sink import Sink
from tests.harness import Desk, free_ports

# Not the tests' usual ones: what was committed must outlive PostgreSQL's sudden death. (Not the machine's.)
POSTGRES_OPTIONS = ("fsync=off", "full_page_writes=off", "max_wal_size=2GB")
PLENTY = dict.fromkeys(("HELPDESK_RATE_REPLY", "HELPDESK_RATE_CHAT_START", "HELPDESK_RATE_CHAT_MESSAGE"), "100000/min")


def pytest_collection_modifyitems(items):
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.fault)


@pytest.fixture(scope="package")
def founded():
    """The company, founded once. Its broker hands a task out again after 5 seconds: nothing may depend on that."""
    (port,) = free_ports(1)
    sink = Sink(port)
    sink.controller.start()
    folder = Path(tempfile.mkdtemp(prefix="trunkline-faults-"))
    environ = {"HELPDESK_SMTP_URL": f"smtp://127.0.0.1:{port}", "HELPDESK_VISIBILITY_TIMEOUT": "5", **PLENTY}
    desk = Desk(folder, **environ)
    desk.postgres.options = POSTGRES_OPTIONS
    try:
        desk.start(*PROCESSES)
        desk.wait_until_ready()
        yield Company.found(desk, sink)
    finally:
        desk.stop()
        sink.controller.stop()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def company(founded) -> Iterator[Company]:
    """The company at the beginning of its day: everything runs, nobody is signed in, nothing has happened.

    Whatever the fault was, the router's rows agree with each other when the test is over.
    """
    founded.begin_anew()
    yield founded
    assert broken_rules(founded) == []
