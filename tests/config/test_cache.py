"""A Redis that is gone is an empty cache."""

from config.cache import ForgivingRedisCache

GONE = ForgivingRedisCache("redis://127.0.0.1:1/0", {"OPTIONS": {"socket_connect_timeout": 0.2}})


def test_nothing_is_found_and_nothing_fails():
    assert GONE.set("name", 1) is None
    assert GONE.get("name", "otherwise") == "otherwise"
    assert GONE.get_many(["name"]) == {}
    assert GONE.delete("name") is False


def test_what_add_guards_happens_once_too_often_rather_than_never():
    assert GONE.add("mark", 1) is True
