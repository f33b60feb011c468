"""A real company's files become a company of its own, and its open orders are worked off."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import Any

import pytest
from django.db.models import Sum

from chengdan.kernel.audit import audit_history
from chengdan.modules.orders.models import Order, OrderLine
from tests.fixtures.northwind import PARTS, Northwind
from tests.scenarios.northwind_acts import (
    discontinued_products_pass_by_exception,
    goods_leave,
    invoice_to_cash,
    order_to_note,
    stock_is_opened,
)


@pytest.fixture
def loaded(northwind: Northwind) -> Northwind:
    for kind, names in PARTS:
        job = northwind.load(kind, names)
        assert job.state == "done", job.error
        refused = list(job.marks.filter(state="rejected").values_list("line", "issues")[:5])
        assert not refused, (kind, refused)
    return northwind


@pytest.mark.requirement("ORD-04", partly="price, credit and quota stand in the OP scenarios")
def test_the_files_become_a_company_and_its_open_orders_become_cash(loaded: Northwind) -> None:
    _control_totals(loaded)
    _the_same_again_changes_nothing(loaded)
    _open_orders_meet_discontinued_products(loaded)
    _verify_is_silent()
    stock_is_opened(loaded)
    discontinued_products_pass_by_exception(loaded)
    orders = list(Order.objects.filter(status="draft").order_by("pk"))
    for order in orders:
        note = order_to_note(loaded, order)
        goods_leave(loaded, note)
        invoice_to_cash(loaded, order)
    assert not Order.objects.exclude(status="closed").exists()
    assert not Order.objects.filter(settled_at__isnull=True).exists()
    _verify_is_silent()


def _control_totals(loaded: Northwind) -> None:
    lines = OrderLine.objects.filter(order__company=loaded.company)
    goods, charges = lines.filter(kind="goods"), lines.filter(kind="charge")
    assert Order.objects.filter(company=loaded.company).count() == 830
    assert goods.count() == 2155
    gross = sum((line.quantity * line.price for line in goods), Decimal(0))
    assert gross == Decimal("1354458.59")
    assert goods.aggregate(total=Sum("net"))["total"] == Decimal("1265793.29")
    assert charges.aggregate(total=Sum("gross"))["total"] == Decimal("64942.69")
    states = Counter(Order.objects.values_list("status", flat=True))
    assert states == {"closed": 809, "draft": 21}
    first = Order.objects.order_by("ordered_on").first()
    assert first is not None
    assert (first.number, first.ordered_on.year) == ("NW-10248", 1996)
    assert [entry.code for entry in audit_history(first)] == ["orders.order.imported"]
    assert first.paid_gross == first.gross

    from chengdan.modules.billing.models import Invoice
    from chengdan.modules.credit.models import Account

    assert not Invoice.objects.exists()
    assert not Account.objects.exclude(receivable=0, open=0).exists()


def _the_same_again_changes_nothing(loaded: Northwind) -> None:
    before = Order.objects.aggregate(total=Sum("version"))
    job = loaded.load(*PARTS[-1])
    assert (job.rows_created, job.rows_updated, job.rows_rejected) == (0, 0, 0)
    assert Order.objects.aggregate(total=Sum("version")) == before


def _open_orders_meet_discontinued_products(loaded: Northwind) -> None:
    """11 of the 21 hold a product that is not sold any more; QC names each with its line."""
    from chengdan.modules.orders.services import order_stops

    clerk = loaded.actor("order_clerk")
    stopped = 0
    for order in Order.objects.filter(status="draft"):
        found = order_stops(clerk, order)
        codes = {(stop.rule, stop.field) for stop in found.stops}
        stopped += any(rule == "QC-1" for rule, _field in codes)
    assert stopped == 11


def _verify_is_silent() -> None:
    from chengdan.kernel.verification import verify_all

    differences: list[Any] = list(verify_all())
    assert not differences, differences[:5]
