"""A visitor's websocket.

    visitor  {"t":"hello","token"}   {"t":"message","id":"c_1","text"}   {"t":"typing"}   {"t":"end"}
    server   {"t":"welcome","now","beat":20,"messages":[…],"state":{"stage","agent","place"}}
             {"t":"ack","id":"c_1","message":{…}}   {"t":"message","message":{…}}   {"t":"typing","by":"Ingrid"}
             {"t":"place","position","expected_wait"}   {"t":"agent","name","initials"}   {"t":"ended"}
             {"t":"beat","now","newest","count","stage"}   {"t":"error","code","detail","id"?}

A message is acknowledged after commit; sent again with the same id it is the same message. Hints make this socket read
the visitor's chat from the database and send what is new, so nothing is lost that a hint was lost for. The beat says
what the widget should be showing by now: the newest message's id, how many there are (100 at most), and the stage.
"""

import asyncio
import time
from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from customers.events import group_of
from helpdesk import language
from helpdesk.channels.chat import conversation, visits
from helpdesk.channels.chat.limits import allows, client_address
from helpdesk.channels.chat.visitors import VisitorRefused, entry_point_of, may_embed, visitor_of
from helpdesk.frames import NO_ACCESS, SIGN_IN_AGAIN, BadFrame, FrameSocket, Pace, in_database, origin_of

REFRESH_PAUSE = 0.1
TYPING_LASTS = timedelta(seconds=6)


