"""A mail's way over real SMTP to the right agent's screen, and the answer's way back, in real browsers."""

import re

import pytest
from playwright.sync_api import expect

from tests.harness import wait_for
from tests.journeys.consoles import Console, Customer

MARTA = ("Marta Kowalczyk", "marta.k@poczta.example")
LIAM = ("Liam O’Shea", "liam.oshea@mail.example")


@pytest.fixture
def rings_shortly(desk):
    """Offers of mail ring for six seconds."""
    desk.sql("""UPDATE routing_queuerouting SET offer_seconds = '{"email": 6}'""")
    yield
    desk.sql("UPDATE routing_queuerouting SET offer_seconds = '{}'")


def test_a_mail_rings_is_answered_and_the_customers_answer_lands_on_the_same_ticket(desk, sit_down):
    ewa, marta = sit_down("Ewa").become("Available"), Customer(desk, *MARTA)
    first = marta.write("Trailer hitch arrived damaged", "The hitch is bent and one bolt is missing.")
    ewa.hears("Marta Kowalczyk").accept("Trailer hitch arrived damaged")
    ewa.reply("The replacement is on its way.")
    answer = marta.receives("The replacement is on its way.")
    assert (answer["In-Reply-To"], first in answer["References"]) == (first, True)
    ticket = re.search(r"/(\d+)/$", ewa.page.url)[1]
    marta.write("Re: Trailer hitch arrived damaged", "Thank you, that helps.", to=answer["Reply-To"], answering=answer)
    expect(ewa.timeline.get_by_text("Thank you, that helps.")).to_be_visible(timeout=20_000)
    said = desk.sql("SELECT kind FROM tickets_message WHERE ticket_id = %s ORDER BY id", int(ticket))
    assert [row[0] for row in said] == ["inbound", "outbound", "inbound"]


def test_a_declined_mail_goes_to_the_next_agent(desk, sit_down):
    ewa, oliver = sit_down("Ewa").become("Available"), sit_down("Oliver")
    Customer(desk, *LIAM).write("Charged twice", "I can see both payments.")
    ewa.hears("I can see both payments.")
    oliver.become("Available")
    ewa.decline("Not my topic")
    oliver.hears("I can see both payments.").accept("Charged twice")
    expect(oliver.timeline.get_by_text("Ewa Pawlak declined it: Not my topic")).to_be_visible()
    expect(ewa.presence).to_contain_text("Available")


def test_a_missed_mail_sends_the_agent_away_and_goes_to_the_next(desk, sit_down, rings_shortly):
    ewa = sit_down("Ewa").become("Available")
    Customer(desk, *LIAM).write("Nobody there?", "Is anybody there?")
    ewa.hears("Is anybody there?")
    oliver = sit_down("Oliver").become("Available")
    expect(ewa.page.get_by_role("heading", name="You missed an offer")).to_be_visible(timeout=20_000)
    oliver.hears("Is anybody there?").accept("Nobody there?")
    ewa.page.get_by_role("button", name="Back to Available").click()
    expect(ewa.presence).to_contain_text("Available")


def test_a_mail_in_polish_reaches_the_agent_who_speaks_polish(desk, sit_down):
    oliver, piotr = sit_down("Oliver").become("Available"), sit_down("Piotr").become("Available")
    Customer(desk, "Bożena Nowicka", "bozena@poczta.example").write(
        "Gdzie jest moja paczka", "Dzień dobry, gdzie jest moja paczka? Czekam już od dwóch tygodni. Dziękuję."
    )
    piotr.hears("Bożena Nowicka")
    expect(piotr.offer).to_contain_text("Polish 5")
    expect(oliver.offer).to_have_count(0)


def test_a_mail_is_not_lost_with_the_browser_that_it_rang_in(desk, sit_down, rings_shortly):
    ewa = sit_down("Ewa").become("Available")
    Customer(desk, *LIAM).write("Stove will not light", "The stove will not light.")
    ewa.hears("The stove will not light.")
    oliver = sit_down("Oliver").become("Available")
    ewa.page.close()
    oliver.hears("The stove will not light.").accept("Stove will not light")
    assert desk.sql("SELECT count(*) FROM routing_interaction WHERE status <> 'done'") == [(1,)]


