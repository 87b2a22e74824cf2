"""A cursor is ours to write: whoever makes one up is refused in words, whatever it holds."""

import base64

import pytest

from tests.factories import make_ticket, make_user

pytestmark = pytest.mark.django_db

MADE_UP = [
    "[" * 5000,
    "[" * 300,
    '["f", "x", 1]',
    '["f", null, 1]',
    '["0001-01-01T00:00:00+23:59", 1, 1]',
    '["9999-12-31T23:59:59-23:59", 1, 1]',
    '["2020-01-01T00:00:00+00:00", 1, Infinity]',
]


def cursor_of(text):
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


@pytest.mark.parametrize("text", MADE_UP, ids=lambda text: text[:24])
@pytest.mark.parametrize("rest", ["", "{pk}/timeline/"])
def test_a_cursor_that_somebody_made_up_is_refused(as_user, rest, text):
    url = f"/api/v1/tickets/{rest.format(pk=make_ticket(text='Hello').pk)}"
    assert as_user(make_user()).get(f"{url}?cursor={cursor_of(text)}").status_code == 400


def test_a_page_of_a_size_beyond_all_numbers_is_a_page(as_user):
    make_ticket()
    answer = as_user(make_user()).get(f"/api/v1/tickets/?page_size={'9' * 5000}").json()
    assert len(answer["results"]) == 1
