"""A whole desk of real processes: what dies is named, and comes back."""

import tempfile
from pathlib import Path

import pytest
from redis import Redis

from tests.harness import Desk, wait_for

pytestmark = pytest.mark.fault


@pytest.fixture(scope="module")
def desk():
    desk = Desk(Path(tempfile.mkdtemp(prefix="trunkline-desk-"))).start()
    yield desk
    desk.stop()


def test_a_killed_router_is_named_and_its_successor_is_heard_from(desk):
    desk.kill("router")
    Redis.from_url(desk.redis.url).delete("alive:routing")  # rather than wait until it is taken for silent
    missing = desk.readiness()["checks"]["router"]

    desk.run("router")

    assert missing == "No router has been heard from for 10 s (unserved: routing). Is it running?"
    desk.wait_until_ready()


def test_everyone_comes_back_by_themselves_after_redis_was_killed_and_emptied(desk):
    desk.redis.stop(at_once=True)
    for file in desk.redis.folder.glob("appendonly*"):
        file.unlink()
    without_redis = desk.readiness()["checks"]["redis"]

    desk.redis.start()

    assert without_redis.startswith("Redis does not answer")
    desk.wait_until_ready()


def test_everyone_comes_back_by_themselves_after_postgresql_was_killed(desk):
    desk.postgres.stop(at_once=True)
    without_postgres = wait_for(lambda: desk.readiness().get("checks", {}).get("database"), 15)

    desk.postgres.start()

    assert without_postgres.startswith("PostgreSQL does not answer")
    desk.wait_until_ready()
