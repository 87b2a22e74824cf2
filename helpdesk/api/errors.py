"""Refusals become HTTP statuses here, in one table, and are answered as RFC 9457 problem+json."""

from http import HTTPStatus

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import OperationalError
from django.http import Http404
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import exception_handler, set_rollback

from helpdesk.channels.email.take_in import NotInQuarantine
from helpdesk.outbox import CannotRetry
from helpdesk.replies import NoWayOut
from helpdesk.setup import InUse
from routing.handover import OverCapacity
from routing.interactions import InteractionRefused
from routing.offers import OfferGone
from routing.presence import PresenceRefused
from routing.replays import ReplayRefused
from routing.versions import NoSuchVersion, PolicyFaulty, PolicyRefused
from tickets.lifecycle import TicketRefused

STATUSES = {
    OfferGone: HTTPStatus.CONFLICT,
    InteractionRefused: HTTPStatus.CONFLICT,
    OverCapacity: HTTPStatus.CONFLICT,
    PresenceRefused: HTTPStatus.BAD_REQUEST,
    NoSuchVersion: HTTPStatus.NOT_FOUND,
    PolicyFaulty: HTTPStatus.UNPROCESSABLE_ENTITY,
    PolicyRefused: HTTPStatus.CONFLICT,
    TicketRefused: HTTPStatus.CONFLICT,
    ReplayRefused: HTTPStatus.CONFLICT,
    NoWayOut: HTTPStatus.CONFLICT,
    InUse: HTTPStatus.CONFLICT,
    CannotRetry: HTTPStatus.CONFLICT,
    NotInQuarantine: HTTPStatus.CONFLICT,
}
BUSY = "The desk is busy with this very row; nothing was changed. Try again in a second."


def problem_response(exc, context) -> Response | None:
    """Answer any refusal as {"type", "title", "status", "detail", "fields"?}; None lets a real error be one."""
    status = _status_of(exc)
    if status:
        set_rollback()
        return _problem(status, str(exc), kind=_kind_of(exc), fields=getattr(exc, "fields", None))
    if isinstance(exc, ValidationError):
        exc = exceptions.ValidationError(exc.message_dict if hasattr(exc, "error_dict") else exc.messages)
    response = exception_handler(exc, context)
    return response and _reworded(exc, response)


def _status_of(exc):
    if isinstance(exc, OperationalError) and getattr(exc.__cause__, "sqlstate", "") in ("55P03", "40P01", "40001"):
        return HTTPStatus.SERVICE_UNAVAILABLE
    return next((status for refusal, status in STATUSES.items() if isinstance(exc, refusal)), None)


def _kind_of(exc):
    name = type(exc).__name__
    words = "".join(f"-{c.lower()}" if c.isupper() else c for c in name).strip("-")
    return f"urn:trunkline:{words}"


def _problem(status, detail, *, kind="about:blank", fields=None, headers=None):
    status = HTTPStatus(status)
    body = {"type": kind, "title": status.phrase, "status": int(status), "detail": detail}
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        body["detail"] = BUSY
        headers = {**(headers or {}), "Retry-After": "1"}
    if fields:
        body["fields"] = fields
    return Response(body, status=status, headers=headers, content_type="application/problem+json")


def _reworded(exc, response):
    headers = {name: value for name, value in response.items() if name in ("WWW-Authenticate", "Retry-After", "Allow")}
    if isinstance(exc, exceptions.ValidationError):
        fields = _fields_of(exc.detail)
        return _problem(response.status_code, _first_sentence(fields), fields=fields, headers=headers)
    return _problem(response.status_code, _detail_of(exc, response), headers=headers)


def _detail_of(exc, response):
    if isinstance(exc, Http404):
        return "There is nothing here, or nothing that you may see."
    if isinstance(exc, PermissionDenied) and str(exc):
        return str(exc)
    return str(response.data.get("detail", ""))


def _fields_of(detail):
    """Errors by field as lists of sentences; what concerns no field is under ""."""
    if isinstance(detail, dict):
        return {("" if name == "non_field_errors" else name): _sentences(errors) for name, errors in detail.items()}
    return {"": _sentences(detail)}


def _sentences(errors):
    if isinstance(errors, dict):
        return [f"{name}: {sentence}" for name, inner in errors.items() for sentence in _sentences(inner)]
    if isinstance(errors, list):
        return [sentence for error in errors for sentence in _sentences(error)]
    return [str(errors)]


def _first_sentence(fields):
    for name, sentences in fields.items():
        if sentences:
            return f"{name}: {sentences[0]}" if name else sentences[0]
    return "What was sent cannot be read."
