"""A whole desk with its demo company, and a real browser to look at it with. Started once for all journeys.

Both end with this package: while Playwright is there, Django takes every test for one inside an event loop.
"""

import shutil
import tempfile
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.harness import Desk
from tests.journeys.consoles import Console

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
LISTEN_FOR_VIOLATIONS = """
    window.violations = [];
    addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) =>
        violations.push(`${violatedDirective} ${blockedURI}`));
"""


def pytest_collection_modifyitems(items):
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.journey)


@pytest.fixture(scope="package")
def desk():
    """All processes, ready, with the demo's company in it; `desk.company` says who there is."""
    folder = Path(tempfile.mkdtemp(prefix="trunkline-journeys-"))
    desk = Desk(folder, HELPDESK_RATE_CHAT_START="1000/min", HELPDESK_RATE_CHAT_MESSAGE="5000/min")
    try:
        desk.start()
        desk.company = desk.seed()
        yield desk
    finally:
        desk.stop()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="package")
def chromium():
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def open_window(chromium: Browser):
    """Opens windows, each with cookies of its own; a script error or a breach of the page's policy fails the test."""
    opened, errors = [], []

    def open_one(**options) -> Page:
        context = chromium.new_context(**{"viewport": {"width": 1280, "height": 860}, "locale": "en-GB", **options})
        context.add_init_script(LISTEN_FOR_VIOLATIONS)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        opened.append(context)
        return page

    yield open_one
    violations = [found for context in opened for page in context.pages for found in _violations(page)]
    for context in opened:
        context.close()
    assert (errors, violations) == ([], [])


@pytest.fixture
def sit_down(desk, open_window):
    """Seats agents at consoles of their own; afterwards nobody is there and nothing rings or waits."""
    desk.sql("UPDATE routing_agent SET presence = 'offline', reason = ''")
    yield lambda who, **options: Console(open_window(**options), desk, who)
    _clear(desk)


def _clear(desk):
    """Forget what is live, as a new day would, so that one journey does not meet another's mail."""
    desk.sql("UPDATE routing_agent SET presence = 'offline', reason = ''")
    desk.sql("UPDATE routing_offer SET outcome = 'withdrawn', answered_at = now() WHERE outcome = 'open'")
    desk.sql("UPDATE routing_interaction SET status = 'done', done_at = now(), cost = 0 WHERE status <> 'done'")
    desk.sql("UPDATE routing_agent SET used = 0, parked = 0, override = 0, misses = 0")


def _violations(page):
    return page.evaluate("window.violations || []") if page.url.startswith("http") else []
