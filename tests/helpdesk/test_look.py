"""What templates are given, and that what browsers are given is what it says it is."""

import json
import re
import subprocess
from pathlib import Path

import pytest
from django.template import Context, Template
from django.test import RequestFactory

from helpdesk.templatetags.desk import VENDORED, duration, event_icon, initials, with_pk
from tests.factories import make_event, make_ticket, make_user

HOME = Path(__file__).resolve().parent.parent.parent


def written(template: str, **context) -> str:
    return Template("{% load desk %}" + template).render(Context(context))


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(20, "20 s"), (60, "1 min"), (90, "90 s"), (150, "2.5 min"), (3_600, "1 h"), (14_400, "4 h"), (172_800, "2 d")],
)
def test_a_duration_is_told_as_people_say_it(seconds, told):
    assert duration(seconds) == told


@pytest.mark.parametrize(
    ("name", "letters"),
    [("Marta Kowalczyk", "MK"), ("Ana de la Cruz", "AC"), ("ada@shop.example", "A"), ("", "?")],
)
def test_initials_are_first_and_last(name, letters):
    assert initials(name) == letters


def test_the_one_inline_script_carries_the_nonce():
    assert re.findall("<script[^>]*>", import_map()) == ['<script type="importmap" nonce="n0nce">']


def test_the_import_map_names_every_vendored_module():
    names = json.loads(re.search("<script[^>]*>(.*)</script>", import_map())[1])["imports"]
    assert {name: names[name] for name in VENDORED} == {name: f"/static/{path}" for name, path in VENDORED.items()}


def import_map() -> str:
    request = RequestFactory().get("/")
    request.csp_nonce = "n0nce"
    return written("{% importmap %}", request=request)


def test_an_icon_is_hidden_from_screen_readers():
    told = written('{% icon "mail" %}')
    assert told == '<svg class="ic" aria-hidden="true"><use href="/static/helpdesk/icons.svg#i-mail"/></svg>'


@pytest.mark.django_db
def test_a_name_cannot_become_markup():
    person = make_user("<b> <i>")
    assert "<b>" not in written("{% avatar person %}", person=person)


@pytest.mark.django_db
def test_an_event_shows_its_channel_before_its_kind():
    event = make_event("interaction.enqueued", ticket=make_ticket())
    event.facts = {"channel": "chat"}
    assert event_icon(event) == "chat"


@pytest.mark.django_db
def test_a_row_that_is_not_at_hand_is_none():
    ticket = make_ticket()
    assert (with_pk([ticket], ticket.pk), with_pk([ticket], 0)) == (ticket, None)


def test_vendored_files_are_what_their_listing_says():
    check = subprocess.run([HOME / "bin/vendor", "check"], capture_output=True, text=True, check=False)
    assert (check.returncode, check.stdout) == (0, f"{len(list_of_files())} vendored files are as listed.\n")


def list_of_files():
    folder = HOME / "helpdesk/static/vendor"
    return [path for path in folder.rglob("*") if path.is_file() and path.name not in ("LICENSE", "VENDOR.toml")]
