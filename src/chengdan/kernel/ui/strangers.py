"""What a request meets whose session or form key is gone: the sign-in, then its own page again."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from django.conf import settings
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.urls import Resolver404, resolve
from django.utils.translation import gettext_lazy as _

from chengdan.kernel.ui.addresses import local_path
from chengdan.kernel.ui.faults import Fault, fault_response, is_fragment_request, wants_json

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.http import HttpRequest

    from chengdan.kernel.ui.parts import Text

READ_METHODS = ("GET", "HEAD", "OPTIONS")
# A form sends here where on the device its script keeps what was typed.
KEPT_FIELD = "cd_kept"
KEPT_LENGTH_MAX = 200


def kept_place(request: HttpRequest) -> str:
    """Return where the browser keeps what this form sent, "" when it keeps nothing."""
    return request.POST.get(KEPT_FIELD, "")[:KEPT_LENGTH_MAX]


def page_behind(request: HttpRequest, methods: Iterable[str] = ()) -> str:
    """Return the page in front of the person, as a path that can be opened.

    Args:
        methods: HTTP methods of the asked address; with GET among them it is a page itself.
    """
    is_piece = is_fragment_request(request) or wants_json(request)
    if request.method in READ_METHODS and not is_piece:
        return request.get_full_path()
    shown = request.headers.get("HX-Current-URL") or request.headers.get("Referer") or ""
    path = local_path(request, shown)
    if path and urlsplit(path).path != resolve_url(settings.LOGIN_URL):
        return path
    return request.get_full_path() if "GET" in methods and not is_piece else "/"


def page_shown(request: HttpRequest) -> str:
    """Return the page in front of the person as a path that a GET opens, "/" when there is none.

    A page drawn as the answer to a POST may stand at an address that takes nothing else; then
    it is the page that the form was sent from.
    """
    came_from = local_path(request, request.headers.get("Referer") or "")
    return next((path for path in (request.get_full_path(), came_from) if _opens(path)), "/")


def _opens(path: str) -> bool:
    if not path:
        return False
    try:
        view = resolve(urlsplit(path).path).func
    except Resolver404:
        return True  # it says itself that there is nothing
    return "GET" in getattr(view, "methods", ("GET",))


def sign_in_first(request: HttpRequest, methods: Iterable[str] = ()) -> HttpResponse:
    """Send a stranger to the sign-in, and afterwards to the page they were on.

    What was sent is lost; the sign-in page says so, and whether the device keeps it.
    """
    address = f"{resolve_url(settings.LOGIN_URL)}?next={quote(page_behind(request, methods))}"
    if request.method not in READ_METHODS:
        address += f"&ended={'kept' if kept_place(request) else 'lost'}"
    if wants_json(request):
        text = str(_("Your session has ended. Sign in again."))
        body = {"code": "signed_out", "message": text, "sign_in": address}
        return HttpResponse(json.dumps(body), status=401, content_type="application/json")
    if is_fragment_request(request):
        response = HttpResponse(status=401)
        response["HX-Redirect"] = address
        return response
    return HttpResponseRedirect(address)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Django's CSRF_FAILURE_VIEW: the session has ended, the cookie is gone or was renewed."""
    match = request.resolver_match
    # Pages that are open to all have None as permission; signing in would not help there.
    is_public = match is not None and getattr(match.func, "permission", "") is None
    if getattr(request, "actor", None) is None and not is_public:
        return sign_in_first(request)
    kept: Text = _("Nothing was changed.")
    if kept_place(request):
        kept = _("Nothing was changed. What you typed is kept on this device.")
    fault = Fault(
        _("This page was open too long"),
        kept,
        _("Open the page again and send once more."),
        back=local_path(request, request.headers.get("Referer") or ""),
    )
    message = _("This page was open too long. Reload it and send again.")
    return fault_response(request, 403, message, code="csrf", fault=fault)
