"""JSON frames over a websocket: what the agents' and the visitors' sockets have in common.

Every frame is a JSON object whose "t" names it. A frame that is not understood is answered with an error frame, never
with a traceback; a client that floods, or does not read what it is sent, is closed.
"""

import asyncio
import contextlib
import json
import time
import uuid
from functools import partial
from urllib.parse import urlsplit

import structlog
from channels.consumer import get_handler_name
from channels.db import database_sync_to_async
from channels.exceptions import StopConsumer
from channels.generic.websocket import AsyncWebsocketConsumer
from channels.layers import get_channel_layer
from channels.utils import await_many_dispatch
from django.contrib.staticfiles.storage import staticfiles_storage
from redis.exceptions import RedisError
from structlog.contextvars import bind_contextvars

log = structlog.get_logger(__name__)

SIGN_IN_AGAIN = 4401
NO_ACCESS = 4403
TOO_SLOW = 4408
NEW_BUILD = 4426
TOO_BIG = 1009

MAX_FRAME_CHARS = 20_000
SEND_SECONDS = 10
HELLO_SECONDS = 10
FLOOD = 100

# Not in Channels' one thread for the whole process, where a slow query would hold up every other socket.
in_database = partial(database_sync_to_async, thread_sensitive=False)


class BadFrame(Exception):
    """The frame is refused; the message says what is wrong with it. `code` is for programs, `facts` go along."""

    def __init__(self, detail: str, *, code: str = "bad_frame", **facts):
        super().__init__(detail)
        self.frame = {"t": "error", "code": code, "detail": detail, **facts}


class Pace:
    """A bucket of `burst` tokens that fills at `rate` a second; time (seconds, any clock that only rises) is told."""

    def __init__(self, rate: float, burst: int):
        self.rate, self.burst = rate, burst
        self.tokens, self.at = float(burst), 0.0

    def allows(self, now: float) -> bool:
        self.tokens = min(self.burst, self.tokens + (now - self.at) * self.rate)
        self.at = now
        if self.tokens < 1:
            return False
        self.tokens -= 1
        return True


