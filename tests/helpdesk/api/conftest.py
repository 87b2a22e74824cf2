import pytest
from rest_framework.test import APIClient

from tests.factories import make_token


@pytest.fixture
def as_user(db):
    """A REST client that calls as the given user, by token."""

    def client_of(user) -> APIClient:
        client = APIClient()
        client.credentials(HTTP_AUTHORIZATION=f"Token {make_token(user)}")
        return client

    return client_of
