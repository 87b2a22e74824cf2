import pytest

from helpdesk.channels.email.html import is_buildable, sanitise, to_text

VECTORS = [
    ("<script>alert(1)</script>x", "x"),
    ("<style>b{}</style><title>t</title>x", "x"),
    ('<p onclick="x()" class="a" id="b">x</p>', "<p>x</p>"),
    ('<p style="color:red;background:url(http://h.example/x)">x</p>', '<p style="color: red">x</p>'),
    ('<p style="width:expression(alert(1))">x</p>', "<p>x</p>"),
    ('<p style="position:fixed;z-index:9;margin:-9px">x</p>', "<p>x</p>"),
    ('<p style="color:var(--x);width:99999px">x</p>', "<p>x</p>"),
    ('<p style="c\\6flor:red">x</p>', "<p>x</p>"),
    ("<p style=\"background:image-set('http://h.example' 1x)\">x</p>", "<p>x</p>"),
    ('<p style="font-size:12.0pt;color:rgb(1,2,3)">x</p>', '<p style="font-size: 12.0pt; color: rgb(1,2,3)">x</p>'),
    ('<img src="cid:a@b" onerror="x()">', '<img src="cid:a@b">'),
    ('<img src="http://h.example/x.png">', '<img data-remote-src="http://h.example/x.png">'),
    ("<img src=HTTPS://h.example/x>", '<img data-remote-src="https://h.example/x">'),
    ('<img src="//h.example/x">', "<img>"),
    ('<img src="data:image/png;base64,AA">', "<img>"),
    ('<img srcset="http://h.example/x 2x">', "<img>"),
    ('<img data-remote-src="http://h.example/x">', "<img>"),
    (
        '<table background="http://h.example"><tr><td>x</td></tr></table>',
        "<table><tbody><tr><td>x</td></tr></tbody></table>",
    ),
    ("<svg><a href='javascript:x()'>y</a></svg>x", "x"),
    ("<form action=/x><input name=a>x</form>", "x"),
    ("<iframe src=http://h.example></iframe>x", "x"),
    ("a\x00b\u202ec\ud800", "abc"),
    ("<!-- <b>x</b> -->y", "y"),
    ("<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>", ""),
]
LINK = 'target="_blank" rel="noopener nofollow noreferrer"'


@pytest.mark.parametrize(("html", "clean"), VECTORS)
def test_hostile_html_is_made_harmless(html, clean):
    assert sanitise(html) == clean


@pytest.mark.parametrize(
    "address",
    ["javascript:x()", " java\nscript:x()", "data:text/html,x", "vbscript:x", "/relative", "//h.example", "cid:x"],
)
def test_a_link_that_leads_nowhere_good_loses_its_address(address):
    assert "href" not in sanitise(f'<a href="{address}">x</a>')


def test_a_link_opens_elsewhere_and_tells_nobody_where_from():
    assert sanitise('<a href="https://h.example/">x</a>') == f'<a href="https://h.example/" {LINK}>x</a>'


def test_a_link_that_claims_another_host_says_where_it_leads():
    html = sanitise('<a href="https://evil.example/">https://bank.test/login</a>')
    assert html == f'<a href="https://evil.example/" {LINK}>https://bank.test/login</a> [evil.example]'


def test_a_link_that_names_its_own_host_is_left_alone():
    assert (
        sanitise('<a href="https://www.bank.test/x">bank.test</a>')
        == f'<a href="https://www.bank.test/x" {LINK}>bank.test</a>'
    )


def test_text_that_looks_like_an_image_is_left_alone():
    assert sanitise('&lt;img src="http://h.example/x"&gt;') == '&lt;img src="http://h.example/x"&gt;'


@pytest.mark.parametrize(
    "html",
    [
        "<div>" * 300 + "x",
        "<b>" * 900 + "x",
        "<p>x</p>" * 300_000,
        "<p>" + "<b>" * 20 + "</p>" + "<p>x" * 100_000,
        "<a href=http://h.example>x</a>" * 5001,
    ],
)
def test_html_that_is_too_much_is_shown_as_text(html):
    assert is_buildable(html) is False
    assert sanitise(html).startswith("<pre>")


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>a</p><p>b</p>", "a\n\nb"),
        ("<div>a</div><div>b<br>c</div>", "a\nb\nc"),
        ("a<style>x{}</style><script>y()</script>", "a"),
        ("<ul><li>a</li><li>b</li></ul>", "  * a\n  * b"),
        ("<table><tr><td>a</td><td>b</td></tr></table>", "a  b"),
        ('<?xml version="1.0" encoding="utf-8"?><p>ü</p>', "ü"),
        ("a<b>b</b>&amp;&nbsp;c", "ab& c"),
        ('<p style="display:none">seen by nobody</p>x', "x"),
        ("", ""),
        ("<!-- -->", ""),
    ],
)
def test_html_is_read_as_text(html, text):
    assert to_text(html) == text


def test_text_of_html_without_end_is_found_without_building_it():
    assert to_text("<div>" * 5000 + "hello<script>x</script>") == "hello"
