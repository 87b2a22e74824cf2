"""The widget's pure modules, tried in the browser that runs them."""

import pytest

MODULES = "/static/helpdesk/widget"
LEAST_CONTRAST = """async (modules) => {
    const { palette, contrast } = await import(`${modules}/colour.js`);
    const poles = ["00", "33", "66", "99", "cc", "ff"];
    const colours = poles.flatMap((r) => poles.flatMap((g) => poles.map((b) => `#${r}${g}${b}`)));
    const hex = (value) => value.match(/#[0-9a-f]{6}/gi);
    return Math.min(...colours.flatMap((colour) => {
        const made = palette(colour);
        const [light, dark] = hex(made["--brand-ink"]);
        const ground = made["--brand"];
        return [contrast(ground, made["--on-brand"]), contrast(ground, made["--on-brand-2"]),
            contrast(light, "#FFFFFF"), contrast(dark, "#191817")];
    }));
}"""
LINKS = """async ([modules, text]) => {
    const { linked } = await import(`${modules}/parts.js`);
    return linked(text, "new tab").filter((node) => node.href).map((node) => node.href);
}"""
WAIT = """async ([modules, seconds]) => {
    const { waitWords } = await import(`${modules}/times.js`);
    const { wordsOf } = await import(`${modules}/strings.js`);
    return waitWords(seconds, wordsOf("en"));
}"""
SAME_WORDS = """async (modules) => {
    const { wordsOf } = await import(`${modules}/strings.js`);
    const [en, pl] = [wordsOf("en"), wordsOf("pl")];
    return Object.keys(en).filter((word) => typeof en[word] === "string" && en[word] === pl[word]);
}"""

QUESTIONS_OF_TWO_AT_ONCE = """async (modules) => {
    const { Chat } = await import(`${modules}/connection.js`);
    const { key } = document.querySelector("script[data-key]").dataset;
    const value = {};
    const store = { value, read: () => value, write: (changes) => Object.assign(value, changes) };
    const chat = new Chat({ desk: "", key, store, language: "en", claims: {}, changed() {} });
    const ask = window.fetch;
    let questions = 0;
    window.fetch = (...words) => (questions++, ask(...words));
    await Promise.all([chat.begin(), chat.begin()]);
    window.fetch = ask;
    return questions;
}"""


@pytest.fixture
def page(desk, open_window):
    page = open_window()
    page.goto(f"{desk.url}/demo/shop/")
    return page


def test_every_brand_colour_is_made_legible(page):
    assert page.evaluate(LEAST_CONTRAST, MODULES) >= 4.5


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("See https://fjell.example/a?b=1&c=2.", ["https://fjell.example/a?b=1&c=2"]),
        ("(http://fjell.example)", ["http://fjell.example/"]),
        ("javascript:alert(1) data:text/html,x file:///etc/passwd ftp://fjell.example", []),
        ("https:// and https://%", []),
        ("<a href='https://fjell.example/x'>", ["https://fjell.example/x"]),
    ],
)
def test_only_web_addresses_become_links(page, text, links):
    assert page.evaluate(LINKS, [MODULES, text]) == links


@pytest.mark.parametrize(
    ("seconds", "words"), [(None, None), (20, "under a minute"), (180, "2 to 4 min"), (80, "1 to 2 min")]
)
def test_a_wait_is_said_as_a_range(page, seconds, words):
    assert page.evaluate(WAIT, [MODULES, seconds]) == words


def test_nothing_is_left_in_english_on_a_polish_page(page):
    assert page.evaluate(SAME_WORDS, MODULES) == []


def test_a_page_that_asks_twice_at_once_is_one_visitor(page):
    assert page.evaluate(QUESTIONS_OF_TWO_AT_ONCE, MODULES) == 1
