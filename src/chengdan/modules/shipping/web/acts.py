"""Acts on a delivery note: which are offered, and their forms."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from chengdan.kernel.actor import Actor
from chengdan.kernel.requests import actor_of, version_of
from chengdan.kernel.ui import (
    Act,
    FormPage,
    PageHead,
    Panel,
    Toast,
    UiForm,
    done,
    page,
    refusals_on,
)
from chengdan.kernel.ui.formats import party_text
from chengdan.kernel.ui.parts import Text
from chengdan.modules.customers.selectors import customer_summary
from chengdan.modules.process.selectors import open_task_for
from chengdan.modules.shipping import services
from chengdan.modules.shipping import vocabulary as words
from chengdan.modules.shipping.access import access_note_for_view
from chengdan.modules.shipping.models import DeliveryNote
from chengdan.modules.shipping.services.reserve import lines_of_note
from chengdan.modules.shipping.showing import batches_of, picked_of
from chengdan.modules.shipping.transitions import NOTE_TRANSITIONS
from chengdan.modules.shipping.web.common import GET_POST, crumbs_of, show_url
from chengdan.modules.shipping.web.forms import (
    CarrierForm,
    CheckForm,
    ConfirmForm,
    DispatchForm,
    FeedbackForm,
    ReasonForm,
)

STEP_ACTS: dict[str, tuple[str, Text, str]] = {
    "CA": ("carrier", _("Arrange the carrier"), "truck-delivery"),
    "PK": ("pick", _("Pick"), "package"),
    "OQ1": ("check", _("Sign the check"), "check"),
    "OQ2": ("check", _("Sign the check"), "check"),
    "DP": ("dispatch", _("Dispatch"), "truck-delivery"),
    "FB": ("feedback", _("Report the waybill"), "check"),
    "CF": ("confirm", _("Record the signature"), "check"),
}


def _url(name: str, note: DeliveryNote) -> str:
    return reverse(f"shipping:{name}", args=[note.pk])


def acts_of(actor: Actor, note: DeliveryNote) -> list[Act]:
    """Return what may be done with the note, the next step first."""
    acts = []
    task = open_task_for(words.NOTE, note.pk, "", actor)
    if task is not None and task.step_run.code in STEP_ACTS:
        name, title, icon = STEP_ACTS[task.step_run.code]
        acts.append(
            Act(name, title, _url(name, note), icon=icon, primary=True,
                permission=words.STEP_RIGHTS[task.step_run.code], shortcut="G")
        )  # fmt: skip
        if name == "check":
            acts.append(
                Act("refuse", _("Send back to picking"), _url("check_refuse", note),
                    icon="arrow-back-up", permission=words.CHECK)
            )  # fmt: skip
    acts.append(
        Act("print", _("Print"), _url("print", note), icon="printer", permission=words.VIEW,
            shortcut="P")
    )  # fmt: skip
    if NOTE_TRANSITIONS.allows(note.status, "cancel"):
        acts.append(
            Act("cancel", _("Cancel the note"), _url("cancel", note), icon="x", danger=True,
                permission=words.CANCEL)
        )  # fmt: skip
    if NOTE_TRANSITIONS.allows(note.status, "reverse"):
        acts.append(
            Act("reverse", _("Reverse"), _url("reverse", note), icon="arrow-back-up", danger=True,
                permission=words.REVERSE)
        )  # fmt: skip
    return acts


def _answer(
    request: HttpRequest,
    note: DeliveryNote,
    title: Text,
    form: UiForm,
    run: Callable[[Actor, dict[str, Any]], object],
    toast: Text,
    *,
    steps: Sequence[str] = (),
    event: str = "",
    **panels: Any,
) -> HttpResponseBase:
    """Show a small form about a note, or run the act and go back to the note.

    Args:
        run: the service's act, given what the form says and the version it was filled in at.
        steps: one of which must wait for the reader; else there is nothing to fill in.
        event: likewise, what the note's state must allow.
    """
    actor = actor_of(request)
    if request.method != "POST" and (refusal := _refusal(actor, note, steps, event)):
        return done(request, show_url(note.pk), Toast(refusal, "late"))
    if request.method == "POST" and form.is_valid():
        with refusals_on(form, newest=show_url(note.pk)):
            run(actor, {**form.cleaned_data, "expected_version": version_of(request)})
            return done(request, show_url(note.pk), Toast(toast))
    hint = party_text(note.customer.name, note.gross)
    head = PageHead(title, note.number, hint, crumbs=crumbs_of(note))
    answer = FormPage(
        form, head, submit=title, cancel_url=show_url(note.pk),
        values={"expected_version": note.version}, **panels,
    )  # fmt: skip
    return answer.render(request)


def _refusal(actor: Actor, note: DeliveryNote, steps: Sequence[str], event: str) -> Text:
    if steps and not any(open_task_for(words.NOTE, note.pk, step, actor) for step in steps):
        return _("This step does not wait for you now.")
    if event and not NOTE_TRANSITIONS.allows(note.status, event):
        return _("The state of the note does not allow this any more.")
    return ""


def _posted(request: HttpRequest) -> Any:
    return request.POST if request.method == "POST" else None


@page(permission=words.CARRIER, methods=GET_POST)
def carrier(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Arrange the carrier (CA)."""
    note = access_note_for_view(actor_of(request), pk)
    customer = customer_summary(note.customer_id)
    initial = {
        "carrier": note.carrier or customer.carrier,
        "station": note.station or customer.station,
        "vehicle": note.vehicle,
    }

    def run(actor: Actor, data: dict[str, Any]) -> object:
        return services.note_carrier(actor=actor, note_id=pk, **data)

    form = CarrierForm(_posted(request), initial=initial)
    return _answer(
        request, note, _("Arrange the carrier"), form, run, _("Carrier arranged."), steps=("CA",)
    )


