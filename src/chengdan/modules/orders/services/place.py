"""Entering and changing draft orders; the page, the API, a paste and an import all end here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from chengdan.kernel.actor import Actor
from chengdan.kernel.audit import AuditRow, audit_record, audit_record_many
from chengdan.kernel.errors import FieldIssue, InvalidError
from chengdan.kernel.parameters import parameter_value
from chengdan.kernel.prepared import rows_insert
from chengdan.kernel.transactions import write
from chengdan.modules.orders import vocabulary as words
from chengdan.modules.orders.access import access_order, access_order_for_view
from chengdan.modules.orders.models import Order, OrderLine
from chengdan.modules.orders.rules import requested_on_problem
from chengdan.modules.orders.selectors import lines_by_number
from chengdan.modules.orders.services.drafts import LineDraft, OrderDraft
from chengdan.modules.orders.services.finding import index_orders
from chengdan.modules.orders.services.pricing import PricedOrder, drafts_price
from chengdan.modules.orders.transitions import ORDER_TRANSITIONS
from chengdan.modules.people.access import authorise
from chengdan.modules.people.ownership import Origin

_HEADER = (
    "customer_id", "customer_order_number", "ordered_on", "requested_on", "ship_to_id",
    "bill_to_id", "ship_to_text", "currency", "is_tax_inclusive", "payment_term_days",
    "pays_first", "is_partial_allowed", "quota_choice", "quota_reason", "note", "internal_note",
    "gross", "tax", "net",
)  # fmt: skip


def orders_place(
    actor: Actor, drafts: Sequence[OrderDraft], *, origin: str = Origin.ENTERED
) -> list[Order | list[FieldIssue]]:
    """Save drafts; each result is the order, or what is wrong with it (nothing of it is saved).

    One permission, pricing and audit pass serves all of them (ORD-18: only who holds the right).

    Raises:
        ForbiddenError: the actor may not enter orders.
    """
    with write():
        authorise(actor, words.CREATE)
        priced = drafts_price(actor, drafts)
        own_number_issues(priced)
        number_issues(actor, priced)
        size_issues(actor, priced)
        day_issues(priced)
        if origin == Origin.ENTERED:
            age_issues(actor, priced)
        good = [item for item in priced if not item.issues]
        orders = [order_new(actor, item, origin) for item in good]
        _save_new(actor, good, orders)
        made = iter(orders)
        return [item.issues or next(made) for item in priced]


def order_place(*, actor: Actor, draft: OrderDraft) -> Order:
    """Save one draft.

    Raises:
        ForbiddenError: the actor may not enter orders.
        InvalidError: names every wrong field and line.
    """
    result = orders_place(actor, [draft])[0]
    if isinstance(result, list):
        raise InvalidError(result)
    return result


def order_update(
    *, actor: Actor, order_id: int, draft: OrderDraft, expected_version: int | None = None
) -> Order:
    """Replace a draft order's header and lines.

    Raises:
        NotFoundError, ForbiddenError, ConflictError: see `access_order`.
        TransitionError: the order is not a draft.
        InvalidError: names every wrong field and line.
    """
    with write():
        order = access_order(actor, order_id, words.EDIT, expected_version)
        ORDER_TRANSITIONS.resolve(order.status, "edit")
        priced = drafts_price(actor, [draft])
        own_number_issues(priced, except_id=order.pk)
        size_issues(actor, priced)
        day_issues(priced)
        if order.origin == Origin.ENTERED and priced[0].ordered_on != order.ordered_on:
            age_issues(actor, priced)
        if priced[0].issues:
            raise InvalidError(priced[0].issues)
        before = order_snapshot(order)
        _fill(order, priced[0])
        order.version += 1
        order.save()
        order.lines.all().delete()
        OrderLine.objects.bulk_create(order_lines(order, priced[0]), batch_size=500)
        after = order_snapshot(order)
        changed = [name for name in after if before.get(name) != after[name]]
        audit_record(
            actor,
            words.CHANGED,
            order,
            before={name: before.get(name) for name in changed},
            after={name: after[name] for name in changed},
        )
        index_orders([order])
        return order


def order_copy(*, actor: Actor, order_id: int) -> Order:
    """Enter a new draft with the header and lines of an order, at today's prices.

    Raises:
        NotFoundError: not visible.
        InvalidError: something of it can't be ordered any more.
    """
    source = access_order_for_view(actor, order_id)
    return order_place(actor=actor, draft=draft_of(source, with_prices=False))


def draft_of(
    order: Order, *, with_prices: bool = True, lines: Sequence[OrderLine] | None = None
) -> OrderDraft:
    """Return the order as a draft, for copying, editing and checking.

    Args:
        with_prices: False leaves dates, the customer's number and list prices to be found anew.
        lines: of the order, by number, when the caller has them.
    """
    drafted = tuple(
        LineDraft(
            kind=line.kind,
            product_id=line.product_id,
            unit_of_measure_id=line.unit_of_measure_id,
            quantity=line.asked_quantity if not with_prices else line.quantity,
            price=line.price if with_prices or not line.is_goods else None,
            discount=line.discount,
            tax_rate=line.tax_rate,
            requested_on=line.requested_on if with_prices else None,
            description=line.description,
            note=line.note,
            number=line.number if with_prices else None,
        )
        for line in (lines_by_number(order.pk) if lines is None else lines)
    )
    draft = OrderDraft(
        customer_id=order.customer_id,
        lines=drafted,
        ship_to_id=order.ship_to_id,
        bill_to_id=order.bill_to_id,
        ship_to_text=order.ship_to_text,
        pays_first=order.pays_first,
        is_partial_allowed=order.is_partial_allowed,
        quota_choice=order.quota_choice,
        note=order.note,
        internal_note=order.internal_note,
    )
    if not with_prices:
        return draft
    return replace(
        draft,
        customer_order_number=order.customer_order_number,
        ordered_on=order.ordered_on,
        requested_on=order.requested_on,
        quota_reason=order.quota_reason,
    )


def order_snapshot(order: Order) -> dict[str, Any]:
    """Return header and lines as plain values, for the audit and for what approvers see."""
    header: dict[str, Any] = {name: getattr(order, name) for name in _HEADER}
    header["lines"] = [
        {
            "number": line.number,
            "kind": line.kind,
            "product_id": line.product_id,
            "unit_id": line.unit_of_measure_id,
            "quantity": line.quantity,
            "price": line.price,
            "discount": line.discount,
            "gross": line.gross,
            "requested_on": line.requested_on,
            "description": line.description,
        }
        for line in order.lines.order_by("number")
    ]
    return header


def order_new(actor: Actor, priced: PricedOrder, origin: str) -> Order:
    """Return an unsaved order of a priced draft without issues."""
    customer = priced.customer
    if customer is None:
        raise ValueError("an order without issues has a customer")
    order = Order()
    order.ownership_set(
        actor,
        company_id=customer.company_id,
        owner_id=customer.owner_id,
        unit_id=customer.unit_id,
        origin=origin,
    )
    order.number = priced.draft.number.strip()
    _fill(order, priced)
    return order


def _fill(order: Order, priced: PricedOrder) -> None:
    draft, customer = priced.draft, priced.customer
    if customer is None:
        raise ValueError("an order without issues has a customer")
    order.customer_id = customer.id
    order.owner_id, order.unit_id = customer.owner_id, customer.unit_id
    order.slt_member_id = customer.slt_member_id
    order.customer_order_number = draft.customer_order_number.strip()
    order.ordered_on = priced.ordered_on
    order.requested_on = draft.requested_on
    order.ship_to_id = priced.ship_to_id
    order.bill_to_id = priced.bill_to_id
    order.ship_to_text = draft.ship_to_text.strip()
    order.currency = priced.currency
    order.is_tax_inclusive = priced.is_tax_inclusive
    order.payment_term_days = customer.payment_term_days or 0
    order.pays_first = priced.pays_first
    order.is_partial_allowed = draft.is_partial_allowed
    order.quota_choice = draft.quota_choice
    order.quota_reason = draft.quota_reason.strip()
    order.note, order.internal_note = draft.note.strip(), draft.internal_note.strip()
    sums = priced.totals
    order.gross, order.tax, order.net = sums.gross, sums.tax, sums.net


def order_lines(order: Order, priced: PricedOrder) -> list[OrderLine]:
    """Return the unsaved lines of a priced draft."""
    return [
        OrderLine(
            order=order,
            number=line.number,
            kind=line.draft.kind,
            product_id=line.product.id if line.product else None,
            description=line.draft.description.strip(),
            unit_of_measure_id=line.unit_id,
            quantity=line.quantity,
            asked_quantity=line.quantity,
            base_quantity=line.base_quantity,
            list_price=line.list_price or 0,
            price=line.price,
            discount=line.draft.discount,
            tax_rate=line.tax_rate,
            gross=line.amounts.gross,
            tax=line.amounts.tax,
            net=line.amounts.net,
            requested_on=line.requested_on,
            note=line.draft.note.strip(),
        )
        for line in priced.lines
    ]


def _save_new(actor: Actor, priced: Sequence[PricedOrder], orders: Sequence[Order]) -> None:
    if not orders:
        return
    rows_insert(orders)
    lines = [
        line
        for item, order in zip(priced, orders, strict=True)
        for line in order_lines(order, item)
    ]
    rows_insert(lines)
    audit_record_many(
        actor,
        words.PLACED,
        [
            AuditRow(
                order,
                after={
                    "customer_id": order.customer_id,
                    "gross": order.gross,
                    "lines": len(item.lines),
                    "customer_order_number": order.customer_order_number,
                },
                is_first=True,
            )
            for item, order in zip(priced, orders, strict=True)
        ],
    )
    names = {item.customer.id: item.customer.name for item in priced if item.customer}
    index_orders(orders, names)


def own_number_issues(priced: Sequence[PricedOrder], except_id: int | None = None) -> None:
    """Refuse a customer's order number that the customer used before, here or in the batch."""
    wanted: dict[tuple[int, str], list[PricedOrder]] = {}
    for item in priced:
        number = item.draft.customer_order_number.strip()
        if number:
            wanted.setdefault((item.draft.customer_id, number), []).append(item)
    if not wanted:
        return
    taken = (
        Order.objects.filter(
            customer_id__in={customer for customer, _number in wanted},
            customer_order_number__in={number for _customer, number in wanted},
        )
        .exclude(status=words.OrderStatus.CANCELLED)
        .exclude(pk=except_id or 0)
        .only("customer_id", "customer_order_number", "number", "status")
    )
    used = {(order.customer_id, order.customer_order_number): order for order in taken}
    for key, items in wanted.items():
        text = _own_number_text(key[1], used.get(key))
        for item in items if key in used else items[1:]:
            item.issues.append(FieldIssue("customer_order_number", "duplicate", text))


