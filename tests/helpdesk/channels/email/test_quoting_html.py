import pytest

from helpdesk.channels.email.html import to_text
from helpdesk.channels.email.quoting import split_reply_html

CUTS = {
    "gmail": (
        '<div>New</div><div class="gmail_quote"><div class="gmail_attr">Bo wrote:</div><blockquote>Old'
        "</blockquote></div>"
    ),
    "gmail signature": '<div>New</div><div class="gmail_signature">Ann</div>',
    "apple": '<div>New</div><blockquote type="cite">Old</blockquote>',
    "outlook on the web": (
        '<div>New</div><div id="appendonsend"></div><hr><div id="divRplyFwdMsg"><b>From:</b> Bo</div><div>Old</div>'
    ),
    "outlook": (
        '<div><p>New</p><div><div style="border:none;border-top:solid #E1E1E1 1.0pt"><p><b>From:</b> Bo'
        "</p></div></div><p>Old</p></div>"
    ),
    "hotmail": '<p>New</p><hr id="stopSpelling"><p>Old</p>',
    "thunderbird": '<p>New</p><div class="moz-cite-prefix">Bo wrote:</div><blockquote type="cite">Old</blockquote>',
    "thunderbird below": (
        '<div class="moz-cite-prefix">Bo wrote:</div><blockquote type="cite">Old</blockquote><p>New</p>'
    ),
    "yahoo": '<p>New</p><div class="x yahoo_quoted">Old</div>',
    "proton": '<p>New</p><div class="protonmail_quote">Old</div>',
    "zoho": '<p>New</p><div class="zmail_extra">Old</div>',
}
WHOLE = {
    "nothing quoted": "<p>New</p>",
    "only a quote": '<div class="gmail_quote">Old</div>',
    "answers between": (
        '<div class="gmail_quote"><blockquote>Q1</blockquote><p>A1</p><blockquote>Q2</blockquote><p>A2'
        "</p></div><p>x</p>"
    ),
    "forward": '<p>FYI</p><div class="gmail_quote"><div>---------- Forwarded message ---------</div><p>Old</p></div>',
    "empty": "",
}


@pytest.mark.parametrize("html", CUTS.values(), ids=CUTS.keys())
def test_the_marks_of_mail_programs_cut_the_history(html):
    assert to_text(split_reply_html(html)[0]).strip() == "New"


@pytest.mark.parametrize("html", WHOLE.values(), ids=WHOLE.keys())
def test_html_stays_whole_where_cutting_would_lose_something(html):
    assert split_reply_html(html) == (html, "")
