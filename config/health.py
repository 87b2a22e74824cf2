"""Is it alive, is it ready? Two addresses for the machine that starts and watches the processes."""

import structlog
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpResponse, JsonResponse
from redis.exceptions import RedisError

from config import heartbeat

log = structlog.get_logger(__name__)

QUEUES = {"default": "worker", "chat": "worker", "mail": "worker", "routing": "router", "clock": "beat"}


def healthz(request) -> HttpResponse:
    """200 as soon as the process lives; asks nothing of anyone."""
    return HttpResponse("ok\n", content_type="text/plain")


def readyz(request) -> JsonResponse:
    """200 when all is right, else 503. `{"ready": bool, "checks": {name: "ok" or a sentence}}`."""
    found = checks()
    ready = all(answer == "ok" for answer in found.values())
    return JsonResponse({"ready": ready, "checks": found}, status=200 if ready else 503)


def checks() -> dict[str, str]:
    """Every part of the desk: "ok", or a sentence."""
    return {**_database(), **_workers()}


def _database() -> dict[str, str]:
    try:
        waiting = _migrations_waiting()
    except DatabaseError as error:
        log.warning("readyz.database", error=str(error))
        return {"database": "PostgreSQL does not answer; the log says why.", "migrations": "unknown"}
    said = f"{waiting} migrations are not applied: run manage.py migrate." if waiting else "ok"
    return {"database": "ok", "migrations": said}


def _migrations_waiting() -> int:
    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def _workers() -> dict[str, str]:
    roles = sorted(set(QUEUES.values()))
    try:
        silent = heartbeat.silent(list(QUEUES))
    except RedisError as error:
        log.warning("readyz.redis", error=str(error))
        return {"redis": "Redis does not answer; the log says why.", **dict.fromkeys(roles, "unknown")}
    return {"redis": "ok", **{role: _heard(role, silent) for role in roles}}


def _heard(role: str, silent: list[str]) -> str:
    unserved = [name for name in silent if QUEUES[name] == role]
    if not unserved:
        return "ok"
    seconds = heartbeat.SILENT_AFTER_SECONDS
    return f"No {role} has been heard from for {seconds} s (unserved: {', '.join(unserved)}). Is it running?"
