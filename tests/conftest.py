"""The tests run on real PostgreSQL and Redis, started once for the session, before Django reads its settings."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

import django
import pytest
from redis import Redis

from config.embedded import Embedded
from tests.harness import Desk

os.environ["HELPDESK_TEST"] = "1"
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")


def _services() -> Embedded:
    folder = Path(tempfile.mkdtemp(prefix="trunkline-tests-"))
    folder.chmod(0o711)  # PostgreSQL, started by root, runs as someone else
    os.environ["HELPDESK_MEDIA_ROOT"] = str(folder / "files")
    services = Embedded(folder, fast_and_loose=True)
    atexit.register(_throw_away, services)
    os.environ["DATABASE_URL"], os.environ["REDIS_URL"] = services.start()
    return services


def _throw_away(services: Embedded) -> None:
    services.remove()
    shutil.rmtree(services.folder, ignore_errors=True)


SERVICES = _services()
django.setup()

from customers.nerves import breaker  # noqa: E402 (it reads the settings)
from routing.alarms import silence  # noqa: E402


@pytest.fixture(scope="session")
def services() -> Embedded:
    """The session's PostgreSQL and Redis."""
    return SERVICES


@pytest.fixture(autouse=True)
def empty_redis():
    """Each test begins with an empty Redis, nobody who remembers it as dead, and no alarm set by the test before."""
    Redis.from_url(SERVICES.redis.url).flushall()
    breaker.close()
    silence()


@pytest.fixture(scope="session")
def live_desk():
    """A whole desk of real processes with the demo's company in it (`live_desk.company`), for the session."""
    desk = Desk(Path(tempfile.mkdtemp(prefix="trunkline-desk-"))).start()
    try:
        desk.company = desk.seed()
        yield desk
    finally:
        desk.stop()
