"""One mapping from domain errors to HTTP: problem+json (RFC 9457) for the API, else a page."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from rest_framework.exceptions import APIException, ValidationError
from rest_framework.response import Response
from rest_framework.views import exception_handler

from episodes.errors import TouchlineError

PROBLEM = "application/problem+json"


def problem(error: TouchlineError) -> dict[str, Any]:
    """The problem document of a domain error: RFC 9457 members, ``code``, ``remedy``, fields."""
    return {
        **error.fields,
        "type": "about:blank",
        "title": HTTPStatus(error.status).phrase,
        "status": error.status,
        "code": error.code,
        "detail": str(error),
        "remedy": error.remedy,
    }


def problem_response(exc: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler."""
    if isinstance(exc, TouchlineError):
        return Response(problem(exc), status=exc.status, content_type=PROBLEM, headers=exc.headers)
    response = exception_handler(exc, context)
    if response is None:
        return None
    code, extra = "error", {}
    if isinstance(exc, APIException):
        code = str(exc.default_code)
    if isinstance(exc, ValidationError):
        code, extra = "invalid", {"fields": response.data}
    detail = response.data.get("detail", "") if isinstance(response.data, dict) else ""
    response.data = {
        "type": "about:blank",
        "title": HTTPStatus(response.status_code).phrase,
        "status": response.status_code,
        "code": code,
        "detail": str(detail) or "The request has fields that cannot be read.",
        "remedy": "",
        **extra,
    }
    response.content_type = PROBLEM
    return response


class DomainErrorMiddleware:
    """Turns a domain error that a page's view let through into its page or problem document."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exc: Exception) -> HttpResponse | None:
        if not isinstance(exc, TouchlineError):
            return None
        if request.path.startswith(("/api/", "/media/")):
            return JsonResponse(
                problem(exc), status=exc.status, content_type=PROBLEM, headers=exc.headers
            )
        return render(request, "error.html", {"error": exc}, status=exc.status)
