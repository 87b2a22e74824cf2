"""Rows for tests: plain functions with believable defaults. Say only what the test is about.

Everything is made on the current connection; numbers make names and addresses unique. Tickets and messages are made by
the product's own verbs, so events and counters are there; interactions and offers are rows, in whatever state is asked.
"""

import itertools
from datetime import timedelta

from django.utils import timezone
from rest_framework.authtoken.models import Token

from customers.models import Address, Customer, Event, Organisation
from helpdesk.models import Delivery, EntryPoint, InboundRaw, User
from routing.models import (
    Agent,
    AgentSkill,
    Decision,
    Disposition,
    Domain,
    Interaction,
    Offer,
    Policy,
    QueueRouting,
    QueueSkill,
    Skill,
)
from tickets.messages import add_inbound, add_outbound, note, open_ticket
from tickets.models import Attachment, Message, Queue, Ticket

PASSWORD = "correct horse battery"
COSTS = {"voice": 100, "chat": 30, "email": 10}

_numbers = itertools.count(1)


def make_user(name="", *, role="agent", email="", password=None, **fields) -> User:
    """A member of staff without an agent. `role=""` makes a user that may see nothing."""
    name = name or f"User {next(_numbers)}"
    email = email or f"{_slug(name)}.{next(_numbers)}@desk.test"
    return User.objects.create_user(email, password, name=name, role=role, **fields)


def make_supervisor(name="", **fields) -> User:
    return make_user(name, role="supervisor", **fields)


def make_administrator(name="", **fields) -> User:
    return make_user(name, role="administrator", **fields)


def make_token(user) -> str:
    """The key of the user's REST token."""
    return Token.objects.get_or_create(user=user)[0].key


def make_domain(name="") -> Domain:
    """The main routing domain, or the one of that name."""
    return Domain.objects.get_or_create(name=name)[0] if name else Domain.main()


def make_policy(domain=None, document=None, *, number=1, **fields) -> Policy:
    """Rules in force in the domain, published past all checks."""
    domain = domain or make_domain()
    fields = {"state": "published", "published_at": timezone.now(), **fields}
    domain.policy = Policy.objects.create(domain=domain, number=number, document=document or {}, **fields)
    domain.save(update_fields=["policy"])
    return domain.policy


def make_skill(slug="billing", **fields) -> Skill:
    """The skill of that slug; made once. A slug that begins with "lang." is a language."""
    kind = Skill.Kind.LANGUAGE if slug.startswith("lang.") else Skill.Kind.TOPIC
    return Skill.objects.get_or_create(slug=slug, defaults={"name": slug, "kind": kind, **fields})[0]


def make_agent(
    name="", *, skills=None, presence="available", role="agent", domain=None, password=None, **fields
) -> Agent:
    """An agent with a user. `skills` maps slugs to levels: make_agent(skills={"lang.pl": 4})."""
    user = make_user(name, role=role, password=password)
    fields = {"last_seen": timezone.now(), **fields}
    agent = Agent.objects.create(user=user, domain=domain or make_domain(), presence=presence, **fields)
    for slug, level in (skills or {}).items():
        AgentSkill.objects.create(agent=agent, skill=make_skill(slug), level=level)
    return agent


def make_queue(
    name="",
    *,
    needs=None,
    wants=None,
    members=(),
    domain=None,
    targets=None,
    importance=1.0,
    wrap_up_seconds=60,
    **fields,
) -> Queue:
    """A queue with its routing. `needs` and `wants` map skill slugs to levels; a private one has user `members`."""
    name = name or f"Queue {next(_numbers)}"
    queue = Queue.objects.create(name=name, slug=_slug(name), **fields)
    queue.members.set(members)
    QueueRouting.objects.create(
        queue=queue,
        domain=domain or make_domain(),
        targets=targets or {},
        importance=importance,
        wrap_up_seconds=wrap_up_seconds,
    )
    for is_required, levels in ((True, needs), (False, wants)):
        for slug, level in (levels or {}).items():
            QueueSkill.objects.create(queue=queue, skill=make_skill(slug), level=level, is_required=is_required)
    return queue


def make_organisation(name="", **fields) -> Organisation:
    return Organisation.objects.create(name=name or f"Organisation {next(_numbers)}", **fields)


def make_customer(name="", *, email=None, phone="", chat="", **fields) -> Customer:
    """A customer with an e-mail address (`email=""` for none), and a phone or chat identity where given."""
    name = name or f"Customer {next(_numbers)}"
    customer = Customer.objects.create(name=name, **fields)
    email = f"{_slug(name)}.{next(_numbers)}@example.test" if email is None else email
    for kind, value in (("email", email), ("phone", phone), ("chat", chat)):
        if value:
            Address.objects.create(customer=customer, kind=kind, value=value, is_primary=kind == "email")
    return customer