def test_a_note_is_for_colleagues_and_is_never_sent(desk, sit_down):
    ewa, marta = sit_down("Ewa").become("Available"), Customer(desk, *MARTA)
    marta.write("Second parcel", "Where is my second parcel?")
    ewa.hears("Where is my second parcel?").accept("Second parcel")
    ewa.page.keyboard.press("n")
    ewa.field.fill("She is a friend of the house.")
    ewa.field.press("Control+Enter")
    expect(ewa.timeline.get_by_role("article").filter(has_text="friend of the house")).to_contain_text("Internal note")
    ewa.page.keyboard.press("Escape")
    ewa.reply("It left today.")
    assert "friend of the house" not in str(marta.receives("It left today."))


def test_colleagues_see_who_is_typing_in_a_ticket(desk, sit_down):
    ewa, oliver = sit_down("Ewa").become("Available"), sit_down("Oliver")
    Customer(desk, *MARTA).write("Two at once", "Do two of you answer me?")
    ewa.hears("Do two of you answer me?").accept("Two at once")
    oliver.page.goto(ewa.page.url.replace("/mine/", "/all/"))
    oliver.sees("Two at once")
    ewa.page.keyboard.press("n")
    ewa.field.press_sequentially("I have this", delay=30)
    expect(oliver.page.get_by_text("Ewa is typing a note…").first).to_be_visible()


def test_what_was_begun_survives_a_reload_and_what_could_not_be_sent_is_sent_later(desk, sit_down):
    ewa, marta = sit_down("Ewa").become("Available"), Customer(desk, *MARTA)
    marta.write("Third parcel", "Where is my third parcel?")
    ewa.hears("Where is my third parcel?").accept("Third parcel")
    ewa.page.keyboard.press("r")
    ewa.field.fill("Half a sent")
    ewa.page.reload()
    expect(ewa.field).to_have_value("Half a sent")
    ewa.page.context.set_offline(True)
    ewa.field.fill("Sent from a tunnel.")
    ewa.field.press("Control+Enter")
    expect(ewa.timeline.get_by_text("Not sent")).to_be_visible()
    ewa.page.context.set_offline(False)
    marta.receives("Sent from a tunnel.")
    expect(ewa.timeline.get_by_text("Not sent")).to_have_count(0)


def test_what_was_sent_after_the_session_ended_goes_out_once_after_signing_in_again(desk, sit_down):
    ewa, marta = sit_down("Ewa").become("Available"), Customer(desk, *MARTA)
    marta.write("Sixth parcel", "Where is my sixth parcel?")
    ewa.hears("Where is my sixth parcel?").accept("Sixth parcel")
    ewa.page.context.clear_cookies()
    ewa.send("Written without a session.")
    ewa.page.get_by_role("alert").get_by_role("link", name="Sign in").click()
    ewa.sign_in()
    marta.receives("Written without a session.")
    assert _answers(desk, ewa) == ["Written without a session."]


def test_a_file_sent_after_the_session_ended_goes_out_after_signing_in_again(desk, sit_down):
    ewa, marta = sit_down("Ewa").become("Available"), Customer(desk, *MARTA)
    marta.write("Seventh parcel", "Where is my seventh parcel?")
    ewa.hears("Where is my seventh parcel?").accept("Seventh parcel")
    ewa.page.context.clear_cookies()
    label = {"name": "label.png", "mimeType": "image/png", "buffer": b"The label."}
    ewa.page.locator("#attach").set_input_files(label)
    ewa.send("Print this label.")
    expect(ewa.timeline.get_by_text("Not sent")).to_be_visible()
    ewa.page.get_by_role("alert").get_by_role("link", name="Sign in").click()
    ewa.sign_in()
    files = [(part.get_filename(), part.get_content()) for part in marta.receives("Print this").iter_attachments()]
    assert files == [("label.png", b"The label.")]


