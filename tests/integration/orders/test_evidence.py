"""Orders taken over with the persons and moments of their processing, and with their delivery."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from chengdan.kernel.audit import audit_history
from chengdan.kernel.errors import ForbiddenError, InvalidError
from chengdan.kernel.search import search
from chengdan.kernel.verification import verify_all
from chengdan.modules.orders.models import Handover, OrderMemo
from chengdan.modules.orders.services import (
    HistoryOrder,
    LineDraft,
    OrderDraft,
    OrderEvidence,
    orders_evidence_load,
    orders_history_load,
)
from chengdan.modules.people.models import OrgUnit
from chengdan.modules.shipping.models import Lot
from chengdan.modules.shipping.services import (
    NoteDone,
    OpeningRow,
    WarehouseDraft,
    notes_history_load,
    stock_opening_load,
    warehouse_place,
)

START = datetime(2025, 3, 3, 1, 0, tzinfo=UTC)


@pytest.fixture
def order(house: Any) -> Any:
    draft = OrderDraft(
        customer_id=house.customer("C1"),
        lines=(
            LineDraft(
                product_id=house.products["HY-0712"], quantity=Decimal(4), price=Decimal(118)
            ),
        ),
        ordered_on=date(2025, 3, 3),
        number="H2503-0001",
    )
    rows = [HistoryOrder(draft=draft, closed_on=date(2025, 4, 3))]
    return orders_history_load(actor=house.system, rows=rows)[0]


def evidence(house: Any, order_id: int) -> OrderEvidence:
    person = house.actor

    def after(minutes: int) -> datetime:
        return START + timedelta(minutes=minutes)

    return OrderEvidence(
        order_id=order_id,
        seats=(house.people["csr"], house.people["shipping_coordinator"], house.people["csr"]),
        submitted_by=person("order_clerk"), submitted_at=START,
        accepted_by=person("csr"), accepted_at=after(25), memo="as submitted", told_how="phone",
        approved_by=person("sales_director"), approved_at=after(90),
        printed_by=person("finance_clerk"), printed_at=after(120),
        handed_by=person("csr"), received_by="Liu", received_at=after(150),
    )  # fmt: skip


def note(house: Any, order_id: int, warehouse_id: int) -> NoteDone:
    person = house.actor
    left = START + timedelta(hours=5)
    return NoteDone(
        order_id=order_id, warehouse_id=warehouse_id, received_at=START + timedelta(hours=3),
        received_by="Liu", carrier="Nanling", station="Guangzhou",
        picker=person("warehouse_keeper"), picked_at=START + timedelta(hours=4),
        keeper=person("shipping_coordinator"), inspector=person("quality_inspector"),
        dispatched_at=left, waybill="NL1", coordinator=person("shipping_coordinator"),
        fed_back_at=left, csr=person("csr"), confirmed_at=left + timedelta(days=2),
        signer="Luo", archive="binder 3",
    )  # fmt: skip


def warehouse(house: Any, bottles: int) -> int:
    unit = OrgUnit.objects.get(company=house.company, code="WH1")
    made = warehouse_place(actor=house.system, draft=WarehouseDraft("W1", "Main", unit.pk))
    row = OpeningRow(made.pk, house.products["HY-0712"], Decimal(bottles))
    stock_opening_load(house.system, [row])
    return made.pk


def test_memo_hand_over_and_history(house: Any, order: Any) -> None:
    row = evidence(house, order.pk)
    made = orders_evidence_load(actor=house.system, rows=[row])[0]

    assert made.csr_id == house.people["csr"]
    assert made.released_at == row.received_at
    assert OrderMemo.objects.get(order=order).customer_told_how == "phone"
    assert Handover.objects.get(order=order).received_by == "Liu"
    at = {entry.code: entry.at for entry in audit_history(made)}
    assert at["orders.order.accepted"] == row.accepted_at
    assert at["orders.order.released"] == row.received_at


def test_goods_of_the_past_leave_their_lot(house: Any, order: Any) -> None:
    place = warehouse(house, 50)
    made = notes_history_load(actor=house.system, rows=[note(house, order.pk, place)])[0]
    assert [hit.object_id for hit in search(house.system, made.number)] == [made.pk]

    assert made.status == "confirmed"
    assert made.slip_number
    assert Lot.objects.get(warehouse=place).on_hand == Decimal(2)
    assert [str(item) for item in verify_all()] == []


def test_less_in_the_lot_is_refused(house: Any, order: Any) -> None:
    place = warehouse(house, 40)
    with pytest.raises(InvalidError) as caught:
        notes_history_load(actor=house.system, rows=[note(house, order.pk, place)])
    assert [(item.code, item.row) for item in caught.value.items] == [("short", 1)]


def test_only_orders_taken_over_and_only_by_the_installation(house: Any, order: Any) -> None:
    row = evidence(house, order.pk)
    with pytest.raises(ForbiddenError):
        orders_evidence_load(actor=house.actor("csr"), rows=[row])
    with pytest.raises(InvalidError):
        orders_evidence_load(actor=house.system, rows=[replace(row, order_id=order.pk + 999)])
