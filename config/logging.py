"""Logs as JSON, one object a line, each with the ids of the request, the ticket and the interaction it is about.

Code binds what it works on by `structlog.contextvars.bind_contextvars(ticket_id=7)`. The web binds `request_id` here,
with the ticket or interaction that the address names; a socket binds one for as long as it is open, SMTP one a mail,
and Celery's tasks take on that of whoever asked for them (`config/celery.py`). `customers.events.record` binds the
ticket and the interaction of what happens. Django's and the libraries' own lines come out the same way.
"""

import logging.config
import re
import uuid

import structlog
from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from structlog.contextvars import bind_contextvars, clear_contextvars
from structlog.typing import Processor

SHARED: list[Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]
ACCEPTED_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
NAMED = (
    ("ticket_id", re.compile(r"/(?:api/v1/tickets|inbox/[\w-]+)/(\d{1,18})/")),
    ("interaction_id", re.compile(r"/api/v1/interactions/(\d{1,18})/")),
)


def logging_settings(*, level: str) -> dict:
    """Django's LOGGING: everything to standard error, as JSON."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": {"()": "config.logging.json_formatter"}},
        "filters": {"not_readiness": {"()": "django.utils.log.CallbackFilter", "callback": _is_not_about_readiness}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            **{name: {"handlers": [], "propagate": True} for name in ("uvicorn", "uvicorn.error", "uvicorn.access")},
            "django.request": {"filters": ["not_readiness"]},
            "mail.log": {"level": "WARNING"},  # aiosmtpd's word-for-word protocol
            "celery.beat": {"level": "WARNING"},
            "celery.worker.strategy": {"level": "WARNING"},
            "celery.app.trace": {"level": "WARNING"},
            "flufl.bounce": {"level": "WARNING"},
        },
    }


def _is_not_about_readiness(record: logging.LogRecord) -> bool:
    """Not being ready is the answer to a question there, and asked five times a second while a desk starts."""
    return getattr(getattr(record, "request", None), "path", "") != "/readyz"


def configure(settings: dict) -> None:
    """Set up the standard library's logging and structlog, so that both write the same lines."""
    logging.config.dictConfig(settings)
    logging.captureWarnings(True)  # Python's own warnings are lines too
    structlog.configure(
        processors=[
            *SHARED,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.processors.StackInfoRenderer(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )


def json_formatter() -> logging.Formatter:
    """A formatter for structlog's and everyone else's records alike."""
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=SHARED,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(default=str),
        ],
    )


class RequestContext:
    """Gives each request an id (the caller's `X-Request-ID` if it is a sane one), logs by it and answers with it."""

    sync_capable = async_capable = True

    def __init__(self, get_response):
        self.get_response = get_response
        if iscoroutinefunction(get_response):
            markcoroutinefunction(self)

    def __call__(self, request):
        if iscoroutinefunction(self):
            return self._answer_later(request)
        _bind(request)
        response = self.get_response(request)
        response["X-Request-ID"] = request.id
        return response

    async def _answer_later(self, request):
        _bind(request)
        response = await self.get_response(request)
        response["X-Request-ID"] = request.id
        return response


def _bind(request):
    """What is bound stays so after the answer: Django writes its line about a refusal after all middleware."""
    request.id = _request_id(request)
    clear_contextvars()
    bind_contextvars(request_id=request.id)
    for name, pattern in NAMED:
        if found := pattern.match(request.path):
            bind_contextvars(**{name: int(found[1])})


def _request_id(request) -> str:
    theirs = request.headers.get("X-Request-ID", "")
    return theirs if ACCEPTED_ID.fullmatch(theirs) else uuid.uuid4().hex
