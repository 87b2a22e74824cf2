"""Frames are dropped, doubled, delayed and swapped, and connections torn, in both directions, by a seeded chance.

At the end the widget shows what a fresh load shows, and that is what the database holds: nothing lost, nothing doubled.
"""

import random

import pytest
from playwright.sync_api import expect

from tests.journeys.chats import Agent, Visitor

MESSAGES = 12
CALM_SECONDS = 60  # three beats: what was lost without a trace shows at the first


class Mischief:
    """Stands between the page and the server, until it is told to rest."""

    def __init__(self, page, seed):
        self.chance = random.Random(seed)
        self.rests = False
        self.held = {}
        page.route_web_socket("**/ws/v1/visitor/", self.stand_between)

    def stand_between(self, page_side):
        server_side = page_side.connect_to_server()
        page_side.on_message(lambda text: self.pass_on(text, server_side, (page_side, server_side)))
        server_side.on_message(lambda text: self.pass_on(text, page_side, (page_side, server_side)))

    def pass_on(self, text, to, both):
        fate = 1.0 if self.rests or '"hello"' in text else self.chance.random()
        if fate < 0.10:
            return
        if fate < 0.20:
            to.send(text)
        if fate < 0.32:
            self.held.setdefault(to, []).append(text)
            return
        if fate < 0.36:
            for side in both:
                side.close()
            return
        to.send(text)
        for late in self.held.pop(to, []):
            to.send(late)


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.timeout(240)
def test_whatever_happens_to_frames_nothing_is_lost_or_doubled(desk, open_window, sit_down, seed):
    nora = Agent(desk)
    nora.become("available")
    page = open_window()
    mischief = Mischief(page, seed)
    marta = Visitor(page, desk).start()
    marta.write(f"Question 0 of {seed}")
    taken = nora.accept(_heard(page, nora, f"Question 0 of {seed}"))
    for number in range(1, MESSAGES):
        marta.write(f"Question {number} of {seed}")
        nora.reply(taken["ticket"], f"Answer {number}")
        if number == MESSAGES // 2:
            desk.kill("web")
            desk.run("web")
            desk.wait_until_ready()
        page.wait_for_timeout(120)
    mischief.rests = True
    expect(marta.bubbles).to_have_count(2 * MESSAGES - 1, timeout=CALM_SECONDS * 1000)
    expect(page.locator("hd-chat .bub.waits")).to_have_count(0, timeout=CALM_SECONDS * 1000)
    before = marta.shown
    marta.reload()
    marta.open()
    expect(marta.bubbles).to_have_text(before)
    assert before == [row[0] for row in _said(desk, taken)]
    nora.finish(taken["interaction"])
    nora.become("offline")


def _heard(page, nora, first_line):
    """As `Agent.take` waits, but the mischief goes on meanwhile: it runs in this process."""
    while not (offer := nora.hear(first_line)):
        page.wait_for_timeout(200)
    return offer


def _said(desk, taken):
    query = "select text from tickets_message where ticket_id = %s order by created_at, id"
    return desk.sql(query, taken["ticket"])
