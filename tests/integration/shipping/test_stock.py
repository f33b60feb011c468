"""Stock documents, counts, reversal, opening stock in bulk, warehouses."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from chengdan.kernel import clock
from chengdan.kernel.errors import ForbiddenError, InvalidError
from chengdan.kernel.transactions import unguarded
from chengdan.kernel.transitions import TransitionError
from chengdan.kernel.verification import verify_all
from chengdan.modules.catalog.models import Product
from chengdan.modules.people.models import Company
from chengdan.modules.shipping.models import Lot, StockDocument, StockEntry, Warehouse
from chengdan.modules.shipping.services import (
    OpeningRow,
    StockDraft,
    StockLineDraft,
    WarehouseDraft,
    stock_draft,
    stock_opening_load,
    stock_post,
    stock_reverse,
    stock_update,
    warehouse_change,
    warehouse_place,
)
from chengdan.modules.shipping.services.limits import LockedPeriodError
from chengdan.modules.shipping.services.stock import StockError


@pytest.fixture(autouse=True)
def books_balance(db: None) -> Any:
    yield
    assert [str(item) for item in verify_all() if item.invariant == "I7"] == []


def posted(depot: Any, kind: str, quantity: int, reason: str = "", batch: str = "") -> Any:
    keeper = depot.house.actor("warehouse_keeper")
    line = StockLineDraft(depot.house.products["HY-0712"], Decimal(quantity), batch)
    draft = StockDraft(kind, depot.warehouse_id, [line], reason=reason)
    document = stock_draft(actor=keeper, draft=draft)
    return stock_post(actor=keeper, document_id=document.pk)


def test_receipt_issue_and_count_move_the_book(depot: Any) -> None:
    assert posted(depot, "receipt", 100).number == "SD2611-0001"
    posted(depot, "issue", 30, "报损")
    counted = posted(depot, "count", 65, "月末盘点")
    assert counted.lines.get().delta == Decimal(-5)
    assert Lot.objects.get().on_hand == Decimal(65)
    kinds = [(entry.kind, entry.delta, entry.balance) for entry in StockEntry.objects.all()]
    assert kinds == [("receipt", 100, 100), ("issue", -30, 70), ("count", -5, 65)]


@pytest.mark.parametrize(
    ("kind", "line", "field"),
    [
        ("receipt", {"quantity": "0.5"}, "quantity"),
        ("count", {"batch": ""}, "batch"),
        ("count", {"batch": "B2"}, "expires_on"),
        ("receipt", {"expires_on": date(2028, 1, 1)}, "expires_on"),
    ],
)
def test_a_line_keeps_to_the_units_places_and_the_batchs_day(
    depot: Any, kind: str, line: dict[str, Any], field: str
) -> None:
    with unguarded():
        Product.objects.update(is_batch_managed=True, shelf_life_days=365)
    keeper, product = depot.house.actor("warehouse_keeper"), depot.house.products["HY-0712"]

    def draft(kind: str, **values: Any) -> StockDraft:
        values = {"quantity": "5", "batch": "B1", "expires_on": None} | values
        values["quantity"] = Decimal(values["quantity"])
        lines = [StockLineDraft(product, **values)]
        return StockDraft(kind, depot.warehouse_id, lines, reason="盘点")

    first = draft("receipt", expires_on=date(2027, 11, 1))
    stock_post(actor=keeper, document_id=stock_draft(actor=keeper, draft=first).pk)
    stock_draft(actor=keeper, draft=draft("count"))
    with pytest.raises(InvalidError) as refusal:
        stock_draft(actor=keeper, draft=draft(kind, **line))
    assert [(item.field, item.row) for item in refusal.value.items] == [(field, 1)]


def test_a_receipt_brings_no_expired_batch_and_a_count_may_find_one(depot: Any) -> None:
    with unguarded():
        Product.objects.update(is_batch_managed=True, shelf_life_days=365)
    keeper, product = depot.house.actor("warehouse_keeper"), depot.house.products["HY-0712"]
    yesterday = clock.today() - timedelta(days=1)
    line = StockLineDraft(product, Decimal(5), "B1", yesterday)
    receipt = StockDraft("receipt", depot.warehouse_id, [line])
    with pytest.raises(InvalidError) as refusal:
        stock_draft(actor=keeper, draft=receipt)
    assert [(item.field, item.code, item.row) for item in refusal.value.items] == [
        ("expires_on", "expired", 1)
    ]
    for draft in (
        replace(receipt, effective_on=yesterday),
        replace(receipt, kind="opening"),
        replace(receipt, kind="count", reason="盘点"),
    ):
        stock_draft(actor=keeper, draft=draft)


def test_nothing_falls_below_zero_or_below_what_notes_set_aside(depot: Any) -> None:
    posted(depot, "receipt", 120)
    with pytest.raises(StockError):
        posted(depot, "issue", 121, "报损")
    depot.released("和兴", {"HY-0712": 5})
    with pytest.raises(StockError):
        posted(depot, "count", 59, "盘点")
    posted(depot, "count", 60, "盘点")
    assert Lot.objects.get().available == 0


def test_a_posted_document_is_only_reversed_and_only_once(depot: Any) -> None:
    document = posted(depot, "receipt", 100)
    keeper = depot.house.actor("warehouse_keeper")
    with pytest.raises(TransitionError):
        stock_post(actor=keeper, document_id=document.pk)
    with pytest.raises(InvalidError):
        stock_reverse(actor=keeper, document_id=document.pk, reason=" ")
    back = stock_reverse(actor=keeper, document_id=document.pk, reason="录错")
    assert back.reversal_of_id == document.pk
    assert Lot.objects.get().on_hand == 0
    with pytest.raises(TransitionError):
        stock_reverse(actor=keeper, document_id=document.pk, reason="录错")
    with pytest.raises(InvalidError):
        stock_reverse(actor=keeper, document_id=back.pk, reason="录错")


def test_drafts_change_and_name_everything_wrong(depot: Any) -> None:
    keeper = depot.house.actor("warehouse_keeper")
    product = depot.house.products["HY-0712"]
    good = StockDraft("receipt", depot.warehouse_id, [StockLineDraft(product, Decimal(5))])
    document = stock_draft(actor=keeper, draft=good)
    twice = [StockLineDraft(product, Decimal(5)), StockLineDraft(product, Decimal(0)),
             StockLineDraft(0, Decimal(1))]  # fmt: skip
    bad = StockDraft("issue", depot.warehouse_id, twice)
    with pytest.raises(InvalidError) as refusal:
        stock_update(actor=keeper, document_id=document.pk, draft=bad)
    assert {(item.field, item.row) for item in refusal.value.items} == {
        ("reason", None), ("quantity", 2), ("product", 3),
    }  # fmt: skip
    inspector = depot.house.actor("quality_inspector")
    with pytest.raises(ForbiddenError):
        stock_draft(actor=inspector, draft=good)


def test_nothing_posts_in_a_closed_period(depot: Any) -> None:
    with unguarded():
        Company.objects.update(lock_date=clock.today())
    with pytest.raises(LockedPeriodError):
        posted(depot, "receipt", 100)
    assert StockEntry.objects.count() == 0
    with unguarded():
        Company.objects.update(lock_date=clock.today() - timedelta(days=1))
    posted(depot, "receipt", 100)


def test_opening_stock_loads_fast_and_all_or_nothing(depot: Any) -> None:
    products = list(depot.house.products.values())
    rows = [
        OpeningRow(depot.warehouse_id, products[number % 3], Decimal(10), f"B{number}",
                   date(2027, 1, 1), date(2026, 1, 1))
        for number in range(2000)
    ]  # fmt: skip
    start = time.perf_counter()
    documents = stock_opening_load(depot.house.system, rows)
    spent = time.perf_counter() - start
    assert [document.lines.count() for document in documents] == [2000]
    assert Lot.objects.filter(received_on=date(2026, 1, 1), on_hand=10).count() == 2000
    assert spent < 10, f"{2000 / spent:.0f} rows a second"
    with pytest.raises(InvalidError) as refusal:
        stock_opening_load(depot.house.system, [rows[0], OpeningRow(0, products[0], Decimal(1))])
    assert [item.row for item in refusal.value.items] == [2]
    assert StockDocument.objects.count() == 1


def test_a_company_has_one_usual_warehouse_and_none_with_stock_is_closed(depot: Any) -> None:
    house = depot.house
    first = Warehouse.objects.get()
    assert first.is_default
    draft = WarehouseDraft(code="SZ", name="深圳仓", unit_id=first.unit_id, is_default=True)
    second = warehouse_place(actor=house.system, draft=draft)
    first.refresh_from_db()
    assert (first.is_default, second.is_default) == (False, True)
    with pytest.raises(InvalidError):
        warehouse_place(actor=house.system, draft=draft)
    depot.stock("HY-0712", 1)
    closed = WarehouseDraft(code="GZ", name="广州", unit_id=first.unit_id, is_active=False)
    with pytest.raises(InvalidError):
        warehouse_change(actor=house.system, warehouse_id=first.pk, draft=closed)
    with pytest.raises(ForbiddenError):
        warehouse_place(actor=house.actor("csr"), draft=draft)
