"""What happened, in a sentence: events as people read them on a ticket or a customer."""

from customers.models import Event
from tickets.models import Channel, Ticket

# Verbs that the conversation shows anyway (as the message itself, or as who rang and who took it), or that only the
# machine room cares for.
UNTOLD = (
    "interaction.enqueued",
    "offer.accepted",
    "message.received",
    "message.sent",
    "message.noted",
    "offer.withdrawn",
    "delivery.sent",
    "interaction.extended",
)

ACTORS = {"customer": "The customer", "router": "The router", "system": "The desk"}
SENTENCES = {
    "customer.created": "{who} was seen for the first time",
    "customer.changed": "{who} changed the customer's details",
    "customer.merged": "{who} merged two customers into one",
    "message.received": "{who} wrote by {channel}",
    "message.sent": "{who} answered by {channel}",
    "message.noted": "{who} made a note",
    "ticket.opened": "{who} opened the ticket in {queue} by {channel}",
    "ticket.solved": "{who} solved it",
    "ticket.closed": "{who} closed it",
    "ticket.reopened": "{who} opened it again",
    "ticket.paused": "{who} set it to waiting on customer",
    "ticket.held": "{who} put it on hold",
    "interaction.enqueued": "{channel} waits in {queue}",
    "interaction.resumed": "The customer wrote again during wrap-up",
    "interaction.parked": "It is parked while a call interrupts {agent}",
    "interaction.ended": "{who} ended the contact ({reason})",
    "interaction.withdrawn": "It left the line ({reason})",
    "interaction.returned": "{reason}: the customer waits in line for another",
    "interaction.taken": "{agent} took it from the list",
    "interaction.transferred": "{who} transferred it to {to}",
    "interaction.wrapped_up": "{who} wrapped it up",
    "offer.made": "It rang for {agent}",
    "offer.accepted": "{who} accepted it",
    "offer.declined": "{who} declined it",
    "offer.expired": "Nobody answered in time; the next best agent is asked",
    "offer.withdrawn": "It stopped ringing: {reason}",
    "delivery.sent": "It was delivered to {recipient}",
    "delivery.failed": "A message to {recipient} failed: {error}",
    "delivery.bounced": "A message to {recipient} came back: {error}",
    "delivery.deferred": "A message to {recipient} is tried again later: {error}",
    "delivery.unknown": "It is not known whether a message reached {recipient}: {error}",
    "delivery.retried": "{who} sent a message to {recipient} again",
}


def sentence(event: Event) -> str:
    """The event in words; `event.user` should be there already. A verb without words of its own is still readable."""
    told = _special(event) or _fill(SENTENCES.get(event.verb, ""), event)
    return told or f"{actor(event)}: {event.verb.replace('.', ' ').replace('_', ' ')}"


def actor(event: Event) -> str:
    """Who did it, as a name."""
    return str(event.user) if event.user else ACTORS.get(event.actor, "Somebody")


def _special(event):
    facts, who = event.facts, actor(event)
    if event.verb == "ticket.assigned":
        name = facts.get("assignee")
        if not name:
            return f"{who} left it to nobody in particular"
        return f"{who} took it" if name == who else f"{who} assigned it to {name}"
    if event.verb == "ticket.changed":
        told = [_change(name, value) for name, value in sorted(facts.items())]
        return f"{who} set {', '.join(told)}"
    if event.verb == "interaction.ended" and facts.get("reason") == "agent":
        return f"{who} ended the contact"
    if event.verb == "interaction.resumed" and facts.get("parked"):
        return f"{facts['agent']} is back at it"
    if event.verb == "interaction.wrapped_up" and facts.get("disposition"):
        return f"{who} wrapped it up: {facts['disposition']}"
    if event.verb == "offer.declined" and facts.get("reason"):
        return f"{who} declined it: {facts['reason']}"
    return ""


def _change(name, value):
    if name == "priority":
        return f"the priority to {Ticket.Priority(value).label}"
    if name == "tags":
        return f"the tags to {', '.join(value)}" if value else "no tags"
    return f"the {name} to {value}"


def _fill(template, event):
    facts = dict(event.facts)
    if facts.get("channel") in Channel.values:
        facts["channel"] = Channel(facts["channel"]).label
    return template.format_map(_Facts(facts, who=actor(event)))


class _Facts(dict):
    """Facts of an event; one that an older version did not write is a dash."""

    def __missing__(self, name):
        return "–"
