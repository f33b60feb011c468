"""A posting of an earlier day leaves no day since on which more was used than was there."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from chengdan.kernel import clock
from chengdan.modules.billing.models import LedgerEntry
from chengdan.modules.billing.services import (
    Part,
    invoice_reverse,
    receipt_allocate,
    receipt_reverse,
    receipt_unallocate,
)
from chengdan.modules.billing.verification import verify_days
from chengdan.modules.billing.vocabulary import BackdatedError
from tests.fixtures.billing import BillingHouse, differences

pytestmark = pytest.mark.django_db
D = Decimal


def test_no_day_since_sees_a_receipt_or_an_invoice_below_zero(billing: BillingHouse) -> None:
    clerk, manager = billing.actor("finance_clerk"), billing.actor("finance_manager")
    start, today = clock.now(), clock.today()
    first, second = billing.posted(billing.order(10)), billing.posted(billing.order(10))
    used, back = today + timedelta(days=3), today + timedelta(days=5)
    with clock.at(start + timedelta(days=3)):
        receipt = billing.money(100)
        receipt_allocate(actor=clerk, receipt_id=receipt.pk, parts=[Part(first.pk, D(100))])
    with clock.at(start + timedelta(days=5)):
        receipt_unallocate(actor=clerk, receipt_id=receipt.pk, invoice_id=first.pk, reason="错")
    with clock.at(start + timedelta(days=6)):
        other = billing.money(100, received_on=used)
        between = used + timedelta(days=1)

        def refused(act: object, **values: object) -> BackdatedError:
            with pytest.raises(BackdatedError) as refusal:
                act(**values)  # type: ignore[operator]
            return refusal.value

        parts = [Part(second.pk, D(100))]
        error = refused(
            receipt_allocate, actor=clerk, receipt_id=receipt.pk, parts=parts, effective_on=used
        )
        assert error.params == {
            "document": receipt.number, "on": used.isoformat(), "balance": D(-100),
            "first": back.isoformat(),
        }  # fmt: skip
        assert "-100.00" in str(error.message)
        refused(
            receipt_allocate, actor=clerk, receipt_id=other.pk, parts=[Part(first.pk, D(100))],
            effective_on=used,
        )  # fmt: skip
        refused(invoice_reverse, actor=manager, invoice_id=first.pk, reason="错", on=between)
        refused(receipt_reverse, actor=manager, receipt_id=receipt.pk, reason="错", on=between)
        assert differences() == []
        receipt_allocate(actor=clerk, receipt_id=receipt.pk, parts=parts, effective_on=back)
        invoice_reverse(actor=manager, invoice_id=first.pk, reason="错", on=back)
    assert differences() == []


def test_the_day_that_a_refusal_names_is_possible_for_receipt_and_invoice(
    billing: BillingHouse,
) -> None:
    clerk, start = billing.actor("finance_clerk"), clock.now()
    first, second = billing.posted(billing.order(10)), billing.posted(billing.order(10))
    with clock.at(start + timedelta(days=3)):
        one, two = billing.money(100), billing.money(100)
        receipt_allocate(actor=clerk, receipt_id=one.pk, parts=[Part(first.pk, D(100))])
        receipt_allocate(actor=clerk, receipt_id=two.pk, parts=[Part(second.pk, D(100))])
    with clock.at(start + timedelta(days=5)):
        receipt_unallocate(receipt_id=two.pk, invoice_id=second.pk, actor=clerk, reason="错")
    with clock.at(start + timedelta(days=6)):
        receipt_unallocate(receipt_id=one.pk, invoice_id=first.pk, actor=clerk, reason="错")
    parts = [Part(second.pk, D(100))]
    with clock.at(start + timedelta(days=8)):
        with pytest.raises(BackdatedError) as refusal:
            receipt_allocate(
                actor=clerk, receipt_id=one.pk, parts=parts,
                effective_on=clock.today() - timedelta(days=4),
            )  # fmt: skip
        named = date.fromisoformat(str(refusal.value.params["first"]))
        assert named == clock.today() - timedelta(days=2)
        receipt_allocate(actor=clerk, receipt_id=one.pk, parts=parts, effective_on=named)
    assert differences() == []


def test_verify_finds_a_day_below_zero(billing: BillingHouse) -> None:
    invoice = billing.posted(billing.order(10))
    assert list(verify_days()) == []
    entry = LedgerEntry.objects.get(account="receivable", invoice=invoice)
    early = LedgerEntry(
        batch_id=entry.batch_id, company_id=entry.company_id, account="receivable",
        customer_id=entry.customer_id, invoice=invoice, amount=-entry.amount,
        on=entry.on - timedelta(days=1),
    )  # fmt: skip
    LedgerEntry.objects.bulk_create([early])
    (found,) = verify_days()
    assert found.where == f"invoice {invoice.pk} receivable on {early.on}"
