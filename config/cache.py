"""The cache on Redis, which may be gone: then nothing is found, nothing is kept and no request fails."""

import structlog
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

from customers.nerves import breaker

log = structlog.get_logger(__name__)


class ForgivingRedisCache(RedisCache):
    """Takes a Redis that does not answer for an empty cache, and does not ask it again for a moment.

    So throttles let people in while Redis is away: a desk that answers without counting beats one that does not
    answer. `add` says "it was not there", so that what it guards happens once too often rather than never.
    """

    def add(self, *args, **kwargs):
        return self._or(True, super().add, *args, **kwargs)

    def get(self, key, default=None, version=None):
        return self._or(default, super().get, key, default, version)

    def set(self, *args, **kwargs):
        return self._or(None, super().set, *args, **kwargs)

    def touch(self, *args, **kwargs):
        return self._or(False, super().touch, *args, **kwargs)

    def delete(self, *args, **kwargs):
        return self._or(False, super().delete, *args, **kwargs)

    def get_many(self, *args, **kwargs):
        return self._or({}, super().get_many, *args, **kwargs)

    def set_many(self, *args, **kwargs):
        return self._or([], super().set_many, *args, **kwargs)

    def delete_many(self, *args, **kwargs):
        return self._or(None, super().delete_many, *args, **kwargs)

    def has_key(self, *args, **kwargs):
        return self._or(False, super().has_key, *args, **kwargs)

    def _or(self, otherwise, ask, *args, **kwargs):
        if breaker.is_open():
            return otherwise
        try:
            return ask(*args, **kwargs)
        except RedisError as error:
            breaker.trip()
            log.warning("cache.unreachable", error=str(error))
            return otherwise