def test_the_session_may_be_begun_again_in_another_tab(desk, sit_down):
    ewa, marta = sit_down("Ewa").become("Available"), Customer(desk, *MARTA)
    marta.write("Eighth parcel", "Where is my eighth parcel?")
    ewa.hears("Where is my eighth parcel?").accept("Eighth parcel")
    ewa.page.context.clear_cookies()
    for unsent, words in enumerate(("It is on its way.", "It comes on Friday."), start=1):
        ewa.send(words)
        expect(ewa.timeline.get_by_text("Not sent")).to_have_count(unsent)
    Console(ewa.page.context.new_page(), desk, "Ewa").page.close()
    ewa.page.evaluate("dispatchEvent(new Event('focus'))")
    marta.receives("It comes on Friday.")
    assert _answers(desk, ewa) == ["It is on its way.", "It comes on Friday."]


def test_wrap_up_takes_how_it_ended_by_a_number_key(desk, sit_down):
    ewa = sit_down("Ewa").become("Available")
    Customer(desk, *MARTA).write("Fourth parcel", "Where is my fourth parcel?")
    ewa.hears("Where is my fourth parcel?").accept("Fourth parcel")
    ewa.page.keyboard.press("e")
    expect(ewa.page.get_by_role("region", name="Wrap-up")).to_be_visible()
    ewa.page.keyboard.press("1")
    ewa.page.get_by_role("button", name="Done").click()
    expect(ewa.timeline.get_by_text("Ewa Pawlak wrapped it up: Answered")).to_be_visible()
    assert desk.sql("SELECT used FROM routing_agent WHERE used <> 0") == []


def test_html_is_shown_on_a_sheet_of_its_own_where_nothing_runs(desk, sit_down):
    ewa = sit_down("Ewa").become("Available")
    Customer(desk, *MARTA).write(
        "A mail with colours",
        "Blue words",
        html='<p style="color:blue">Blue words</p><script>top.document.title = "stolen"</script>',
    )
    ewa.hears("Blue words").accept("A mail with colours")
    words = ewa.page.frame_locator('iframe[title="Message as sent"]').get_by_text("Blue words")
    expect(words).to_have_css("color", "rgb(0, 0, 255)")
    assert "stolen" not in ewa.page.title()


def test_the_floor_shows_who_waits_while_it_happens(desk, sit_down):
    ingrid = sit_down("Ingrid")
    ingrid.page.goto(f"{desk.url}/floor/")
    row = ingrid.page.get_by_role("row").filter(has_text="Customer care")
    expect(row.locator("td").first).to_have_text("0")
    Customer(desk, *MARTA).write("Fifth parcel", "Where is my fifth parcel?")
    expect(row.locator("td").first).to_have_text("1", timeout=20_000)
    expect(row).to_contain_text("Nobody who is available can take it")


def test_search_finds_a_ticket_by_number_name_address_and_words(desk, sit_down):
    ewa = sit_down("Ewa").become("Available")
    Customer(desk, "Quirin Zabel", "quirin.z@alpen.example").write("Crampons", "My crampons rattle terribly.")
    ewa.hears("My crampons rattle").accept("Crampons")
    number = ewa.page.locator(".head .id").inner_text()
    for words in (number, "Zabel", "quirin.z@alpen.example", "rattle"):
        ewa.page.keyboard.press("/")
        ewa.page.get_by_role("searchbox").fill(words)
        ewa.page.keyboard.press("Enter")
        expect(ewa.page.get_by_role("list", name="Search").get_by_role("listitem")).to_have_count(1)
    wait_for(lambda: "search=rattle" in ewa.page.url, 5)


def _answers(desk, agent):
    """What we said on the ticket that is open there, in order."""
    ticket = re.search(r"/(\d+)/$", agent.page.url)[1]
    said = desk.sql("SELECT text FROM tickets_message WHERE ticket_id = %s AND kind = 'outbound' ORDER BY id", ticket)
    return [text for (text,) in said]
