"""What the program holds against what the model holds, figure by figure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

from django.db.models import Sum

from chengdan.kernel.numbers import ZERO
from chengdan.modules.billing.models import Invoice, Receipt
from chengdan.modules.billing.selectors import billable_of, receivable_of
from chengdan.modules.credit.selectors import exposure, overdue_amount, totals_of
from chengdan.modules.orders.models import Order, OrderLine
from chengdan.modules.process.models import StepRun
from chengdan.modules.process.vocabulary import OPEN_STATES
from chengdan.modules.quota.models import Cell
from chengdan.modules.shipping.models import DeliveryLine, DeliveryNote, Lot
from chengdan.modules.shipping.selectors import available_of, waiting_of
from tests.scenarios.pure_model.figures import BOTTLES
from tests.scenarios.pure_model.invoices import OWING

Figures = dict[Any, Any]


def disagreements(sides: Any) -> list[str]:
    """Return one line for each figure in which the two sides differ."""
    parts: list[Callable[[Any], tuple[Figures, Figures]]] = [
        _orders, _lines, _steps, _stock, _notes, _quota, _credit, _invoices, _receipts, _waiting,
        _billable,
    ]  # fmt: skip
    return [text for part in parts for text in _differing(part.__name__, *part(sides))]


def _differing(name: str, model: Figures, program: Figures) -> Iterator[str]:
    for key in sorted(model.keys() | program.keys(), key=str):
        if model.get(key) != program.get(key):
            yield f"{name} {key}: the model has {model.get(key)}, the program {program.get(key)}"


def _by_number(ids: list[int]) -> dict[int, int]:
    return {pk: number for number, pk in enumerate(ids)}


def _orders(sides: Any) -> tuple[Figures, Figures]:
    columns = (
        "status", "gross", "credit_band", "is_held", "pays_first", "closed_by_hand", "paid_gross",
        "settled_at",
    )  # fmt: skip
    numbers = _by_number(sides.ids["orders"])
    rows = Order.objects.filter(pk__in=numbers).values_list("pk", *columns)
    program = {numbers[pk]: (*values, settled_at is not None) for pk, *values, settled_at in rows}
    model = {
        order.number: (
            order.status, order.gross, order.band, order.is_held, order.pays_first,
            order.closed_by_hand, order.paid, order.is_settled,
        )
        for order in sides.model.orders
    }  # fmt: skip
    return model, program


def _lines(sides: Any) -> tuple[Figures, Figures]:
    columns = ("quantity", "gross", "delivered", "invoiced", "closed")
    numbers = _by_number(sides.ids["orders"])
    rows = OrderLine.objects.filter(order__in=numbers).values_list("order_id", "number", *columns)
    program = {(numbers[pk], line): tuple(values) for pk, line, *values in rows}
    model = {
        (order.number, number): (
            line.boxes, line.gross, line.delivered, line.invoiced, line.closed
        )
        for order in sides.model.orders
        for number, line in order.lines.items()
    }  # fmt: skip
    return model, program


def _steps(sides: Any) -> tuple[Figures, Figures]:
    """Compare where each process stands; a process that stopped by a fault is marked."""
    kinds = {
        "orders.order": _by_number(sides.ids["orders"]),
        "orders.amendment": {pk: order for order, pk in sides.changes.items()},
        "shipping.deliverynote": _by_number(sides.ids["notes"]),
        "billing.invoice": _by_number(sides.ids["invoices"]),
    }
    rows = StepRun.objects.filter(state__in=("open", "fault"), instance__state__in=OPEN_STATES)
    columns = ("instance__subject_type", "instance__subject_id", "code", "state")
    program = {}
    for kind, pk, code, state in rows.values_list(*columns):
        if pk in kinds[kind]:
            program[kind, kinds[kind][pk]] = "stuck" if state == "fault" else code
    model: Figures = {}
    for order in sides.model.orders:
        if order.run == "open":
            step = "resubmit" if order.stage == "draft" else order.stage
            model["orders.order", order.number] = step
        if order.change is not None:
            model["orders.amendment", order.number] = order.change.step
    for kind, documents in (
        ("shipping.deliverynote", sides.model.notes),
        ("billing.invoice", sides.model.invoices),
    ):
        model |= {(kind, item.number): item.step for item in documents if item.step}
    return model, program


def _stock(sides: Any) -> tuple[Figures, Figures]:
    model, program = {}, {}
    lots = Lot.objects.values_list("warehouse_id", "product_id", "on_hand", "reserved")
    held = {(house, product): tuple(values) for house, product, *values in lots}
    products = sides.house.products
    for code, warehouse in sides.warehouses.items():
        available = available_of(warehouse, products.values())
        for product in {product for _code, product in sides.model.stock}:
            there = sides.model.stock.get((code, product), 0)
            reserved = sides.model.reserved(code, product)
            model[code, product] = (there, reserved, there - reserved)
            pk = products[product]
            program[code, product] = (
                *held.get((warehouse, pk), (ZERO, ZERO)), available.get(pk, ZERO)
            )  # fmt: skip
    return model, program


def _notes(sides: Any) -> tuple[Figures, Figures]:
    numbers, orders = _by_number(sides.ids["notes"]), _by_number(sides.ids["orders"])
    program: Figures = dict(
        (numbers[pk], status)
        for pk, status in DeliveryNote.objects.filter(pk__in=numbers).values_list("pk", "status")
    )
    rows = DeliveryLine.objects.filter(delivery_note__in=numbers, quantity__gt=ZERO)
    picked = rows.annotate(picked=Sum("picks__quantity"))
    for pk, number, order, line, quantity, set_aside in picked.values_list(
        "delivery_note_id", "number", "order_id", "order_line", "quantity", "picked"
    ):
        program[numbers[pk], number] = (orders[order], line, quantity, set_aside)
    model: Figures = {note.number: note.status for note in sides.model.notes}
    for note in sides.model.notes:
        for number, line in note.lines.items():
            holds = note.status not in ("cancelled", "reversed")
            figures = (line.order, line.line, line.boxes, line.boxes * BOTTLES if holds else None)
            model |= {(note.number, number): figures} if line.boxes else {}
    return model, program


def _quota(sides: Any) -> tuple[Figures, Figures]:
    rows = Cell.objects.values_list("customer_id", "reserved", "consumed")
    program = {pk: (reserved / BOTTLES, consumed / BOTTLES) for pk, reserved, consumed in rows}
    model = {pk: sides.model.quota_used(code) for code, pk in sides.house.customers.items()}
    return model, program


def _credit(sides: Any) -> tuple[Figures, Figures]:
    model: Figures = {}
    program: Figures = {}
    for code, pk in sides.house.customers.items():
        totals, buckets = totals_of(pk), sides.model.buckets(code)
        owed = sum((x.open for x in sides.model.invoices_in(*OWING) if x.customer == code), ZERO)
        for bucket, amount in buckets.items():
            model[code, bucket], program[code, bucket] = amount, getattr(totals, bucket)
        model |= {
            (code, "exposure"): sides.model.exposure(code),
            (code, "overdue"): sides.model.overdue(code),
            (code, "owed"): owed,
        }
        program |= {
            (code, "exposure"): exposure(pk),
            (code, "overdue"): overdue_amount(pk, sides.today),
            (code, "owed"): receivable_of(pk, sides.today),
        }
    return model, program


def _invoices(sides: Any) -> tuple[Figures, Figures]:
    numbers = _by_number(sides.ids["invoices"])
    rows = Invoice.objects.filter(pk__in=numbers)
    columns = ("status", "gross", "open", "invoice_on", "due_on")
    program = {numbers[pk]: tuple(values) for pk, *values in rows.values_list("pk", *columns)}
    model = {
        item.number: (item.status, item.gross, item.open, item.invoice_on, item.due_on)
        for item in sides.model.invoices
    }
    return model, program


def _receipts(sides: Any) -> tuple[Figures, Figures]:
    numbers = _by_number(sides.ids["receipts"])
    rows = Receipt.objects.filter(pk__in=numbers)
    columns = ("status", "amount", "unapplied", "earmarked", "applied")
    program = {numbers[pk]: tuple(values) for pk, *values in rows.values_list("pk", *columns)}
    model = {
        item.number: (item.status, item.amount, item.unapplied, item.earmarked, item.applied)
        for item in sides.model.receipts
    }
    return model, program


def _waiting(sides: Any) -> tuple[Figures, Figures]:
    """Compare what waits for goods of orders that are being fulfilled."""
    standing = [order for order in sides.model.orders if order.stage == "released"]
    ids = {sides.pk("orders", order): order for order in standing}
    model = {
        (order.number, number): Decimal(sides.model.wanted(order, number))
        for order in standing
        for number in order.lines
        if sides.model.wanted(order, number)
    }
    program = {
        (ids[pk].number, item.line.number): item.wanted
        for pk, items in waiting_of(list(ids), None).items()
        for item in items
    }
    return model, program


def _billable(sides: Any) -> tuple[Figures, Figures]:
    numbers = _by_number(sides.ids["orders"])
    found = billable_of(numbers)
    program = {(numbers[pk], line): boxes for (pk, line), boxes in found.items()}
    model = {
        (order.number, number): sides.model.billable(order.number, number)
        for order in sides.model.orders
        for number in order.lines
        if sides.model.billable(order.number, number)
    }
    return model, program
