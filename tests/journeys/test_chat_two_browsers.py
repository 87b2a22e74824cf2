"""A chat between two people in two browsers: the visitor's widget and the agent's console."""

from playwright.sync_api import expect

from tests.journeys.chats import Visitor


def test_a_chat_rings_is_talked_through_a_reload_and_a_crash_and_wrapped_up(desk, open_window, sit_down):
    nora, marta = sit_down("Nora").become("Available"), Visitor(open_window(), desk).start()
    marta.write("Is the Varde in stock?")
    nora.hears("Is the Varde in stock?").accept("Is the Varde in stock?")
    nora.reply("Yes, in orange.")
    expect(marta.bubbles).to_have_text(["Is the Varde in stock?", "Yes, in orange."])
    nora.page.reload()
    marta.reload()
    marta.open()
    marta.write("And in green?")
    expect(nora.timeline.get_by_text("And in green?")).to_be_visible(timeout=20_000)
    desk.kill("web")
    marta.write("Or in blue?")
    desk.run("web")
    expect(nora.timeline.get_by_text("Or in blue?")).to_be_visible(timeout=60_000)
    nora.reply("In green, from May.")
    said = ["Is the Varde in stock?", "Yes, in orange.", "And in green?", "Or in blue?", "In green, from May."]
    expect(marta.bubbles).to_have_text(said, timeout=20_000)
    nora.resolve()
    expect(marta.page.get_by_text("The chat has ended")).to_be_visible()


def test_each_sees_that_the_other_types(desk, open_window, sit_down):
    nora, marta = sit_down("Nora").become("Available"), Visitor(open_window(), desk).start()
    marta.write("Do you see me type?")
    nora.hears("Do you see me type?").accept("Do you see me type?")
    nora.field.press_sequentially("Yes", delay=30)
    expect(marta.page.get_by_text("Nora is typing")).to_be_visible()
    marta.field.press_sequentially("I do too", delay=30)
    expect(nora.page.get_by_text("is typing…").first).to_be_visible()


def test_a_note_being_typed_and_written_stays_in_the_house(desk, open_window, sit_down):
    nora, marta = sit_down("Nora").become("Available"), Visitor(open_window(), desk).start()
    marta.write("Is anybody noting?")
    nora.hears("Is anybody noting?").accept("Is anybody noting?")
    nora.field.blur()
    nora.page.keyboard.press("n")
    nora.field.press_sequentially("A difficult one", delay=30)
    nora.field.press("Control+Enter")
    expect(nora.timeline.get_by_text("A difficult one")).to_be_visible()
    marta.page.wait_for_timeout(1500)
    expect(marta.page.locator("hd-chat .typ")).to_be_hidden()
    expect(marta.bubbles).to_have_text(["Is anybody noting?"])


def test_a_polish_page_reaches_the_agent_who_speaks_polish(desk, open_window, sit_down):
    oliver, piotr = sit_down("Oliver").become("Available"), sit_down("Piotr").become("Available")
    bozena = Visitor(open_window(locale="pl-PL"), desk, language="pl").start()
    bozena.write("Gdzie jest moja paczka?")
    piotr.hears("Gdzie jest moja paczka?")
    expect(oliver.offer).to_have_count(0)


def test_a_visitor_who_gives_up_stops_the_ringing(desk, open_window, sit_down):
    nora, marta = sit_down("Nora").become("Available"), Visitor(open_window(), desk).start()
    marta.write("Never mind then")
    nora.hears("Never mind then")
    marta.page.locator("hd-chat .quit").click()
    marta.page.locator("hd-chat .quit.sure").click()
    expect(nora.offer).to_have_count(0)
    expect(nora.presence).to_contain_text("Available")
