"""Each log line is JSON and says what it is about."""

import json
import logging

import structlog
from django.http import HttpResponse

from config.logging import RequestContext, json_formatter


def test_a_line_of_the_standard_library_carries_the_bound_ids():
    record = logging.LogRecord("django.request", logging.INFO, __file__, 1, "Seen %s", ("it",), None)

    with structlog.contextvars.bound_contextvars(request_id="abc", ticket_id=7, interaction_id=9):
        line = json.loads(json_formatter().format(record))

    assert {name: line[name] for name in ("event", "request_id", "ticket_id", "interaction_id", "level")} == {
        "event": "Seen it",
        "request_id": "abc",
        "ticket_id": 7,
        "interaction_id": 9,
        "level": "info",
    }


def test_a_sane_request_id_of_the_caller_is_kept(rf):
    answer = RequestContext(lambda request: HttpResponse(request.id))(
        rf.get("/", headers={"X-Request-ID": "proxy-0001"})
    )

    assert (answer.content, answer["X-Request-ID"]) == (b"proxy-0001", "proxy-0001")


def test_a_request_id_that_would_forge_log_lines_is_not(rf):
    answer = RequestContext(lambda request: HttpResponse())(rf.get("/", headers={"X-Request-ID": 'x"}\n{"level'}))

    assert len(answer["X-Request-ID"]) == 32
