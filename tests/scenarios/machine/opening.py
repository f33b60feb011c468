"""A company in the middle of its life, so that short examples reach every act."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from tests.scenarios.both_sides.collecting import BothSides
from tests.scenarios.pure_model.orders import Line, Order

DISCOUNT = Decimal("0.017")


def opened(house: Any) -> BothSides:
    """Return a company with orders, notes, invoices and receipts in many stages."""
    sides = BothSides(house)
    for warehouse, product, bottles in (("GZ", "HY-0712", 720), ("GZ", "JY-1205", 485),
                                        ("SZ", "HY-0712", 240)):  # fmt: skip
        sides.goods_in(warehouse, product, bottles)
    _paid_and_owed(sides)
    sides.days_pass(25)
    _under_way(sides)
    sides.work_off()
    return sides


def entered(sides: BothSides, customer: str, *lines: Line, until: str = "", **values: Any) -> Order:
    """Enter an order and bring it to a step, or to its release."""
    order = sides.enter(customer, list(lines), **values)
    sides.submit(order)
    while order.stage != until and sides.go_on(order):
        pass
    return order


def _paid_and_owed(sides: BothSides) -> None:
    """An order that is delivered, invoiced and partly paid, and one of the other customer."""
    entered(sides, "和兴", Line("HY-0712", 20, DISCOUNT), Line("JY-1205", 10))
    entered(sides, "桂香", Line("JY-1205", 20, DISCOUNT))
    for note in sides.model.notes:
        while sides.ship_on(note):
            pass
    sides.work_off()
    for invoice in sides.model.invoices:
        while sides.bill_on(invoice):
            pass
    first, second = (sides.register(customer, Decimal(3000)) for customer in ("和兴", "桂香"))
    for receipt in (first, second):
        sides.confirm_receipt(receipt)
    sides.allocate(first, [(sides.model.invoices[0], Decimal(1500))])
    sides.allocate(second, [(sides.model.invoices[1], sides.model.invoices[1].open)])


def _under_way(sides: BothSides) -> None:
    """One of each kind that takes many acts to reach."""
    part = entered(sides, "和兴", Line("HY-0712", 70), Line("JY-1205", 30))
    note = sides.model.notes[-1]
    while note.step != "CF":
        sides.ship_on(note)
    sides.work_off()
    for _step in ("IR", "IA"):
        sides.bill_on(sides.model.invoices[-1])
    entered(sides, "和兴", Line("JY-1205", 15), until="MA")
    sides.close(part)
    changing = entered(sides, "和兴", Line("JY-1205", 12, DISCOUNT))
    sides.amend(changing, {1: Line("JY-1205", 20, DISCOUNT)})
    entered(sides, "桂香", Line("HY-0712", 220), asks_over=True, until="ACX")
    entered(sides, "桂香", Line("JY-1205", 400), until="WAY")
    waiting = entered(sides, "桂香", Line("JY-1205", 380), until="PAY")
    sides.set_aside(sides.model.receipts[1], waiting, Decimal(500))
