"""Files that agents send into a chat."""

import pytest

from helpdesk.channels.chat.conversation import say, snapshot
from helpdesk.channels.chat.visitors import arrive
from helpdesk.replies import reply
from tests import factories as make
from tickets.models import Ticket

pytestmark = pytest.mark.django_db


@pytest.fixture
def path() -> str:
    """Where a visitor finds the page of HTML that an agent sent them."""
    marta = arrive(make.make_widget())
    say(marta, client_id="c_1", text="Send me the manual")
    page = {"filename": "manual.html", "content_type": "text/html", "content": b"<script>alert(1)</script>"}
    reply(Ticket.objects.get(), by=make.make_user(), text="Here", attachments=[page])
    return snapshot(marta).messages[-1]["files"][0]["path"]


def test_a_file_is_always_a_download(client, path):
    answer = client.get(path)
    assert answer.content == b"<script>alert(1)</script>"
    assert (answer["Content-Disposition"], answer["Content-Type"]) == (
        'attachment; filename="manual.html"',
        "application/octet-stream",
    )


def test_a_file_whose_address_is_guessed_is_not_there(client, path):
    assert client.get("/widget/files/1:abc:def/").status_code == 404


def test_an_address_that_is_too_old_is_not_there(client, path, monkeypatch):
    monkeypatch.setattr("django.core.signing.time.time", lambda: 4_000_000_000)
    assert client.get(path).status_code == 404
