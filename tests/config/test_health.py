"""Is it alive, is it ready?"""

import pytest

from config import heartbeat


def test_healthz_asks_nothing_of_anyone(client):
    assert client.get("/healthz").content == b"ok\n"


@pytest.mark.django_db
def test_readyz_names_who_has_not_been_heard_from(client):
    heartbeat.tell("default", "chat", "mail", "clock")

    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert answer.json()["checks"] == {
        "database": "ok",
        "migrations": "ok",
        "redis": "ok",
        "beat": "ok",
        "router": "No router has been heard from for 10 s (unserved: routing). Is it running?",
        "worker": "ok",
    }


@pytest.mark.django_db
def test_readyz_is_200_once_everyone_has_been_heard_from(client):
    heartbeat.tell("default", "chat", "mail", "routing", "clock")

    assert client.get("/readyz").status_code == 200
