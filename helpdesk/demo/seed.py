"""Founds Fjell Outdoor: once, and quickly. Whoever runs it again finds the company as it is by now."""

from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction
from rest_framework.authtoken.models import Token

from helpdesk.demo.company import (
    DISPOSITIONS,
    MAILBOXES,
    NAME,
    QUEUES,
    SIGNATURE,
    SKILLS,
    STAFF,
    WIDGET,
)
from helpdesk.demo.history import write_history
from helpdesk.models import EntryPoint, User
from helpdesk.setup import keep, set_up_queue
from helpdesk.staff import hire
from routing.models import Disposition, Skill
from tickets.models import Queue

PASSWORD = "first-light-2026"  # noqa: S105 - printed by the demo, and refused outside it


class OnlyInTheDemo(Exception):
    """Passwords that anybody can read in the source may not get into a real desk."""


def seed() -> dict[str, Any]:
    """Found the company unless it is there; returns its logins and addresses, for `var/demo.json`.

    Raises OnlyInTheDemo.
    """
    if not settings.HELPDESK_DEMO:
        raise OnlyInTheDemo(
            "The demo's company has passwords that everybody knows, so it is founded in the demo only "
            "(HELPDESK_DEMO=1, as bin/demo sets it). To begin a real desk run `manage.py createsuperuser`."
        )
    if not User.objects.filter(email=STAFF[0].email).exists():
        _found()
    return _facts()


@transaction.atomic
def _found():
    skills = {slug: keep(Skill(), by=None, slug=slug, name=name, kind=_kind(slug)) for slug, name in SKILLS.items()}
    queues = {line.slug: _queue(line, position, skills) for position, line in enumerate(QUEUES)}
    for position, (name, queue) in enumerate(DISPOSITIONS):
        keep(Disposition(), by=None, name=name, queue=queues.get(queue), position=position)
    _open_entry_points(queues)
    # One hash for all: a good one takes a third of a second, and these passwords are no secret.
    password = make_password(PASSWORD)
    staff = {person.name.split()[0].lower(): _hire(person, skills, password) for person in STAFF}
    User.objects.filter(pk__in=[user.pk for user in staff.values()]).update(password=password)
    write_history(staff=staff, domain=settings.HELPDESK_MAIL_DOMAIN)


def _kind(slug):
    return Skill.Kind.LANGUAGE if slug.startswith("lang.") else Skill.Kind.TOPIC


def _queue(line, position, skills):
    return set_up_queue(
        Queue(),
        by=None,
        name=line.name,
        slug=line.slug,
        description=line.description,
        position=position,
        needs={skills[slug].pk: level for slug, level in line.needs.items()},
        wants={skills[slug].pk: level for slug, level in line.wants.items()},
        targets=line.targets,
        importance=line.importance,
    )


def _open_entry_points(queues):
    for local, name, queue in MAILBOXES:
        keep(
            EntryPoint(),
            by=None,
            kind=EntryPoint.Kind.MAILBOX,
            name=name,
            address=f"{local}@{settings.HELPDESK_MAIL_DOMAIN}",
            queue=queues[queue],
            language="en",
            signature=SIGNATURE,
        )
    keep(
        EntryPoint(),
        by=None,
        kind=EntryPoint.Kind.WIDGET,
        language="en",
        **{**WIDGET, "queue": queues[WIDGET["queue"]]},
    )


def _hire(person, skills, password):
    if not person.levels:
        return keep(User(email=person.email, password=password), by=None, name=person.name, role=person.role)
    levels = {skills[slug].pk: level for slug, level in person.levels.items()}
    return hire(email=person.email, name=person.name, by=None, role=person.role, levels=levels)


def _facts():
    emails = [person.email for person in STAFF]
    users = {user.email: user for user in User.objects.filter(email__in=emails)}
    widget = EntryPoint.objects.filter(kind=EntryPoint.Kind.WIDGET, is_active=True).order_by("id").first()
    mailbox = EntryPoint.objects.filter(kind=EntryPoint.Kind.MAILBOX, is_active=True).order_by("id").first()
    return {
        "company": NAME,
        "users": [_login(users[email]) for email in emails if email in users],
        "address": mailbox.address if mailbox else "",
        "widget_key": str(widget.key) if widget else "",
        "widget": "/demo/shop/",
        "mailbox": "/demo/mailbox/",
    }


def _login(user):
    token, _ = Token.objects.get_or_create(user=user)
    return {"email": user.email, "password": PASSWORD, "role": user.role, "name": user.name, "token": token.key}
