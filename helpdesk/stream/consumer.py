"""The agents' websocket.

    client  {"t":"hello","v":1,"tab":"t_5e1","build":"…","follow":{"me":310,"queue:4":null,"ticket:7":77}}   first
            {"t":"follow","topics":{"ticket:9":0}}    {"t":"unfollow","topics":["ticket:7"]}
            {"t":"signal","type":"typing"|"viewing","topic":"ticket:7","data":{"kind":"reply","until":"…"}}
    server  {"t":"welcome","now","beat":25,"build","revs":{…}}    {"t":"hint","topic","rev","what"}
            {"t":"beat","now","revs":{…}}    {"t":"signal",…,"by":{"id","name","initials"}}    {"t":"error","code",…}

Closing codes: 4401 sign in again, 4403 access removed, 4408 too slow, 4426 new build.
"""

import asyncio
import time

from django.utils import timezone

from customers.events import group_of
from helpdesk.frames import (
    NEW_BUILD,
    NO_ACCESS,
    SIGN_IN_AGAIN,
    BadFrame,
    FrameSocket,
    Pace,
    build,
    comes_from_here,
    in_database,
)
from helpdesk.stream import topics
from helpdesk.stream.dirty import dirty_topics

VERSION = 1
BEAT_SECONDS = 25
MOST_TOPICS = 300
HINT_PAUSE = 0.05
SIGNALS = ("typing", "viewing")


