"""A stranger on every list and every object: somebody not signed in, an account without a role, and an agent outside a
private queue. What hangs on a private ticket must not leak through anything that mentions it."""

import pytest
from rest_framework.test import APIClient

from customers.models import Event
from helpdesk import access
from helpdesk.access import may_follow
from tests.factories import (
    make_agent,
    make_attachment,
    make_customer,
    make_decision,
    make_delivery,
    make_inbound_raw,
    make_interaction,
    make_mailbox,
    make_message,
    make_offer,
    make_queue,
    make_skill,
    make_supervisor,
    make_ticket,
    make_token,
    make_user,
)

pytestmark = pytest.mark.django_db

LISTS = [
    "agents",
    "customers",
    "deliveries",
    "dispositions",
    "entry_points",
    "events",
    "floor",
    "inbound",
    "interactions",
    "offers",
    "queues",
    "skills",
    "tickets",
]
WITH_A_ROW = ["tickets", "interactions", "deliveries"]


class Secret:
    """A ticket in a private queue, with everything that can hang on one."""

    def __init__(self):
        self.member = make_agent("Member")
        self.queue = make_queue("Board", is_private=True, members=[self.member.user])
        self.customer = make_customer("Marta", email="marta@example.test")
        self.ticket = make_ticket(
            customer=self.customer, queue=self.queue, subject="Xylophone", text="Xylophone inside"
        )
        self.message = make_message(self.ticket, kind="outbound", user=self.member.user, html="<p>Xylophone</p>")
        self.attachment = make_attachment(self.message)
        self.delivery = make_delivery(self.message, state="failed")
        self.interaction = make_interaction(self.ticket)
        self.offer = make_offer(self.interaction, agent=self.member)
        self.decision = make_decision(self.interaction, agent=self.member)

    def objects(self) -> list[str]:
        """Every address of something that is secret."""
        return [
            f"/api/v1/tickets/{self.ticket.pk}/",
            f"/api/v1/tickets/{self.ticket.pk}/timeline/",
            f"/api/v1/interactions/{self.interaction.pk}/",
            f"/api/v1/interactions/{self.interaction.pk}/waiting/",
            f"/api/v1/deliveries/{self.delivery.pk}/",
            f"/api/v1/decisions/{self.decision.pk}/",
            f"/api/v1/queues/{self.queue.pk}/",
            f"/messages/{self.message.pk}/body/",
            f"/attachments/{self.attachment.pk}/",
            f"/decisions/{self.decision.pk}/",
        ]

    def acts(self) -> list[str]:
        """Every address by which something is done to it."""
        ticket, interaction = f"/api/v1/tickets/{self.ticket.pk}", f"/api/v1/interactions/{self.interaction.pk}"
        return [
            *(f"{ticket}/{verb}/" for verb in ("solve", "reopen", "take", "messages")),
            *(f"{interaction}/{verb}/" for verb in ("end", "wrap_up", "extend", "take")),
            f"/api/v1/deliveries/{self.delivery.pk}/retry/",
            f"/api/v1/offers/{self.offer.pk}/accept/",
            f"/api/v1/offers/{self.offer.pk}/decline/",
        ]


@pytest.fixture
def secret(db) -> Secret:
    return Secret()


def client_of(user) -> APIClient:
    client = APIClient()
    client.force_login(user)
    client.credentials(HTTP_AUTHORIZATION=f"Token {make_token(user)}")
    return client


@pytest.mark.parametrize("name", LISTS)
def test_nobody_reads_a_list_without_signing_in(name):
    assert APIClient().get(f"/api/v1/{name}/").status_code == 401


@pytest.mark.parametrize("name", LISTS)
def test_an_account_without_a_role_reads_no_list(secret, name):
    assert client_of(make_user(role="")).get(f"/api/v1/{name}/").status_code == 403


def test_nobody_opens_an_object_without_signing_in(secret):
    client = APIClient()
    answers = {url: client.get(url).status_code for url in secret.objects()}
    assert answers == {url: 401 if url.startswith("/api/") else 302 for url in answers}


def test_an_account_without_a_role_opens_no_object(secret):
    client = client_of(make_user(role=""))
    assert {client.get(url).status_code for url in secret.objects()} <= {403, 404}


def test_an_agent_outside_opens_no_object_of_a_private_queue(secret):
    client = client_of(make_agent().user)
    answers = {url: client.get(url).status_code for url in secret.objects()}
    assert answers == dict.fromkeys(answers, 404)


