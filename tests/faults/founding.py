"""Runs inside the desk that is founded (`manage.py shell`), on its own database."""

import json

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore

from routing.interactions import enqueue
from tests.factories import (
    make_administrator,
    make_agent,
    make_mailbox,
    make_queue,
    make_supervisor,
    make_ticket,
    make_token,
    make_widget,
)
from tickets.models import Queue

AGENTS = 50
COSTS = {"email": 30, "chat": 30, "voice": 90}


def found() -> str:
    """Found the company; returns who there is, as JSON."""
    parcels, returns = make_queue("Parcels", wrap_up_seconds=600), make_queue("Returns", wrap_up_seconds=600)
    agents = [
        make_agent(f"Agent {number:02}", presence="offline", budget=90, costs=COSTS, channels=["email", "chat"])
        for number in range(AGENTS)
    ]
    mailboxes = [make_mailbox("parcels@desk.test", queue=parcels), make_mailbox("returns@desk.test", queue=returns)]
    return json.dumps(
        {
            "agents": [
                {"agent": agent.pk, "name": agent.user.name, "token": make_token(agent.user)} for agent in agents
            ],
            "supervisor": make_token(make_supervisor("Ingrid")),
            "administrator": make_token(make_administrator("Astrid")),
            "mailboxes": [mailbox.address for mailbox in mailboxes],
            "widget": str(make_widget(queue=parcels).key),
            "cookie": _cookie(agents[0].user),
        }
    )


def _cookie(user):
    session = SessionStore()
    session[SESSION_KEY], session[HASH_SESSION_KEY] = str(user.pk), user.get_session_auth_hash()
    session[BACKEND_SESSION_KEY] = "allauth.account.auth_backends.AuthenticationBackend"
    session.create()
    return f"sessionid={session.session_key}"


def arrive(count: int) -> None:
    """So many customers get in touch, each by the product's own verbs, as quickly as they can."""
    queue = Queue.objects.get(slug="parcels")
    for number in range(count):
        ticket = make_ticket(queue=queue, subject=f"Parcel {number} is wet", text=f"My parcel {number} is wet.")
        enqueue(ticket, channel="email")
