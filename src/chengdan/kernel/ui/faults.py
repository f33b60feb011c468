"""Every refusal as a page, a fragment or a toast: what happened, what was kept, what next."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django.http import HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy as _

from chengdan.kernel.actor import new_request_id
from chengdan.kernel.errors import ConflictError, DomainError, InvalidError
from chengdan.kernel.ui.addresses import local_path
from chengdan.kernel.ui.formats import line_text

if TYPE_CHECKING:
    from django.http import HttpRequest

    from chengdan.kernel.ui.parts import Text


SERVER_ERROR = 500


@dataclass(frozen=True, slots=True)
class Fault:
    """The words of one status."""

    title: Text
    kept: Text
    advice: Text
    # Address of the page to open again, "" for none.
    back: str = ""


_FAULTS = {
    400: Fault(
        _("The request could not be understood"),
        _("Nothing was changed."),
        _("Go back, check what was entered and send it again."),
    ),
    403: Fault(
        _("You do not have the right to do this"),
        _("Nothing was changed."),
        _("If your work needs it, ask your manager or the administrator for the right."),
    ),
    404: Fault(
        _("Not found, or not open to you"),
        _("Nothing was changed."),
        _("Check the number, or look for it with the search at the top."),
    ),
    405: Fault(
        _("This address does not work that way"),
        _("Nothing was changed."),
        _("Open the page again and use its buttons."),
    ),
    409: Fault(
        _("Somebody was faster"),
        _("Your change was not stored; theirs is."),
        _("Reload the page, look at what changed and repeat your step if it is still needed."),
    ),
    422: Fault(
        _("This is not possible"),
        _("Nothing was changed."),
        _("The message says why and what can be done."),
    ),
    429: Fault(
        _("Too many requests"),
        _("Nothing was changed."),
        _("Wait a minute and try again."),
    ),
    500: Fault(
        _("Something went wrong on our side"),
        _("The step was undone as a whole; nothing is half stored."),
        _("Try again. If it happens again, tell the administrator the reference number."),
    ),
}
# A conflict with the state of a thing, not with another person.
_NOT_NOW = Fault(
    _("Not possible as things stand"),
    _("Nothing was changed."),
    _("Reload the page, look at the state it shows and repeat your step if it is still needed."),
)


def reference_of(request: HttpRequest) -> str:
    """The reference number of a request, made when no middleware gave one."""
    own = getattr(request, "request_id", "")
    actor = getattr(request, "actor", None)
    return own or (actor.request_id if actor is not None else new_request_id())


def is_fragment_request(request: HttpRequest) -> bool:
    """Whether htmx asks for a piece of a page (not a boosted whole page)."""
    headers = request.headers
    whole = ("HX-Boosted", "HX-History-Restore-Request")
    return headers.get("HX-Request") == "true" and not any(
        headers.get(name) == "true" for name in whole
    )


def wants_json(request: HttpRequest) -> bool:
    """Whether a script of ours asks for data (pickers, line editor)."""
    return "application/json" in request.headers.get("Accept", "")


def fault_response(
    request: HttpRequest,
    status: int,
    message: Text = "",
    *,
    code: str = "",
    rule: str = "",
    fault: Fault | None = None,
) -> HttpResponse:
    """Answer with the error page, or for htmx with a toast, or for scripts with JSON.

    Args:
        status: one of 400, 403, 404, 405, 409, 422, 429, 500.
        message: what happened in this case, translated; the general words when empty.
        code: stable code for programs.
        rule: id of the rule that refused.
        fault: other words than those of the status.
    """
    fault = fault or _FAULTS.get(status, _FAULTS[500])
    reference = reference_of(request)
    text = str(message or fault.title)
    if rule:
        text = f"{text} [{rule}]"
    if wants_json(request):
        body = {"code": code, "message": text, "reference": reference}
        return HttpResponse(json.dumps(body), status=status, content_type="application/json")
    context: dict[str, Any] = {
        "fault": fault,
        "status": status,
        "message": text,
        "reference": reference,
    }
    if is_fragment_request(request):
        response = HttpResponse(render_to_string("ui/_fault.html", context, request), status=status)
        response["HX-Trigger"] = json.dumps({"cd:toast": {"text": text, "state": "late"}})
        response["HX-Reswap"] = "none"
        return response
    template = "ui/fault.html" if status != SERVER_ERROR else "ui/fault_bare.html"
    # The page of a crash is drawn without the request: its frame may be what failed.
    asked = request if status != SERVER_ERROR else None
    return HttpResponse(render_to_string(template, context, asked), status=status)


def domain_fault(request: HttpRequest, error: DomainError) -> HttpResponse:
    """Answer a rule's refusal with its own status and words."""
    message: Text = error.message
    if isinstance(error, InvalidError) and error.items:
        message = " ".join(line_text(item.row, str(item.message)) for item in error.items)
    status = int(error.status)
    fault = None
    if status == HTTPStatus.CONFLICT:
        fault = _FAULTS[status] if error.code == ConflictError.default_code else _NOT_NOW
        if request.method == "POST":
            # The page in front of the person, as it is now.
            fault = replace(fault, back=local_path(request, _came_from(request)))
    return fault_response(request, status, message, code=error.code, rule=error.rule, fault=fault)


def _came_from(request: HttpRequest) -> str:
    return request.headers.get("Referer") or ""


def handle_400(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Django's handler400."""
    return fault_response(request, 400)


def handle_403(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Django's handler403."""
    return fault_response(request, 403)


def handle_404(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Django's handler404."""
    return fault_response(request, 404)


def handle_500(request: HttpRequest) -> HttpResponse:
    """Django's handler500: a page without the frame, which may be what failed."""
    return fault_response(request, 500)
