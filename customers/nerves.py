"""Redis, asked briefly: hints to sockets, nudges to workers, and the marks that keep nudges few.

It may be refused, frozen or empty at any time. Where a person waits (HELPDESK_BROKER_TIMEOUT is short) that costs a
caller a quarter of a second, elsewhere at most PATIENCE_SECONDS, and those who come in the next PAUSE_SECONDS nothing
at all: a breaker opens. Nothing here ever raises.
"""

import functools
import time

import structlog
from celery import current_app
from channels.layers import get_channel_layer
from django.conf import settings
from kombu.exceptions import OperationalError as BrokerDown
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

log = structlog.get_logger(__name__)

# One command for many hints: a thousand of them cost the client more than everything else after a commit.
PUBLISH_ALL = "for i = 1, #ARGV, 2 do redis.call('publish', ARGV[i], ARGV[i + 1]) end"
AT_ONCE = 4_000
PATIENCE_SECONDS = 1.0
PAUSE_SECONDS = 1.0


def publish(hints: dict[str, dict]) -> None:
    """Send one message to each channel-layer group, in one round trip.

    It writes what the pub/sub layer's own `group_send` would. That one is for a running event loop: from a thread
    without one it opens a loop and a connection for every call, which took ten times as long.
    """
    layer = get_channel_layer()
    prefix = settings.CHANNEL_LAYERS["default"]["CONFIG"]["prefix"]

    told = [
        part for group, message in hints.items() for part in (f"{prefix}__group__{group}", layer.serialize(message))
    ]
    for at in range(0, len(told), AT_ONCE):
        part = told[at : at + AT_ONCE]
        _ask(lambda redis, part=part: redis.eval(PUBLISH_ALL, 0, *part), "hint.lost", topics=part[::2])


def wake(task: str, args: tuple, *, mark_seconds: float = 0) -> None:
    """Send the Celery task `task`; with `mark_seconds`, only if no equal one was sent so recently and not yet seen."""
    mark = _mark(task, args)
    # Asking Redis first, even for nothing, spares us Celery's much longer patience with one that does not answer.
    is_wanted = _ask(
        lambda redis: redis.set(mark, 1, nx=True, px=int(mark_seconds * 1000)) if mark_seconds else redis.ping(),
        "nudge.lost",
        task=task,
    )
    if is_wanted and not _send(task, args) and mark_seconds:
        unmark(task, args)


def unmark(task: str, args: tuple) -> None:
    """The next `wake` of this task with these arguments sends it, whenever the last one was."""
    _ask(lambda redis: redis.delete(_mark(task, args)), "nudge.mark_unreachable", task=task)


class _Breaker:
    """Remembers that Redis did not answer, so that the next callers do not wait for it too."""

    def __init__(self):
        self.open_until = 0.0

    def is_open(self) -> bool:
        return time.monotonic() < self.open_until

    def trip(self) -> None:
        self.open_until = time.monotonic() + PAUSE_SECONDS

    def close(self) -> None:
        self.open_until = 0.0


breaker = _Breaker()


def _ask(question, what_is_lost, **facts):
    """What `question` is answered by Redis; None when it does not answer, or did not a moment ago."""
    if breaker.is_open():
        return None
    try:
        return question(_redis())
    except (RedisError, OSError) as error:
        breaker.trip()
        log.warning(what_is_lost, error=str(error), **facts)
    except Exception:
        # After a commit nothing may fail: the caller's work is done, and the sweep finds what is left of it.
        log.exception(what_is_lost, **facts)
    return None


@functools.cache
def _redis():
    allowed = settings.CELERY_BROKER_TRANSPORT_OPTIONS["socket_timeout"]
    patience = min(PATIENCE_SECONDS, 0.8 * allowed)
    return Redis.from_url(
        settings.REDIS_URL,
        socket_connect_timeout=patience,
        socket_timeout=patience,
        retry=Retry(NoBackoff(), 0),
    )


def _send(task, args) -> bool:
    """Publish to the broker. Tried twice: the first connection may be one to a Redis that was restarted since."""
    for _ in range(2):
        try:
            current_app.send_task(task, args=list(args), retry=False)
            return True
        except (BrokerDown, RedisError, OSError) as error:
            log.warning("nudge.lost", task=task, error=str(error))
        except Exception:
            log.exception("nudge.lost", task=task)
            return False
    breaker.trip()
    return False


def _mark(task, args):
    return f"nudge:{task}:{':'.join(map(str, args))}"
