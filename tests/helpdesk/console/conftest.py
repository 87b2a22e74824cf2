import pytest
from django.test import Client


@pytest.fixture
def as_user(db):
    """A browser in which the given user is signed in."""

    def browser_of(user) -> Client:
        browser = Client()
        browser.force_login(user)
        return browser

    return browser_of
