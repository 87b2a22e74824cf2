"""Writes the stories into the past: tickets, messages, contacts and events with the times they would have had.

In bulk and not by the verbs, because a verb always happens now.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from django.utils import timezone

from customers.models import Address, Customer, Event, Organisation
from helpdesk.channels.email import tokens
from helpdesk.demo.company import CUSTOMERS, ORGANISATIONS
from helpdesk.demo.stories import STORIES, Said, Story
from helpdesk.demo.stories_abroad import STORIES_ABROAD
from helpdesk.models import User
from routing.models import Agent, Disposition, Interaction
from routing.policies import skills_asked
from tickets.messages import preview_of
from tickets.models import Channel, Message, Queue, Ticket

# Who writes again after this time begins a new contact.
SAME_CONTACT = 8 * 60
ANSWER_SECONDS = {"voice": (4, 18), "chat": (6, 45), "email": (60, 900)}
ENDED = (Ticket.Status.SOLVED, Ticket.Status.CLOSED)


@dataclass(slots=True)
class Past:
    """What the writers of the past share."""

    domain: str
    now: datetime
    staff: dict[str, User]
    queues: dict[str, Queue]
    dispositions: dict[str, Disposition]
    customers: dict[str, Customer] = field(default_factory=dict)
    emails: dict[str, str] = field(default_factory=dict)
    random: Random = field(default_factory=lambda: Random(2026))  # noqa: S311 - the same past on every machine
    messages: list[Message] = field(default_factory=list)
    interactions: list[Interaction] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)


def write_history(*, staff: dict[str, User], domain: str) -> None:
    """Write all customers and their stories. `staff` maps first names to users, `domain` is that of our mailboxes."""
    past = Past(
        domain=domain,
        now=timezone.now(),
        staff=staff,
        queues={queue.slug: queue for queue in Queue.objects.all()},
        dispositions={disposition.name: disposition for disposition in Disposition.objects.all()},
    )
    _write_customers(past)
    for story in sorted((*STORIES, *STORIES_ABROAD), key=lambda story: -story.days):
        _write_story(past, story)
    Message.objects.bulk_create(past.messages)
    Interaction.objects.bulk_create(past.interactions)
    _write_contact_events(past)
    Event.objects.bulk_create(sorted(past.events, key=lambda event: event.at))


def _write_customers(past):
    firms = {name: Organisation.objects.create(name=name, domain=domain) for name, domain in ORGANISATIONS.items()}
    first = {story.customer: story.days for story in sorted((*STORIES, *STORIES_ABROAD), key=lambda story: story.days)}
    addresses = []
    for who in CUSTOMERS:
        seen = past.now - timedelta(days=first.get(who.key, 40), minutes=1)
        customer = Customer.objects.create(
            name=who.name,
            organisation=firms.get(who.organisation),
            language=who.language,
            tier=who.tier,
            time_zone=who.time_zone,
            location=who.location,
            notes=who.notes,
            attributes=who.facts,
            created_at=seen,
        )
        past.customers[who.key], past.emails[who.key] = customer, who.email
        addresses.append(_address(customer, "email", who.email, seen, is_primary=True))
        if who.phone:
            addresses.append(_address(customer, "phone", who.phone, seen, is_primary=False))
        _event(past, "customer.created", customer, at=seen, customer=customer, actor="customer", address=who.email)
    Address.objects.bulk_create(addresses)


def _address(customer, kind, value, seen, *, is_primary):
    return Address(customer=customer, kind=kind, value=value, verified_at=seen, created_at=seen, is_primary=is_primary)


def _write_story(past, story: Story):
    began = past.now - timedelta(days=story.days)
    last = began + timedelta(minutes=story.said[-1].minute)
    ticket = Ticket.objects.create(
        subject=story.subject,
        status=story.status,
        priority=story.priority,
        queue=past.queues[story.queue],
        customer=past.customers[story.customer],
        assignee=past.staff.get(story.agent),
        channel=story.said[-1].channel,
        language=past.customers[story.customer].language,
        tags=list(story.tags),
        message_count=len(story.said),
        preview=preview_of(story.said[-1].text),
        is_answered=bool([said for said in story.said if not said.is_note][-1].by),
        created_at=began,
        last_message_at=last,
        solved_at=last + timedelta(minutes=3) if story.status in ENDED else None,
    )
    past.messages += [_message(past, story, ticket, said, began) for said in story.said]
    past.interactions += [one for run in _contacts(story.said) if (one := _contact(past, story, ticket, run, began))]
    _write_ticket_events(past, story, ticket, began)


def _message(past, story, ticket, said: Said, began):
    is_mail = said.channel == Channel.EMAIL and not said.is_note
    kind = Message.Kind.NOTE if said.is_note else Message.Kind.OUTBOUND if said.by else Message.Kind.INBOUND
    return Message(
        ticket=ticket,
        kind=kind,
        channel=said.channel,
        user=past.staff.get(said.by),
        customer=None if said.by else ticket.customer,
        sender=past.emails[story.customer] if is_mail else "",
        text=said.text,
        subject=ticket.subject if is_mail else "",
        mail_id=tokens.message_id(ticket.pk, past.domain) if is_mail else "",
        created_at=began + timedelta(minutes=said.minute),
    )


def _contacts(said: tuple[Said, ...]) -> list[list[Said]]:
    """What was said, cut where the channel changes or the customer comes back much later."""
    runs: list[list[Said]] = []
    for one in said:
        if one.is_note:
            continue
        is_same = runs and runs[-1][-1].channel == one.channel and one.minute - runs[-1][-1].minute < SAME_CONTACT
        if is_same:
            runs[-1].append(one)
        else:
            runs.append([one])
    return runs


def _contact(past, story, ticket, run, began):
    """The interaction of one run; None where we wrote of our own accord, or where nobody answered.

    Nothing of the past may wait in line today: it would ring before a newcomer's own mail.
    """
    answered = [one for one in run if one.by]
    is_ours = run[0].by and run[0].channel != Channel.VOICE
    if is_ours or not answered:
        return None
    waiting_since = began + timedelta(minutes=run[0].minute)
    accepted_at = waiting_since + timedelta(seconds=past.random.randint(*ANSWER_SECONDS[run[0].channel]))
    ended_at = max(began + timedelta(minutes=run[-1].minute + 1), accepted_at)
    needs, wants = skills_asked(ticket.queue, ticket.language)
    return Interaction(
        ticket=ticket,
        queue=ticket.queue,
        channel=run[0].channel,
        status=Interaction.Status.DONE,
        agent=Agent.objects.get(user=past.staff[answered[0].by]),
        needs=needs,
        wants=wants,
        priority=ticket.priority,
        offer_count=1,
        waiting_since=waiting_since,
        offered_at=waiting_since,
        accepted_at=accepted_at,
        ended_at=ended_at,
        done_at=ended_at + timedelta(seconds=40),
        end_reason="agent",
        disposition=past.dispositions[story.disposition] if story.status in ENDED else None,
        created_at=waiting_since,
    )


def _write_ticket_events(past, story, ticket, began):
    last = ticket.last_message_at
    opened = {"queue": ticket.queue.name, "channel": story.said[0].channel}
    _event(past, "ticket.opened", ticket, at=began, customer=ticket.customer, actor="customer", **opened)
    if ticket.assignee:
        at = began + timedelta(seconds=30)
        facts = {"assignee": str(ticket.assignee)}
        _event(past, "ticket.assigned", ticket, at=at, customer=ticket.customer, user=ticket.assignee, **facts)
    verb = {"solved": "ticket.solved", "pending": "ticket.paused"}.get(story.status)
    if verb:
        at = last + timedelta(minutes=3)
        _event(past, verb, ticket, at=at, customer=ticket.customer, user=ticket.assignee, status=story.status)


def _write_contact_events(past):
    for one in past.interactions:
        customer, user, channel = one.ticket.customer, one.agent.user, one.channel
        about = {"customer": customer, "interaction_id": one.pk}
        enqueued = {"channel": channel, "queue": one.queue.name}
        _event(past, "interaction.enqueued", one, at=one.waiting_since, actor="customer", **about, **enqueued)
        _event(past, "offer.made", one, at=one.waiting_since, actor="router", **about, agent=str(user))
        _event(past, "offer.accepted", one, at=one.accepted_at, user=user, **about)
        _event(past, "interaction.ended", one, at=one.ended_at, user=user, **about, reason="agent", agent=str(user))
        outcome = one.disposition.name if one.disposition else ""
        _event(past, "interaction.wrapped_up", one, at=one.done_at, user=user, **about, disposition=outcome)


def _event(past, verb, subject, *, at, customer, actor="", user=None, interaction_id=None, **facts):
    kind = subject._meta.model_name
    ticket_id = subject.pk if kind == "ticket" else getattr(subject, "ticket_id", None)
    past.events.append(
        Event(
            verb=verb,
            at=at,
            actor=actor or "user",
            user=user,
            subject_kind=kind,
            subject_id=subject.pk,
            customer=customer,
            ticket_id=ticket_id,
            interaction_id=interaction_id,
            facts=facts,
        )
    )
