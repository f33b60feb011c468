"""An order that pays first: it lapses, or is released and grows, shrinks, is opened again."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from chengdan.kernel import clock
from chengdan.kernel.outbox import outbox_drain
from chengdan.kernel.transactions import unguarded
from chengdan.modules.billing.models import Receipt
from chengdan.modules.billing.services import (
    InvoiceDraft,
    InvoiceItem,
    invoice_request,
    receipt_earmark,
)
from chengdan.modules.billing.vocabulary import BillableError
from chengdan.modules.credit.selectors import credit_prepayment, exposure
from chengdan.modules.credit.services import Source
from chengdan.modules.orders.models import Order
from chengdan.modules.orders.services import amendment_ask, order_close, order_reopen
from chengdan.modules.orders.verification import processes_verify
from chengdan.modules.orders.vocabulary import ORDER
from chengdan.modules.people.models import User
from chengdan.modules.process.models import Instance
from chengdan.modules.process.selectors import open_task_for, step_open
from chengdan.modules.process.services import deadlines_sweep, task_decide
from chengdan.modules.quota.models import Cell
from chengdan.modules.quota.services import CellDraft, quota_cells_set
from chengdan.modules.shipping.models import DeliveryLine
from tests.conftest import START
from tests.fixtures.billing import BillingHouse
from tests.fixtures.play import Play, differences, told


class PaidFirst:
    """A signed order of ten boxes (1,180) that waits for its money."""

    def __init__(self, depot: Any) -> None:
        self.house = depot.house
        depot.stock("HY-0712", 100)
        cell = CellDraft(
            date(2026, 1, 1), date(2026, 12, 31), limit=Decimal(5000),
            product_id=self.house.products["HY-0712"],
        )  # fmt: skip
        quota_cells_set(actor=self.house.system, company_id=self.house.company.pk, drafts=[cell])
        self.play = Play(self.house)
        self.play.enters("order_clerk", "和兴", 10, pays_first=True).submits().accepted()
        self.play.decides("deputy_sales_director")
        self.books = BillingHouse(self.house, self.play.order.customer_id)
        self.receipts = [self.pays(1000)]

    def goes_out(self) -> None:
        """Pay the rest by a second receipt, and release the order."""
        self.receipts.append(self.pays(180))
        self.play.released()
        self.drain()

    def drain(self) -> None:
        outbox_drain(1000)
        assert differences() == []

    def pays(self, amount: int) -> Any:
        receipt = self.books.money(amount)
        self.sets_aside(receipt, amount)
        return receipt

    def sets_aside(self, receipt: Any, amount: int) -> None:
        receipt_earmark(
            actor=self.house.actor("finance_clerk"), receipt_id=receipt.pk,
            order_id=self.play.order_id, amount=Decimal(amount),
        )  # fmt: skip
        self.drain()

    def changes(self, boxes: int) -> None:
        amendment = amendment_ask(
            actor=self.house.actor("key_account_manager"), order_id=self.play.order_id,
            draft=self.play.draft("和兴", boxes, pays_first=True), reason="客户要求",
        )  # fmt: skip
        for who in ("market_manager", "deputy_sales_director"):
            task = open_task_for("orders.amendment", amendment.pk, "", self.house.actor(who))
            assert task is not None, who
            task_decide(
                actor=self.house.actor(who), task_id=task.pk, decision="approve", comment="看过"
            )
        self.drain()

    def acts(self, service: Any) -> None:
        service(actor=self.house.actor("csr"), order_id=self.play.order_id, reason="客户要求")
        self.drain()

    @property
    def missing(self) -> Decimal:
        return credit_prepayment(Source(ORDER, self.play.order_id)).missing

    def page(self, name: str, *args: int) -> str:
        """What the coordinator of shipping reads on a page."""
        client = Client()
        client.force_login(User.objects.get(pk=self.house.people["shipping_coordinator"]))
        return client.get(reverse(name, args=args)).content.decode()

    @property
    def backlog(self) -> str:
        return self.page("shipping:backlog")

    @property
    def shown(self) -> str:
        return self.page("orders:show", self.play.order_id)

    @property
    def on_notes(self) -> Decimal:
        lines = DeliveryLine.objects.filter(
            order_id=self.play.order_id, delivery_note__status="open"
        )
        return sum((line.quantity for line in lines), Decimal(0))

    @property
    def aside(self) -> list[Decimal]:
        rows = Receipt.objects.filter(pk__in=[receipt.pk for receipt in self.receipts])
        return list(rows.order_by("pk").values_list("earmarked", flat=True))


@pytest.fixture
def awaited(depot: Any) -> PaidFirst:
    return PaidFirst(depot)


@pytest.fixture
def paid(awaited: PaidFirst) -> PaidFirst:
    awaited.goes_out()
    return awaited


@pytest.mark.requirement("CRD-07")
def test_without_its_money_it_is_reminded_of_and_then_gives_everything_back(
    awaited: PaidFirst,
) -> None:
    play, clerk = awaited.play, awaited.house.people["order_clerk"]
    assert Cell.objects.get().reserved > 0
    seen = []
    for day in (14, 15, 16):
        with clock.at(START + timedelta(days=day, minutes=1)):
            deadlines_sweep()
            seen.append((clerk in told("process.reminder"), play.order.status))
    assert seen == [(False, "processing"), (True, "processing"), (True, "cancelled")]
    awaited.drain()
    assert clerk in told("orders.lapsed")
    assert (play.order.due_at, play.order.step, awaited.aside) == (None, "", [0])
    assert exposure(play.order.customer_id) == -1000
    assert step_open(ORDER, play.order_id) == ""
    assert Cell.objects.get().reserved == 0
    # What an earlier version left behind is found.
    with unguarded():
        Instance.objects.filter(subject_id=play.order_id).update(state="running")
        Order.objects.filter(pk=play.order_id).update(step="PAY")
    assert [item.found for item in processes_verify()] == ["one is open", "PAY"]


@pytest.mark.requirement("CRD-07")
def test_what_it_grows_by_is_noted_once_its_money_is_there(paid: PaidFirst) -> None:
    assert (paid.missing, paid.on_notes) == (0, 10)
    paid.changes(20)
    assert (paid.missing, paid.on_notes) == (1180, 10)
    assert "等先款到账" in paid.backlog
    assert "1,180.00" in paid.shown.partition("等先款到账")[2][:200]
    assert exposure(paid.play.order.customer_id) == 0
    paid.pays(1180)
    assert (paid.missing, paid.on_notes) == (0, 20)
    assert paid.play.order.number not in paid.backlog
    assert "等先款到账" not in paid.shown


@pytest.mark.requirement("CRD-07")
def test_no_invoice_makes_credit_of_goods_that_wait_for_their_money(awaited: PaidFirst) -> None:
    item = InvoiceItem(awaited.play.order_id, 1, Decimal(10))
    with pytest.raises(BillableError):
        invoice_request(actor=awaited.house.actor("csr_billing"), draft=InvoiceDraft([item]))
    assert (awaited.missing, awaited.aside) == (180, [Decimal(1000)])
    awaited.drain()


def test_what_it_shrinks_by_is_given_back_the_youngest_receipt_first(paid: PaidFirst) -> None:
    paid.changes(8)
    assert (paid.on_notes, paid.aside) == (8, [Decimal(944), Decimal(0)])


def test_closed_by_mistake_it_is_opened_again_and_waits_for_its_money(paid: PaidFirst) -> None:
    paid.acts(order_close)
    assert (paid.play.order.status, paid.aside) == ("closed", [0, 0])
    paid.acts(order_reopen)
    assert (paid.play.order.status, paid.missing, paid.on_notes) == ("released", 1180, 0)
    for receipt, amount in zip(paid.receipts, (1000, 180), strict=True):
        paid.sets_aside(receipt, amount)
    assert (paid.missing, paid.on_notes) == (0, 10)
    assert exposure(paid.play.order.customer_id) == 0
