"""The room below /api/v1/orders/: orders, the stops list, every act of OP."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from ninja import Query

from chengdan.kernel.http.paging import PageQuery, keyset_page
from chengdan.kernel.http.routing import act, act_endpoint, api_router, expected_version, read
from chengdan.kernel.http.schemas import Id, Page, VersionIn
from chengdan.kernel.requests import actor_of
from chengdan.modules.credit.vocabulary import SHORTFALL
from chengdan.modules.orders import services
from chengdan.modules.orders import vocabulary as words
from chengdan.modules.orders.access import access_order_for_view
from chengdan.modules.orders.http_api import schemas
from chengdan.modules.orders.models import Amendment, Order
from chengdan.modules.orders.selectors import orders_visible
from chengdan.modules.orders.services import OrderDraft
from chengdan.modules.orders.services.progress import bands_settle
from chengdan.modules.orders.services.shortfall import order_shortfall_release

router = api_router("orders")


def _draft(**values: Any) -> OrderDraft:
    return OrderDraft(lines=tuple(values.pop("lines")), **values)


def _stored(order: Order) -> Order:
    """Return the order as the act leaves it; every answer shows numbers alike."""
    # The steps that followed by themselves are noted at the end of an act; the answer is later.
    bands_settle()
    return Order.objects.get(pk=order.pk)


def _full(order: Order) -> Any:
    """Return the order as the act leaves it, with its lines."""
    return _with_lines(_stored(order))


def _with_lines(order: Order) -> Any:
    found: Any = order
    found.rows = list(found.lines.order_by("number"))
    return found


@read(router, "/orders", permission=words.VIEW, response=Page[schemas.OrderOut],
      operation_id="order_list", summary=_("Orders, newest first"))  # fmt: skip
def order_list(
    request: HttpRequest,
    query: Query[PageQuery],
    customer_id: Id | None = None,
    status: str = "",
) -> Any:
    """List the orders that the caller may see."""
    rows = orders_visible(actor_of(request))
    if customer_id is not None:
        rows = rows.filter(customer_id=customer_id)
    if status:
        rows = rows.filter(status=status)
    return keyset_page(rows, query)


@read(router, "/orders/{order_id}", permission=words.VIEW, response=schemas.OrderFull,
      operation_id="order_get", summary=_("An order with its lines"))  # fmt: skip
def order_get(request: HttpRequest, order_id: Id) -> Any:
    """Return one order with its lines."""
    return _with_lines(access_order_for_view(actor_of(request), order_id))


@read(router, "/orders/{order_id}/stops", permission=words.VIEW, response=schemas.StopsOut,
      operation_id="order_stops",
      summary=_("Everything that stands in the way of an order"))  # fmt: skip
def order_stops(request: HttpRequest, order_id: Id) -> Any:
    """Return the stops list of one order."""
    actor = actor_of(request)
    found = services.order_stops(actor, access_order_for_view(actor, order_id))
    return {
        "is_blocked": found.is_blocked,
        "stops": [
            {
                "kind": stop.kind, "rule": stop.rule, "title": str(stop.title),
                "text": str(stop.text), "field": stop.field, "row": stop.row,
                "ways": list(stop.ways),
            }
            for stop in found.stops
        ],
    }  # fmt: skip


@act(router, "/orders/{order_id}/amend", permission=words.AMEND, response=schemas.AmendmentOut,
     operation_id="amendment_ask", status=201,
     summary=_("Ask for a change of a released order"))  # fmt: skip
def amendment_ask(request: HttpRequest, order_id: Id, payload: schemas.AmendIn) -> Amendment:
    """Submit a change; the order stays in force as it is until it is approved."""
    return services.amendment_ask(
        actor=actor_of(request),
        order_id=order_id,
        draft=_draft(**{name: getattr(payload, name) for name in schemas.OrderIn.model_fields}),
        reason=payload.reason,
        expected_version=expected_version(request, payload.expected_version),
    )


@read(router, "/orders/{order_id}/amendments", permission=words.VIEW,
      response=Page[schemas.AmendmentOut], operation_id="amendment_list",
      summary=_("Changes of an order that were asked for"))  # fmt: skip
def amendment_list(request: HttpRequest, order_id: Id, query: Query[PageQuery]) -> Any:
    """List the changes of one order."""
    order = access_order_for_view(actor_of(request), order_id)
    return keyset_page(order.amendments.all(), query)


act_endpoint(router, "/orders", services.order_place, permission=words.CREATE,
             schema_in=schemas.OrderIn, draft=_draft, schema_out=schemas.OrderFull, present=_full,
             status=201, summary=_("Enter an order as a draft"))  # fmt: skip
act_endpoint(router, "/orders/{order_id}", services.order_update, permission=words.EDIT,
             schema_in=schemas.OrderChange, draft=_draft, schema_out=schemas.OrderFull,
             present=_full, method="PUT", summary=_("Replace a draft order"))  # fmt: skip
act_endpoint(router, "/orders/{order_id}/copy", services.order_copy, permission=words.CREATE,
             schema_in=None, schema_out=schemas.OrderOut, status=201, present=_stored)  # fmt: skip
for _path, _service, _permission, _schema in (
    ("shortfall", order_shortfall_release, SHORTFALL, schemas.ShortfallIn),
    ("submit", services.order_submit, words.SUBMIT, VersionIn),
    ("accept", services.order_accept, words.ACCEPT, schemas.AcceptIn),
    ("way/pay-first", services.order_way_pay_first, words.APPLY_SPECIAL, VersionIn),
    ("way/special", services.order_way_special, words.APPLY_SPECIAL, schemas.SpecialIn),
    ("print", services.order_print_bill, words.PRINT_BILL, VersionIn),
    ("hand-over", services.order_hand_over, words.HAND_OVER, schemas.HandOverIn),
    ("hold", services.order_hold, words.HOLD, schemas.ReasonIn),
    ("resume", services.order_resume, words.HOLD, VersionIn),
    ("cancel", services.order_cancel, words.CANCEL, schemas.ReasonIn),
    ("close", services.order_close, words.CLOSE, schemas.ReasonIn),
    ("reopen", services.order_reopen, words.CLOSE, schemas.ReasonIn),
):
    act_endpoint(
        router, f"/orders/{{order_id}}/{_path}", _service, permission=_permission,
        schema_in=_schema, schema_out=schemas.OrderOut, present=_stored,
    )  # fmt: skip
