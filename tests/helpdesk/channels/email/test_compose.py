from email import message_from_bytes
from email.policy import default

import pytest

from helpdesk.channels.email import compose
from helpdesk.channels.email.mime_out import id_chain, mailbox, words
from helpdesk.channels.email.parse import parse
from helpdesk.channels.email.tokens import (
    delivery_of_address,
    loop_mark,
    ticket_of_address,
    ticket_of_message_id,
)
from tests.factories import make_attachment, make_customer, make_delivery, make_mailbox, make_message, make_ticket

pytestmark = pytest.mark.django_db

SUPPORT = "support@desk.test"


@pytest.fixture(autouse=True)
def desk():
    return make_mailbox(SUPPORT, signature="Fjell Outdoor\nPoznań")


@pytest.fixture
def ticket():
    marta = make_customer("Marta Kowalczyk", email="marta@example.test")
    ticket = make_ticket(customer=marta, subject="Hak holowniczy")
    make_message(
        ticket, text="Gdzie jest paczka?", subject="Hak holowniczy", sender="marta@example.test", mail_id="one@m.test"
    )
    return ticket


def frozen(ticket, text="Jest już w drodze.", *, recipient="marta@example.test", **fields):
    message = make_message(ticket, kind="outbound", text=text, **fields)
    delivery = make_delivery(message, recipient=recipient)
    compose.freeze(delivery)
    delivery.refresh_from_db()
    return delivery


def opened(delivery):
    return message_from_bytes(bytes(delivery.mime), policy=default)


def test_a_reply_answers_the_customers_mail(ticket):
    mail = opened(frozen(ticket))
    assert (mail["In-Reply-To"], mail["References"]) == ("<one@m.test>", "<one@m.test>")


def test_a_reply_carries_the_chain_of_the_conversation(ticket):
    first = frozen(ticket)
    make_message(ticket, text="Dziękuję", subject="Re: Hak", mail_id="two@m.test")
    assert opened(frozen(ticket))["References"].split() == ["<one@m.test>", f"<{first.mail_id}>", "<two@m.test>"]


def test_the_reply_address_names_the_ticket(ticket):
    reply_to = opened(frozen(ticket))["Reply-To"].addresses[0].addr_spec
    assert ticket_of_address(reply_to) == ticket.pk


def test_the_message_id_names_the_ticket_and_is_kept_on_the_message(ticket):
    delivery = frozen(ticket)
    delivery.message.refresh_from_db()
    assert ticket_of_message_id(delivery.mail_id) == ticket.pk
    assert delivery.message.mail_id == delivery.mail_id


def test_what_bounces_comes_back_to_an_address_that_names_the_delivery(ticket):
    delivery = frozen(ticket)
    assert delivery_of_address(delivery.envelope_sender) == delivery.pk


def test_the_subject_carries_the_number_once(ticket):
    make_message(ticket, text="?", subject=f"Re: Hak [#{ticket.number}]")
    assert opened(frozen(ticket))["Subject"] == f"Re: Hak [#{ticket.number}]"


def test_the_text_is_followed_by_signature_and_a_short_quote(ticket):
    text = opened(frozen(ticket)).get_body(("plain",)).get_content()
    said, _, rest = text.replace("\r\n", "\n").partition("\n\n-- \n")
    assert said == "Jest już w drodze."
    assert rest.startswith("Fjell Outdoor\nPoznań\n\nOn ")
    assert rest.rstrip().endswith("Marta Kowalczyk wrote:\n> Gdzie jest paczka?")


def test_our_own_parser_finds_what_was_newly_written(ticket):
    assert parse(bytes(frozen(ticket).mime)).text.strip() == "Jest już w drodze."


def test_the_html_says_the_same_and_escapes_it(ticket):
    html = opened(frozen(ticket, "a < b & c")).get_body(("html",)).get_content()
    assert "<p>a &lt; b &amp; c</p>" in html


