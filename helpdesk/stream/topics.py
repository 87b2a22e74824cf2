"""What an agent's socket may follow, at which revision it is, and whose hints make it up.

Topics that a client names: "me", "ticket:7", "queue:4", "customer:5", "lists" (any ticket list) and "floor" (any queue
or agent). Each is made of the topics that verbs write hints for.
"""

from channels.auth import get_user
from django.contrib.sessions.backends.base import SessionBase

from helpdesk.access import may_follow, queues_for, tickets_for
from routing.models import Agent
from routing.presence import seen_alive


async def user_of(session: SessionBase):
    """Who the session, read anew, belongs to: an AnonymousUser once signed out, disabled or given a new password."""
    fresh = session.__class__(session.session_key)
    return await get_user({"session": fresh})


def agent_id_of(user) -> int | None:
    """The id of the user's agent; None for one who takes no work."""
    return Agent.objects.filter(user=user).values_list("pk", flat=True).first()


def give_sign_of_life(agent_id: int | None) -> None:
    """Write down, in PostgreSQL, that the agent's socket lives."""
    if agent_id:
        seen_alive([agent_id])


def allowed(user, topics) -> set[str]:
    """Those of `topics` that this user may follow at this moment; the tickets in one query, a list follows dozens."""
    tickets = tickets_for(user).filter(pk__in=_ids("ticket", topics)).values_list("pk", flat=True)
    others = [topic for topic in topics if not topic.startswith("ticket:")]
    return {f"ticket:{pk}" for pk in tickets} | {topic for topic in others if topic == "me" or may_follow(user, topic)}


def revisions(user, agent_id: int | None, topics) -> dict[str, int | None]:
    """The revision of each topic, None for those that have none. In at most two queries."""
    found = dict.fromkeys(topics)
    for pk, revision in tickets_for(user).filter(pk__in=_ids("ticket", topics)).values_list("pk", "revision"):
        found[f"ticket:{pk}"] = revision
    if agent_id and "me" in found:
        found["me"] = Agent.objects.values_list("revision", flat=True).get(pk=agent_id)
    return found


def busy_topics(user, topics) -> set[str]:
    """The topics without revision behind `topics`, which change all the time and are told at most once a second."""
    busy = {topic for topic in topics if topic.startswith("queue:")}
    if "lists" in topics or "floor" in topics:
        busy |= {f"queue:{pk}" for pk in queues_for(user).values_list("pk", flat=True)}
    if "floor" in topics:
        busy |= {f"agent:{pk}" for pk in Agent.objects.values_list("pk", flat=True)}
    return busy


def is_well_formed(topic) -> bool:
    """Whether `topic` is spelt like one: a word, or a word with an id."""
    if not isinstance(topic, str):
        return False
    kind, _, pk = topic.partition(":")
    if kind in ("me", "lists", "floor"):
        return topic == kind
    return kind in ("ticket", "queue", "customer") and pk.isascii() and pk.isdigit() and len(pk) < 19


def _ids(kind, topics):
    return [int(topic.partition(":")[2]) for topic in topics if topic.startswith(f"{kind}:")]
