"""Taking orders in: closed ones by the history service, live ones as drafts."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from chengdan.kernel.actor import Actor
from chengdan.kernel.errors import DomainError, FieldIssue, ForbiddenError, InvalidError
from chengdan.kernel.importing import (
    Column,
    ImportKind,
    ImportRow,
    RowResult,
    RowState,
    import_kind_register,
)
from chengdan.kernel.transactions import savepoint
from chengdan.modules.orders import vocabulary as words
from chengdan.modules.orders.importing.drafts import Names, header_kept, order_draft, row_issues
from chengdan.modules.orders.models import Order
from chengdan.modules.orders.services import (
    HistoryOrder,
    OrderDraft,
    draft_of,
    order_update,
    orders_history_load,
    orders_place,
)
from chengdan.modules.orders.vocabulary import LineKind, OrderStatus
from chengdan.modules.people.ownership import Origin

_ZERO = Decimal(0)
_MOST = Decimal(10) ** 9
_STAYS = _("This order is here already and past its draft; it stays as it is.")


def orders_apply(actor: Actor, rows: list[ImportRow]) -> list[RowResult]:
    """Take the orders of a chunk; see `ImportKind.apply`."""
    if actor.company_id is None:
        raise ForbiddenError
    names = Names.of(actor.company_id, rows)
    known = _known(actor.company_id, rows)
    results: dict[int, RowResult] = {}
    history: list[tuple[ImportRow, HistoryOrder]] = []
    live: list[tuple[ImportRow, OrderDraft]] = []
    for row in rows:
        if issues := names.issues(row):
            results[id(row)] = RowResult.rejected(*issues, key=row.key)
            continue
        draft = order_draft(row, names)
        order = known.get(row.values["number"])
        if order is not None:
            results[id(row)] = _again(actor, row, order, draft)
        elif row.values["is_closed"]:
            history.append((row, _history(row, draft)))
        else:
            live.append((row, draft))
    if history:
        made = orders_history_load(actor=actor, rows=[item for _row, item in history])
        results |= _results([row for row, _item in history], made)
    if live:
        made = orders_place(actor, [item for _row, item in live], origin=Origin.IMPORTED)
        results |= _results([row for row, _item in live], made)
    return [results[id(row)] for row in rows]


def _known(company_id: int, rows: Sequence[ImportRow]) -> dict[str, Order]:
    numbers = {row.values["number"] for row in rows}
    found = Order.objects.filter(company_id=company_id, number__in=numbers)
    return {order.number: order for order in found}


def _history(row: ImportRow, draft: OrderDraft) -> HistoryOrder:
    """Return a finished order; without a day of shipping it ended when it was ordered."""
    return HistoryOrder(draft, row.values["shipped_on"] or row.values["ordered_on"])


def _results(
    rows: Sequence[ImportRow], made: Sequence[Order | list[FieldIssue]]
) -> dict[int, RowResult]:
    results = {}
    for row, item in zip(rows, made, strict=True):
        if isinstance(item, list):
            results[id(row)] = RowResult.rejected(*row_issues(row, item), key=row.key)
        else:
            results[id(row)] = RowResult(RowState.CREATED, row.key, target_id=item.pk)
    return results


def _again(actor: Actor, row: ImportRow, order: Order, draft: OrderDraft) -> RowResult:
    """Bring a draft that came in before to what the file says now; others stay."""
    if order.status != OrderStatus.DRAFT:
        issue = FieldIssue("number", "already", _STAYS, row.line)
        return RowResult(RowState.SKIPPED, row.key, [issue], order.pk)
    draft = header_kept(row, draft, draft_of(order))
    if _is_same(order, draft):
        return RowResult(RowState.SKIPPED, row.key, target_id=order.pk)
    try:
        with savepoint():
            order_update(actor=actor, order_id=order.pk, draft=draft)
    except InvalidError as error:
        return RowResult.rejected(*row_issues(row, error.items), key=row.key)
    except DomainError as error:
        issue = FieldIssue("", error.code, error.message, row.line, error.rule)
        return RowResult.rejected(issue, key=row.key)
    return RowResult(RowState.UPDATED, row.key, target_id=order.pk)


def _is_same(order: Order, draft: OrderDraft) -> bool:
    """True when the stored draft says what the file says; what the file leaves open agrees."""
    stored = draft_of(order)
    header = (
        "customer_id", "customer_order_number", "requested_on", "ship_to_text",
        "is_partial_allowed", "note", "internal_note",
    )  # fmt: skip
    if any(getattr(stored, name) != getattr(draft, name) for name in header):
        return False
    if draft.ordered_on not in (None, stored.ordered_on) or len(stored.lines) != len(draft.lines):
        return False
    names = ("kind", "product_id", "discount", "note", "description")
    open_names = ("unit_of_measure_id", "price", "tax_rate", "requested_on")
    return all(
        all(getattr(one, name) == getattr(two, name) for name in names)
        and all(getattr(two, name) in (None, getattr(one, name)) for name in open_names)
        and one.quantity in (two.quantity, Decimal(1) if not two.quantity else two.quantity)
        for one, two in zip(stored.lines, draft.lines, strict=True)
    )


_GOODS = {kind.value: kind.label for kind in (LineKind.GOODS, LineKind.GIFT, LineKind.SAMPLE)}

ORDERS = import_kind_register(
    ImportKind(
        code="orders",
        title=_("Orders"),
        permission=words.IMPORT,
        columns=[
            Column("number", _("Order number"), "reference", required=True,
                   example="SO-2025-0001", max_length=40,
                   help=_("As in the system it comes from; the order keeps it.")),
            Column("customer", _("Customer"), "reference", required=True, example="C0001",
                   max_length=40, help=_("Code of the customer.")),
            Column("customer_order_number", _("Customer's order number"), "reference",
                   example="PO-8812", max_length=60),
            Column("ordered_on", _("Ordered on"), "date", required=True, example="2025-03-01"),
            Column("requested_on", _("Wanted on"), "date", example="2025-03-10"),
            Column("is_closed", _("Closed"), "boolean", example="是",
                   help=_("Yes: finished history without receivable. No: a draft for OP.")),
            Column("shipped_on", _("Shipped on"), "date", example="2025-03-08"),
            Column("currency", _("Currency"), "reference", example="CNY", max_length=3),
            Column("carrier", _("Carrier"), max_length=120),
            Column("ship_to_text", _("Deliver to"), max_length=400,
                   help=_("Empty takes the customer's own address.")),
            Column("is_partial_allowed", _("Partial delivery allowed"), "boolean"),
            Column("note", _("Note"), max_length=2000),
            Column("internal_note", _("Internal note"), max_length=2000),
            Column("lines.product", _("Product"), "reference", example="HY-0712", max_length=40),
            Column("lines.unit", _("Unit"), "reference", example="箱", max_length=40,
                   help=_("Empty takes the unit it is sold in.")),
            Column("lines.quantity", _("Quantity"), "decimal", minimum=_ZERO, maximum=_MOST,
                   example="10", control=True),
            Column("lines.price", _("Price"), "decimal", minimum=_ZERO, maximum=_MOST,
                   example="118.00", help=_("Empty takes the price of the price list.")),
            Column("lines.discount", _("Discount"), "decimal", minimum=_ZERO, maximum=Decimal(1),
                   example="5%", help=_("5% or 0.05.")),
            Column("lines.tax_rate", _("Tax rate"), "decimal", minimum=_ZERO, maximum=Decimal(1),
                   help=_("Empty takes the product's.")),
            Column("lines.kind", _("Kind of line"), "choice", choices=_GOODS),
            Column("lines.requested_on", _("Line wanted on"), "date"),
            Column("lines.note", _("Line note"), max_length=200),
            Column("charges.description", _("Charge"), example="运费", max_length=200),
            Column("charges.amount", _("Charge: amount"), "decimal", places=4,
                   minimum=-_MOST, maximum=_MOST, example="120.00", control=True),
            Column("charges.tax_rate", _("Charge: tax rate"), "decimal", minimum=_ZERO,
                   maximum=Decimal(1)),
        ],
        key_columns=["number"],
        group_by=["number"],
        apply=orders_apply,
        targets=["orders.order"],
        order=60,
        help=_("Further lines of an order stand in following rows with the same number."),
    )
)  # fmt: skip
