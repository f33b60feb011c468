"""The door of every page: sign-in, model-level permission, refusals, rendering, results."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from functools import wraps
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias

from django.contrib import messages
from django.db import DatabaseError
from django.http import Http404, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.views import View

from chengdan.kernel.errors import DomainError
from chengdan.kernel.transactions import conflict_of
from chengdan.kernel.ui.faults import (
    domain_fault,
    fault_response,
    is_fragment_request,
    wants_json,
)
from chengdan.kernel.ui.hooks import allowed
from chengdan.kernel.ui.parts import PageHead, Toast
from chengdan.kernel.ui.reader import reading
from chengdan.kernel.ui.strangers import kept_place, sign_in_first

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

ViewFunction: TypeAlias = "Callable[..., HttpResponseBase]"

ID_END = 2**63


def page(
    *, permission: str, methods: Iterable[str] = ("GET", "HEAD")
) -> Callable[[ViewFunction], ViewFunction]:
    """Make a function the view of a page that needs `permission` (model-level).

    A stranger is sent to the sign-in page, a person without the right gets 403, and every
    `DomainError` becomes the page, toast or JSON of its status. Row rights stay with the
    room's selectors and access functions. "" as permission means: any signed-in person.

    Args:
        permission: code as declared with `permission_declare`.
        methods: HTTP methods; a page that changes something takes POST only.
    """
    accepted = tuple(methods)

    def decorate(view: ViewFunction) -> ViewFunction:
        @wraps(view)
        def run(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            refused = refuse(request, permission, accepted) or _too_large(request, kwargs)
            if refused is not None:
                return refused
            return guarded(request, lambda: view(request, *args, **kwargs))

        run.permission = permission  # type: ignore[attr-defined]
        run.methods = accepted  # type: ignore[attr-defined]
        return run

    return decorate


def public_page(
    *, reason: str, methods: Iterable[str] = ("GET", "HEAD")
) -> Callable[[ViewFunction], ViewFunction]:
    """Make a function a page that is open without sign-in.

    Args:
        reason: why it may be open; the contract test lists it.
        methods: HTTP methods.
    """
    accepted = tuple(methods)

    def decorate(view: ViewFunction) -> ViewFunction:
        @wraps(view)
        def run(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if request.method not in accepted:
                return _not_allowed(request, accepted)
            return guarded(request, lambda: view(request, *args, **kwargs))

        run.permission = None  # type: ignore[attr-defined]
        run.methods = accepted  # type: ignore[attr-defined]
        run.public_reason = reason  # type: ignore[attr-defined]
        return run

    return decorate


class PageMixin(View):
    """`page` for class-based views: set `permission`."""

    permission: ClassVar[str]

    @classmethod
    def as_view(cls, **initkwargs: Any) -> Callable[..., HttpResponseBase]:
        """Return the view with its permission and its methods on it."""
        view = super().as_view(**initkwargs)
        view.permission = cls.permission  # type: ignore[attr-defined]
        view.methods = cls._methods()  # type: ignore[attr-defined]
        return view

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Check sign-in, method and permission, then answer."""
        refused = refuse(request, self.permission, self._methods()) or _too_large(request, kwargs)
        if refused is not None:
            return refused
        return guarded(request, lambda: super(PageMixin, self).dispatch(request, *args, **kwargs))

    @classmethod
    def _methods(cls) -> tuple[str, ...]:
        return tuple(name.upper() for name in cls.http_method_names if hasattr(cls, name))


def refuse(
    request: HttpRequest, permission: str, methods: tuple[str, ...]
) -> HttpResponseBase | None:
    """Return the answer for a request that may not pass, else None."""
    if request.method not in methods:
        return _not_allowed(request, methods)
    actor = getattr(request, "actor", None)
    if actor is None or not getattr(request.user, "is_authenticated", False):
        return sign_in_first(request, methods)
    if not allowed(actor, permission):
        return fault_response(request, 403, code="forbidden")
    return None


def _not_allowed(request: HttpRequest, methods: tuple[str, ...]) -> HttpResponse:
    """Return 405 with our page: of an answer without a body browsers make a page of their own."""
    bare = HttpResponseNotAllowed(methods)
    if is_fragment_request(request) or wants_json(request):
        return bare
    response = fault_response(request, 405, code="method_not_allowed")
    response["Allow"] = bare["Allow"]
    return response


def _too_large(request: HttpRequest, arguments: dict[str, Any]) -> HttpResponseBase | None:
    """Return 404 for an id that no row can have; databases would fail over it."""
    if any(isinstance(value, int) and value >= ID_END for value in arguments.values()):
        return fault_response(request, 404, code="not_found")
    return None


def guarded(request: HttpRequest, answer: Callable[[], HttpResponseBase]) -> HttpResponseBase:
    """Run a view and turn refusals into answers."""
    try:
        with reading(getattr(request, "actor", None)):
            response = answer()
            if isinstance(response, TemplateResponse) and not response.is_rendered:
                response.render()
    except DomainError as error:
        return domain_fault(request, error)
    except Http404:
        return fault_response(request, 404, code="not_found")
    except DatabaseError as error:
        return domain_fault(request, conflict_of(error))
    return response


def render_page(
    request: HttpRequest,
    template: str,
    *,
    head: PageHead,
    status: int = 200,
    **context: Any,
) -> TemplateResponse:
    """Render a page inside the frame; the template extends `ui/base.html`."""
    context["head"] = head
    return TemplateResponse(request, template, context, status=status)


def render_fragment(
    request: HttpRequest, template: str, *, toast: Toast | None = None, **context: Any
) -> HttpResponse:
    """Render a piece of a page for an htmx swap, with an optional toast."""
    response = TemplateResponse(request, template, context).render()
    if toast is not None:
        toast_add(response, toast)
    return response


def toast_add(response: HttpResponseBase, toast: Toast) -> None:
    """Let the browser show a message after an htmx answer."""
    response["HX-Trigger"] = json.dumps({"cd:toast": toast.as_dict()})


def done(request: HttpRequest, url: str, toast: Toast | None = None) -> HttpResponse:
    """Answer a successful POST: go to `url` and show the message there.

    Works for plain forms (redirect) and htmx (HX-Redirect).
    """
    if toast is not None:
        messages.success(request, json.dumps(toast.as_dict()), extra_tags="toast")
    if kept := kept_place(request):
        # Only now may the browser forget its copy of what was typed.
        messages.success(request, kept, extra_tags="kept")
    if is_fragment_request(request):
        response = HttpResponse(status=204)
        response["HX-Redirect"] = url
        return response
    return HttpResponseRedirect(url)


def done_in_place(toast: Toast, *, refresh: str = "") -> HttpResponse:
    """Answer a successful htmx POST without leaving: a toast and an event that pieces listen to.

    Args:
        refresh: name of a browser event; elements with `hx-trigger="<event> from:body"` reload.
    """
    response = HttpResponse(status=204)
    triggers: dict[str, Any] = {"cd:toast": toast.as_dict()}
    if refresh:
        triggers[refresh] = {}
    response["HX-Trigger"] = json.dumps(triggers)
    return response
