import pytest
from django.utils.http import content_disposition_header

from tests.factories import make_attachment, make_message, make_ticket, make_user

pytestmark = pytest.mark.django_db


def make_mail(html="", **fields):
    return make_message(make_ticket(), html=html, **fields)


def body_of(browser, message):
    return browser.get(f"/messages/{message.pk}/body/")


def test_a_body_has_a_policy_of_its_own_that_runs_nothing(as_user):
    policy = body_of(as_user(make_user()), make_mail("<p>Hi</p>"))["Content-Security-Policy"]
    assert policy == (
        "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'self'; sandbox allow-same-origin allow-popups allow-popups-to-escape-sandbox"
    )


def test_a_body_may_be_framed_by_our_own_pages_only(as_user):
    assert body_of(as_user(make_user()), make_mail("<p>Hi</p>"))["X-Frame-Options"] == "SAMEORIGIN"


def test_a_body_shows_the_mail_as_it_was_made(as_user):
    page = body_of(as_user(make_user()), make_mail('<p style="color:red">Hi</p>')).content.decode()
    assert '<body><p style="color:red">Hi</p></body>' in page


def test_a_picture_within_the_mail_comes_from_its_attachment(as_user):
    message = make_mail('<img src="cid:logo%40shop"><img alt="" src="cid:other">')
    file = make_attachment(message, content_id="logo@shop", is_inline=True)
    page = body_of(as_user(make_user()), message).content.decode()
    assert f'<img src="/attachments/{file.pk}/"><img alt="" src="">' in page


def test_a_picture_of_another_mail_is_not_found_by_its_name(as_user):
    make_attachment(make_mail(), content_id="logo")
    page = body_of(as_user(make_user()), make_mail('<img src="cid:logo">')).content.decode()
    assert '<img src="">' in page


def test_a_mail_without_html_shows_its_text_escaped(as_user):
    page = body_of(as_user(make_user()), make_mail(text="<script>alert(1)</script>")).content.decode()
    assert "<pre>&lt;script&gt;alert(1)&lt;/script&gt;</pre>" in page


@pytest.mark.parametrize("content_type", ["image/png", "image/jpeg", "image/gif", "image/webp"])
def test_a_harmless_picture_is_shown(as_user, content_type):
    file = make_attachment(make_mail(), content_type=content_type, filename="photo.png")
    response = as_user(make_user()).get(f"/attachments/{file.pk}/")
    assert (response["Content-Type"], response["Content-Disposition"]) == (content_type, 'inline; filename="photo.png"')


@pytest.mark.parametrize("content_type", ["image/svg+xml", "text/html", "application/pdf", "application/xhtml+xml"])
def test_everything_else_is_a_download_of_no_type(as_user, content_type):
    file = make_attachment(make_mail(), content_type=content_type, filename="x.svg")
    response = as_user(make_user()).get(f"/attachments/{file.pk}/")
    assert response["Content-Type"] == "application/octet-stream"
    assert response["Content-Disposition"] == 'attachment; filename="x.svg"'
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"


@pytest.mark.parametrize("name", ["rechnung für märz.pdf", 'a"b.pdf', "naïve\r\nX-Evil: 1.pdf"])
def test_a_name_is_written_as_the_standard_says_and_splits_no_header(as_user, name):
    file = make_attachment(make_mail(), filename=name, content_type="application/pdf")
    response = as_user(make_user()).get(f"/attachments/{file.pk}/")
    assert response["Content-Disposition"] == content_disposition_header(as_attachment=True, filename=name)
    assert "\n" not in response["Content-Disposition"]


def test_a_download_has_the_bytes_as_they_came(as_user):
    content = bytes(range(256))
    file = make_attachment(make_mail(), content=content)
    assert as_user(make_user()).get(f"/attachments/{file.pk}/").content == content
