"""Receipts: registered, confirmed, set aside, allocated, taken back."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from chengdan.kernel import clock
from chengdan.kernel.audit import audit_history
from chengdan.kernel.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from chengdan.kernel.locking import locked_row
from chengdan.kernel.outbox import outbox_drain
from chengdan.kernel.transactions import unguarded, write
from chengdan.kernel.transitions import TransitionError
from chengdan.modules.billing.access import access_receipt
from chengdan.modules.billing.models import Allocation, LedgerEntry
from chengdan.modules.billing.selectors import overdue_of
from chengdan.modules.billing.services import (
    Part,
    ReceiptDraft,
    earmarks_apply,
    invoice_reverse,
    receipt_allocate,
    receipt_allocate_proposal,
    receipt_confirm,
    receipt_correct,
    receipt_earmark,
    receipt_register,
    receipt_reverse,
    receipt_unallocate,
    receipt_unearmark,
    receipts_register,
)
from chengdan.modules.billing.verification import verify_allocations
from chengdan.modules.billing.vocabulary import (
    AllocatedError,
    LockedPeriodError,
    ReceiptMoneyError,
    rights,
)
from chengdan.modules.credit.selectors import exposure
from chengdan.modules.credit.services import credit_account_lock
from chengdan.modules.customers.models import Customer
from chengdan.modules.orders.models import Order
from chengdan.modules.orders.services import order_cancel, order_close
from chengdan.modules.people.models import Company
from tests.fixtures.billing import BillingHouse, differences

pytestmark = pytest.mark.django_db
D = Decimal


def test_money_of_long_ago_is_not_registered(billing: BillingHouse) -> None:
    with pytest.raises(InvalidError) as refusal:
        billing.money(10, received_on=clock.today() - timedelta(days=367))
    assert [(item.field, item.code) for item in refusal.value.items] == [("received_on", "past")]
    billing.money(10, received_on=clock.today() - timedelta(days=366))


def test_only_confirmed_money_counts(billing: BillingHouse) -> None:
    draft = ReceiptDraft(billing.customer_id, D(300), clock.today())
    receipt = receipt_register(actor=billing.actor("finance_clerk"), draft=draft)
    assert (receipt.number, receipt.unapplied) == ("RC2611-0001", 0)
    assert not LedgerEntry.objects.exists()
    receipt = receipt_confirm(actor=billing.actor("finance_clerk"), receipt_id=receipt.pk)
    assert receipt.unapplied == 300
    assert exposure(billing.customer_id) == -300
    codes = [entry.code for entry in audit_history(receipt)]
    assert codes == ["billing.receipt.confirmed", "billing.receipt.registered"]
    assert differences() == []


def test_bank_reference_comes_once_per_account(billing: BillingHouse) -> None:
    clerk = billing.actor("finance_clerk")
    draft = ReceiptDraft(
        billing.customer_id, D(5), clock.today(), account="ICBC", bank_reference="7"
    )
    with pytest.raises(InvalidError) as twice:
        receipts_register(actor=clerk, drafts=[draft, draft])
    assert [(item.row, item.code) for item in twice.value.items] == [(2, "twice")]
    receipt_register(actor=clerk, draft=draft)
    with pytest.raises(InvalidError):
        receipt_register(actor=clerk, draft=draft)


def test_what_was_registered_wrongly_is_put_right_until_it_is_confirmed(
    billing: BillingHouse,
) -> None:
    clerk = billing.actor("finance_clerk")
    draft = ReceiptDraft(
        billing.customer_id, D(3000), clock.today(), account="A1", bank_reference="X1"
    )
    receipt = receipt_register(actor=clerk, draft=draft)
    taken = replace(draft, bank_reference="X2")
    receipt_register(actor=clerk, draft=taken)
    for wrong in (
        replace(draft, amount=D(0)),
        replace(draft, received_on=clock.today() + timedelta(days=1)),
        taken,
    ):
        with pytest.raises(InvalidError):
            receipt_correct(actor=clerk, receipt_id=receipt.pk, draft=wrong)
    right = replace(draft, amount=D(300), memo="货款")
    with pytest.raises(ForbiddenError):
        receipt_correct(actor=billing.actor("csr"), receipt_id=receipt.pk, draft=right)
    with pytest.raises(ConflictError):
        receipt_correct(actor=clerk, receipt_id=receipt.pk, draft=right, expected_version=9)
    found = receipt_correct(actor=clerk, receipt_id=receipt.pk, draft=right)
    assert (found.number, found.amount, found.memo) == (receipt.number, D(300), "货款")
    entry = next(entry for entry in audit_history(found) if "corrected" in entry.code)
    assert set(entry.after) == {"amount", "memo"}
    assert receipt_correct(actor=clerk, receipt_id=receipt.pk, draft=right).version == found.version
    with unguarded():
        Customer.objects.filter(pk=billing.customer_id).update(
            owner_id=billing.house.people["region_manager"]
        )
    again = receipt_correct(actor=clerk, receipt_id=receipt.pk, draft=replace(right, memo="尾款"))
    assert again.owner_id == receipt.owner_id, "it answers to whoever had the customer then"
    receipt_confirm(actor=clerk, receipt_id=receipt.pk)
    assert exposure(billing.customer_id) == -300
    with pytest.raises(TransitionError):
        receipt_correct(actor=clerk, receipt_id=receipt.pk, draft=draft)
    assert differences() == []


def test_a_receipt_goes_over_to_the_customer_who_paid_and_who_answers_for_it(
    billing: BillingHouse,
) -> None:
    clerk = billing.actor("finance_clerk")
    owner = billing.house.people["region_manager"]
    other = billing.house.customer("新源", limit=1_000, owner_id=owner)
    draft = ReceiptDraft(billing.customer_id, D(300), clock.today())
    receipt = receipt_register(actor=clerk, draft=draft)
    found = receipt_correct(
        actor=clerk, receipt_id=receipt.pk, draft=replace(draft, customer_id=other)
    )
    assert found.customer_id == other
    assert found.owner_id == owner
    with pytest.raises(NotFoundError):
        receipt_correct(
            actor=clerk, receipt_id=receipt.pk, draft=replace(draft, customer_id=999_999)
        )
    with unguarded():
        away = Company.objects.create(code="B2", name="别家", created_at=clock.now())
        Customer.objects.filter(pk=billing.customer_id).update(company_id=away.pk)
    with pytest.raises(NotFoundError):
        receipt_correct(actor=clerk, receipt_id=receipt.pk, draft=draft)
    receipt_confirm(actor=clerk, receipt_id=receipt.pk)
    assert (exposure(other), exposure(billing.customer_id)) == (-300, 0)


def test_sales_person_registers_nothing(billing: BillingHouse) -> None:
    draft = ReceiptDraft(billing.customer_id, D(5), clock.today())
    with pytest.raises(ForbiddenError):
        receipt_register(actor=billing.actor("sales_rep"), draft=draft)


def test_reversed_receipt_leaves_nothing(billing: BillingHouse) -> None:
    receipt = billing.money(80)
    manager = billing.actor("finance_manager")
    receipt_reverse(actor=manager, receipt_id=receipt.pk, reason="dishonoured")
    assert exposure(billing.customer_id) == 0
    assert differences() == []


def test_one_receipt_pays_many_invoices_and_is_taken_back(billing: BillingHouse) -> None:
    first, second = billing.posted(billing.order(10)), billing.posted(billing.order(20))
    clerk, receipt = billing.actor("finance_clerk"), billing.money(250)
    parts = [Part(first.pk, D(100)), Part(second.pk, D(50))]
    receipt = receipt_allocate(actor=clerk, receipt_id=receipt.pk, parts=parts)
    first.refresh_from_db()
    second.refresh_from_db()
    assert [(first.status, first.open), (second.status, second.open)] == [
        ("settled", D(0)), ("posted", D(150)),
    ]  # fmt: skip
    assert differences() == []
    with pytest.raises(AllocatedError, match="核销"):
        receipt_reverse(
            actor=billing.actor("finance_manager"), receipt_id=receipt.pk, reason="wrong"
        )
    back = {"actor": clerk, "receipt_id": receipt.pk, "invoice_id": first.pk, "reason": "wrong"}
    receipt = receipt_unallocate(**back)
    with pytest.raises(ReceiptMoneyError, match=f"{first.number}：到款 {receipt.number} 没有"):
        receipt_unallocate(**back)
    first.refresh_from_db()
    assert (first.status, first.open, receipt.unapplied) == ("posted", D(100), D(200))
    assert [row.amount for row in Allocation.objects.filter(invoice=first)] == [D(100), D(-100)]
    assert differences() == []


def test_taking_back_keeps_the_decimals_of_the_currency_and_the_days(
    billing: BillingHouse,
) -> None:
    invoice = billing.posted(billing.order(10))
    clerk, receipt = billing.actor("finance_clerk"), billing.money(100)
    receipt_allocate(actor=clerk, receipt_id=receipt.pk, parts=[Part(invoice.pk, D(100))])
    today = clock.today()
    wrong: list[tuple[str, dict[str, Any]]] = [
        ("amount", {"amount": D("0.005")}),
        ("effective_on", {"effective_on": today - timedelta(days=1)}),
        ("effective_on", {"effective_on": today + timedelta(days=1)}),
    ]
    for field, values in wrong:
        with pytest.raises(InvalidError) as refusal:
            receipt_unallocate(
                actor=clerk, receipt_id=receipt.pk, invoice_id=invoice.pk, reason="错认", **values
            )
        assert [item.field for item in refusal.value.items] == [field]
    assert Allocation.objects.count() == 1
    # What an earlier version let through is found.
    with unguarded():
        first = Allocation.objects.get()
        first.pk, first.amount, first.reason = None, D(-100), "错认"
        first.effective_on = today - timedelta(days=1)
        first.save(force_insert=True)
    assert [item.invariant for item in verify_allocations()] == ["I3"]


def test_settled_invoice_is_collected_again(billing: BillingHouse) -> None:
    from chengdan.modules.billing.services import invoice_deliver
    from chengdan.modules.process.selectors import step_open

    invoice = billing.posted(billing.order(10))
    clerk, receipt = billing.actor("finance_clerk"), billing.money(100)
    invoice_deliver(actor=clerk, invoice_id=invoice.pk, signed_by="罗先生")
    assert step_open("billing.invoice", invoice.pk) == "RC"
    receipt_allocate(actor=clerk, receipt_id=receipt.pk, parts=[Part(invoice.pk, D(100))])
    assert step_open("billing.invoice", invoice.pk) == ""
    receipt_unallocate(
        actor=clerk, receipt_id=receipt.pk, invoice_id=invoice.pk, reason="wrong customer"
    )
    assert step_open("billing.invoice", invoice.pk) == "RC"
    invoice.refresh_from_db()
    assert (invoice.status, invoice.letters[5]) == ("posted", "w")


def test_an_invoice_of_another_customer_is_refused_and_its_orders_are_left_alone(
    billing: BillingHouse,
) -> None:
    """Who holds that invoice waits for its orders: nobody may hold them without the account."""
    order = billing.order(10)
    invoice = billing.posted(order)
    other = BillingHouse(billing.house, billing.house.customer("另一家"))
    receipt, own = other.money(100), billing.money(1)
    clerk = billing.actor("finance_clerk")
    with pytest.raises(InvalidError):
        receipt_allocate(actor=clerk, receipt_id=receipt.pk, parts=[Part(invoice.pk, D(100))])
    with write():
        access_receipt(clerk, receipt.pk, rights.ALLOCATE, invoices=[invoice.pk])
        assert locked_row(Order, order.pk) is None
    with write():
        access_receipt(clerk, own.pk, rights.ALLOCATE, invoices=[invoice.pk])
        assert locked_row(Order, order.pk) is not None


def test_money_is_set_aside_for_an_order_that_is_there(billing: BillingHouse) -> None:
    receipt = billing.money(100)
    with pytest.raises(NotFoundError):
        receipt_earmark(
            actor=billing.actor("finance_clerk"), receipt_id=receipt.pk, order_id=10**6,
            amount=D(10),
        )  # fmt: skip


def test_what_is_overdue_follows_what_the_act_has_settled(billing: BillingHouse) -> None:
    invoice = billing.posted(billing.order(10))
    receipt = billing.money(100)
    late = clock.today() + timedelta(days=60)
    with write():
        credit_account_lock(billing.customer_id)
        assert overdue_of(billing.customer_id, late) == 100
        receipt_allocate(
            actor=billing.actor("finance_clerk"), receipt_id=receipt.pk,
            parts=[Part(invoice.pk, D(40))],
        )  # fmt: skip
        assert overdue_of(billing.customer_id, late) == 60
    assert overdue_of(billing.customer_id, late) == 60


@pytest.mark.parametrize("amount", ["100.01", "0", "-1", "0.001"])
def test_allocation_never_exceeds(billing: BillingHouse, amount: str) -> None:
    invoice, receipt = billing.posted(billing.order(10)), billing.money(500)
    with pytest.raises((ReceiptMoneyError, InvalidError)):
        receipt_allocate(
            actor=billing.actor("finance_clerk"), receipt_id=receipt.pk,
            parts=[Part(invoice.pk, D(amount))],
        )  # fmt: skip
    assert differences() == []


def test_parts_of_one_invoice_add_up(billing: BillingHouse) -> None:
    invoice, receipt = billing.posted(billing.order(10)), billing.money(500)
    with pytest.raises(ReceiptMoneyError):
        receipt_allocate(
            actor=billing.actor("finance_clerk"), receipt_id=receipt.pk,
            parts=[Part(invoice.pk, D(60)), Part(invoice.pk, D(60))],
        )  # fmt: skip


def test_money_set_aside_pays_its_order(billing: BillingHouse) -> None:
    clerk, order, other = billing.actor("finance_clerk"), billing.order(10), billing.order(5)
    receipt = billing.money(115)
    receipt_earmark(actor=clerk, receipt_id=receipt.pk, order_id=order.pk, amount=D(100))
    with pytest.raises(ReceiptMoneyError):
        receipt_earmark(actor=clerk, receipt_id=receipt.pk, order_id=other.pk, amount=D(20))
    receipt_unearmark(
        actor=clerk, receipt_id=receipt.pk, order_id=order.pk, amount=D(5), reason="less"
    )
    assert differences() == []
    invoice = billing.posted(order)
    assert earmarks_apply(actor=billing.house.system, invoice_id=invoice.pk) == 95
    assert earmarks_apply(actor=billing.house.system, invoice_id=invoice.pk) == 0
    receipt.refresh_from_db()
    assert (receipt.unapplied, receipt.earmarked, receipt.applied) == (D(20), D(0), D(95))
    assert differences() == []


def test_money_set_aside_is_given_back_before_its_receipt_is_reversed(
    billing: BillingHouse,
) -> None:
    order, receipt = billing.order(10), billing.money(40)
    receipt_earmark(
        actor=billing.actor("finance_clerk"), receipt_id=receipt.pk, order_id=order.pk,
        amount=D(40),
    )  # fmt: skip
    with pytest.raises(AllocatedError, match="指定"):
        receipt_reverse(
            actor=billing.actor("finance_manager"), receipt_id=receipt.pk, reason="dishonoured"
        )


def test_a_reversed_invoice_takes_no_money(billing: BillingHouse) -> None:
    invoice, receipt = billing.posted(billing.order(10)), billing.money(100)
    invoice_reverse(
        actor=billing.actor("finance_manager"), invoice_id=invoice.pk, reason="wrong title"
    )
    with pytest.raises(ReceiptMoneyError, match="已冲销"):
        receipt_allocate(
            actor=billing.actor("finance_clerk"), receipt_id=receipt.pk,
            parts=[Part(invoice.pk, D(100))],
        )  # fmt: skip


def test_no_more_is_set_aside_than_the_order_owes(billing: BillingHouse) -> None:
    clerk, order = billing.actor("finance_clerk"), billing.order(10)
    first, second = billing.money(130), billing.money(50)
    with pytest.raises(ReceiptMoneyError, match="100"):
        receipt_earmark(actor=clerk, receipt_id=first.pk, order_id=order.pk, amount=D(101))
    receipt_earmark(actor=clerk, receipt_id=first.pk, order_id=order.pk, amount=D(70))
    with pytest.raises(ReceiptMoneyError, match="30"):
        receipt_earmark(actor=clerk, receipt_id=second.pk, order_id=order.pk, amount=D(31))
    receipt_earmark(actor=clerk, receipt_id=second.pk, order_id=order.pk, amount=D(30))
    assert differences() == []


def test_what_a_paid_order_left_over_is_given_back(billing: BillingHouse) -> None:
    """Another receipt paid the invoice, so what was set aside for the order is free again."""
    clerk, order = billing.actor("finance_clerk"), billing.order(10)
    aside, other = billing.money(40), billing.money(100)
    receipt_earmark(actor=clerk, receipt_id=aside.pk, order_id=order.pk, amount=D(40))
    invoice = billing.posted(order)
    receipt_allocate(actor=clerk, receipt_id=other.pk, parts=[Part(invoice.pk, D(100))])
    outbox_drain(1000)
    aside.refresh_from_db()
    assert (aside.unapplied, aside.earmarked) == (D(40), D(0))
    assert [row.amount for row in aside.earmarks.order_by("pk")] == [D(40), D(-40)]
    assert differences() == []


@pytest.mark.parametrize("end", [order_cancel, order_close])
def test_what_was_set_aside_for_an_order_that_ends_is_given_back(
    billing: BillingHouse, end: Any
) -> None:
    clerk, order = billing.actor("finance_clerk"), billing.order(10, delivered=False)
    receipt = billing.money(40)
    receipt_earmark(actor=clerk, receipt_id=receipt.pk, order_id=order.pk, amount=D(40))
    end(actor=billing.actor("csr"), order_id=order.pk, reason="not wanted")
    outbox_drain(1000)
    receipt.refresh_from_db()
    assert (receipt.unapplied, receipt.earmarked) == (D(40), D(0))
    with pytest.raises(ReceiptMoneyError):
        receipt_earmark(actor=clerk, receipt_id=receipt.pk, order_id=order.pk, amount=D(1))
    assert differences() == []


def test_money_set_aside_for_what_is_invoiced_already_pays_it(billing: BillingHouse) -> None:
    order = billing.order(10)
    invoice = billing.posted(order)
    receipt = billing.money(140)
    receipt_earmark(
        actor=billing.actor("finance_clerk"), receipt_id=receipt.pk, order_id=order.pk,
        amount=D(60),
    )  # fmt: skip
    outbox_drain(1000)
    receipt.refresh_from_db()
    invoice.refresh_from_db()
    assert (receipt.unapplied, receipt.earmarked, receipt.applied) == (D(80), D(0), D(60))
    assert invoice.open == D(40)
    assert differences() == []


def test_proposal_follows_the_memo_then_the_oldest(billing: BillingHouse) -> None:
    with clock.at(clock.now() - timedelta(days=3)):
        old = billing.posted(billing.order(10))
    new = billing.posted(billing.order(20))
    receipt = billing.money(260, memo=f"货款 {new.number}")
    found = receipt_allocate_proposal(actor=billing.actor("finance_clerk"), receipt_id=receipt.pk)
    assert [(item.invoice_id, item.amount, item.reason) for item in found] == [
        (new.pk, D(200), "reference"), (old.pk, D(60), "oldest"),
    ]  # fmt: skip


def test_nothing_posts_in_a_closed_period(billing: BillingHouse) -> None:
    invoice, receipt = billing.posted(billing.order(10)), billing.money(100)
    billing.lock(clock.today())
    with pytest.raises(LockedPeriodError):
        receipt_allocate(
            actor=billing.actor("finance_clerk"), receipt_id=receipt.pk,
            parts=[Part(invoice.pk, D(1))],
        )  # fmt: skip
