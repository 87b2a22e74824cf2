"""Fault 8: mails that nobody should have written, among good ones."""

from functools import reduce

from tests.faults.books import problems
from tests.faults.letters import Postman, letter
from tests.harness import wait_for


def in_rfc822(inner: bytes, _) -> bytes:
    return b"Subject: Fwd\r\nContent-Type: message/rfc822\r\n\r\n" + inner


def in_multipart(inner: bytes, depth: int) -> bytes:
    boundary = f"b{depth}".encode()
    head = b"Content-Type: multipart/mixed; boundary=" + boundary + b"\r\n\r\n--" + boundary + b"\r\n"
    return head + inner + b"\r\n--" + boundary + b"--\r\n"


HEAD = b"From: mallory@poison.test\r\nTo: parcels@desk.test\r\nMessage-ID: <%s@poison.test>\r\n"
TEXT = b"Content-Type: text/plain\r\n\r\nhello\r\n"
CROWD = ", ".join(f"someone{n}@crowd.test" for n in range(10_000)).replace(", ", ",\r\n ").encode()
POISON = {
    "nul": b"Subject: nul \x00 byte\r\n\r\nbefore\x00after\r\n",
    "charset": b"Subject: odd\r\nContent-Type: text/plain; charset=no-such-thing\r\n\r\nhello \xff\xfe\r\n",
    "latin1": b"Subject: Gr\xfc\xdfe\r\n\r\nSch\xf6ne Gr\xfc\xdfe\r\n",
    "depth": b"Subject: deep\r\n" + reduce(in_multipart, range(2_000), TEXT),
    "crowd": b"Subject: crowd\r\nCc: " + CROWD + b"\r\n\r\nhello everybody\r\n",
    "regex": b"Subject: " + b"Re: " * 9_000 + b"[" * 20_000 + b"\r\n\r\n" + b"> " * 50_000 + b"\r\n",
    "rfc822": b"Subject: nested\r\n" + reduce(in_rfc822, range(60), b"Subject: inner\r\n\r\nhello\r\n"),
    "base64": b"Subject: garbage\r\nContent-Transfer-Encoding: base64\r\n\r\n\xff!!!=A=B==\r\n" + b"Z" * 4_001,
}
EMPTY = b""


def test_poisoned_mails_stop_no_good_one_and_are_kept_for_a_person(company):
    postman = Postman(company)
    for name, body in POISON.items():
        assert postman.try_once(HEAD % name.encode() + body, sender="mallory@poison.test")
        postman.deliver(f"good-{name}")
    assert postman.try_once(EMPTY, sender="nobody@poison.test")
    postman.deliver("good-empty")

    wait_for(lambda: company.backlog() == 0, 60, lambda: f"{company.backlog()} mails lie there still")

    _, kept = company.administrator.ask("GET", "inbound/?state=quarantined")
    assert [mail["reason"] for mail in kept["results"]] == ["The mail is empty."]
    assert company.count("tickets_message") == len(POISON) + len(postman.acknowledged)
    assert company.desk.sql("SELECT max(tries), bool_and(size = length(raw)) FROM helpdesk_inboundraw") == [(1, True)]
    assert problems(company, mails=postman.acknowledged) == []


def test_a_mail_that_kills_its_worker_is_quarantined_with_its_bytes_and_can_be_tried_again(company):
    company.desk.kill("worker")
    raw = letter("lethal")
    assert Postman(company).try_once(raw, sender="lethal@customers.test")
    company.desk.sql("UPDATE helpdesk_inboundraw SET tries = 5")  # as if five workers had died over it
    company.desk.run("worker")
    wait_for(lambda: company.count("helpdesk_inboundraw", "state = 'quarantined'"), 40)

    _, kept = company.administrator.ask("GET", "inbound/?state=quarantined")
    (mail,) = kept["results"]
    assert company.administrator.download(f"inbound/{mail['id']}/raw/").strip() == raw.strip()
    status, _ = company.administrator.ask("POST", f"inbound/{mail['id']}/retry/")

    assert status in (200, 204)
    wait_for(lambda: company.count("tickets_ticket") == 1, 30)
    assert problems(company, mails=["lethal@customers.test"]) == []
