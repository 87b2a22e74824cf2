"""From the wire to the hint on an agent's socket, at a steady rate: mails accepted by SMTP, and chat messages.

Agents are sockets in this process; each accepts and ends what rings for it, by the product's verbs, so that there is
always a desk free to ring.
"""

import asyncio
import json
import smtplib
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import count

import websockets
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection

from benchmarks.ingest import letter
from benchmarks.table import Figure, median, p95
from customers.models import Address
from helpdesk.channels.chat.visitors import arrive, token_of
from helpdesk.models import EntryPoint, User
from routing.interactions import end
from routing.models import Agent, AgentSkill, Domain, Interaction, Offer, QueueRouting, Skill
from routing.offers import accept

AGENTS = 60
VISITORS = 60
_runs = count(1)


def run(desk, *, rates, seconds) -> list[Figure]:
    """p50 and p95 in ms of each path at each rate (arrivals a second)."""
    agents = _make_agents()
    QueueRouting.objects.update(wrap_up_seconds=0)
    asyncio.run(
        _mails(desk, agents, 2, 3)
    )  # the first of each process make their connections and compile their queries
    figures = []
    for rate in rates:
        figures += _figures(f"mail to ring, {rate}/s", asyncio.run(_mails(desk, agents, rate, seconds)))
    for rate in rates:
        figures += _figures(f"chat message to hint, {rate}/s", asyncio.run(_chats(desk, agents, rate, seconds)))
    return figures


def _figures(what, waits):
    note = f"p95 {p95(waits):.0f} ms, {len(waits)} arrivals" if waits else "none arrived"
    return [Figure(what, median(waits) if waits else float("nan"), "ms", note=note)]


def _make_agents():
    domain, skills = Domain.main(), list(Skill.objects.all())
    Agent.objects.update(presence="offline")
    users = User.objects.bulk_create(
        User(email=f"bench{n}@desk.example", name=f"Bench {n}", role="agent", password="!") for n in range(AGENTS)
    )
    agents = Agent.objects.bulk_create(Agent(user=user, domain=domain, budget=1000) for user in users)
    AgentSkill.objects.bulk_create(
        AgentSkill(agent=agent, skill=skill, level=5) for agent in agents for skill in skills
    )
    return agents


def _cookie(user):
    session = SessionStore()
    backend = "allauth.account.auth_backends.AuthenticationBackend"
    session.update(
        {SESSION_KEY: str(user.pk), BACKEND_SESSION_KEY: backend, HASH_SESSION_KEY: user.get_session_auth_hash()}
    )
    session.create()
    return f"sessionid={session.session_key}"


class _Floor:
    """The agents' sockets: when each was hinted, and answers to what rings."""

    def __init__(self, desk, agents, pool):
        self.desk, self.agents, self.pool = desk, agents, pool
        self.rung, self.hinted = [], []
        self.sockets = {}

    async def open(self):
        loop = asyncio.get_running_loop()
        for agent in self.agents:
            cookie = await loop.run_in_executor(self.pool, _cookie, agent.user)
            url = self.desk.url.replace("http", "ws") + "/ws/v1/agent/"
            headers = {"Cookie": cookie, "Origin": self.desk.url}
            socket = await websockets.connect(url, additional_headers=headers, compression=None)
            await socket.send(json.dumps({"t": "hello", "v": 1, "tab": "bench", "follow": {"me": None}}))
            self.sockets[agent.pk] = socket
            await socket.recv()
        ids = [agent.pk for agent in self.agents]
        await loop.run_in_executor(self.pool, _set_available, ids)
        self.tasks = [asyncio.create_task(self._listen(pk, socket)) for pk, socket in self.sockets.items()]

    async def close(self):
        for task in self.tasks:
            task.cancel()
        for socket in self.sockets.values():
            await socket.close()

    async def _listen(self, agent_id, socket):
        loop = asyncio.get_running_loop()
        async for frame in socket:
            at, hint = time.perf_counter(), json.loads(frame)
            if hint.get("t") == "hint" and hint["topic"].startswith("ticket:"):
                self.hinted.append((hint["topic"], at))
            elif hint.get("t") == "hint":
                subject = await loop.run_in_executor(self.pool, _answer, agent_id)
                if subject:
                    self.rung.append((subject, at))


def _set_available(ids):
    Agent.objects.filter(pk__in=ids).update(presence="available", used=0)
    connection.close()


