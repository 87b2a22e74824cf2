"""The way out to a visitor."""

import pytest
from channels.layers import get_channel_layer

from helpdesk.channels.chat.send import send
from helpdesk.frames import in_database
from tests import factories as make
from tests.helpdesk.sockets import run

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_visitors_socket_is_hinted_and_told_no_content():
    customer = make.make_customer(chat="marta")
    ticket = make.make_ticket(customer=customer, channel="chat")
    delivery = make.make_delivery(make.make_message(ticket, kind="outbound", text="Secret"), recipient="marta")
    address = customer.addresses.get(kind="chat")

    async def scenario():
        layer = get_channel_layer()
        channel = await layer.new_channel()
        await layer.group_add(f"visitor.{address.pk}", channel)
        await in_database(send)(delivery)
        return await layer.receive(channel)

    hint = {"type": "hint", "topic": f"visitor:{address.pk}", "rev": None, "what": "message.sent"}
    assert run(scenario) == hint


def test_a_visitor_who_is_gone_for_good_makes_no_trouble():
    delivery = make.make_delivery(make.make_message(make.make_ticket(channel="chat")), recipient="nobody")
    send(delivery)