def test_a_frozen_mail_is_never_rendered_again(ticket):
    delivery = frozen(ticket)
    before = bytes(delivery.mime)
    ticket.subject = "Another"
    compose.freeze(delivery)
    assert bytes(delivery.mime) == before


def test_a_copy_is_the_same_mail_to_another_recipient(ticket):
    message = make_message(ticket, kind="outbound", text="Hello", copied=["bob@example.test"])
    for_marta = make_delivery(message, recipient="marta@example.test")
    for_bob = make_delivery(message, recipient="bob@example.test")
    compose.freeze(for_marta)
    compose.freeze(for_bob)
    copy = opened(for_bob)
    assert for_bob.mail_id == for_marta.mail_id
    assert (copy["To"].addresses[0].addr_spec, copy["Cc"]) == ("marta@example.test", "bob@example.test")


def test_attachments_go_along(ticket):
    message = make_message(ticket, kind="outbound", text="See the photo")
    make_attachment(message, filename="zdjęcie.png", content_type="image/png", content=b"\x89PNG\x00\x01")
    delivery = make_delivery(message, recipient="marta@example.test")
    compose.freeze(delivery)
    [part] = opened(delivery).iter_attachments()
    assert (part.get_filename(), part.get_content()) == ("zdjęcie.png", b"\x89PNG\x00\x01")


def test_all_our_mail_carries_the_mark_by_which_a_loop_is_known(ticket):
    assert opened(frozen(ticket))["X-Loop"] == loop_mark()


def test_an_agents_reply_does_not_claim_to_be_automatic(ticket):
    assert opened(frozen(ticket))["Auto-Submitted"] is None


def test_every_line_is_short_and_seven_bit(ticket):
    make_message(ticket, text="ż" * 3000, subject="ó" * 250, mail_id="x" * 850 + "@m.test")
    mime = bytes(frozen(ticket, "ą" * 5000).mime)
    assert max(map(len, mime.split(b"\r\n"))) <= 998
    assert mime.isascii()


@pytest.mark.parametrize("evil", ["x\r\nBcc: eve@example.test", "x\nBcc: eve@example.test", "x\u2028Bcc: eve@x.test"])
def test_no_subject_or_name_can_start_a_header(ticket, desk, evil):
    ticket.customer.name = desk.name = evil
    ticket.customer.save()
    desk.save()
    make_message(ticket, text="?", subject=evil)
    mail = opened(frozen(ticket))
    assert (mail["Bcc"], mail["X-Loop"]) == (None, loop_mark())


def test_an_address_that_is_none_is_refused_in_words(ticket):
    with pytest.raises(ValueError, match="Mail cannot be sent to"):
        frozen(ticket, recipient="marta@example.test\r\nBcc: eve@example.test")


def test_a_desk_without_a_mailbox_says_so(ticket, desk):
    desk.delete()
    with pytest.raises(compose.NoMailbox, match="Add one under Settings"):
        frozen(ticket)


def test_the_mailbox_of_the_tickets_queue_answers(ticket):
    make_mailbox("warranty@desk.test", queue=ticket.queue)
    assert opened(frozen(ticket))["From"].addresses[0].addr_spec == "warranty@desk.test"


def test_a_long_chain_keeps_its_first_and_its_last_twenty():
    chain = id_chain(f"{n}@x" for n in range(100)).split()
    assert [chain[0], chain[1], chain[-1], len(chain)] == ["<0@x>", "<80@x>", "<99@x>", 21]


def test_an_id_that_could_break_out_is_left_out_of_the_chain():
    assert id_chain(["good@x", "bad>\r\nBcc: eve@x", "w ord@x"]) == "<good@x>"


def test_a_domain_of_another_script_goes_as_punycode():
    assert mailbox("", "ada@köln.example") == "<ada@xn--kln-sna.example>"


def test_a_name_with_a_quote_and_a_comma_stays_one_name():
    assert mailbox('Lovelace, "Ada"', "ada@x.test") == '"Lovelace, Ada" <ada@x.test>'


def test_an_ascii_subject_stays_readable():
    assert words("Where is my parcel?") == "Where is my parcel?"
