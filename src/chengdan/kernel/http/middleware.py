"""What every API answer has in common, also those that Django itself gives."""

from __future__ import annotations

import re
from collections.abc import Callable
from http import HTTPStatus

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from chengdan.kernel.actor import new_request_id
from chengdan.kernel.http.problems import problem_response

PREFIX = "/api/"
HEADER = "X-Request-Id"
_GIVEN = re.compile(r"^[A-Za-z0-9._-]{8,32}$")
_JSON = ("application/json", "application/problem+json")


class ApiMiddleware:
    """Number every request, and turn any other error of the API into problem+json."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer with the request's number; API errors never as pages."""
        given = request.headers.get(HEADER, "")
        request.request_id = given if _GIVEN.match(given) else new_request_id()  # type: ignore[attr-defined]
        if not request.path.startswith(PREFIX):
            response = self.get_response(request)
        else:
            response = self._api(request)
        response[HEADER] = request.request_id  # type: ignore[attr-defined]
        return response

    def _api(self, request: HttpRequest) -> HttpResponseBase:
        status = _unreadable(request)
        if status:
            return problem_response(request, status)
        response = self.get_response(request)
        kind = response.headers.get("Content-Type", "").partition(";")[0]
        if response.status_code < 400 or kind in _JSON:
            return response
        problem = problem_response(request, response.status_code)
        if "Allow" in response.headers:
            problem["Allow"] = response["Allow"]
        return problem

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Answer refusals of Django's own reading."""
        if not request.path.startswith(PREFIX):
            return None
        if isinstance(error, RequestDataTooBig):
            return problem_response(request, 413)
        if isinstance(error, SuspiciousOperation):
            return problem_response(request, 400)
        return None


def _unreadable(request: HttpRequest) -> int:
    """Return 413 or 415 for a body that nobody would read, else 0."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    size = int(length) if length.isascii() and length.isdigit() else 0
    if size > (settings.DATA_UPLOAD_MAX_MEMORY_SIZE or size):
        return int(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    kind = request.content_type or ""
    if size and kind != "application/json" and not kind.endswith("+json"):
        return int(HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
    return 0
