"""Visitors of the web page, as their widget's program does: say, wait for the acknowledgement, else say it again."""

import json
import time
import urllib.request
from dataclasses import dataclass, field

from websockets.exceptions import WebSocketException
from websockets.sync.client import ClientConnection, connect

from tests.faults.company import Company

PATIENCE_SECONDS = 60


@dataclass
class Visitor:
    """One browser with an open chat. `acknowledged` is what the desk said it has, `heard` what agents said."""

    company: Company
    name: str
    acknowledged: list[str] = field(default_factory=list)
    heard: list[str] = field(default_factory=list)
    closings: int = 0  # sockets lost
    token: str = ""
    socket: ClientConnection | None = None

    def say(self, text: str, *, client_id: str) -> None:
        """Say something until it is acknowledged, on as many sockets as that takes."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not self._try_to_say(text, client_id):
            assert time.monotonic() < deadline, f"{self.name} could not say “{text}”"
            time.sleep(0.2)
        self.acknowledged.append(text)

    def hear(self, seconds: float) -> dict:
        """The next frame; {} when there is none for so long, or the socket is lost."""
        try:
            frame = json.loads(self._open().recv(timeout=seconds))
        except TimeoutError:
            return {}
        except (OSError, WebSocketException):
            self._lose_socket()
            return {}
        self._note(frame)
        return frame

    def hang_up(self) -> None:
        if self.socket:
            self.socket.close()

    def _try_to_say(self, text, client_id):
        try:
            self._open().send(json.dumps({"t": "message", "id": client_id, "text": text}))
            return self._wait_for_ack(client_id)
        except (OSError, WebSocketException):
            self._lose_socket()
            return False

    def _wait_for_ack(self, client_id):
        deadline = time.monotonic() + 5
        while time.monotonic() < deadline:
            frame = json.loads(self.socket.recv(timeout=5))
            self._note(frame)
            if frame["t"] == "ack" and frame["id"] == client_id:
                return True
            if frame["t"] == "error":
                return False
        return False

    def _note(self, frame):
        rows = frame.get("messages", []) + ([frame["message"]] if frame["t"] == "message" else [])
        self.heard += [row["text"] for row in rows if row["from"] == "us" and row["text"] not in self.heard]

    def _open(self):
        if self.socket is None:
            self.token = self.token or self._arrive()
            url = self.company.desk.url.replace("http", "ws", 1) + "/ws/v1/visitor/"
            self.socket = connect(url, origin=self.company.desk.url, open_timeout=10, close_timeout=1, legacy=True)
            self.socket.send(json.dumps({"t": "hello", "token": self.token}))
            self._note(json.loads(self.socket.recv(timeout=10)))
        return self.socket

    def _arrive(self):
        address = f"{self.company.desk.url}/widget/{self.company.widget_key}/session/"
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(address, json.dumps({"name": self.name}).encode(), headers)
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)["token"]

    def _lose_socket(self):
        self.closings += 1
        if self.socket:
            self.socket.close()
        self.socket = None
