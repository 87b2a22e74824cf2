"""Why it rang here, and why it still waits: on the ticket and on a page of its own, for everybody."""

import re

import pytest
from playwright.sync_api import expect

from tests.harness import wait_for
from tests.journeys.consoles import Customer
from tests.journeys.test_pages import barriers, overhang, signed_in

MARTA = ("Marta Kowalczyk", "marta.k@poczta.example")
CALL = """
from routing.interactions import enqueue
from tickets.models import Ticket
enqueue(Ticket.objects.filter(subject="{subject}").latest("id"), channel="{channel}")
"""


def comes_in(desk, subject, channel):
    """The customer of this ticket is on `channel` as well."""
    desk.manage("shell", "-c", CALL.format(subject=subject, channel=channel))


@pytest.fixture
def mail(desk, sit_down):
    """Ewa, who took a mail, at her desk: nobody else is there."""
    ewa = sit_down("Ewa", viewport={"width": 1600, "height": 900}).become("Available")
    Customer(desk, *MARTA).write("A bent hitch", "The hitch is bent.")
    return ewa.hears("The hitch is bent.").accept("A bent hitch")


def test_a_call_parks_the_mail_and_declining_it_brings_it_back(desk, mail):
    row = mail.page.locator("[data-row]", has_text="A bent hitch")
    comes_in(desk, "A bent hitch", "voice")

    mail.hears("1 mail of yours is parked meanwhile")
    expect(row).to_contain_text("parked")
    expect(mail.page.locator("header.head")).to_contain_text("Parked while a call rings or lasts")
    mail.decline("In the middle of something")

    expect(row).not_to_contain_text("parked")
    expect(mail.timeline.get_by_text("Ewa Pawlak is back at it")).to_be_visible()


def test_what_still_waits_says_why(desk, mail):
    mail.become("Busy")
    comes_in(desk, "A bent hitch", "chat")

    expect(mail.page.locator(".still li").last).to_have_text(re.compile(r"^It has waited \d+ s of a target of 1 min"))


def test_a_decision_stands_in_nobodys_way(desk, mail, open_window):
    [(pk,)] = wait_for(lambda: desk.sql("SELECT max(id) FROM routing_decision"), 10)
    address, found = f"{desk.url}/decisions/{pk}/?again=1", {}
    for colours in ("light", "dark"):
        page = signed_in(desk, open_window(color_scheme=colours, viewport={"width": 320, "height": 700}))
        found[colours] = (barriers(page, address), overhang(page, address))

    assert found == {"light": ([], 0), "dark": ([], 0)}
    expect(page.get_by_text("Told the same, the router has it ring for Ewa Pawlak again.")).to_be_visible()