def _lines_panel(note: DeliveryNote) -> Panel:
    rows = [
        {
            "code": line.product.code,
            "name": str(line.product),
            "batch": batches_of(line),
            "quantity": line.quantity,
            "picked": picked_of(line),
            "unit": line.unit_of_measure.name,
        }
        for line in lines_of_note(note)
    ]
    return Panel(_("What was picked"), "shipping/_check.html", {"rows": rows}, flush=True)


@page(permission=words.CHECK, methods=GET_POST)
def check(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Sign one half of the outbound check (OQ), the picked goods beside it."""
    note = access_note_for_view(actor_of(request), pk)

    def run(actor: Actor, data: dict[str, Any]) -> object:
        return services.note_check(actor=actor, note_id=pk, **data)

    form = CheckForm(_posted(request))
    panels = [_lines_panel(note)]
    return _answer(
        request, note, _("Sign the outbound check"), form, run, _("Check signed."),
        steps=("OQ1", "OQ2"), side_panels=panels,
    )  # fmt: skip


@page(permission=words.CHECK, methods=GET_POST)
def check_refuse(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Send the goods back to picking."""
    note = access_note_for_view(actor_of(request), pk)

    def run(actor: Actor, data: dict[str, Any]) -> object:
        return services.note_check_refuse(actor=actor, note_id=pk, **data)

    form = ReasonForm(_posted(request))
    return _answer(
        request, note, _("Send back to picking"), form, run, _("Sent back to picking."),
        steps=("OQ1", "OQ2"),
    )  # fmt: skip


@page(permission=words.DISPATCH, methods=GET_POST)
def dispatch(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Let the goods leave (DP)."""
    note = access_note_for_view(actor_of(request), pk)

    def run(actor: Actor, data: dict[str, Any]) -> object:
        return services.note_dispatch(actor=actor, note_id=pk, **data)

    form = DispatchForm(_posted(request), initial={"vehicle": note.vehicle})
    panels = [_lines_panel(note)]
    return _answer(
        request, note, _("Dispatch"), form, run, _("The goods have left."), steps=("DP",),
        side_panels=panels,
    )  # fmt: skip


@page(permission=words.FEEDBACK, methods=GET_POST)
def feedback(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Report the waybill back (FB)."""
    note = access_note_for_view(actor_of(request), pk)

    def run(actor: Actor, data: dict[str, Any]) -> object:
        return services.note_feedback(actor=actor, note_id=pk, **data)

    form = FeedbackForm(_posted(request))
    return _answer(
        request, note, _("Report the waybill"), form, run, _("Waybill reported."), steps=("FB",)
    )


@page(permission=words.CONFIRM, methods=GET_POST)
def confirm(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Record the customer's signature and archive it (CF)."""
    note = access_note_for_view(actor_of(request), pk)

    def run(actor: Actor, data: dict[str, Any]) -> object:
        slips = [(item.name or "", item.read()) for item in request.FILES.getlist("slips")]
        fields = {name: value for name, value in data.items() if name != "slips"}
        return services.note_confirm(actor=actor, note_id=pk, files=slips, **fields)

    form = ConfirmForm(_posted(request), request.FILES or None)
    return _answer(
        request, note, _("Record the signature"), form, run, _("Signature recorded."),
        steps=("CF",), is_multipart=True,
    )  # fmt: skip


@page(permission=words.CANCEL, methods=GET_POST)
def cancel(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Give an open note up."""
    note = access_note_for_view(actor_of(request), pk)

    def run(actor: Actor, data: dict[str, Any]) -> object:
        return services.note_cancel(actor=actor, note_id=pk, **data)

    form = ReasonForm(_posted(request))
    return _answer(
        request, note, _("Cancel the note"), form, run, _("The note is cancelled."), event="cancel"
    )


@page(permission=words.REVERSE, methods=GET_POST)
def reverse_note(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Take a dispatched note back while nothing of it is invoiced."""
    note = access_note_for_view(actor_of(request), pk)

    def run(actor: Actor, data: dict[str, Any]) -> object:
        return services.note_reverse(actor=actor, note_id=pk, **data)

    form = ReasonForm(_posted(request))
    return _answer(
        request, note, _("Reverse the delivery"), form, run, _("Delivery reversed."),
        event="reverse",
    )  # fmt: skip
