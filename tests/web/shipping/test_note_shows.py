"""What a delivery note's page says of the state it is in, and what its pages refuse."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from chengdan.kernel import clock
from chengdan.kernel.errors import InvalidError
from chengdan.modules.orders.models import Order
from chengdan.modules.orders.services import amendment_ask, draft_of
from chengdan.modules.people.models import User
from chengdan.modules.process.selectors import open_task_for
from chengdan.modules.process.services import task_decide
from chengdan.modules.shipping.services import (
    DirectLine,
    note_carrier,
    note_confirm,
    note_feedback,
    note_make_direct,
    note_make_for_orders,
    note_pick,
)

KEEPER, COORDINATOR = "warehouse_keeper", "shipping_coordinator"


def stands(depot: Any, note_id: int) -> str:
    """Return the page of a note as the coordinator of shipping reads it."""
    client = Client()
    client.force_login(User.objects.get(pk=depot.house.people[COORDINATOR]))
    return client.get(reverse("shipping:show", args=[note_id])).content.decode()


def changes(depot: Any, order_id: int, boxes: int, *, signed: bool) -> None:
    house = depot.house
    draft = draft_of(Order.objects.get(pk=order_id))
    wanted = replace(draft, lines=(replace(draft.lines[0], quantity=Decimal(boxes)),))
    amendment = amendment_ask(
        actor=house.actor("key_account_manager"), order_id=order_id, draft=wanted, reason="改单"
    )
    for who in ("market_manager", "deputy_sales_director") if signed else ():
        task = open_task_for("orders.amendment", amendment.pk, "", house.actor(who))
        assert task is not None, who
        task_decide(actor=house.actor(who), task_id=task.pk, decision="approve", comment="同意")


def test_a_late_note_says_when_it_was_to_leave(depot: Any) -> None:
    depot.stock("HY-0712", 20)
    note = depot.note_of(depot.released("和兴", {"HY-0712": 10}))
    assert "储运接单后应在" not in stands(depot, note.pk)
    with clock.at(clock.now() + timedelta(days=2)):
        assert "储运接单后应在 24" in stands(depot, note.pk)


def test_a_note_says_that_its_order_is_being_changed_and_then_that_it_has_too_much(
    depot: Any,
) -> None:
    depot.stock("HY-0712", 20)
    order_id = depot.released("和兴", {"HY-0712": 10})
    note, house = depot.note_of(order_id), depot.house
    note_carrier(actor=house.actor(COORDINATOR), note_id=note.pk, carrier="顺达物流")
    note_pick(actor=house.actor(KEEPER), note_id=note.pk)
    changes(depot, order_id, 12, signed=False)
    assert "订单变更审批中" in stands(depot, note.pk)
    amendment = Order.objects.get(pk=order_id).amendments.get()
    actor = house.actor("market_manager")
    task = open_task_for("orders.amendment", amendment.pk, "", actor)
    assert task is not None
    task_decide(actor=actor, task_id=task.pk, decision="refuse", comment="不加")
    changes(depot, order_id, 8, signed=True)
    page = stands(depot, note.pk)
    assert "超出订货量和允差 2" in page
    assert "取消本送货单" in page


def test_goods_without_an_order_and_a_deviation_are_named(depot: Any) -> None:
    depot.stock("HY-0712", 20)
    house, scr = depot.house, depot.house.actor(COORDINATOR)
    lines = [DirectLine(house.products["HY-0712"], Decimal(2))]
    note = note_make_direct(
        actor=scr, customer_id=house.customers["和兴"], lines=lines, reason="展会样品"
    )
    assert "展会样品" in stands(depot, note.pk)
    depot.dispatched(note.pk)
    note_feedback(actor=scr, note_id=note.pk, waybill="SF1")
    note_confirm(
        actor=house.actor("csr"), note_id=note.pk, signer="罗先生", deviation="破损一箱",
        archive="A-1",
    )  # fmt: skip
    assert "破损一箱" in stands(depot, note.pk)


@pytest.mark.parametrize(
    ("line", "field"),
    [
        ({"product_id": 10**6}, "product"),
        ({"quantity": Decimal(0)}, "quantity"),
        ({"quantity": Decimal("0.5")}, "quantity"),
        (None, "lines"),
    ],
)
def test_a_wrong_line_without_an_order_is_named(
    depot: Any, line: dict[str, Any] | None, field: str
) -> None:
    right = DirectLine(depot.house.products["HY-0712"], Decimal(1))
    lines = [right, replace(right, **line)] if line is not None else []
    with pytest.raises(InvalidError) as refusal:
        note_make_direct(
            actor=depot.house.actor(COORDINATOR), customer_id=depot.house.customers["和兴"],
            lines=lines, reason="样品",
        )  # fmt: skip
    expected = [(field, 2 if line is not None else None)]
    assert [(item.field, item.row) for item in refusal.value.items] == expected


def test_one_note_goes_to_one_customer_and_one_address(depot: Any) -> None:
    depot.house.customer("桂香", limit=100_000)
    orders = [
        depot.released("和兴", {"HY-0712": 1}),
        depot.released("桂香", {"HY-0712": 1}),
        depot.released("和兴", {"HY-0712": 1}, ship_to_text="佛山市顺德区"),
    ]
    depot.stock("HY-0712", 20)
    with override("en"):
        for others, word in ((orders[1], "customer"), (orders[2], "address")):
            with pytest.raises(InvalidError, match=word):
                note_make_for_orders(
                    actor=depot.house.actor(COORDINATOR), order_ids=[orders[0], others]
                )
