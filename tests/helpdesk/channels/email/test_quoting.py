import pytest

from helpdesk.channels.email.quoting import split_reply

INTRODUCTIONS = [
    "On Mon, Jan 1, 2024 at 10:00 AM Bo Ek <bo@example.net> wrote:",
    "On Mon, 1 Jan 2024, Bo Ek <\nbo@example.net> wrote:",
    "Am 01.01.2024 um 10:00 schrieb Bo Ek <bo@example.net>:",
    "Le lun. 1 janv. 2024 à 10:00, Bo Ek <bo@example.net> a écrit :",
    "El lun, 1 ene 2024 a las 10:00, Bo Ek (<bo@example.net>) escribió:",
    "Il giorno lun 1 gen 2024 alle ore 10:00 Bo Ek <bo@example.net> ha\nscritto:",
    "Op ma 1 jan. 2024 om 10:00 schreef Bo Ek <bo@example.net>:",
    "Em seg., 1 de jan. de 2024 às 10:00, Bo Ek <bo@example.net> escreveu:",
    "Den mån 1 jan. 2024 kl 10:00 skrev Bo Ek <bo@example.net>:",
    "man. 1. jan. 2024 kl. 10:00 skrev Bo Ek <bo@example.net\n>:",
    "ma 1. tammik. 2024 klo 10.00 Bo Ek <bo@example.net> kirjoitti:",
    "pon., 1 sty 2024 o 10:00 Bo Ek <bo@example.net> napisał(a):",
    "po 1. 1. 2024 v 10:00 odesílatel Bo Ek <bo@example.net> napsal:",
    "пн, 1 янв. 2024 г. в 10:00, Bo Ek <bo@example.net>:",
    "пн, 1 січ. 2024 р. о 10:00 Bo Ek <bo@example.net> пише:",
    "Bo Ek <bo@example.net>, 1 Oca 2024 Pzt, 10:00 tarihinde şunu yazdı:",
    "2024年1月1日(月) 10:00 Bo Ek <bo@example.net>:",
    "Bo Ek <bo@example.net> 于2024年1月1日周一 10:00写道：",
    "2024년 1월 1일 (월) 오전 10:00, Bo Ek <bo@example.net>님이 작성:",
    "---- Bo Ek wrote ----",
    "------On 1/1/2024 10:00, Bo Ek wrote------",
    "Vào Th 2, 1 thg 1, 2024 vào lúc 10:00 Bo Ek <bo@example.net> đã viết:",
]

HEADER_BLOCKS = [
    "From: Bo <bo@example.net>\nSent: Monday, January 1, 2024 10:00\nTo: Ann\nSubject: Hello",
    "*From:* Bo [mailto:bo@example.net]\n*Sent:* Monday\n*To:* Ann\n*Subject:* Hello",
    "Von: Bo <bo@example.net>\nGesendet: Montag, 1. Januar 2024 10:00\nAn: Ann\nBetreff: Hallo",
    "De : Bo <bo@example.net>\nEnvoyé : lundi 1 janvier 2024 10:00\nÀ : Ann\nObjet : Bonjour",
    "De: Bo <bo@example.net>\nEnviado el: lunes\nPara: Ann\nAsunto: Hola",
    "Od: Bo <bo@example.net>\nWysłano: poniedziałek\nDo: Ann\nTemat: Witam",
    "-----Original Message-----\nFrom: Bo",
    "-----Ursprüngliche Nachricht-----\nsehr alt",
    "________________________________\nFrom: Bo <bo@example.net>\nSent: Monday\nTo: Ann\nSubject: Hello",
    "##- Please type your reply above this line -##",
]

ENDINGS = [
    "-- \nAnn Bee\nBee & Sons",
    "--\nAnn",
    "Sent from my iPhone",
    "Von meinem iPhone gesendet",
    "Envoyé de mon iPhone",
    "Wysłane z iPhone'a",
    "Get Outlook for iOS<https://aka.example/x>",
    "Kind regards,\nAnn",
    "Mit freundlichen Grüßen\nAnn Bee",
    "Pozdrawiam,\n\nAnna",
    "-Ann Bee",
    "_______________\nlist mailing list\nlist@example.org",
]

