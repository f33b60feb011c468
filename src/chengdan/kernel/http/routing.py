"""Routers of rooms and the one way an act is offered: strict body, once per key, exact answer."""

from __future__ import annotations

import functools
import inspect
import json
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from ninja import Body, Router, Schema
from ninja.responses import NinjaJSONEncoder
from pydantic import TypeAdapter

from chengdan.kernel.errors import FieldIssue, InvalidError
from chengdan.kernel.http.problems import Problem
from chengdan.kernel.http.schemas import Id, fields_of
from chengdan.kernel.idempotency import fingerprint, key_answer, key_claim
from chengdan.kernel.registry import Registry
from chengdan.kernel.requests import actor_of
from chengdan.kernel.rights import right_require
from chengdan.kernel.transactions import retry_on_conflict, write

_routers: Registry[Router] = Registry("API routers")
View = Callable[..., Any]
REFUSED = frozenset({400, 401, 403, 404, 405, 409, 413, 415, 422, 429})
Refusals = {REFUSED: Problem}
IF_MATCH = "If-Match"
_BODY: Any = Body(...)  # type: ignore[type-arg]


def api_router(room: str) -> Router:
    """Return the router of a room, mounted at /api/v1/<room>/; the same one every time."""
    known = _routers.find(room)
    return known if known is not None else _routers.add(room, Router(tags=[room]))


def api_routers() -> list[tuple[str, Router]]:
    """Return every router that rooms asked for."""
    return _routers.items()


