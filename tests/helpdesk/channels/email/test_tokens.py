from helpdesk.channels.email import tokens

SUPPORT = "support@desk.test"


def test_a_reply_address_names_its_ticket_in_any_letter_case():
    assert tokens.ticket_of_address(tokens.reply_address(SUPPORT, 42).upper()) == 42


def test_a_reply_address_of_another_ticket_is_refused():
    forged = tokens.reply_address(SUPPORT, 42).replace("t.42.", "t.43.")
    assert tokens.ticket_of_address(forged) is None


def test_a_reply_address_of_another_mailbox_is_refused():
    forged = tokens.reply_address(SUPPORT, 42).replace("support+", "billing+")
    assert tokens.ticket_of_address(forged) is None


def test_the_mailbox_behind_a_reply_address_is_found():
    assert tokens.mailbox_of_address(tokens.reply_address(SUPPORT, 42)) == SUPPORT


def test_a_reply_address_with_a_wrong_signature_is_no_mailbox_of_ours():
    assert (
        tokens.mailbox_of_address("support+t.1.aaaaaaaaaaaaaaaa@desk.test") == "support+t.1.aaaaaaaaaaaaaaaa@desk.test"
    )


def test_a_message_id_names_its_ticket():
    assert tokens.ticket_of_message_id(tokens.message_id(42, "desk.test")) == 42


def test_a_message_id_with_a_changed_part_is_refused():
    first, second = tokens.message_id(42, "desk.test"), tokens.message_id(43, "desk.test")
    mixed = ".".join([*second.split(".")[:2], *first.split(".")[2:]])
    assert tokens.ticket_of_message_id(mixed) is None


def test_a_bounce_address_names_its_delivery():
    assert tokens.delivery_of_address(tokens.bounce_address(7, "desk.test")) == 7


def test_a_signature_for_one_purpose_is_of_no_use_for_another():
    signature = tokens.reply_address("bounce@desk.test", 7).partition("t.7.")[2]
    assert tokens.delivery_of_address(f"bounce+7.{signature}") is None


def test_names_signed_with_a_former_key_still_count(settings):
    address = tokens.reply_address(SUPPORT, 42)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "a new key"
    assert tokens.ticket_of_address(address) == 42