class AgentSocket(FrameSocket):
    """One tab of one member of staff: follows topics, is hinted when they change, gives the sign of life."""

    answers = {"follow": "follow", "unfollow": "unfollow", "signal": "signal_others"}

    def __init__(self, *args, beat_seconds: float = BEAT_SECONDS, **kwargs):
        super().__init__(*args, **kwargs)
        self.beat_seconds = beat_seconds
        self.user, self.agent_id = None, None
        self.followed: set[str] = set()
        self.pending: dict[str, dict] = {}
        self.woken = asyncio.Event()
        self.signal_pace = Pace(rate=4, burst=12)

    async def connect(self):
        if not comes_from_here(self.scope):
            await self.close()
            return
        await self.welcome_in()
        self.user = await topics.user_of(self.scope["session"])
        await self._is_welcome()

    async def hello(self, frame):
        """Greet, follow what was being followed, and hint at once where the client's revision is an old one."""
        if frame.get("v") != VERSION or frame.get("build", "") not in ("", build()):
            await self.close(NEW_BUILD)
            return
        if not self.user or not await self._is_welcome():
            return
        self.agent_id = await in_database(topics.agent_id_of)(self.user)
        await in_database(topics.give_sign_of_life)(self.agent_id)
        known = _asked(frame.get("follow", {}))
        revisions = await self._follow(known)
        greeting = {"t": "welcome", "now": _now(), "beat": BEAT_SECONDS, "build": build()}
        await self.send_frame(greeting | {"revs": revisions})
        self._hint_stale(known, revisions)
        self.spawn(self._beat())
        self.spawn(self._send_hints())

    async def follow(self, frame):
        """Follow more topics; those the client has an old revision of are hinted at once."""
        known = _asked(frame.get("topics"))
        if len(self.followed | known.keys()) > MOST_TOPICS:
            raise BadFrame(f"At most {MOST_TOPICS} topics a socket; unfollow some first.", code="too_many_topics")
        self._hint_stale(known, await self._follow(known))

    async def unfollow(self, frame):
        """Follow these topics no longer."""
        gone = frame.get("topics")
        if not isinstance(gone, list) or not all(isinstance(topic, str) for topic in gone):
            raise BadFrame('"topics" must be a list of topics.')
        await self._unfollow(set(gone) & self.followed)

    async def signal_others(self, frame):
        """Pass on that this person types or looks on, to the others who follow the ticket."""
        topic, kind, facts = frame.get("topic"), frame.get("type"), frame.get("data", {})
        if kind not in SIGNALS or not isinstance(facts, dict):
            raise BadFrame(f"A signal is one of {', '.join(SIGNALS)}, with data that is an object.")
        if not isinstance(topic, str) or topic not in self.followed or not topic.startswith("ticket:"):
            raise BadFrame("Signals go to a ticket that this socket follows.", code="forbidden_topic")
        if not self.signal_pace.allows(time.monotonic()):
            raise BadFrame("Too many signals at once; slow down.", code="slow_down")
        signal = {"type": "signal", "signal": kind, "topic": topic, "by": _person(self.user), "facts": _small(facts)}
        await self.tell(group_of(topic), signal | {"sender": self.channel_name})

    async def hint(self, message):
        """From the channel layer: something changed."""
        topic = "me" if message["topic"] == f"agent:{self.agent_id}" else message["topic"]
        self._hint(topic, message["rev"], message["what"])

    async def signal(self, message):
        """From the channel layer: somebody types or looks on."""
        if message["topic"] in self.followed and message["sender"] != self.channel_name:
            by, facts = message["by"], message["facts"]
            await self.send_frame(
                {"t": "signal", "type": message["signal"], "topic": message["topic"], "by": by, "data": facts}
            )

    def dirty(self, topic: str) -> None:
        """From the one listener of the process: a queue or an agent changed."""
        for followed in self.followed & {topic, "lists" if topic.startswith("queue:") else "", "floor"}:
            self._hint(followed, None, "changed")

    async def disconnect(self, code):
        await dirty_topics().forget(self.dirty)
        await super().disconnect(code)

    async def _is_welcome(self) -> bool:
        """Whether this is staff with a role; else the socket is closed with the code that says what is missing."""
        if not self.user.is_authenticated:
            await self.close(SIGN_IN_AGAIN)
        elif not self.user.role:
            await self.close(NO_ACCESS)
        return self.user.is_authenticated and bool(self.user.role)

    async def _follow(self, known) -> dict[str, int | None]:
        """Follow what is allowed; returns its revisions, read after joining, so that nothing falls in between."""
        allowed = await in_database(topics.allowed)(self.user, known)
        for topic in known.keys() - allowed:
            await self._refuse(topic)
        self.followed |= allowed
        for topic in allowed:
            await self._join_topic(topic)
        await self._follow_dirty()
        return await in_database(topics.revisions)(self.user, self.agent_id, allowed)

    async def _join_topic(self, topic):
        if topic == "me" and self.agent_id:
            await self.join(group_of(f"agent:{self.agent_id}"))
        elif topic.startswith(("ticket:", "customer:")):
            await self.join(group_of(topic))

    async def _unfollow(self, gone):
        self.followed -= gone
        for topic in gone:
            self.pending.pop(topic, None)
            await self.leave(group_of(f"agent:{self.agent_id}" if topic == "me" else topic))
        await self._follow_dirty()

    async def _follow_dirty(self):
        await dirty_topics().follow(self.dirty, await in_database(topics.busy_topics)(self.user, self.followed))

    async def _refuse(self, topic):
        detail = "You may not follow this; it may be in a private queue, or gone."
        await self.send_frame({"t": "error", "code": "forbidden_topic", "topic": topic, "detail": detail})

    def _hint_stale(self, known, revisions):
        for topic, revision in revisions.items():
            if revision is not None and known[topic] not in (None, revision):
                self._hint(topic, revision, "missed")

    def _hint(self, topic, revision, what):
        """Keep the newest hint of each topic until the client takes it: what waits can never grow."""
        if topic not in self.followed:
            return
        before = self.pending.get(topic, {}).get("rev") or 0
        self.pending[topic] = {"t": "hint", "topic": topic, "rev": revision and max(revision, before), "what": what}
        self.woken.set()

    async def _send_hints(self):
        while True:
            await self.woken.wait()
            self.woken.clear()
            pending, self.pending = self.pending, {}
            for frame in pending.values():
                await self.send_frame(frame)
            await asyncio.sleep(HINT_PAUSE)

    async def _beat(self):
        while True:
            await asyncio.sleep(self.beat_seconds)
            self.user = await topics.user_of(self.scope["session"])
            if not await self._is_welcome():
                return
            await in_database(topics.give_sign_of_life)(self.agent_id)
            await self._ask_again()
            revisions = await in_database(topics.revisions)(self.user, self.agent_id, self.followed)
            await self.send_frame({"t": "beat", "now": _now(), "revs": revisions})

    async def _ask_again(self):
        """Whether what is followed may still be; and joins that were lost with Redis are made up for."""
        gone = self.followed - await in_database(topics.allowed)(self.user, self.followed)
        for topic in gone:
            await self._refuse(topic)
        await self._unfollow(gone)
        await self.rejoin()


def _asked(known) -> dict[str, int | None]:
    """The topics of a follow frame with the revision the client has of each. Raises BadFrame."""
    if not isinstance(known, dict) or len(known) > MOST_TOPICS:
        raise BadFrame("Topics must come as an object: topic to the revision you have, or null.")
    for topic, revision in known.items():
        if not topics.is_well_formed(topic):
            raise BadFrame(f"“{str(topic)[:60]}” is no topic.", code="unknown_topic", topic=str(topic)[:60])
        if revision is not None and (not isinstance(revision, int) or isinstance(revision, bool)):
            raise BadFrame("A revision is a whole number or null.", topic=topic)
    return known


def _small(facts):
    """Only what signals are for, so that nobody's socket becomes a way to send content."""
    return {name: str(facts[name])[:40] for name in ("kind", "until") if name in facts}


def _person(user):
    return {"id": user.pk, "name": str(user), "initials": "".join(word[0] for word in str(user).split()[:2]).upper()}


def _now():
    return timezone.now().isoformat().replace("+00:00", "Z")
