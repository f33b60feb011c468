"""Every refusal of the API as problem+json (RFC 9457)."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Sequence
from http import HTTPStatus
from typing import Any

from django.core.exceptions import ValidationError as StorageError
from django.db import DatabaseError
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from ninja import NinjaAPI, Schema
from ninja.errors import AuthenticationError, AuthorizationError, HttpError, ValidationError
from pydantic import Field

from chengdan.kernel.errors import DomainError, FieldIssue, InvalidError
from chengdan.kernel.http.validation import validation_items
from chengdan.kernel.transactions import conflict_of

log = logging.getLogger(__name__)
CONTENT_TYPE = "application/problem+json"
_TITLES = {
    400: _("The request could not be understood."),
    401: _("Send a valid API token or sign in."),
    403: _("You do not have the right to do this."),
    404: _("Not found, or not open to you."),
    405: _("This address does not work that way."),
    406: _("Only JSON is answered."),
    409: _("This is not possible now."),
    413: _("The request is too large."),
    415: _("Only JSON is read here."),
    422: _("Some entries are not right."),
    429: _("Too many requests. Try again in a minute."),
    500: _("Something went wrong on our side. Nothing is half stored."),
}
# Codes of conflicts that reading the document anew resolves.
_CHANGED = frozenset({"conflict", "version"})
_CHANGED_TITLE = _("Somebody has changed this meanwhile. Reload it and try again.")


class ProblemItem(Schema):
    """One thing wrong with one value."""

    field: str = Field(examples=["lines.quantity"])
    code: str = Field(examples=["minimum"])
    message: str
    row: int | None = None
    rule: str = ""


class Problem(Schema):
    """A refusal: `code` is stable, `detail` is for people."""

    type: str = "about:blank"
    title: str
    status: int = Field(examples=[422])
    code: str = Field(examples=["invalid"])
    detail: str
    rule: str = ""
    instance: str = Field(description="The request's reference number.")
    items: list[ProblemItem] = []


def problem_response(
    request: HttpRequest,
    status: int,
    *,
    code: str = "",
    detail: Any = "",
    rule: str = "",
    items: Sequence[FieldIssue] = (),
) -> HttpResponse:
    """Return the answer for a refusal."""
    title = _TITLES.get(status, _TITLES[422 if status < 500 else 500])
    if status == HTTPStatus.CONFLICT and (code or "conflict") in _CHANGED:
        title = _CHANGED_TITLE
    problem = {
        "type": "about:blank",
        "title": str(title),
        "status": status,
        "code": code or HTTPStatus(status).name.lower(),
        "detail": str(detail or title),
        "rule": rule,
        "instance": getattr(request, "request_id", ""),
        "items": [
            {
                "field": item.field,
                "code": item.code,
                "message": str(item.message),
                "row": item.row,
                "rule": item.rule,
            }
            for item in items
        ],
    }
    body = json.dumps(problem, ensure_ascii=False).encode("utf-8", "backslashreplace")
    response = HttpResponse(body, status=status, content_type=CONTENT_TYPE)
    if status == HTTPStatus.UNAUTHORIZED:
        response["WWW-Authenticate"] = 'Bearer realm="chengdan"'
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        response["Retry-After"] = "60"
    return response


def domain_problem(request: HttpRequest, error: DomainError) -> HttpResponse:
    """Return the answer for a rule's refusal."""
    items = error.items if isinstance(error, InvalidError) else []
    return problem_response(
        request,
        int(error.status),
        code=error.code,
        detail=error.message,
        rule=error.rule,
        items=items,
    )


def _validation_error(request: HttpRequest, error: ValidationError) -> HttpResponse:
    items = validation_items(error.errors)
    return problem_response(request, 422, code="invalid", items=items)


def _value_error(request: HttpRequest, error: StorageError) -> HttpResponse:
    """Answer a value that no column takes, such as one out of range, as wrong input."""
    items = [FieldIssue("", "invalid", text) for text in error.messages]
    return problem_response(request, 422, code="invalid", items=items)


def _database_error(request: HttpRequest, error: DatabaseError) -> HttpResponse:
    return domain_problem(request, conflict_of(error))


def _http_error(request: HttpRequest, error: HttpError) -> HttpResponse:
    return problem_response(request, error.status_code, detail=str(error))


def handlers_add(api: NinjaAPI) -> None:
    """Let `api` answer every refusal as a problem."""
    handlers: dict[type[Exception], Callable[[HttpRequest, Any], HttpResponse]] = {
        DomainError: domain_problem,
        ValidationError: _validation_error,
        StorageError: _value_error,
        DatabaseError: _database_error,
        HttpError: _http_error,
        AuthenticationError: lambda request, _error: problem_response(request, 401),
        AuthorizationError: lambda request, _error: problem_response(request, 403),
        Http404: lambda request, _error: problem_response(request, 404),
    }
    for kind, handler in handlers.items():
        api.add_exception_handler(kind, handler)
