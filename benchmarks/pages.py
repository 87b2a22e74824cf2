"""Lists, tickets and searches over HTTP, with few tickets and with many: time and queries must not grow."""

import http.client
import time

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from benchmarks.filled import fill, make_long_ticket
from benchmarks.table import Figure, median, p95
from helpdesk.models import User

LIMITS = {"list": (20, 8), "ticket": (40, 10), "one": (12, None), "page": (20, None), "search": (60, None)}


def run(desk, *, sizes, rounds) -> list[Figure]:
    """Milliseconds over HTTP of each page at each size (a search's p95, else p50), beside /healthz of the process."""
    token = desk.token
    figures = []
    for size in sizes:
        fill(desk, size)
        ticket = make_long_ticket(desk)
        bare = median(_times(desk, "/healthz", token, rounds))
        figures.append(Figure(f"bare view, {size:,} tickets", bare, "ms"))
        figures += [_figure(desk, *page, token, rounds, size, bare) for page in _pages(ticket)]
    return figures


def _pages(ticket):
    return [
        ("list", "list of all, 25 rows", ["/api/v1/tickets/?view=all"]),
        ("list", "list of unassigned", ["/api/v1/tickets/?view=unassigned"]),
        ("ticket", "ticket with 50 messages", [f"/api/v1/tickets/{ticket}/", f"/api/v1/tickets/{ticket}/timeline/"]),
        ("one", "one ticket by API", [f"/api/v1/tickets/{ticket}/"]),
        ("page", "a later page by API", None),
        ("search", "search, a word in a quarter (p95)", ["/api/v1/tickets/?view=all&search=tent"]),
        ("search", "search, a rare word (p95)", ["/api/v1/tickets/?view=all&search=customer777"]),
    ]


def _figure(desk, kind, what, paths, token, rounds, size, bare):
    paths = paths or [_second_page(desk, token)]
    figure_of = p95 if kind == "search" else median
    taken = sum(figure_of(_times(desk, path, token, rounds)) for path in paths)
    queries = sum(_queries(path, desk.user_id) for path in paths)
    limit, most = LIMITS[kind]
    note = f"{queries} queries" + (f" (≤ {most})" if most else "")
    return Figure(f"{what}, {size:,} tickets", taken, "ms", ("bare", bare), limit, note)


def _second_page(desk, token):
    answer = Client(headers={"Authorization": f"Token {token}"}).get("/api/v1/tickets/?view=all").json()
    return answer["next"].partition("testserver")[2]


def _times(desk, path, token, rounds):
    """Milliseconds of each of `rounds` requests on one connection, after a few to warm up."""
    talk = http.client.HTTPConnection("127.0.0.1", desk.port)
    times = []
    for _ in range(rounds + 5):
        began = time.perf_counter()
        talk.request("GET", path, headers={"Authorization": f"Token {token}", "Accept": "application/json"})
        answer = talk.getresponse()
        answer.read()
        times.append((time.perf_counter() - began) * 1000)
        assert answer.status == 200, f"{path} answered {answer.status}"
    return times[5:]


def _queries(path, user_id):
    """How many statements a request of a signed-in session runs."""
    client = Client()
    client.force_login(User.objects.get(pk=user_id))
    client.get(path)
    with CaptureQueriesContext(connection) as captured:
        client.get(path)
    return len(captured)
