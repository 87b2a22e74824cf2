"""PostgreSQL and Redis from their wheels."""

import os

import psycopg
import pytest
import redis

from config import embedded
from config.embedded import Embedded, NotStarted


@pytest.fixture
def services(tmp_path_factory):
    folder = tmp_path_factory.mktemp("embedded")
    for each in (folder, folder.parent, folder.parent.parent):
        each.chmod(0o711)
    services = Embedded(folder, fast_and_loose=True)
    services.start()
    yield services
    services.remove()


def test_data_are_there_again_after_a_stop_and_a_start(services):
    with psycopg.connect(services.postgres.url(), autocommit=True) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS number")
    redis.Redis.from_url(services.redis.url).set("kept", 7)
    services.stop()

    services.start()

    with psycopg.connect(services.postgres.url()) as connection:
        assert connection.execute("SELECT number FROM kept").fetchone() == (7,)
    assert redis.Redis.from_url(services.redis.url).get("kept") == b"7"


def test_a_crash_leaves_pid_files_that_do_not_hinder_the_next_start(services):
    services.postgres.stop(at_once=True)
    services.redis.stop(at_once=True)
    assert (services.postgres.folder / "postmaster.pid").exists()

    services.start()

    assert services.postgres.is_running()
    assert services.redis.is_running()


def test_a_pid_file_that_names_some_other_process_counts_as_stale(services):
    services.redis.stop()
    services.redis.pid_file.write_text(f"{os.getpid()}\n")

    assert not services.redis.is_running()


def test_stopping_leaves_nothing_running(services):
    pids = [services.postgres.pid(), services.redis.pid()]

    services.stop()

    assert [services.postgres.pid(), services.redis.pid()] == [None, None]
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


def test_a_path_too_long_for_a_unix_socket_moves_the_socket(tmp_path):
    folder = tmp_path / ("x" * 100)

    assert embedded._socket_folder(folder, "redis.sock").parent != folder.parent


def test_a_machine_without_redis_is_told_what_to_install(monkeypatch):
    monkeypatch.setattr(embedded.importlib.util, "find_spec", lambda name: None)
    monkeypatch.setenv("PATH", "/nowhere")

    with pytest.raises(NotStarted, match="apt-get install redis-server"):
        embedded._redis_program()


def test_a_ctrl_c_in_the_terminal_does_not_reach_the_services(services):
    groups = {os.getpgid(services.redis.pid()), os.getpgid(services.postgres.pid())}

    assert os.getpgid(os.getpid()) not in groups
