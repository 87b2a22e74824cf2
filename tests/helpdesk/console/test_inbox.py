import json
import re

import pytest
from django.test import Client

from tests.factories import make_agent, make_supervisor, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def signed_in(client):
    def client_of(user) -> Client:
        client.force_login(user)
        return client

    return client_of


def session_of(page) -> dict:
    return json.loads(re.search(r'<script id="session" type="application/json">(.*?)</script>', page)[1])


@pytest.mark.parametrize("address", ["/", "/inbox/mine/", "/inbox/queue-4/", "/inbox/all/17/", "/floor/"])
def test_a_stranger_is_sent_to_sign_in_and_back(client, address):
    assert client.get(address)["Location"] == f"/sign-in/?next={address}"


@pytest.mark.parametrize("address", ["/", "/inbox/unassigned/", "/inbox/queue-4/17/"])
def test_an_agent_gets_the_console_at_any_of_its_addresses(signed_in, address):
    agent = make_agent("Ewa Pawlak")
    session = session_of(signed_in(agent.user).get(address).content.decode())
    assert (session["user"]["name"], session["user"]["initials"], session["user"]["supervises"]) == (
        "Ewa Pawlak",
        "EP",
        False,
    )


def test_the_console_begins_with_what_its_program_needs(signed_in):
    session = session_of(signed_in(make_agent().user).get("/").content.decode())
    assert set(session) == {"user", "static", "csrf", "build", "site_name"}


def test_a_name_cannot_break_out_of_the_session(signed_in):
    page = signed_in(make_user("</script><script>alert(1)</script>")).get("/").content.decode()
    assert (session_of(page)["user"]["name"], "<script>alert" in page) == ("</script><script>alert(1)</script>", False)


def test_the_only_inline_script_is_the_import_map_and_has_the_nonce(signed_in):
    response = signed_in(make_agent().user).get("/")
    nonce = re.search(r"'nonce-([^']+)'", response["Content-Security-Policy"])[1]
    inline = re.findall(r"<script((?:(?! src=)[^>])*)>", response.content.decode())
    assert inline == [f' type="importmap" nonce="{nonce}"', ' id="session" type="application/json"']


def test_the_theme_is_right_in_the_first_response(signed_in):
    user = make_user(preferences={"theme": "dark", "density": "compact"})
    assert '<html lang="en" data-theme="dark" data-density="compact">' in signed_in(user).get("/").content.decode()


def test_somebody_without_a_role_is_told_who_can_give_one(signed_in):
    response = signed_in(make_user(role="")).get("/")
    assert (response.status_code, "An administrator gives you one" in response.content.decode()) == (403, True)


def test_the_floor_is_for_supervisors(signed_in):
    assert signed_in(make_agent().user).get("/floor/").status_code == 403


def test_a_supervisor_gets_the_floor(signed_in):
    assert session_of(signed_in(make_supervisor()).get("/floor/").content.decode())["user"]["supervises"] is True


def test_the_console_is_only_read(signed_in):
    assert signed_in(make_agent().user).post("/inbox/mine/").status_code == 405
