"""The room below /api/v1/shipping/: notes, their acts, stock."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from ninja import Query

from chengdan.kernel.http.paging import PageQuery, keyset_page
from chengdan.kernel.http.routing import act_endpoint, api_router, read
from chengdan.kernel.http.schemas import Id, Page
from chengdan.kernel.requests import actor_of
from chengdan.modules.people.access import visible
from chengdan.modules.shipping import services
from chengdan.modules.shipping import vocabulary as words
from chengdan.modules.shipping.access import access_note_for_view, notes_visible
from chengdan.modules.shipping.http_api import schemas, stock
from chengdan.modules.shipping.models import Lot

router = api_router("shipping")
__all__ = ["stock"]


@read(router, "/notes", permission=words.VIEW, response=Page[schemas.NoteOut],
      operation_id="note_list", summary=_("Delivery notes, newest first"))  # fmt: skip
def note_list(request: HttpRequest, query: Query[PageQuery]) -> Any:
    """List the notes that the caller may see."""
    return keyset_page(notes_visible(actor_of(request)), query)


@read(router, "/notes/{note_id}", permission=words.VIEW, response=schemas.NoteFull,
      operation_id="note_get", summary=_("A delivery note with its lines"))  # fmt: skip
def note_get(request: HttpRequest, note_id: Id) -> Any:
    """Return one note with its lines."""
    note: Any = access_note_for_view(actor_of(request), note_id)
    note.rows = list(note.lines.order_by("number"))
    return note


@read(router, "/stock", permission=words.STOCK_VIEW, response=Page[schemas.LotOut],
      operation_id="lot_list", summary=_("Stock by warehouse, product and batch"))  # fmt: skip
def lot_list(request: HttpRequest, query: Query[PageQuery], product_id: Id | None = None) -> Any:
    """List what lies where."""
    rows = visible(actor_of(request), words.STOCK_VIEW, Lot.objects.all())
    if product_id is not None:
        rows = rows.filter(product_id=product_id)
    return keyset_page(rows, query)


act_endpoint(router, "/notes", services.note_make_for_orders, permission=words.CREATE,
             schema_in=schemas.MakeIn, schema_out=schemas.NoteOut, operation_id="note_make",
             status=201)  # fmt: skip
act_endpoint(router, "/direct-notes", services.note_make_direct, permission=words.CREATE,
             schema_in=schemas.DirectIn, schema_out=schemas.NoteOut, status=201)  # fmt: skip
for _path, _service, _permission, _schema in (
    ("carrier", services.note_carrier, words.CARRIER, schemas.CarrierIn),
    ("pick", services.note_pick, words.PICK, schemas.PicksIn),
    ("check", services.note_check, words.CHECK, schemas.CheckIn),
    ("check/refuse", services.note_check_refuse, words.CHECK, schemas.ReasonIn),
    ("dispatch", services.note_dispatch, words.DISPATCH, schemas.DispatchIn),
    ("feedback", services.note_feedback, words.FEEDBACK, schemas.FeedbackIn),
    ("confirm", services.note_confirm, words.CONFIRM, schemas.ConfirmIn),
    ("cancel", services.note_cancel, words.CANCEL, schemas.ReasonIn),
    ("reverse", services.note_reverse, words.REVERSE, schemas.ReasonIn),
):
    act_endpoint(
        router, f"/notes/{{note_id}}/{_path}", _service, permission=_permission,
        schema_in=_schema, schema_out=schemas.NoteOut,
    )  # fmt: skip
