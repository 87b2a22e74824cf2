import pytest

from helpdesk.channels.email.parse import ParsedAttachment, parse

from .letters import letter, mixed

PDF = (
    "Content-Type: application/pdf; name=bill.pdf\nContent-Disposition: attachment; {}\n"
    "Content-Transfer-Encoding: base64\n\nJVBERg=="
)


def files(*parts, kind="mixed"):
    return parse(mixed("Content-Type: text/plain\n\nhi", *parts, kind=kind)).attachments


def test_an_attachment_is_taken_with_name_type_and_bytes():
    assert files(PDF.format("filename=bill.pdf")) == (
        ParsedAttachment("bill.pdf", "application/pdf", b"%PDF", "", False),
    )


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("filename*=utf-8''R%C3%A9sum%C3%A9.pdf", "Résumé.pdf"),
        ('filename="=?utf-8?q?R=C3=A9sum=C3=A9.pdf?="', "Résumé.pdf"),
        ("filename=../../etc/passwd", "passwd"),
        (r'filename="C:\temp\x.pdf"', "x.pdf"),
        ('filename="a\tb<c>.pdf"', "a b_c_.pdf"),
        ('filename=".."', "bill.pdf"),
        ("filename=my file.pdf", "my file.pdf"),
        ("x=y", "bill.pdf"),
    ],
)
def test_a_file_name_is_decoded_and_has_no_folders(given, name):
    part = PDF.format(given)
    part = part.replace("; name=bill.pdf", "") if name != "bill.pdf" else part
    expected = "attachment.pdf" if given == 'filename=".."' else name
    part = part.replace("; name=bill.pdf", "") if expected == "attachment.pdf" else part
    assert [file.filename for file in files(part)] == [expected]


def test_an_image_the_html_shows_is_inline():
    mail = parse(
        mixed(
            'Content-Type: text/html\n\n<p>see</p><img src="cid:pic@x">',
            "Content-Type: image/png\nContent-ID: <pic@x>\nContent-Transfer-Encoding: base64\n\niVBORw0=",
            kind="related",
        )
    )
    assert [(file.content_id, file.is_inline) for file in mail.attachments] == [("pic@x", True)]
    assert mail.html == '<p>see</p><img src="cid:pic@x">'


def test_a_mail_in_a_mail_is_a_file_named_by_its_subject():
    assert [f.filename for f in files("Content-Type: message/rfc822\n\nSubject: The old one\n\nx")] == [
        "The old one.eml"
    ]


def test_a_uuencoded_file_is_taken_out_of_the_text():
    mail = parse(letter('before\nbegin 644 hi.txt\n"aGD \n \nend\nafter\n'.replace("aGD ", ":&D ")))
    assert [(file.filename, file.content) for file in mail.attachments] == [("hi.txt", b"hi")]
    assert mail.text == "before\n\nafter"


def test_a_text_file_with_a_name_is_an_attachment():
    assert [f.filename for f in files("Content-Type: text/plain; name=log.txt\n\nlines")] == ["log.txt"]


def test_a_mail_that_is_nothing_but_a_file_has_an_attachment():
    raw = b"From: a@b.example\nContent-Type: application/pdf\nContent-Transfer-Encoding: base64\n\nJVBERg=="
    assert [file.content for file in parse(raw).attachments] == [b"%PDF"]


def test_a_missing_last_boundary_loses_nothing():
    raw = mixed("Content-Type: text/plain\n\nhi", PDF.format("filename=a.pdf")).replace(b"--cut--\n", b"")
    assert [file.content for file in parse(raw).attachments] == [b"%PDF"]


def test_a_multipart_without_its_boundary_is_shown_as_text():
    mail = parse(letter("no delimiter here", "Content-Type: multipart/mixed"))
    assert mail.text == "no delimiter here"
    assert mail.problems == ("A multipart could not be taken apart and is shown as text.",)


def test_a_boundary_that_the_header_gives_wrong_is_found():
    raw = mixed("Content-Type: text/plain\n\nhi", PDF.format("filename=a.pdf")).replace(
        b'boundary="cut"', b'boundary="tuc"'
    )
    assert (parse(raw).text, len(parse(raw).attachments)) == ("hi", 1)


def test_no_more_than_a_hundred_files_are_kept():
    mail = parse(mixed(*[PDF.format(f"filename={n}.pdf") for n in range(120)]))
    assert len(mail.attachments) == 100
    assert mail.problems == ("Only the first 100 of 120 attachments were kept.",)