def test_a_member_and_a_supervisor_open_every_object(secret):
    for user in (secret.member.user, make_supervisor()):
        client = client_of(user)
        answers = {url: client.get(url).status_code for url in secret.objects()}
        assert answers == dict.fromkeys(answers, 200)


def test_an_agent_outside_does_nothing_in_a_private_queue(secret):
    client = client_of(make_agent().user)
    answers = {url: client.post(url, {"kind": "note", "text": "x"}).status_code for url in secret.acts()}
    assert answers == dict.fromkeys(answers, 404)


def test_nobody_does_anything_without_signing_in(secret):
    answers = {url: APIClient().post(url).status_code for url in secret.acts()}
    assert answers == dict.fromkeys(answers, 401)


@pytest.mark.parametrize("name", WITH_A_ROW)
def test_a_list_leaves_out_what_is_in_a_private_queue(secret, name):
    url = f"/api/v1/{name}/"
    assert client_of(make_agent().user).get(url).json()["results"] == []
    assert client_of(secret.member.user).get(url).json()["results"] != []


@pytest.mark.parametrize("words", ["Xylophone", "marta@example.test", "Marta", "number"])
def test_a_search_finds_nothing_in_a_private_queue(secret, words):
    words = secret.ticket.number if words == "number" else words
    url = f"/api/v1/tickets/?search={words}"
    assert client_of(make_agent().user).get(url).json()["results"] == []
    assert [row["id"] for row in client_of(secret.member.user).get(url).json()["results"]] == [secret.ticket.pk]


def test_a_customer_shows_no_private_ticket_count_or_event(secret):
    client = client_of(make_agent().user)
    detail = client.get(f"/api/v1/customers/{secret.customer.pk}/").json()
    events = client.get(f"/api/v1/customers/{secret.customer.pk}/timeline/").json()["results"]
    assert (detail["tickets"], detail["counts"], events) == ([], {"tickets": 0, "open": 0}, [])


def test_the_customer_page_shows_nothing_private(secret):
    page = client_of(make_agent().user).get(f"/customers/{secret.customer.pk}/").content.decode()
    assert "Xylophone" not in page and "Board" not in page
    assert "Xylophone" in client_of(secret.member.user).get(f"/customers/{secret.customer.pk}/").content.decode()


def test_my_counts_and_queues_say_nothing_of_private_ones(secret):
    me = client_of(make_agent().user).get("/api/v1/me/").json()
    assert (me["counts"], me["queues"]) == ({"mine": 0, "unassigned": 0}, [])


def test_a_private_ticket_cannot_be_filtered_out_of_hiding(secret):
    client = client_of(make_agent().user)
    for query in (f"queue={secret.queue.pk}", f"customer={secret.customer.pk}", "channel=email", "sort=number"):
        assert client.get(f"/api/v1/tickets/?{query}").json()["results"] == []


@pytest.mark.parametrize("kind", ["ticket", "queue", "interaction"])
def test_a_socket_follows_nothing_in_a_private_queue(secret, kind):
    topic = f"{kind}:{getattr(secret, kind).pk}"
    assert not may_follow(make_agent().user, topic)
    assert may_follow(secret.member.user, topic)


@pytest.mark.parametrize("role", ["agent", "supervisor"])
@pytest.mark.parametrize("name", ["entry_points", "inbound"])
def test_where_mail_comes_in_is_for_administrators(role, name):
    make_mailbox(), make_inbound_raw()
    assert client_of(make_user(role=role)).get(f"/api/v1/{name}/").status_code == 403


def test_an_agent_outside_may_not_join_a_private_queue(secret):
    user = make_agent().user
    response = client_of(user).patch(f"/api/v1/queues/{secret.queue.pk}/", {"members": [user.pk]})
    assert response.status_code == 403
    assert list(secret.queue.members.all()) == [secret.member.user]


@pytest.mark.parametrize(
    "rows",
    [
        access.queues_for,
        access.tickets_for,
        access.messages_for,
        access.attachments_for,
        access.interactions_for,
        access.decisions_for,
        access.deliveries_for,
        access.offers_for,
        access.customers_for,
        access.agents_for,
        access.events_for,
        access.inbound_for,
    ],
)
def test_everything_starts_empty_for_who_has_no_role_or_left(secret, rows):
    make_inbound_raw(), make_skill()
    assert not rows(make_user(role="")).exists()
    assert not rows(make_user(is_active=False)).exists()


def test_events_without_a_ticket_are_told_to_all_staff(secret):
    event = Event.objects.create(verb="agent.presence", actor="system", subject_kind="agent", subject_id=1)
    assert list(access.events_for(make_agent().user)) == [event]