def permission_needed(permission: str) -> Callable[[View], View]:
    """Refuse callers without the right, and let the contract test see it."""

    def decorate(view: View) -> View:
        @functools.wraps(view)
        def run(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            right_require(actor_of(request), permission)
            return view(request, *args, **kwargs)

        run.permission = permission  # type: ignore[attr-defined]
        return _signed(run, view)

    return decorate


def _signed(run: View, view: View) -> View:
    """Give a wrapper the view's own signature; types are looked up where the view is written."""
    run.__signature__ = inspect.signature(view, eval_str=True)  # type: ignore[attr-defined]
    return run


def read(
    router: Router,
    path: str,
    *,
    permission: str,
    response: Any,
    operation_id: str,
    summary: Any = "",
) -> Callable[[View], View]:
    """Register a GET: `@read(router, "/{order_id}", permission=…, response=OrderOut, …)`."""

    def decorate(view: View) -> View:
        checked = permission_needed(permission)(view)
        router.get(
            path,
            response={200: response, **Refusals},
            operation_id=operation_id,
            summary=summary or None,
        )(checked)
        return view

    return decorate


def act(
    router: Router,
    path: str,
    *,
    permission: str,
    response: Any,
    operation_id: str,
    method: str = "POST",
    status: int = 200,
    summary: Any = "",
) -> Callable[[View], View]:
    """Register a change: the view runs in one transaction with its stored answer.

    With `Idempotency-Key` a repeated request gets the first answer again (header
    `Idempotency-Replayed: true`); with another body 422, while the first one runs 409. A refusal
    leaves no trace, so the same key may try again.
    """

    def decorate(view: View) -> View:
        adapter: TypeAdapter[Any] = TypeAdapter(response)

        @functools.wraps(view)
        def run(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            right_require(actor_of(request), permission)

            def once() -> HttpResponse:
                return _once(request, lambda: view(request, *args, **kwargs), adapter, status)

            return retry_on_conflict(once)

        run.permission = permission  # type: ignore[attr-defined]
        _signed(run, view)
        router.api_operation(
            [method],
            path,
            response={status: response, **Refusals},
            operation_id=operation_id,
            summary=summary or None,
            openapi_extra={"parameters": [_KEY_PARAMETER]},
        )(run)
        return view

    return decorate


_KEY_PARAMETER = {
    "in": "header",
    "name": "Idempotency-Key",
    "required": False,
    "description": "Any text of 1 to 255 characters, new for every act; kept for 7 days.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
    "example": "5f1c9c1e-order-4711",
}


def _once(
    request: HttpRequest, work: Callable[[], Any], adapter: TypeAdapter[Any], status: int
) -> HttpResponse:
    key = request.headers.get("Idempotency-Key")
    with write():
        row = None
        if key is not None:
            mark = fingerprint(request.method or "", request.get_full_path(), request.body)
            row = key_claim(actor_of(request), _key_checked(key), mark)
            if row.status is not None:
                return _answer(row.body, row.status, is_replay=True)
        made = adapter.validate_python(work(), from_attributes=True)
        # Written as ninja writes what is read: instants with milliseconds.
        body = json.dumps(adapter.dump_python(made, by_alias=True), cls=NinjaJSONEncoder)
        if row is not None:
            key_answer(row, status, body)
    return _answer(body, status, is_replay=False)


def _key_checked(key: str) -> str:
    if not all("!" <= char <= "~" for char in key):
        raise InvalidError(FieldIssue("Idempotency-Key", "characters", _("Only ASCII characters.")))
    return key


def _answer(body: str, status: int, *, is_replay: bool) -> HttpResponse:
    response = HttpResponse(body, status=status, content_type="application/json")
    if is_replay:
        response["Idempotency-Replayed"] = "true"
    version = json.loads(body)
    if isinstance(version, dict) and isinstance(version.get("version"), int):
        response["ETag"] = f'"{version["version"]}"'
    return response


def expected_version(request: HttpRequest, given: int | None = None) -> int | None:
    """Return the version the caller has seen: from the body, else from `If-Match`.

    Raises:
        InvalidError: the header is not the version of an ETag.
    """
    header = request.headers.get(IF_MATCH)
    if given is not None or header is None or header == "*":
        return given
    text = header.strip().removeprefix("W/").strip('"')
    if not (text.isascii() and text.isdigit() and len(text) < 18):
        raise InvalidError(FieldIssue(IF_MATCH, "version", _("Send the ETag of the document.")))
    return int(text)


def act_endpoint(
    router: Router,
    path: str,
    service: Callable[..., Any],
    *,
    permission: str,
    schema_in: type[Schema] | None,
    schema_out: Any,
    draft: Callable[..., Any] | None = None,
    operation_id: str = "",
    present: Callable[[Any], Any] | None = None,
    method: str = "POST",
    status: int = 200,
    summary: Any = "",
) -> None:
    """Offer a service as `POST path`; ids in the path and fields of the body are its arguments.

    Args:
        path: like `/{order_id}/accept`; its parameters are ids.
        service: called as `service(actor=…, order_id=…, **fields of schema_in)`. When it takes
            `expected_version` and the body does not name it, `If-Match` gives it.
        draft: makes the service's one argument `draft` of the fields of the body.
        present: makes the answer from what the service returns.
        operation_id: default is the service's own name, which reads `<entity>_<verb>`.
    """
    names = [part[1:-1] for part in path.split("/") if part.startswith("{")]
    takes_version = "expected_version" in inspect.signature(service).parameters

    def view(request: HttpRequest, **kwargs: Any) -> Any:
        payload = kwargs.pop("payload", None)
        fields = fields_of(payload) if payload is not None else {}
        if takes_version:
            given = fields.pop("expected_version", None)
            kwargs["expected_version"] = expected_version(request, given)
        kwargs |= fields if draft is None else {"draft": draft(**fields)}
        result = service(actor=actor_of(request), **kwargs)
        return present(result) if present is not None else result

    keyword = inspect.Parameter.KEYWORD_ONLY
    parameters = [
        inspect.Parameter("request", inspect.Parameter.POSITIONAL_OR_KEYWORD),
        *(inspect.Parameter(name, keyword, annotation=Id) for name in names),
    ]
    if schema_in is not None:
        body = inspect.Parameter("payload", keyword, annotation=schema_in, default=_BODY)
        parameters.append(body)
    view.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    view.__name__ = service.__name__
    view.__doc__ = (service.__doc__ or "").partition("\n")[0]
    act(
        router,
        path,
        permission=permission,
        response=schema_out,
        operation_id=operation_id or service.__name__,
        method=method,
        status=status,
        summary=summary,
    )(view)
