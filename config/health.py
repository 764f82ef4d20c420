"""/healthz: whether the database and the broker answer, and when a worker last did a task."""

import functools
import time
from collections.abc import Callable
from typing import Any

import redis
from django.conf import settings
from django.db import Error as DatabaseError
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse

HEALTH_PATH = "/healthz"
HEARTBEAT_KEY = "touchline:worker-heartbeat"
HEARTBEAT_SECONDS = 5
# Long tasks may hold every process of a worker for a while: late is a hint, not an outage.
LATE_SECONDS = 120.0
TIMEOUT_SECONDS = 2.0


@functools.cache
def broker() -> "redis.Redis":
    """A client of the broker that gives up soon: a check must not hang with what it checks."""
    return redis.Redis.from_url(
        settings.CELERY_BROKER_URL,
        socket_timeout=TIMEOUT_SECONDS,
        socket_connect_timeout=TIMEOUT_SECONDS,
    )


def record_heartbeat() -> None:
    """Note that a worker took a task from the queue and did it."""
    broker().set(HEARTBEAT_KEY, repr(time.time()))


def _database_state() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        # Otherwise the broken connection stays with this thread until its next request.
        connection.close()
        return "unreachable"
    return "ok"


def _broker_state() -> tuple[str, dict[str, Any]]:
    try:
        beat = broker().get(HEARTBEAT_KEY)
    except (redis.RedisError, OSError):
        return "unreachable", {"state": "unknown", "seconds": None}
    if not isinstance(beat, bytes):
        return "ok", {"state": "unknown", "seconds": None}
    seconds = round(max(0.0, time.time() - float(beat)), 1)
    return "ok", {"state": "late" if seconds > LATE_SECONDS else "ok", "seconds": seconds}


def health() -> tuple[int, dict[str, Any]]:
    """Status and report: 503 when the database or the broker is away, not for a late worker."""
    database = _database_state()
    queue, worker = _broker_state()
    well = database == queue == "ok"
    return (200 if well else 503), {
        "status": "ok" if well else "unavailable",
        "database": database,
        "broker": queue,
        "worker": worker,
    }


class HealthMiddleware:
    """Answers before host names, redirects, sessions and log-in matter: probes have none."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info != HEALTH_PATH or request.method not in {"GET", "HEAD"}:
            return self.get_response(request)
        status, report = health()
        return JsonResponse(report, status=status, headers={"Cache-Control": "no-store"})