WHOLE = [
    "On the surface, this looks like a quote.\nOn average it works.",
    "See below.\n\n---------- Forwarded message ---------\nFrom: Bo <bo@example.net>\nDate: Monday\nSubject: Hi\n\nold",
    "Please book:\nFrom: Berlin\nTo: Paris\nDate: 1 May",
    "Here:\n\n> first question\n\nfirst answer\n\n> second question\n\nsecond answer",
    "It was sent from my iPhone app to all users.",
    "Sent from my desk, which is much easier than my phone.",
    "-- first point\n-- second point",
    "List:\n\n- one\n- Two",
    "```\n-- \n> code\n```\nand text",
    "With regards to the bill, I paid.",
    "Name Date\n-----------\nAnn 1 May\n\nThat is all.",
    "> nothing but a quote",
    "Sent from my iPhone",
    "",
]


@pytest.mark.parametrize("introduction", INTRODUCTIONS)
@pytest.mark.parametrize("old", ["> Old words.\n> More.", "Old words.\nMore."])
def test_history_under_an_introduction_is_folded(introduction, old):
    assert split_reply(f"It works now.\n\nThank you!\n\n{introduction}\n\n{old}\n") == (
        "It works now.\n\nThank you!",
        f"{introduction}\n\n{old}",
    )


@pytest.mark.parametrize("block", HEADER_BLOCKS)
def test_history_under_the_headers_of_a_mail_is_folded(block):
    assert split_reply(f"It works now.\n\n{block}\n\nOld words.\n") == ("It works now.", f"{block}\n\nOld words.")


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_signature_is_folded(ending):
    assert split_reply(f"It works now.\n\n{ending}\n") == ("It works now.", ending)


@pytest.mark.parametrize("text", WHOLE)
def test_what_only_looks_like_history_stays(text):
    assert split_reply(text) == (text, "")


@pytest.mark.parametrize("line", ["2024/1/1 Bo Ek <bo@example.net>", "Quoting Bo Ek <bo@example.net>:", "Bo Ek wrote:"])
def test_a_short_introduction_counts_above_a_quote(line):
    assert split_reply(f"Yes.\n\n{line}\n> Old words.") == ("Yes.", f"{line}\n> Old words.")


@pytest.mark.parametrize(
    "line", ["My address is ann@example.com since 2019:", "They wrote on 1.1.2024:", "At 10:30 it said:"]
)
def test_a_sentence_with_a_colon_is_no_introduction(line):
    assert split_reply(f"Hello,\n\n{line}\nno more credit") == (f"Hello,\n\n{line}\nno more credit", "")


@pytest.mark.parametrize(
    "shared", ["Yes. On Mon, 1 Jan 2024, bo@example.net wrote:", "Yes.--- On 1/1/2024 bo@example.net wrote:"]
)
def test_an_introduction_that_lost_its_line_end_is_parted_from_the_reply(shared):
    assert split_reply(f"Good day.\n{shared}\n> Old words.")[0] == "Good day.\nYes."


def test_a_link_that_was_wrapped_out_of_a_quote_belongs_to_it():
    quote = "> View it (http://example.net/a\n_b=c)\n> now"
    assert split_reply(f"Yes.\n\nOn 1 Jan 2024, Bo wrote:\n{quote}")[0] == "Yes."


def test_one_empty_line_is_left_where_a_quote_was_folded():
    text = "First.\n\nOn 1 Jan 2024, Bo wrote:\n> Which?\n\nThe red one."
    assert split_reply(text)[0] == "First.\n\nThe red one."


def test_an_answer_below_the_quote_is_what_is_seen():
    assert split_reply("On 1/1/24 10:00, Bo wrote:\n> Which one?\n\nThe red one.") == (
        "The red one.",
        "On 1/1/24 10:00, Bo wrote:\n> Which one?",
    )


def test_a_line_that_was_wrapped_out_of_a_quote_belongs_to_it():
    quote = "> " + "long words " * 7 + "\nend\n> more"
    assert split_reply(f"Yes.\n\nOn 1 Jan 2024, Bo wrote:\n{quote}")[0] == "Yes."


def test_a_greeting_a_signature_and_history_leave_the_middle():
    text = (
        "Hi Bo,\n\nit works.\n\nBest regards,\nAnn\n\nSent from my iPad\n\n"
        "On 1 Jan 2024, at 10:00, Bo <b@c.example> wrote:\n\n> old"
    )
    assert split_reply(text)[0] == "Hi Bo,\n\nit works."
