"""What the widget asks for over HTTP, and who is let in."""

import uuid

import pytest

from customers.models import Address, Customer
from helpdesk.channels.chat.conversation import say
from helpdesk.channels.chat.visitors import arrive, token_of, visitor_of
from tests import factories as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def widget():
    return make.make_widget(colour="#17402F", greeting="Hello there", origins=["https://fjell.example"])


def begin(client, widget, *, origin="https://fjell.example", **said):
    path = f"/widget/{widget.key}/session/"
    return client.post(path, said, content_type="application/json", headers={"Origin": origin})


def test_a_session_says_what_the_widget_needs_to_begin(client, widget):
    make.make_agent()
    session = begin(client, widget, name="Marta").json()
    token = session.pop("token")
    assert visitor_of(token).name == "Marta"
    assert session == {
        "name": "Marta",
        "email": "",
        "brand": {"name": "Web chat", "colour": "#17402F", "greeting": "Hello there"},
        "language": "",
        "queue_open": True,
        "people": 1,
        "ws": "ws://testserver/ws/v1/visitor/",
    }


def test_a_session_goes_on_with_the_visitor_of_its_token(client, widget):
    first = begin(client, widget, name="Marta", email="Marta@Poczta.example").json()
    second = begin(client, widget, token=first["token"]).json()
    assert visitor_of(second["token"]) == visitor_of(first["token"])


def test_a_token_of_another_widget_makes_a_new_visitor(client, widget):
    other = begin(client, make.make_widget()).json()
    session = begin(client, widget, token=other["token"]).json()
    assert visitor_of(session["token"]).key != visitor_of(other["token"]).key


def test_beginning_a_session_stores_nothing_of_the_visitor(client, widget):
    begin(client, widget, name="Marta", email="marta@poczta.example")
    assert (Customer.objects.count(), Address.objects.count()) == (0, 0)


def test_an_unknown_key_is_refused_with_the_way_on(client, widget):
    widget.key = uuid.uuid4()
    answer = begin(client, widget)
    assert (answer.status_code, "data-key in the script tag" in answer.json()["detail"]) == (404, True)


def test_a_key_that_is_none_is_refused_too(client, widget):
    widget.key = "nonsense"
    assert begin(client, widget).status_code == 404


def test_an_address_that_is_none_is_refused_in_words(client, widget):
    answer = begin(client, widget, email="marta@poczta")
    sentence = "“marta@poczta” is no e-mail address; correct it or leave it empty."
    assert (answer.status_code, answer.json()["fields"]["email"]) == (400, [sentence])


def test_the_page_that_may_embed_the_widget_may_read_the_answer(client, widget):
    assert begin(client, widget)["Access-Control-Allow-Origin"] == "https://fjell.example"


def test_a_page_that_may_not_embed_the_widget_is_refused_and_reads_nothing(client, widget):
    answer = begin(client, widget, origin="https://evil.example")
    assert (answer.status_code, answer.has_header("Access-Control-Allow-Origin")) == (403, False)


def test_a_browser_that_asks_first_is_told_what_it_may_send(client, widget):
    path = f"/widget/{widget.key}/session/"
    answer = client.options(path, headers={"Origin": "https://fjell.example", "Access-Control-Request-Method": "POST"})
    assert answer["Access-Control-Allow-Headers"] == "Content-Type, Authorization"


def test_sessions_begun_too_fast_from_one_address_are_slowed_down(client, widget):
    statuses = [begin(client, widget).status_code for _ in range(21)]
    assert (statuses[:20], statuses[20]) == ([200] * 20, 429)


def test_no_cookie_is_ever_set_on_other_peoples_pages(client, widget):
    assert (begin(client, widget).cookies, client.get("/widget.js").cookies) == ({}, {})


def test_the_conversation_is_the_visitors_own(client, widget):
    marta, ola = arrive(widget, name="Marta"), arrive(widget, name="Ola")
    say(marta, client_id="c_1", text="Hello")
    assert [_texts(client, widget, visitor) for visitor in (marta, ola)] == [["Hello"], []]


def test_the_conversation_is_refused_without_a_token(client, widget):
    assert client.get(f"/widget/{widget.key}/conversation/").status_code == 403


def test_the_conversation_takes_as_many_queries_for_three_messages_as_for_one(
    client, widget, django_assert_max_num_queries
):
    marta = arrive(widget)
    for count in (1, 3):
        say(marta, client_id=f"c_{count}", text="Hello")
        with django_assert_max_num_queries(8):
            _texts(client, widget, marta)


def test_the_loader_names_the_module_and_is_kept_briefly(client):
    answer = client.get("/widget.js")
    assert "/static/helpdesk/widget/widget.js" in answer.content.decode()
    assert (answer["Content-Type"], answer["Cache-Control"]) == (
        "text/javascript; charset=utf-8",
        "public, max-age=300",
    )


def test_the_demo_shop_embeds_the_widget_by_its_key(client, widget, settings):
    settings.HELPDESK_DEMO = True
    assert f'data-key="{widget.key}"' in client.get("/demo/shop/").content.decode()


def test_the_demo_shop_is_closed_outside_the_demo(client, widget, settings):
    settings.HELPDESK_DEMO = False
    assert client.get("/demo/shop/").status_code == 404


def _texts(client, widget, visitor):
    headers = {"Authorization": f"Visitor {token_of(visitor)}"}
    answer = client.get(f"/widget/{widget.key}/conversation/", headers=headers)
    return [message["text"] for message in answer.json()["messages"]]