def _own_number_text(number: str, other: Order | None) -> str:
    """Say where a customer's order number stands already; None is another order of the batch."""
    if other is None:
        message = _("The customer's order number %(number)s stands twice in this batch.")
    elif other.status == words.OrderStatus.DRAFT:
        message = _("The customer's order number %(number)s is already on draft %(order)s.")
    else:
        message = _("The customer's order number %(number)s is already on order %(order)s.")
    return message % {"number": number, "order": other}


def number_issues(actor: Actor, priced: Sequence[PricedOrder]) -> None:
    """Refuse a number brought along that another order carries, here or in the batch."""
    wanted: dict[str, list[PricedOrder]] = {}
    for item in priced:
        if number := item.draft.number.strip():
            wanted.setdefault(number, []).append(item)
    if not wanted:
        return
    rows = Order.objects.filter(company_id=actor.company_id or 0, number__in=wanted)
    used = set(rows.values_list("number", flat=True))
    for number, items in wanted.items():
        for item in items if number in used else items[1:]:
            text = _("Another order has the number %(number)s.") % {"number": number}
            item.issues.append(FieldIssue("number", "duplicate", text))


def day_issues(priced: Sequence[PricedOrder]) -> None:
    """Refuse requested days before the day of the order; a missing one is a stop (OG-1)."""
    for item in priced:
        days: list[tuple[date | None, int | None]] = [(item.draft.requested_on, None)]
        days += [(line.draft.requested_on, line.number) for line in item.lines]
        for day, row in days:
            if requested_on_problem(day, item.ordered_on) == "past":
                text = _("The requested delivery lies before the order of %(day)s.")
                message = text % {"day": item.ordered_on.isoformat()}
                item.issues.append(FieldIssue("requested_on", "past", message, row=row))


def age_issues(actor: Actor, priced: Sequence[PricedOrder]) -> None:
    """Refuse orders dated further back than the company takes; what is taken over keeps its day."""
    most = timedelta(days=parameter_value(actor.company_id, words.ORDERED_ON_DAYS_MAX))
    for item in priced:
        first = item.today - most
        if item.ordered_on < first:
            text = _("The order is dated %(day)s; an order may be dated %(first)s or later.")
            message = text % {"day": item.ordered_on.isoformat(), "first": first.isoformat()}
            item.issues.append(FieldIssue("ordered_on", "past", message))


def size_issues(actor: Actor, priced: Sequence[PricedOrder]) -> None:
    """Refuse more lines than an order may have."""
    most = parameter_value(actor.company_id, words.LINES_MAX)
    for item in priced:
        if len(item.lines) > most:
            message = _("An order has at most %(most)s lines.") % {"most": most}
            item.issues.append(FieldIssue("lines", "too_many", message))
