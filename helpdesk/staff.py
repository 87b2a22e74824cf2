"""The people of the desk: accounts, roles, tokens, and the agents they are."""

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from rest_framework.authtoken.models import Token

from customers.events import nudge, record
from helpdesk.models import User
from helpdesk.setup import keep
from routing.interactions import DISPATCH
from routing.models import Agent, AgentSkill, Domain, Skill
from routing.parking import bring_back
from routing.presence import set_presence


@transaction.atomic
def hire(*, email: str, name: str, by, role: str = User.Role.AGENT, password: str = "", levels=None, **agent) -> User:
    """Make an account that can sign in, and the agent who takes interactions.

    `levels` maps skill ids to 0 (none) to 5; `agent` are fields of Agent (budget, channels, costs). Without a password
    the person sets one by "Forgot your password?". Raises ValidationError.
    """
    user = add_staff(email=email, name=name, by=by, role=role, password=password)
    make_agent_of(user, by=by, levels=levels, **agent)
    return user


@transaction.atomic
def add_staff(*, email: str, name: str, by, role: str, password: str = "", is_active: bool = True) -> User:
    """Make an account that can sign in, without an agent. Raises ValidationError."""
    user = User(email=User.objects.normalize_email(email).lower())
    _set_password(user, password)
    return keep(user, by=by, name=name, role=role, is_active=is_active)


@transaction.atomic
def make_agent_of(user: User, *, by, levels=None, **values) -> Agent:
    """Let a member of staff take interactions; the agent there is, if they do already."""
    agent = Agent.objects.filter(user=user).first()
    if agent is None:
        agent = Agent.objects.create(user=user, domain=Domain.main())
        record("agent.created", agent, by=by, name=str(user))
    return change_agent(agent, by=by, levels=levels, **values)


@transaction.atomic
def change_staff(user: User, *, by, password: str = "", **values) -> User:
    """Change an account (email, name, role, is_active). Who is made inactive goes offline and loses their token.

    Raises ValidationError, also when nobody would be left who administers the desk.
    """
    if "email" in values:
        values["email"] = values["email"].lower()
    if password:
        _set_password(user, password)
        user.save(update_fields=["password"])
        record("user.password", user, by=by)
    keep(user, by=by, **values)
    _keep_one_administrator()
    if not user.is_active:
        _dismiss(user, by)
    return user


@transaction.atomic
def change_agent(agent: Agent, *, by, levels=None, **values) -> Agent:
    """Change what an agent can hold (budget, channels, costs) and their skills; the router looks again.

    `levels` maps skill ids to 0 (none) to 5; skills that it does not name stay. Raises ValidationError.
    """
    agent.touch()
    changed = [name for name, value in values.items() if getattr(agent, name) != value]
    for name in changed:
        setattr(agent, name, values[name])
    _check_room(agent)
    agent.full_clean(exclude=["user", "domain"])
    if changed:
        agent.end_spare_override()
        agent.save(update_fields=[*changed, "override"])
        bring_back(agent)
        record("agent.changed", agent, by=by, changed=changed)
    _set_levels(agent, levels or {}, by)
    nudge(DISPATCH, agent.domain_id, coalesce=True)
    return agent


@transaction.atomic
def issue_token(user: User, *, by) -> str:
    """A new REST token of this person, shown once; the one before stops working."""
    Token.objects.filter(user=user).delete()
    record("user.token", user, by=by)
    return Token.objects.create(user=user).key


@transaction.atomic
def revoke_token(user: User, *, by) -> None:
    """Scripts that act as this person are locked out."""
    if Token.objects.filter(user=user).delete()[0]:
        record("user.token_revoked", user, by=by)


def _set_password(user, password):
    if not password:
        user.set_unusable_password()
        return
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise ValidationError({"password": error.messages}) from None
    user.set_password(password)


def _keep_one_administrator():
    if not User.objects.filter(role=User.Role.ADMINISTRATOR, is_active=True).exists():
        raise ValidationError({"role": "Somebody must administer the desk: make another person administrator first."})


def _dismiss(user, by):
    revoke_token(user, by=by)
    agent = Agent.objects.filter(user=user).first()
    if agent and agent.presence != Agent.Presence.OFFLINE:
        set_presence(agent, Agent.Presence.OFFLINE, by=by, reason="account closed")


def _check_room(agent):
    if agent.room < 0:
        held = agent.used - agent.parked
        raise ValidationError({"budget": f"{agent} holds {held} units now: give at least that, or wait."})


def _set_levels(agent, levels, by):
    before = dict(agent.skills.values_list("skill", "level"))
    differing = {skill: level for skill, level in levels.items() if before.get(skill, 0) != level}
    if not differing:
        return
    _check_levels(differing)
    agent.skills.filter(skill__in=differing).delete()
    AgentSkill.objects.bulk_create(
        AgentSkill(agent=agent, skill_id=skill, level=level) for skill, level in differing.items() if level
    )
    slugs = dict(Skill.objects.filter(pk__in=differing).values_list("pk", "slug"))
    record("agent.skills", agent, by=by, levels={slugs[skill]: level for skill, level in differing.items()})


def _check_levels(levels):
    if any(level not in range(6) for level in levels.values()):
        raise ValidationError({"skills": "A level is 1 (beginner) to 5 (expert), or 0 for none."})