def _answer(agent_id):
    """Accept what rings for the agent and end it, a mail at once; returns the ticket's subject."""
    rings = Offer.objects.open().filter(agent=agent_id)
    offer = rings.select_related("interaction__ticket__customer", "agent__user", "interaction__queue").first()
    if offer is None:
        return None
    interaction = accept(offer, by=offer.agent)
    if interaction.channel == "email":
        end(interaction, by=offer.agent.user)
    return offer.interaction.ticket.subject


async def _mails(desk, agents, rate, seconds):
    name = f"wire{next(_runs)}"
    with ThreadPoolExecutor(8) as pool:
        floor = _Floor(desk, agents, pool)
        await floor.open()
        loop, sent = asyncio.get_running_loop(), {}

        async def post(number):
            sent[f"Trailer hitch {number} beschädigt"] = await loop.run_in_executor(pool, _post, desk, name, number)

        await _at_rate(post, rate, seconds)
        await _until(lambda: len(floor.rung) >= len(sent), 20)
        await floor.close()
    return [(at - sent[subject]) * 1000 for subject, at in floor.rung if subject in sent]


def _post(desk, name, number):
    """Deliver one mail by SMTP; returns when 250 was read."""
    with smtplib.SMTP(*desk.smtp) as server:
        server.ehlo_or_helo_if_needed()
        server.mail(f"{name}.{number}@bench.example")
        server.rcpt(desk.mailbox)
        code, _ = server.data(letter(number, name, desk.mailbox))
        assert code == 250
        return time.perf_counter()


async def _chats(desk, agents, rate, seconds):
    with ThreadPoolExecutor(8) as pool:
        floor = _Floor(desk, agents, pool)
        await floor.open()
        loop = asyncio.get_running_loop()
        visits = [await _open_chat(desk, floor, loop, pool) for _ in range(min(VISITORS, rate * 2))]
        sent = []

        async def say(number):
            socket, topic = visits[number % len(visits)]
            sent.append((topic, time.perf_counter()))
            await socket.send(json.dumps({"t": "message", "id": f"c_{number}", "text": f"Message {number}"}))

        await _at_rate(say, rate, seconds)
        await asyncio.sleep(2)
        for socket, _ in visits:
            await socket.close()
        await floor.close()
    return [(at - began) * 1000 for topic, began in sent if (at := _first_after(floor.hinted, topic, began))]


async def _open_chat(desk, floor, loop, pool):
    """A visitor who writes, is accepted, and whose ticket the agent's socket then follows."""
    token = await loop.run_in_executor(pool, _new_visitor)
    url = desk.url.replace("http", "ws") + "/ws/v1/visitor/"
    socket = await websockets.connect(url, additional_headers={"Origin": desk.url}, compression=None)
    await socket.send(json.dumps({"t": "hello", "token": token}))
    await socket.recv()
    await socket.send(json.dumps({"t": "message", "id": "c_first", "text": "Hello, is anybody there?"}))
    floor.tasks.append(asyncio.create_task(_read_on(socket)))
    holder = None
    for _ in range(200):
        await asyncio.sleep(0.05)
        if holder := await loop.run_in_executor(pool, _who_has, token):
            break
    agent, ticket = holder
    await floor.sockets[agent].send(json.dumps({"t": "follow", "topics": {f"ticket:{ticket}": None}}))
    return socket, f"ticket:{ticket}"


async def _read_on(socket):
    async for _ in socket:
        pass


_visitors = {}


def _new_visitor():
    visitor = arrive(EntryPoint.objects.filter(kind="chat").first())
    token = token_of(visitor)
    _visitors[token] = visitor.key
    return token


def _who_has(token):
    """(agent, ticket) once an agent has the visitor's chat."""
    address = Address.objects.filter(kind="chat", value=_visitors[token]).first()
    chats = Interaction.objects.filter(ticket__customer__addresses=address, channel="chat", status="active")
    return chats.values_list("agent", "ticket").first() if address else None


def _first_after(hints, topic, began):
    return min((at for named, at in hints if named == topic and at >= began), default=None)


async def _at_rate(act, rate, seconds):
    """Begin `act(number)` at an even pace, whether or not the ones before have ended (an open loop)."""
    began, tasks = time.perf_counter(), []
    for number in range(int(rate * seconds)):
        await asyncio.sleep(max(0, began + number / rate - time.perf_counter()))
        tasks.append(asyncio.create_task(act(number)))
    await asyncio.gather(*tasks)


async def _until(is_so, seconds):
    deadline = time.perf_counter() + seconds
    while not is_so() and time.perf_counter() < deadline:
        await asyncio.sleep(0.05)
