"""Each log line is JSON and says what it is about."""

import json
import logging

import pytest
import structlog
from django.http import HttpResponse

from config.logging import RequestContext, json_formatter
from customers.events import record
from helpdesk.tasks import take_in_mail
from tests import factories as make


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


@pytest.mark.django_db
def test_the_line_about_a_refused_request_names_the_request_and_the_ticket(client, caplog):
    answer = client.get("/api/v1/tickets/7/")

    line = json.loads(json_formatter().format(caplog.records[-1]))

    assert (answer.status_code, line["event"]) == (401, "Unauthorized: /api/v1/tickets/7/")
    assert (line["request_id"], line["ticket_id"]) == (answer["X-Request-ID"], 7)


def test_what_one_request_was_about_is_not_said_of_the_next(rf):
    answered = RequestContext(lambda request: HttpResponse())
    answered(rf.get("/api/v1/interactions/9/end/"))
    assert structlog.contextvars.get_contextvars()["interaction_id"] == 9

    request = rf.get("/healthz")
    answered(request)

    assert structlog.contextvars.get_contextvars() == {"request_id": request.id}


@pytest.mark.django_db
def test_what_happens_to_a_contact_names_its_ticket_and_interaction_from_then_on():
    interaction = make.make_interaction()
    structlog.contextvars.clear_contextvars()

    record("interaction.ended", interaction)

    assert structlog.contextvars.get_contextvars() == {
        "ticket_id": interaction.ticket_id,
        "interaction_id": interaction.pk,
    }


def test_a_task_that_nobody_asked_for_is_a_request_of_its_own():
    take_in_mail.before_start("t-1", (), {})

    bound = structlog.contextvars.get_contextvars()
    assert (bound["request_id"], bound["task"]) == ("t-1", "helpdesk.take_in")
