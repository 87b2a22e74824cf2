"""Every server-rendered page: nothing for axe to find, light or dark, no sideways scroll on the narrowest screen."""

import pytest
from axe_playwright_python.sync_playwright import Axe

RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}
PAGES = [
    "/account/2fa/",
    "/account/password/change/",
    "/customers/",
    "/customers/?q=nobody",
    "/customers/{customer}/",
    "/nowhere/",
    "/settings/",
    "/settings/agents/",
    "/settings/agents/new/",
    "/settings/dispositions/",
    "/settings/dispositions/new/",
    "/settings/entry-points/",
    "/settings/entry-points/new/?kind=chat",
    "/settings/health/",
    "/settings/inbound/",
    "/settings/queues/",
    "/settings/queues/new/",
    "/settings/rules/",
    "/settings/rules/0/",
    "/settings/skills/",
    "/settings/skills/new/",
    "/settings/staff/",
    "/settings/staff/new/",
]


@pytest.mark.parametrize("colours", ["light", "dark"])
def test_nothing_stands_in_anybodys_way(desk, open_window, colours):
    page = signed_in(desk, open_window(color_scheme=colours))
    assert {path: found for path in addresses(desk) if (found := barriers(page, desk.url + path))} == {}


def test_the_door_stands_in_nobodys_way(desk, open_window):
    page = open_window()
    found = [barriers(page, f"{desk.url}/{path}/") for path in ("sign-in", "account/password/reset")]
    assert found == [[], []]


def test_no_page_scrolls_sideways_on_a_narrow_screen(desk, open_window):
    page = signed_in(desk, open_window(viewport={"width": 320, "height": 700}))
    assert {path: wide for path in addresses(desk) if (wide := overhang(page, desk.url + path))} == {}


def signed_in(desk, page):
    boss = next(user for user in desk.company["users"] if user["role"] == "administrator")
    page.goto(f"{desk.url}/sign-in/?next=/settings/")
    page.get_by_label("E-mail address").fill(boss["email"])
    page.get_by_label("Password").fill(boss["password"])
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/settings/")
    return page


def addresses(desk):
    [(customer,)] = desk.sql("SELECT min(id) FROM customers_customer")
    return [path.format(customer=customer) for path in PAGES]


def barriers(page, url):
    """What axe finds on the page, each with the first place."""
    page.goto(url)
    found = Axe().run(page, options=RULES).response["violations"]
    return [(one["id"], one["nodes"][0]["html"]) for one in found]


def overhang(page, url):
    """How many pixels the page is wider than its window."""
    page.goto(url)
    return page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