class FrameSocket(AsyncWebsocketConsumer):
    """One websocket that speaks JSON frames.

    A subclass names in `answers` the method that answers each frame, and has a `hello`, which must come first.
    """

    answers: dict[str, str] = {}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.is_greeted = self.is_closed = False
        self.joined: set[str] = set()
        self._tasks: set[asyncio.Task] = set()
        self._pace = Pace(rate=20, burst=60)
        self._too_many = 0

    async def __call__(self, scope, receive, send):
        """As Channels does it, but with a channel that needs no Redis: a socket must open while Redis is away."""
        bind_contextvars(request_id=uuid.uuid4().hex)
        self.scope, self.base_send = scope, send
        self.channel_layer = get_channel_layer()
        self.channel_name = open_channel(self.channel_layer)
        hear = partial(self.channel_layer.receive, self.channel_name)
        with contextlib.suppress(StopConsumer):
            await await_many_dispatch([receive, hear], self.dispatch)

    async def dispatch(self, message):
        """Without Channels' thread hop for every message: whoever asks the database closes its connection itself."""
        await getattr(self, get_handler_name(message))(message)

    async def welcome_in(self) -> None:
        """Accept the connection and wait for its hello."""
        await self.accept()
        self.spawn(self._expect_hello())

    async def receive(self, text_data=None, bytes_data=None):
        try:
            frame = self._read(text_data)
            if frame:
                await self._answer(frame)
        except BadFrame as refusal:
            await self.send_frame(refusal.frame)
        except _Flooded:
            await self.close(TOO_SLOW)

    async def send_frame(self, frame: dict) -> None:
        """Send one frame. A client that does not read for SEND_SECONDS is closed: it would hold up its own hints."""
        if self.is_closed:
            return
        text = json.dumps(frame, separators=(",", ":"), ensure_ascii=False)
        try:
            await asyncio.wait_for(self.send(text_data=text), SEND_SECONDS)
        except TimeoutError:
            log.info("socket.too_slow", channel=self.channel_name)
            await self.close(TOO_SLOW)

    async def close(self, code=None, reason=None):
        """Close once; closing a closed socket changes nothing."""
        if not self.is_closed:
            self.is_closed = True
            await super().close(code, reason)

    async def join(self, group: str) -> None:
        """Listen to a group of the channel layer. While Redis is away the next `rejoin` makes up for it."""
        self.joined.add(group)
        await self._quietly(self.channel_layer.group_add, group)

    async def leave(self, group: str) -> None:
        self.joined.discard(group)
        await self._quietly(self.channel_layer.group_discard, group)

    async def rejoin(self) -> None:
        """Join every group once more, which costs nothing unless a join was lost."""
        for group in list(self.joined):
            await self.join(group)

    async def tell(self, group: str, message: dict) -> None:
        """Send a message to all who listen to a group; lost while Redis is away."""
        try:
            await self.channel_layer.group_send(group, message)
        except (RedisError, OSError) as error:
            log.warning("socket.signal_lost", group=group, error=str(error))

    def spawn(self, coroutine) -> None:
        """Run beside the socket, until it ends."""
        task = asyncio.ensure_future(self._guarded(coroutine))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def disconnect(self, code):
        self.is_closed = True
        for task in list(self._tasks):
            if task is not asyncio.current_task():
                task.cancel()
        for group in list(self.joined):
            await self.leave(group)

    def _read(self, text):
        """The frame in `text`, or None where it is dropped as one too many."""
        if text is None:
            raise BadFrame("Frames are JSON text; this one was binary.")
        if len(text) > MAX_FRAME_CHARS:
            raise BadFrame(f"A frame holds at most {MAX_FRAME_CHARS} characters; this one has {len(text)}.")
        self._count()
        try:
            frame = _storable(json.loads(text), text)
        except (ValueError, RecursionError):
            raise BadFrame("That frame is no JSON.") from None
        if not isinstance(frame, dict) or not isinstance(frame.get("t"), str):
            raise BadFrame('A frame is a JSON object whose "t" names it.')
        return frame

    def _count(self):
        if self._pace.allows(time.monotonic()):
            self._too_many = 0
            return
        self._too_many += 1
        if self._too_many > FLOOD:
            raise _Flooded
        raise BadFrame("Too many frames at once; slow down.", code="slow_down")

    async def _answer(self, frame):
        name = frame["t"]
        if name == "hello":
            if self.is_greeted:
                raise BadFrame("This socket was greeted already; close it to start anew.")
            self.is_greeted = True
            await self.hello(frame)
            return
        if not self.is_greeted:
            raise BadFrame('The first frame must be "hello".', code="hello_first")
        if name not in self.answers:
            raise BadFrame(f"There is no frame “{name[:40]}” here.", code="unknown_frame")
        await getattr(self, self.answers[name])(frame)

    async def _expect_hello(self):
        await asyncio.sleep(HELLO_SECONDS)
        if not self.is_greeted:
            await self.close(TOO_SLOW)

    async def _guarded(self, coroutine):
        try:
            await coroutine
        except Exception:
            log.exception("socket.task_failed", channel=self.channel_name)
            await self.close(1011)

    async def _quietly(self, change_group, group):
        try:
            await change_group(group, self.channel_name)
        except (RedisError, OSError) as error:
            log.warning("socket.group_unreachable", group=group, error=str(error))


def open_channel(layer) -> str:
    """A channel of the pub/sub layer that can join groups; nobody can send to it directly, so Redis is not asked."""
    name = f"socket.{uuid.uuid4().hex}"
    layer.channels[name] = asyncio.Queue()
    return name


def build() -> str:
    """What names this build of the browser's files; "" where files are served as they lie."""
    return getattr(staticfiles_storage, "manifest_hash", "")


def origin_of(scope) -> str:
    """The Origin header of a connection, "" when it has none."""
    return _header(scope, b"origin")


def comes_from_here(scope) -> bool:
    """Whether the page that opened this connection is one of ours: same host, the test that CSRF makes."""
    return urlsplit(origin_of(scope)).netloc == _header(scope, b"host")


def _storable(frame, text):
    """The frame; half a surrogate pair, which JSON can name and nothing can send on, becomes a question mark."""
    if "\\ud" not in text.lower():
        return frame
    return json.loads(json.dumps(frame, ensure_ascii=False).encode("utf-8", "replace"))


def _header(scope, name):
    return next((value.decode("latin1") for key, value in scope["headers"] if key == name), "")


class _Flooded(Exception):
    """Told again and again to slow down, it did not."""
