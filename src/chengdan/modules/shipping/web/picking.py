"""Picking by phone: every line with its batches, counted up with the thumb (mock 11)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext_lazy as _

from chengdan.kernel.actor import Actor
from chengdan.kernel.errors import DomainError, FieldIssue, InvalidError
from chengdan.kernel.requests import actor_of, version_of
from chengdan.kernel.ui import Chip, PageHead, Toast, done, page, render_page
from chengdan.kernel.ui.numberparse import NumberError, parse_number
from chengdan.modules.process.selectors import open_task_for
from chengdan.modules.shipping import services
from chengdan.modules.shipping import vocabulary as words
from chengdan.modules.shipping.access import access_note_for_view
from chengdan.modules.shipping.models import DeliveryLine, DeliveryNote, Lot
from chengdan.modules.shipping.rules import line_quantity
from chengdan.modules.shipping.services import PickInput
from chengdan.modules.shipping.services.reserve import lines_of_note
from chengdan.modules.shipping.showing import plain, time_left
from chengdan.modules.shipping.web.common import GET_POST, crumbs_of, show_url

ZERO = Decimal(0)


@page(permission=words.PICK, methods=GET_POST)
def pick(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Pick a note: one counter per line and batch, filled with the proposal."""
    actor = actor_of(request)
    note = access_note_for_view(actor, pk)
    lines = lines_of_note(note)
    issues: list[str] = []
    if request.method == "POST":
        try:
            picks = _picks_of(request, lines)
            services.note_pick(
                actor=actor,
                note_id=pk,
                picks=picks,
                reason=request.POST.get("reason", "")[:300],
                expected_version=version_of(request),
            )
        except InvalidError as error:
            issues = [_issue_text(item.row, item.message) for item in error.items]
        except DomainError as error:
            issues = [str(error.message)]
        else:
            toast = Toast(_("Picked; two others check it now."))
            return done(request, show_url(pk), toast)
    return _render(request, actor, note, lines, issues)


def _issue_text(row: int | None, message: Any) -> str:
    if not row:
        return str(message)
    return str(_("Line %(row)s: %(message)s") % {"row": row, "message": message})


def _field(line: DeliveryLine, lot_id: int) -> str:
    return f"q-{line.number}-{lot_id}"


def _picks_of(request: HttpRequest, lines: list[DeliveryLine]) -> list[PickInput]:
    """Return what the counters say; an empty one counts as nothing.

    Raises:
        InvalidError: one holds no number.
    """
    picks, issues = [], []
    for line in lines:
        prefix = f"q-{line.number}-"
        for name, text in request.POST.items():
            lot = name.removeprefix(prefix)
            if lot == name or not lot.isascii() or not lot.isdigit():
                continue
            try:
                quantity = parse_number(str(text or "0"), places=6, minimum=ZERO)
            except NumberError as error:
                issues.append(FieldIssue(name, error.code, error.message, row=line.number))
                continue
            if quantity > ZERO:
                picks.append(PickInput(line.number, quantity, lot_id=int(lot[:18])))
    if issues:
        raise InvalidError(issues)
    return picks


def _render(
    request: HttpRequest,
    actor: Actor,
    note: DeliveryNote,
    lines: list[DeliveryLine],
    issues: list[str],
) -> HttpResponseBase:
    rows = [_row(request, note, line) for line in lines]
    task = open_task_for(words.NOTE, note.pk, "PK", actor)
    head = PageHead(
        _("Pick"),
        note.number,
        crumbs=crumbs_of(note),
        chips=[] if task else [Chip(_("not to be picked by you now"), "idle")],
    )
    return render_page(
        request,
        "shipping/pick.html",
        status=422 if issues else 200,
        head=head,
        note=note,
        rows=rows,
        issues=issues,
        reason=request.POST.get("reason", ""),
        left=time_left(note),
        may_pick=task is not None,
        back=show_url(note.pk),
    )


def _row(request: HttpRequest, note: DeliveryNote, line: DeliveryLine) -> dict[str, Any]:
    """Return a line with its lots: the proposed ones first, others of the product after them."""
    proposed = {pick.lot_id: pick for pick in line.picked}
    lots = Lot.objects.filter(
        warehouse_id=note.warehouse_id, product_id=line.product_id, on_hand__gt=ZERO
    )
    ordered = sorted(
        lots,
        key=lambda lot: (lot.pk not in proposed, lot.expires_on is None, lot.expires_on, lot.pk),
    )
    counters = []
    for lot in ordered:
        mine = proposed[lot.pk].quantity if lot.pk in proposed else ZERO
        wanted = line_quantity(mine, line.factor)
        name = _field(line, lot.pk)
        counters.append(
            {
                "name": name,
                "batch": lot.batch,
                "expires_on": lot.expires_on,
                "proposed": plain(wanted),
                "value": request.POST.get(name, plain(wanted)),
                "free": plain(line_quantity(lot.available + mine, line.factor)),
                "is_proposed": lot.pk in proposed,
            }
        )
    return {"line": line, "counters": counters, "wanted": plain(line.quantity)}
