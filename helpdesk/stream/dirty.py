"""One listener a process for the topics that change all the time: queues, and agents for the supervisors' floor.

Two hundred sockets that each woke up for each event of each queue would do little else. So one listener takes all of
them in and tells who follows a topic that it is dirty, at most once a second.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable
from weakref import WeakKeyDictionary

import structlog
from channels.layers import get_channel_layer
from redis.exceptions import RedisError

from customers.events import group_of
from helpdesk.frames import open_channel

log = structlog.get_logger(__name__)

SECONDS_BETWEEN = 1.0
FIRST_AFTER = 0.02

Listener = Callable[[str], None]
_of_loop: WeakKeyDictionary = WeakKeyDictionary()


def dirty_topics() -> "DirtyTopics":
    """The listener of this process (that is, of its event loop)."""
    loop = asyncio.get_running_loop()
    return _of_loop.setdefault(loop, DirtyTopics())


class DirtyTopics:
    """Which topics are dirty, and who wants to know."""

    def __init__(self):
        self.followers: dict[str, set[Listener]] = defaultdict(set)
        self.dirty: set[str] = set()
        self.channel = ""
        self.tasks: list[asyncio.Task] = []
        self.woken = asyncio.Event()

    async def follow(self, listener: Listener, topics: set[str]) -> None:
        """Tell `listener` from now on about exactly these topics. Asked again, it makes up for a join that was lost."""
        for topic in [topic for topic, listeners in self.followers.items() if listener in listeners]:
            if topic not in topics:
                await self._drop(listener, topic)
        for topic in topics:
            self.followers[topic].add(listener)
        await self._listen_to(topics)

    async def forget(self, listener: Listener) -> None:
        """Tell `listener` nothing more; the last one to go stops the listening."""
        await self.follow(listener, set())
        if not self.followers:
            self._stop()

    async def _listen_to(self, topics):
        if not topics:
            return
        layer = get_channel_layer()
        if not self.channel:
            self._start(open_channel(layer))
        try:
            for topic in topics:
                await layer.group_add(group_of(topic), self.channel)
        except (RedisError, OSError) as error:
            log.warning("dirty.unreachable", error=str(error))

    async def _drop(self, listener, topic):
        self.followers[topic].discard(listener)
        if self.followers[topic]:
            return
        del self.followers[topic]
        try:
            await get_channel_layer().group_discard(group_of(topic), self.channel)
        except (RedisError, OSError) as error:
            log.warning("dirty.unreachable", error=str(error))

    def _start(self, channel):
        self.channel = channel
        self.tasks = [asyncio.ensure_future(self._take_in()), asyncio.ensure_future(self._tell())]

    def _stop(self):
        for task in self.tasks:
            task.cancel()
        self.channel, self.tasks = "", []

    async def _take_in(self):
        layer, channel = get_channel_layer(), self.channel
        while True:
            message = await layer.receive(channel)
            if message["type"] == "hint":
                self.dirty.add(message["topic"])
                self.woken.set()

    async def _tell(self):
        while True:
            await self.woken.wait()
            await asyncio.sleep(FIRST_AFTER)
            self.woken.clear()
            dirty, self.dirty = self.dirty, set()
            for topic in dirty:
                for listener in list(self.followers.get(topic, ())):
                    listener(topic)
            await asyncio.sleep(SECONDS_BETWEEN)