class VisitorSocket(FrameSocket):
    """One page with an open chat."""

    answers = {"message": "say", "typing": "show_typing", "end": "leave_chat"}

    def __init__(self, *args, beat_seconds: float = visits.SIGN_SECONDS, **kwargs):
        super().__init__(*args, **kwargs)
        self.beat_seconds = beat_seconds
        self.visitor = self.seen = None
        self.shown: set[int] = set()
        self.woken = asyncio.Event()
        self.is_beat_due = False
        self.message_pace = Pace(rate=1, burst=10)
        self.typing_pace = Pace(rate=0.5, burst=3)

    async def connect(self):
        await self.welcome_in()

    async def hello(self, frame):
        """Let the visitor in, show them their chat, and put them back in line if only their connection was lost."""
        if not await self._let_in(frame.get("token")):
            return
        await in_database(conversation.come_back)(self.visitor)
        self.seen = await in_database(conversation.snapshot)(self.visitor)
        await self._sign_of_life()
        await self._listen()
        self.shown = {message["id"] for message in self.seen.messages}
        greeting = {"t": "welcome", "now": _iso(timezone.now()), "beat": visits.SIGN_SECONDS}
        await self.send_frame(greeting | {"messages": self.seen.messages, "state": self.seen.state})
        self.woken.set()
        self.spawn(asyncio.to_thread(language.load))
        self.spawn(self._show_changes())
        self.spawn(self._beat())

    async def say(self, frame):
        """Take in a message and acknowledge it once it is committed."""
        client_id = frame.get("id")
        try:
            await self._check_pace(client_id)
            row = await in_database(conversation.say)(self.visitor, client_id=client_id, text=frame.get("text"))
        except (conversation.MessageRefused, VisitorRefused) as refusal:
            raise BadFrame(str(refusal), code="message_refused", id=client_id) from None
        self.shown.add(row["id"])
        await self.send_frame({"t": "ack", "id": client_id, "message": row})
        self.woken.set()

    async def show_typing(self, frame):
        """Tell the agents who look at this chat that the visitor types."""
        if not self.seen.ticket_id or not self.typing_pace.allows(time.monotonic()):
            return
        topic = f"ticket:{self.seen.ticket_id}"
        facts = {"kind": "reply", "until": _iso(timezone.now() + TYPING_LASTS)}
        signal = {"type": "signal", "signal": "typing", "topic": topic, "by": {"customer": True}, "facts": facts}
        await self.tell(group_of(topic), signal | {"sender": self.channel_name})

    async def leave_chat(self, frame):
        """The visitor ends the chat."""
        await in_database(conversation.leave)(self.visitor)
        self.woken.set()

    async def hint(self, message):
        """From the channel layer: something about this chat changed."""
        self.woken.set()

    async def signal(self, message):
        """From the channel layer: an agent types a reply. What agents note among themselves is none of ours."""
        is_reply = message["signal"] == "typing" and message["facts"].get("kind", "reply") == "reply"
        if is_reply and "name" in message["by"] and self.seen.state["stage"] == "talking":
            await self.send_frame({"t": "typing", "by": message["by"]["name"].split()[0]})

    async def _let_in(self, token) -> bool:
        """Whether token, origin and pace are in order; else the socket is closed with a sentence."""
        if not await in_database(allows)("chat_message", client_address(self.scope)):
            await self._turn_away(NO_ACCESS, "Too many connections from your network at once; try again in a minute.")
            return False
        try:
            self.visitor = visitor_of(token if isinstance(token, str) else "")
            entry_point = await in_database(entry_point_of)(self.visitor)
        except VisitorRefused as refusal:
            await self._turn_away(SIGN_IN_AGAIN, str(refusal))
            return False
        if not may_embed(entry_point, origin_of(self.scope), own=settings.HELPDESK_BASE_URL):
            await self._turn_away(NO_ACCESS, "This web site may not use this chat.")
            return False
        return True

    async def _turn_away(self, code, detail):
        await self.send_frame({"t": "error", "code": "refused", "detail": detail})
        await self.close(code)

    async def _check_pace(self, client_id):
        calm = self.message_pace.allows(time.monotonic())
        if not calm or not await in_database(allows)("chat_message", client_address(self.scope), self.visitor.key):
            raise BadFrame("That was too fast; it is sent again in a moment.", code="slow_down", id=client_id)

    async def _listen(self):
        """Join the groups of the visitor and of their ticket, and leave that of a ticket before."""
        wanted = {f"visitor.{self.seen.address_id}"} if self.seen.address_id else set()
        if self.seen.ticket_id:
            wanted.add(group_of(f"ticket:{self.seen.ticket_id}"))
        for group in self.joined - wanted:
            await self.leave(group)
        for group in wanted - self.joined:
            await self.join(group)
            self.woken.set()

    async def _show_changes(self):
        while True:
            await self.woken.wait()
            self.woken.clear()
            before, self.seen = self.seen, await in_database(conversation.snapshot)(self.visitor)
            await self._listen()
            await self._send_new(self.seen.messages)
            await self._send_state(before.state, self.seen.state)
            if self.is_beat_due:
                await self._send_beat()
            await asyncio.sleep(REFRESH_PAUSE)

    async def _send_new(self, messages):
        for message in messages:
            if message["id"] not in self.shown:
                self.shown.add(message["id"])
                await self.send_frame({"t": "message", "message": message})

    async def _send_state(self, before, now):
        if now["place"] and now["place"] != before["place"]:
            await self.send_frame({"t": "place", **now["place"]})
        if now["agent"] and now["agent"] != before["agent"]:
            await self.send_frame({"t": "agent", **now["agent"]})
        if now["stage"] == "ended" and before["stage"] != "ended":
            await self.send_frame({"t": "ended"})

    async def _send_beat(self):
        self.is_beat_due = False
        messages = self.seen.messages
        newest = messages[-1]["id"] if messages else None
        facts = {"newest": newest, "count": len(messages), "stage": self.seen.state["stage"]}
        await self.send_frame({"t": "beat", "now": _iso(timezone.now())} | facts)

    async def _beat(self):
        while True:
            await asyncio.sleep(self.beat_seconds)
            await self._sign_of_life()
            await self.rejoin()
            self.is_beat_due = True
            self.woken.set()

    async def _sign_of_life(self):
        await in_database(visits.give_sign_of_life)(self.seen.address_id)


def _iso(moment):
    return moment.isoformat().replace("+00:00", "Z")
