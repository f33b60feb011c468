"""The seven steps of BC, the daily work on receivables, and the whole way from order to money."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse

from chengdan.kernel import clock
from chengdan.kernel.errors import ForbiddenError
from chengdan.modules.billing.jobs import ratio_sweep
from chengdan.modules.billing.models import Allocation, Invoice
from chengdan.modules.billing.selectors import (
    aging,
    collection,
    day_view,
    ledger_total,
    remittance_of,
    remittance_orders,
    statement_of,
    strip_steps,
)
from chengdan.modules.billing.services import (
    InvoiceDraft,
    Part,
    ReceiptDraft,
    collection_act_add,
    invoice_deliver,
    invoice_issue,
    invoice_request,
    invoice_reverse,
    invoice_submit,
    items_of_orders,
    receipt_allocate,
    receipt_confirm,
    receipt_earmark,
    receipt_register,
    receipt_unallocate,
)
from chengdan.modules.credit.selectors import exposure, exposure_documents, totals_of
from chengdan.modules.credit.services import Bucket, credit_evaluate
from chengdan.modules.orders.models import Order
from chengdan.modules.process.errors import NotAssignedError
from chengdan.modules.process.models import ProblemRecord, StepRun
from chengdan.modules.process.selectors import open_task_for, step_open
from chengdan.modules.process.services import deadlines_sweep, task_decide
from chengdan.modules.process.services.definitions import sources_shipped
from tests.fixtures.billing import BillingHouse, differences
from tests.fixtures.play import told

INVOICE = "billing.invoice"
D = Decimal


def paid(billing: BillingHouse, invoice: Invoice, amount: int, **values: Any) -> Any:
    receipt = billing.money(amount, **values)
    return receipt_allocate(
        actor=billing.actor("finance_clerk"), receipt_id=receipt.pk,
        parts=[Part(invoice.pk, D(amount))],
    )  # fmt: skip


@pytest.mark.requirement("PRL-26")
def test_an_invoice_takes_the_seven_steps_that_are_marked_as_ours(billing: BillingHouse) -> None:
    start = clock.now()
    invoice = billing.posted(billing.order(10))
    clerk = billing.actor("finance_clerk")
    invoice_deliver(actor=clerk, invoice_id=invoice.pk, signed_by="罗先生")
    for days in (24, 30, 32):
        with clock.at(start + timedelta(days=days, hours=1)):
            deadlines_sweep()
    with clock.at(start + timedelta(days=33)):
        paid(billing, invoice, 100)
    invoice.refresh_from_db()
    states = [(node.code, node.state) for node in strip_steps(invoice)]
    assert [code for code, _state in states] == ["IR", "IA", "IV", "RM", "CL", "RC", "AL"]
    assert {state for _code, state in states} == {"done"}
    assert invoice.status == "settled"
    shipped = {data["id"]: data for _name, data in sources_shipped()}
    assert shipped["bc"]["ours"] is True


@pytest.mark.requirement("BIL-03")
def test_a_salespersons_request_is_reviewed_issued_and_signed_for(billing: BillingHouse) -> None:
    order = billing.order(10)
    people, draft = billing.house.people, InvoiceDraft(items_of_orders([order.pk]))
    with pytest.raises(ForbiddenError):
        invoice_request(actor=billing.actor("order_clerk"), draft=draft)
    seller = billing.actor("key_account_manager")
    invoice = invoice_request(actor=seller, draft=draft)
    assert step_open(INVOICE, invoice.pk) == "IR"
    with pytest.raises(NotAssignedError):
        invoice_submit(actor=seller, invoice_id=invoice.pk)
    assert people["csr_billing"] in told("process.task")
    invoice_submit(actor=billing.actor("csr_billing"), invoice_id=invoice.pk)
    billing.approve(invoice)
    clerk = billing.actor("finance_clerk")
    invoice = invoice_issue(actor=clerk, invoice_id=invoice.pk)
    assert (invoice.status, invoice.number) == ("posted", "IV2611-0001")
    assert step_open(INVOICE, invoice.pk) == "IV2"
    invoice_deliver(actor=clerk, invoice_id=invoice.pk, signed_by="罗先生", how="快递")
    invoice.refresh_from_db()
    assert (invoice.created_by_id, invoice.requested_by_id, invoice.approved_by_id) == (
        people["key_account_manager"], people["csr_billing"], people["finance_manager"],
    )  # fmt: skip
    assert (invoice.signed_by, invoice.delivered_on) == ("罗先生", clock.today())


@pytest.mark.requirement("BIL-01")
@pytest.mark.requirement("BIL-25")
def test_a_month_below_ninety_percent_is_measured_and_recorded(billing: BillingHouse) -> None:
    """Early money counts, money of the fifth day counts, money of the sixth day does not."""
    early, fifth, sixth = (billing.posted(billing.order(size)) for size in (50, 30, 20))
    start, due = clock.now(), early.due_on
    assert due is not None
    viewer = billing.actor("general_manager")
    with clock.at(start + timedelta(days=3)):
        paid(billing, early, 500)
    with clock.at(start + timedelta(days=35)):
        paid(billing, fifth, 300)
    with clock.at(start + timedelta(days=36)):
        paid(billing, sixth, 200)
        found = collection(viewer, due.replace(day=1), due)
        assert (found.rate.due, found.rate.collected, found.goal) == (D(1000), D(800), D(90))
        assert found.rate.is_below(found.goal)
        assert ratio_sweep() == 0
    with clock.at(start + timedelta(days=51)):
        assert (ratio_sweep(), ratio_sweep()) == (1, 0)
    record = ProblemRecord.objects.get(topic="bc.collected")
    # The sales department answers for it: the responsible sales manager explains.
    assert record.owner_id == billing.house.people["key_account_manager"]
    assert (record.source, record.facts) == ("ratio", {
        "month": "2026-12", "due": "1000.0000", "collected": "800.0000", "percent": "80.0",
        "goal": "90",
    })  # fmt: skip


@pytest.mark.requirement("BIL-25")
def test_ninety_percent_is_enough(billing: BillingHouse) -> None:
    most, rest = billing.posted(billing.order(90)), billing.posted(billing.order(10))
    paid(billing, most, 900)
    with clock.at(clock.now() + timedelta(days=51)):
        paid(billing, rest, 100)
        assert ratio_sweep() == 0


@pytest.mark.requirement("BIL-06")
def test_the_clerk_follows_the_days_money_and_stops_wrong_and_bad_debts(
    billing: BillingHouse,
) -> None:
    clerk, finance = billing.actor("csr_billing"), billing.actor("finance_clerk")
    first, second = billing.posted(billing.order(10)), billing.posted(billing.order(20))
    draft = ReceiptDraft(billing.customer_id, D(100), clock.today(), payer="C1")
    receipt = receipt_register(actor=finance, draft=draft)
    day = day_view(clerk, clock.today())
    assert [[row.pk for row in group.rows] for group in (day.received, day.to_confirm)] == [
        [receipt.pk], [receipt.pk],
    ]  # fmt: skip
    receipt_confirm(actor=finance, receipt_id=receipt.pk)
    assert [row.pk for row in day_view(clerk, clock.today()).unapplied.rows] == [receipt.pk]
    # Put to the wrong invoice, found, and put right.
    receipt_allocate(actor=finance, receipt_id=receipt.pk, parts=[Part(second.pk, D(100))])
    receipt_unallocate(
        actor=finance, receipt_id=receipt.pk, invoice_id=second.pk, reason="错认发票"
    )
    receipt_allocate(actor=finance, receipt_id=receipt.pk, parts=[Part(first.pk, D(100))])
    invoice_deliver(actor=finance, invoice_id=second.pk, signed_by="罗先生")
    with clock.at(clock.now() + timedelta(days=40)):
        deadlines_sweep()
        second.refresh_from_db()
        assert second.stage == "escalated"
        collection_act_add(
            actor=clerk, invoice_id=second.pk, kind="call", result="promised",
            promise_on=clock.today() + timedelta(days=2),
        )  # fmt: skip
    with clock.at(clock.now() + timedelta(days=43)):
        day = day_view(clerk, clock.today())
        assert [row.pk for row in day.broken_promises] == [second.pk]
        assert credit_evaluate(billing.customer_id, D(1)).band == "stop"
    assert differences() == []


@pytest.mark.requirement("BIL-15")
def test_receivables_are_kept_aged_and_cleared_as_of_any_day(billing: BillingHouse) -> None:
    """The views of age and of clearing (write-off of receipts against invoices) agree."""
    viewer, start = billing.actor("finance_manager"), clock.now()
    first, second = billing.posted(billing.order(10)), billing.posted(billing.order(20))
    wrong = billing.posted(billing.order(5))
    invoice_reverse(actor=viewer, invoice_id=wrong.pk, reason="抬头错误")
    with clock.at(start + timedelta(days=20)):
        receipt = paid(billing, first, 60)
    with clock.at(start + timedelta(days=45)):
        receipt_unallocate(
            actor=billing.actor("finance_clerk"), receipt_id=receipt.pk, invoice_id=first.pk,
            reason="错认", amount=D(10),
        )  # fmt: skip
        today = clock.today()
        found = aging(viewer, today)
        assert found.total == ledger_total(viewer, today) == D(250)
        (row,) = found.rows
        assert {item.invoice.pk: item.open for item in row.invoices} == {
            first.pk: D(50), second.pk: D(200),
        }  # fmt: skip
        assert found.amounts[1] == D(250)
        assert aging(viewer, today - timedelta(days=20)).total == D(240)
        cleared = Allocation.objects.filter(invoice=first).order_by("pk")
        assert [(part.amount, part.reason) for part in cleared] == [(D(60), ""), (D(-10), "错认")]
        statement = statement_of(billing.customer_id, start.date(), today)
        assert statement.closing == D(240)
        assert totals_of(billing.customer_id).receivable == D(250)
    assert differences() == []


@pytest.mark.requirement("ORD-15")
@pytest.mark.requirement("CRD-09")
def test_the_whole_way_is_measured_and_every_bucket_names_its_documents(depot: Any) -> None:
    house, start = depot.house, clock.now()
    customer, viewer = house.customers["和兴"], house.actor("general_manager")
    depot.stock("HY-0712", 100)
    with clock.at(start + timedelta(hours=1)):
        order_id = depot.order("和兴", {"HY-0712": 40})
    assert shown(customer) == {"open": [(order_id, D(4720))]}
    with clock.at(start + timedelta(hours=3)):
        depot.release(order_id)
    with clock.at(start + timedelta(hours=9)):
        depot.dispatched(depot.note_of(order_id).pk)
    assert shown(customer) == {"to_invoice": [(order_id, D(4720))]}
    with clock.at(start + timedelta(days=2)):
        invoice = issued(house, order_id)
    clerk = house.actor("finance_clerk")
    other = depot.order("和兴", {"HY-0712": 10})
    with clock.at(start + timedelta(days=4)):
        receipts = [money(house, amount) for amount in (1000, 500)]
        receipt_earmark(actor=clerk, receipt_id=receipts[1].pk, order_id=other, amount=D(500))
    assert shown(customer) == {
        "receivable": [(invoice.pk, D(4720))],
        "open": [(other, D(1180))],
        "unapplied": [(receipts[0].pk, D(1000))],
        "earmarked": [(receipts[1].pk, D(500))],
        "covered": [(other, D(500))],
    }
    assert exposure(customer) == D(4720) + D(1180) - D(1000) - D(500)
    check = StepRun.objects.get(instance__subject_id=other, code="CC").evidence["evidence"]
    assert {name: D(check[name]) for name in ("limit", "before", "exposure", "available")} == {
        "limit": D(1_000_000), "before": D(4720), "exposure": D(5900), "available": D(995_280),
    }  # fmt: skip
    reader = Client()
    reader.force_login(get_user_model().objects.get(pk=viewer.user_id))
    page = reader.get(reverse("credit:show", args=[customer])).content.decode()
    assert all(figure in page for figure in ("4,400.00", "4,720.00", "1,180.00", "1,000.00"))
    with clock.at(start + timedelta(days=12)):
        rest = money(house, 3720)
        for receipt, amount in ((receipts[0], D(1000)), (rest, D(3720))):
            receipt_allocate(actor=clerk, receipt_id=receipt.pk, parts=[Part(invoice.pk, amount)])
    order = Order.objects.get(pk=order_id)
    found = {row.pk: remittance_of(row) for row in remittance_orders(viewer)}
    clockwork = found[order_id]
    assert (clockwork.number, clockwork.waits_for) == (order.number, "")
    assert {code: span.elapsed for code, span in clockwork.spans.items()} == {
        "accept": timedelta(0), "release": timedelta(hours=2), "dispatch": timedelta(hours=6),
        "invoice": timedelta(days=2) - timedelta(hours=9), "money": timedelta(days=10),
        "total": timedelta(days=12) - timedelta(hours=1),
    }  # fmt: skip
    assert (found[other].waits_for, set(found[other].spans)) == ("release", {"accept"})


def issued(house: Any, order_id: int) -> Invoice:
    """Request, approve and issue the invoice of an order."""
    draft = InvoiceDraft(items_of_orders([order_id]))
    invoice = invoice_request(actor=house.actor("ssg_leader"), draft=draft)
    manager = house.actor("finance_manager")
    task = open_task_for(INVOICE, invoice.pk, "IA", manager)
    assert task is not None
    task_decide(actor=manager, task_id=task.pk, decision="approve")
    return invoice_issue(actor=house.actor("finance_clerk"), invoice_id=invoice.pk)


def money(house: Any, amount: int) -> Any:
    clerk = house.actor("finance_clerk")
    draft = ReceiptDraft(house.customers["和兴"], D(amount), clock.today())
    receipt = receipt_register(actor=clerk, draft=draft)
    return receipt_confirm(actor=clerk, receipt_id=receipt.pk)


def shown(customer: int) -> dict[str, list[tuple[int, Decimal]]]:
    """Return bucket → (document, amount) of what is not empty; each with a number to read."""
    found = {}
    for bucket in Bucket:
        documents = exposure_documents(customer, bucket)
        assert all(str(item.facts.number) for item in documents)
        if documents:
            found[bucket.value] = [(item.id, item.amount) for item in documents]
    return found
