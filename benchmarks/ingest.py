"""Mails taken in by one process: stored bytes to ticket, message, interaction and receipt, one after the other."""

import email
import email.policy
import time

import psycopg
from django.conf import settings

from benchmarks.filled import fill
from benchmarks.table import Figure
from helpdesk.channels.email import receipts
from helpdesk.channels.email.store import store
from helpdesk.channels.email.take_in import take_in_claimed

WORDS = [
    "the",
    "parcel",
    "came",
    "this",
    "morning",
    "but",
    "the",
    "hitch",
    "is",
    "bent",
    "and",
    "one",
    "bolt",
    "is",
    "missing",
    "we",
    "leave",
    "on",
    "saturday",
]


def run(desk, *, sizes, mails) -> list[Figure]:
    """Mails a second and CPU-ms a mail at each size, beside a full parse and a bare pair of inserts."""
    receipts.PER_MINUTE = 10**9  # above 60 a minute a mailbox sends none, and a mail would cost a fifth less
    _take_in([letter(n, "warm", desk.mailbox) for n in range(5)])  # a process loads its language model once
    parse = _cpu_ms(_parse, [letter(n, "parse", desk.mailbox) for n in range(mails)])
    insert = _insert_ms(mails)
    figures = [
        Figure("standard library's full parse of the mail", parse, "CPU-ms"),
        Figure("insert of a ticket and a message, committed", insert, "ms"),
    ]
    for size in sizes:
        fill(desk, size)
        wall, cpu = _take_in([letter(n, f"s{size}", desk.mailbox) for n in range(mails)])
        figures.append(Figure(f"mails taken in a second, {size:,} tickets", 1000 / wall, "/s", limit=60))
        figures.append(
            Figure(f"CPU a mail, {size:,} tickets", cpu, "CPU-ms", ("parse + insert", parse + insert), limit=16)
        )
    return figures


def letter(number: int, run_name: str, mailbox: str) -> bytes:
    """A realistic mail: text and HTML, a kilobyte or four of each, from a customer of their own."""
    words = " ".join(WORDS[(number + k) % len(WORDS)] for k in range(180))
    html = "".join(f"<p style='margin:0'>{words}</p>" for _ in range(3))
    return (
        f"Received: from mx.example by desk.example; Sat, 21 Nov 2026 10:00:{number % 60:02} +0000\r\n"
        f"Message-ID: <{run_name}.{number}@bench.example>\r\nDate: Sat, 21 Nov 2026 10:00:00 +0000\r\n"
        f"From: Customer {number} <{run_name}.{number}@bench.example>\r\nTo: {mailbox}\r\n"
        f"Subject: =?utf-8?q?Trailer_hitch_{number}_besch=C3=A4digt?=\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/alternative; boundary="b"\r\n\r\n'
        f"--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{words}\r\n\r\n"
        f"--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<html><body>{html}</body></html>\r\n--b--\r\n"
    ).encode()


def _take_in(letters):
    """(wall, CPU) milliseconds a mail, from its bytes to the commit of all that it means."""
    mailbox = letters[0].split(b"\r\nTo: ")[1].split(b"\r\n")[0].decode()
    envelope = {"sender": "customer@bench.example", "recipients": [mailbox]}
    took, used = time.perf_counter(), time.process_time()
    for raw in letters:
        taken = take_in_claimed(store(raw, envelope=envelope, source="bench", is_taken_in_here=True))
        assert taken.outcome == "created", taken
    wall, cpu = time.perf_counter() - took, time.process_time() - used
    return wall * 1000 / len(letters), cpu * 1000 / len(letters)


def _parse(raw):
    message = email.message_from_bytes(raw, policy=email.policy.default)
    return [part.get_content() for part in message.walk() if not part.is_multipart()], dict(message.items())


def _cpu_ms(work, items):
    used = time.process_time()
    for item in items:
        work(item)
    return (time.process_time() - used) * 1000 / len(items)


def _insert_ms(count):
    """A ticket and its message in one transaction, in tables without anything else, on a connection kept open."""
    url = settings.DATABASES["default"]
    parts = {"dbname": url["NAME"], "user": url["USER"], "host": url["HOST"], "port": url["PORT"] or None}
    with psycopg.connect(**{name: value for name, value in parts.items() if value}, password=url["PASSWORD"]) as link:
        link.execute("CREATE TEMP TABLE t (id bigserial PRIMARY KEY, subject text, at timestamptz DEFAULT now())")
        link.execute("CREATE TEMP TABLE m (id bigserial PRIMARY KEY, t bigint, body text)")
        link.commit()
        began = time.perf_counter()
        for n in range(count):
            ticket = link.execute("INSERT INTO t (subject) VALUES (%s) RETURNING id", [f"mail {n}"]).fetchone()[0]
            link.execute("INSERT INTO m (t, body) VALUES (%s, %s)", [ticket, "word " * 200])
            link.commit()
        return (time.perf_counter() - began) * 1000 / count
