"""Websockets for tests: the real application, on real PostgreSQL and Redis, without a server."""

import asyncio
import json
from contextlib import asynccontextmanager

from asgiref.sync import async_to_sync
from asgiref.testing import ApplicationCommunicator
from django.conf import settings
from django.test import Client

from config.asgi import application

HOST = "desk.test"
ORIGIN = f"http://{HOST}"


def run(scenario, *args):
    """Run an async scenario to its end, for at most 30 seconds."""
    return async_to_sync(asyncio.wait_for)(scenario(*args), 30)


def cookie_of(user) -> str:
    """The session cookie of a browser in which this user is signed in."""
    client = Client()
    client.force_login(user)
    return f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"


class Socket(ApplicationCommunicator):
    """A client of one websocket. (Channels' own one asks for daphne.)"""

    def __init__(self, app, path, *, origin, cookie=""):
        headers = [(b"host", HOST.encode()), (b"origin", origin.encode()), (b"cookie", cookie.encode())]
        scope = {"type": "websocket", "path": path, "query_string": b"", "headers": headers, "subprotocols": []}
        super().__init__(app, scope | {"client": ["127.0.0.1", 50000]})
        self.is_open = False

    async def open(self):
        await self.send_input({"type": "websocket.connect"})
        self.is_open = (await self.receive_output(5))["type"] == "websocket.accept"

    async def write(self, text: str):
        await self.send_input({"type": "websocket.receive", "text": text})

    async def say(self, **frame):
        await self.write(json.dumps(frame))

    async def hear(self, name: str, *, within: float = 3) -> dict:
        """The next frame called `name`; others before it are passed over."""
        while True:
            message = await self.receive_output(within)
            assert message["type"] == "websocket.send", message
            frame = json.loads(message["text"])
            if frame["t"] == name:
                return frame

    async def is_silent(self, *, seconds: float = 0.4) -> bool:
        return await self.receive_nothing(timeout=seconds)

    async def closing_code(self) -> int:
        """With which code the server closes the socket."""
        while True:
            message = await self.receive_output(3)
            if message["type"] == "websocket.close":
                return message.get("code", 1000)

    async def hang_up(self):
        if self.future.done():
            return
        await self.send_input({"type": "websocket.disconnect", "code": 1001})
        await self.wait(5)


@asynccontextmanager
async def agent_socket(cookie="", *, origin=ORIGIN, app=application):
    async with _opened(Socket(app, "/ws/v1/agent/", origin=origin, cookie=cookie)) as socket:
        yield socket


@asynccontextmanager
async def visitor_socket(*, origin=ORIGIN, app=application):
    async with _opened(Socket(app, "/ws/v1/visitor/", origin=origin)) as socket:
        yield socket


@asynccontextmanager
async def _opened(socket):
    await socket.open()
    try:
        yield socket
    finally:
        await socket.hang_up()
