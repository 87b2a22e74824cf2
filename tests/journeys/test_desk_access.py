"""The console for everybody: no barrier that axe can find, light and dark, no sideways scrolling, keyboard first."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.journeys.consoles import Console, Customer

WCAG = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
SIZES = [(1440, 900), (1024, 768), (320, 640)]
SIDEWAYS = "() => document.documentElement.scrollWidth - innerWidth"
SMALL = """() => [...document.querySelectorAll("button, a[href], input, select, textarea, summary")]
    .filter((part) => part.checkVisibility({ visibilityProperty: true }))
    .filter((part) => !part.closest(".text, p, .skip, .vh, .theme"))
    .map((part) => [part.outerHTML.slice(0, 120), part.getBoundingClientRect()])
    .filter(([, { width, height }]) => width && (width < 24 || height < 24)).map(([html]) => html)"""


def barriers(page) -> list[str]:
    """What axe finds on the page as it is now, in one line each."""
    found = Axe().run(page, options=WCAG).response["violations"]
    nodes = [(one["id"], node) for one in found for node in one["nodes"]]
    return [f"{rule}: {node['html'][:160]} {node['failureSummary'][:200]}" for rule, node in nodes]


@pytest.fixture(params=["light", "dark"])
def ewa_with_mail(request, desk, sit_down):
    """Ewa, with a mail open that she answered, and another that rings."""
    ewa = sit_down("Ewa", color_scheme=request.param).become("Available")
    marta = Customer(desk, "Marta Kowalczyk", "marta.k@poczta.example")
    marta.write("Colours", "Blue words", html="<p>Blue words, see <a href='https://fjell.example'>our page</a></p>")
    ewa.hears("Blue words").accept("Colours")
    ewa.reply("A reply. See https://fjell.example/orders")
    marta.write("Rings", "This one rings.")
    return ewa.hears("This one rings.")


def test_nothing_bars_the_way_at_any_width(ewa_with_mail):
    page = ewa_with_mail.page
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        page.wait_for_timeout(200)
        assert (width, barriers(page), page.evaluate(SIDEWAYS), page.evaluate(SMALL)) == (width, [], 0, [])


def test_nothing_bars_the_way_in_dialogs_menus_notes_and_wrap_up(ewa_with_mail):
    page, found = ewa_with_mail.page, []
    ewa_with_mail.accept("Rings")
    for key in ("?", "t", "s", "a", "q"):
        page.keyboard.press(key)
        page.wait_for_timeout(150)
        found += barriers(page)
        page.keyboard.press("Escape")
        page.wait_for_timeout(50)
    page.get_by_role("button", name="Why?").last.click()
    expect(page.get_by_role("dialog").get_by_role("listitem").first).to_be_visible()
    found += barriers(page)
    page.keyboard.press("Escape")
    page.keyboard.press("n")
    ewa_with_mail.field.fill("A note")
    found += barriers(page)
    ewa_with_mail.field.press("Control+Enter")
    page.keyboard.press("Escape")
    page.keyboard.press("e")
    expect(page.get_by_role("region", name="Wrap-up")).to_be_visible()
    assert found + barriers(page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_bars_the_way_on_the_floor(desk, sit_down, scheme):
    sit_down("Ewa").become("Available")
    page = sit_down("Ingrid", color_scheme=scheme).page
    page.goto(f"{desk.url}/floor/")
    expect(page.get_by_role("row").filter(has_text="Customer care")).to_be_visible()
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        page.wait_for_timeout(200)
        assert (width, barriers(page), page.evaluate(SIDEWAYS)) == (width, [], 0)


def test_a_day_passes_without_the_mouse(desk, sit_down):
    ewa: Console = sit_down("Ewa")
    page = ewa.page
    page.keyboard.press("q")
    page.keyboard.type("a")
    page.keyboard.press("Enter")
    expect(ewa.presence).to_contain_text("Available")
    Customer(desk, "Marta Kowalczyk", "marta.k@poczta.example").write("Keys", "Only by keys.")
    ewa.hears("Only by keys.").accept("Keys")
    ewa.reply("Answered by keys.")
    page.keyboard.press("Escape")
    page.keyboard.press("e")
    expect(page.get_by_role("region", name="Wrap-up")).to_be_visible()
    page.keyboard.press("Shift+E")
    expect(page.get_by_role("button", name="Status: Open")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    expect(page.locator(".row.on")).to_have_count(1)
