"""A visitor chats from a web page, in a real browser, with an agent of a whole running desk."""

import time

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.journeys.chats import Agent, Visitor


@pytest.fixture
def nora(desk, sit_down):
    """The only agent who is there."""
    agent = Agent(desk)
    agent.become("available")
    yield agent
    agent.become("offline")


@pytest.fixture
def marta(desk, open_window):
    return Visitor(open_window(), desk).start()


def test_a_visitor_and_an_agent_talk_and_the_agent_ends_it(marta, nora):
    marta.write("Hello, where is my tent?")
    expect(marta.page.get_by_text("You are next in line")).to_be_visible()
    taken = nora.take("Hello, where is my tent?")
    expect(marta.page.get_by_text(f"{nora.first_name} joined")).to_be_visible()
    nora.reply(taken["ticket"], "Hi Marta, on its way.")
    marta.bubbles.get_by_text("Hi Marta, on its way.").wait_for()
    nora.finish(taken["interaction"])
    expect(marta.page.get_by_text("The chat has ended")).to_be_visible()


def test_a_chat_survives_a_reload_with_its_draft_and_counts_what_is_new(marta, nora):
    marta.write("One before the reload")
    taken = nora.take("One before the reload")
    marta.field.fill("half a sent")
    marta.reload()
    nora.reply(taken["ticket"], "While you were away")
    expect(marta.button).to_have_attribute("aria-label", "Open chat, 1 new")
    marta.open()
    expect(marta.bubbles).to_have_text(["One before the reload", "While you were away"])
    expect(marta.field).to_have_value("half a sent")
    nora.finish(taken["interaction"])


def test_what_is_written_while_the_server_is_away_arrives_once_when_it_is_back(desk, marta, nora):
    marta.write("Before the crash")
    taken = nora.take("Before the crash")
    desk.kill("web")
    marta.write("During the crash")
    expect(marta.page.get_by_text("Connection lost. Trying again…")).to_be_visible()
    desk.run("web")
    marta.page.locator("hd-chat .bub.waits").wait_for(state="detached", timeout=40_000)
    nora.reply(taken["ticket"], "After the crash")
    expect(marta.bubbles).to_have_text(["Before the crash", "During the crash", "After the crash"], timeout=20_000)
    assert [row[0] for row in _said(desk, taken)] == ["Before the crash", "During the crash", "After the crash"]
    nora.finish(taken["interaction"])


def test_the_visitor_ends_the_chat_only_at_the_second_press(marta, nora):
    marta.write("I will end this")
    taken = nora.take("I will end this")
    quit = marta.page.locator("hd-chat .quit")
    quit.click()
    expect(quit).to_have_text("End it now?")
    quit.click()
    expect(marta.page.get_by_text("The chat has ended")).to_be_visible()
    nora.ask("POST", f"interactions/{taken['interaction']}/wrap_up/")


def test_what_an_agent_writes_is_shown_as_text_and_only_web_addresses_become_links(marta, nora):
    marta.write("Send me something nasty")
    taken = nora.take("Send me something nasty")
    nasty = '<img src=x onerror=alert(1)> javascript:alert(1) https://fjell.example/a?b=1. https://"onclick="x'
    nora.reply(taken["ticket"], nasty)
    last = marta.bubbles.last
    expect(last).to_have_text(nasty)
    assert [link.get_attribute("href") for link in last.locator("a").all()] == ["https://fjell.example/a?b=1"]
    nora.finish(taken["interaction"])


def test_two_visitors_see_only_their_own_chat(desk, open_window, nora):
    marta, ola = Visitor(open_window(), desk).start(), Visitor(open_window(), desk).start()
    marta.write("I am Marta")
    ola.write("I am Ola")
    of_marta, of_ola = nora.take("I am Marta"), nora.take("I am Ola")
    nora.reply(of_marta["ticket"], "Hello Marta")
    nora.reply(of_ola["ticket"], "Hello Ola")
    expect(marta.bubbles).to_have_text(["I am Marta", "Hello Marta"])
    expect(ola.bubbles).to_have_text(["I am Ola", "Hello Ola"])
    for taken in (of_marta, of_ola):
        nora.finish(taken["interaction"])


def test_the_widget_speaks_the_language_of_the_page(desk, open_window):
    page = open_window(locale="pl-PL")
    Visitor(page, desk, language="pl").button.click()
    expect(page.locator("hd-chat .card b")).to_have_text("Rozpocznij czat")


def test_the_keyboard_is_enough(desk, open_window):
    visitor = Visitor(open_window(), desk)
    visitor.button.focus()
    visitor.page.keyboard.press("Enter")
    expect(visitor.page.locator("hd-chat .card")).to_be_focused()
    visitor.page.keyboard.press("Enter")
    expect(visitor.field).to_be_focused()
    visitor.page.keyboard.press("Escape")
    expect(visitor.button).to_be_focused()
    expect(visitor.page.locator("hd-chat .panel")).to_be_hidden()


def test_on_a_phone_the_panel_is_the_screen(desk, open_window):
    visitor = Visitor(open_window(viewport={"width": 390, "height": 780}), desk).start()
    box = visitor.page.locator("hd-chat .panel").bounding_box()
    assert box == {"x": 0, "y": 0, "width": 390, "height": 780}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_widget_is_free_of_barriers(desk, open_window, nora, scheme):
    page = open_window(color_scheme=scheme, bypass_csp=True, reduced_motion="reduce")
    visitor = Visitor(page, desk)
    page.evaluate("document.documentElement.style.colorScheme = 'light dark'")
    visitor.button.click()
    page.locator("hd-chat .open").get_by_text("We are here now").wait_for()
    home = _barriers(page)
    page.locator("hd-chat .card").click()
    visitor.write(f"Barriers in {scheme}")
    page.locator("hd-chat .line").wait_for()
    line = _barriers(page)
    taken = nora.take(f"Barriers in {scheme}")
    nora.reply(taken["ticket"], "See https://fjell.example")
    visitor.bubbles.get_by_text("See").wait_for()
    assert (home, line, _barriers(page)) == ([], [], [])
    nora.finish(taken["interaction"])


def test_the_widget_keeps_its_budget_of_weight(desk, open_window):
    """Loader under 4 kB, the rest under 26 kB, as they go over the wire (gzip)."""
    sizes = {}
    page = open_window()
    page.on("requestfinished", lambda request: sizes.update({request.url: request.sizes()["responseBodySize"]}))
    Visitor(page, desk).start()
    time.sleep(1)
    widget = {url: size for url, size in sizes.items() if "/widget/" in url and url.endswith(".js")}
    assert (sum(widget.values()) < 26_000, len(widget) > 5) == (True, True), widget


def _said(desk, taken):
    query = "select text from tickets_message where ticket_id = %s order by created_at, id"
    return desk.sql(query, taken["ticket"])


def _barriers(page):
    found = Axe().run(page, context="hd-chat")
    return [
        (violation["id"], [node["target"] for node in violation["nodes"]]) for violation in found.response["violations"]
    ]
