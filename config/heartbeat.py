"""Who has been heard from: each worker says in Redis which queues it serves, the clock that it ticks."""

from functools import cache

import structlog
from django.conf import settings
from redis import Redis
from redis.exceptions import RedisError

log = structlog.get_logger(__name__)

EVERY_SECONDS = 3
SILENT_AFTER_SECONDS = 10


def tell(*names: str) -> None:
    """Say that the worker of these queues (or "clock") is alive. Redis away is no reason to fall."""
    try:
        pipeline = _redis().pipeline(transaction=False)
        for name in names:
            pipeline.set(f"alive:{name}", 1, ex=SILENT_AFTER_SECONDS)
        pipeline.execute()
    except RedisError as error:
        log.warning("heartbeat.lost", names=names, error=str(error))


def silent(names: list[str]) -> list[str]:
    """Those of `names` that nobody has been heard from for `SILENT_AFTER_SECONDS`. Raises RedisError."""
    values = _redis().mget([f"alive:{name}" for name in names])
    return [name for name, value in zip(names, values, strict=True) if value is None]


def mark(task: str, seconds: int) -> bool:
    """Note that a run of `task` is on its way; False when one already is. Raises RedisError."""
    return bool(_redis().set(f"due:{task}", 1, nx=True, ex=seconds))


def unmark(task: str) -> None:
    """The run of `task` has begun: the clock may send the next."""
    try:
        _redis().delete(f"due:{task}")
    except RedisError as error:
        log.warning("heartbeat.mark_kept", task=task, error=str(error))


@cache
def _redis() -> Redis:
    return Redis.from_url(settings.REDIS_URL, socket_connect_timeout=0.5, socket_timeout=0.5)