def make_ticket(
    *, customer=None, queue=None, channel="email", subject="Where is my parcel?", text="", language="", **fields
) -> Ticket:
    """A ticket; with a first message from the customer when `text` is given. `fields` are written to the row."""
    ticket = open_ticket(
        customer=customer or make_customer(),
        queue=queue or make_queue(),
        channel=channel,
        subject=subject,
        language=language,
        by="customer",
    )
    if text:
        make_message(ticket, text=text)
    if fields:
        Ticket.objects.filter(pk=ticket.pk).update(**fields)
    ticket.refresh_from_db()
    return ticket


def make_message(ticket, *, kind="inbound", text="Hello, where is it?", user=None, channel="", **fields) -> Message:
    """One thing said: by the customer ("inbound"), by `user` to them ("outbound") or among us ("note")."""
    channel = channel or ticket.channel
    if kind == "note":
        return note(ticket, by=user or make_user(), text=text, **fields)
    if kind == "outbound":
        return add_outbound(ticket, by=user or make_user(), channel=channel, text=text, **fields)
    return add_inbound(ticket, customer=ticket.customer, channel=channel, text=text, **fields)


def make_attachment(
    message, *, filename="photo.png", content_type="image/png", content=b"\x89PNG\r\n", **fields
) -> Attachment:
    return Attachment.objects.create(
        message=message, filename=filename, content_type=content_type, content=content, size=len(content), **fields
    )


def make_interaction(
    ticket=None, *, status="waiting", agent=None, queue=None, channel="", cost=None, **fields
) -> Interaction:
    """An interaction in any state; one that an agent holds takes up the agent's capacity."""
    ticket = ticket or make_ticket(text="Hello")
    channel = channel or ticket.channel
    queue = queue or ticket.queue
    is_held = status not in ("waiting", "done")
    if cost is None:
        cost = COSTS[channel] if agent else 0
    interaction = Interaction.objects.create(
        ticket=ticket, status=status, agent=agent, queue=queue, channel=channel, cost=cost, **_needs(queue, fields)
    )
    if agent and is_held:
        agent.used += cost
        agent.save(update_fields=["used"])
    return interaction


def make_offer(interaction=None, *, agent=None, outcome="open", seconds=30, **fields) -> Offer:
    """An offer with its decision. An open one puts the interaction into "offered" and takes up capacity."""
    agent = agent or make_agent()
    interaction = interaction or make_interaction()
    if outcome == "open" and interaction.status == "waiting":
        _hold(interaction, agent)
    decision = make_decision(interaction, agent=agent)
    expires_at = timezone.now() + timedelta(seconds=seconds)
    return Offer.objects.create(
        interaction=interaction, agent=agent, decision=decision, outcome=outcome, expires_at=expires_at, **fields
    )


def make_decision(interaction, *, agent=None, explanation=None, **fields) -> Decision:
    agent = agent or make_agent()
    fields = {"trigger": "nudge", "epoch": 1, **fields}
    return Decision.objects.create(
        interaction=interaction, agent=agent, domain=agent.domain, explanation=explanation or {}, **fields
    )


def make_disposition(name="", **fields) -> Disposition:
    return Disposition.objects.create(name=name or f"Disposition {next(_numbers)}", **fields)


def make_mailbox(address="", *, queue=None, **fields) -> EntryPoint:
    address = address or f"help.{next(_numbers)}@desk.test"
    return EntryPoint.objects.create(
        kind="email", address=address, name="Support", queue=queue or make_queue(), **fields
    )


def make_widget(*, queue=None, **fields) -> EntryPoint:
    return EntryPoint.objects.create(kind="chat", name="Web chat", queue=queue or make_queue(), **fields)


def make_inbound_raw(raw=b"Subject: hi\r\n\r\nhello\r\n", *, state="received", **fields) -> InboundRaw:
    """Bytes of a mail as they came in, kept before they are understood."""
    fields = {"channel": "email", "source": "smtp", "sha256": f"{next(_numbers):064x}", **fields}
    return InboundRaw.objects.create(raw=raw, size=len(raw), state=state, **fields)


def make_delivery(message, *, state="queued", recipient="ada@example.test", **fields) -> Delivery:
    fields = {"channel": message.channel, "purpose": "reply", **fields}
    return Delivery.objects.create(ticket=message.ticket, message=message, state=state, recipient=recipient, **fields)


def make_event(verb="ticket.opened", *, ticket, **fields) -> Event:
    return Event.objects.create(
        verb=verb,
        actor=fields.pop("actor", "system"),
        subject_kind="ticket",
        subject_id=ticket.pk,
        customer_id=ticket.customer_id,
        ticket_id=ticket.pk,
        **fields,
    )


def _slug(name):
    return "".join(c if c.isalnum() and c.isascii() else "-" for c in name.lower()).strip("-") or "x"


def _needs(queue, fields):
    needs = {skill.skill.slug: skill.level for skill in queue.skills.filter(is_required=True).select_related("skill")}
    return {"needs": needs, **fields}


def _hold(interaction, agent):
    interaction.status = Interaction.Status.OFFERED
    interaction.agent = agent
    interaction.cost = interaction.cost or COSTS[interaction.channel]
    interaction.offered_at = timezone.now()
    interaction.save(update_fields=["status", "agent", "cost", "offered_at"])
    agent.used += interaction.cost
    agent.save(update_fields=["used"])
