"""What other rooms and the kernel ask of invoices and receipts, computed from the documents."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from django.db.models import QuerySet, Sum
from django.urls import reverse

from chengdan.kernel.locking import LockRank, is_held
from chengdan.kernel.numbers import ZERO
from chengdan.kernel.prepared import prepared
from chengdan.kernel.reference import remembered_rows
from chengdan.kernel.transactions import is_writing
from chengdan.modules.billing.models import Allocation, Earmark, Invoice, Receipt
from chengdan.modules.billing.vocabulary import (
    INVOICE,
    RECEIPT,
    InvoiceKind,
    InvoiceStatus,
    ReceiptStatus,
)
from chengdan.modules.credit.selectors import DocumentFacts, Provided
from chengdan.modules.credit.services import Source
from chengdan.modules.people.ownership import Origin

INVOICES_TOPIC = "invoices"


def receivable_provide(customer_id: int | None) -> Iterable[Provided]:
    """Provide gross − allocations of every posted invoice."""
    rows = Invoice.objects.filter(status=InvoiceStatus.POSTED)
    paid = Allocation.objects.filter(invoice__status=InvoiceStatus.POSTED)
    if customer_id is not None:
        rows, paid = (
            rows.filter(customer_id=customer_id),
            paid.filter(invoice__customer_id=customer_id),
        )
    sums = dict(paid.values_list("invoice_id").annotate(total=Sum("amount")))
    for pk, customer, gross in rows.values_list("id", "customer_id", "gross").iterator():
        yield Provided(customer, Source(INVOICE, pk), gross - sums.get(pk, ZERO))


def unapplied_provide(customer_id: int | None) -> Iterable[Provided]:
    """Provide amount − allocations − earmarks still standing of every confirmed receipt."""
    for pk, (customer, amount) in _confirmed(customer_id).items():
        yield Provided(customer, Source(RECEIPT, pk), amount)


def _confirmed(customer_id: int | None) -> dict[int, tuple[int, Decimal]]:
    rows = Receipt.objects.filter(status=ReceiptStatus.CONFIRMED)
    if customer_id is not None:
        rows = rows.filter(customer_id=customer_id)
    left = {
        pk: (who, amount) for pk, who, amount in rows.values_list("id", "customer_id", "amount")
    }
    used = Allocation.objects.filter(is_earmarked=False).values_list("receipt_id")
    aside = Earmark.objects.values_list("receipt_id")
    for source in (used, aside):
        for pk, total in source.annotate(total=Sum("amount")):
            if pk in left:
                left[pk] = (left[pk][0], left[pk][1] - total)
    return left


def earmarked_provide(customer_id: int | None) -> Iterable[Provided]:
    """Provide earmarks less what was used of them, by receipt."""
    aside = Earmark.objects.all()
    used = Allocation.objects.filter(is_earmarked=True)
    if customer_id is not None:
        aside = aside.filter(receipt__customer_id=customer_id)
        used = used.filter(receipt__customer_id=customer_id)
    spent = dict(used.values_list("receipt_id").annotate(total=Sum("amount")))
    rows = aside.values_list("receipt_id", "receipt__customer_id").annotate(total=Sum("amount"))
    for pk, customer, total in rows:
        yield Provided(customer, Source(RECEIPT, pk), total - spent.get(pk, ZERO))


def overdue_of(customer_id: int, on: date) -> Decimal:
    """Return what the customer owes past its due date."""

    def load(missing: set[date]) -> dict[date, Decimal]:
        return {day: sum(_overdue(customer_id, day), ZERO) for day in missing}

    # Whoever changes an invoice holds the account.
    if is_writing() and is_held(LockRank.ACCOUNT, customer_id):
        return remembered_rows(INVOICES_TOPIC, f"overdue {customer_id}", [on], load)[on]
    return load({on})[on]


@prepared
def _overdue(customer_id: int, on: date) -> QuerySet[Invoice, Decimal]:
    rows = Invoice.objects.filter(
        customer_id=customer_id, status=InvoiceStatus.POSTED, due_on__lt=on
    )
    return rows.order_by().values_list("open", flat=True)


def invoices_describe(ids: list[int]) -> dict[int, DocumentFacts]:
    """Name and link invoices for the pages of the credit account."""
    return {
        row.pk: DocumentFacts(
            number=str(row),
            url=reverse("billing:invoice", args=[row.pk]),
            on=row.invoice_on,
            due_on=row.due_on,
            note=row.get_status_display(),
        )
        for row in Invoice.objects.filter(pk__in=ids)
    }


def receipts_describe(ids: list[int]) -> dict[int, DocumentFacts]:
    """Name and link receipts for the pages of the credit account."""
    return {
        row.pk: DocumentFacts(
            number=row.number,
            url=reverse("billing:receipt", args=[row.pk]),
            on=row.received_on,
            note=row.get_status_display(),
        )
        for row in Receipt.objects.filter(pk__in=ids)
    }


def invoice_numbers(company_id: int) -> Iterable[str]:
    """Return the statutory numbers that invoices carry."""
    rows = Invoice.objects.filter(company_id=company_id, kind=InvoiceKind.INVOICE)
    rows = rows.exclude(origin=Origin.IMPORTED).exclude(number="")
    return list(rows.values_list("number", flat=True))


def credit_numbers(company_id: int) -> Iterable[str]:
    """Return the statutory numbers that credit notes carry."""
    rows = Invoice.objects.filter(company_id=company_id, kind=InvoiceKind.CREDIT)
    return list(rows.values_list("number", flat=True))


def receipt_numbers(company_id: int) -> Iterable[str]:
    """Return the statutory numbers that receipts carry."""
    rows = Receipt.objects.filter(company_id=company_id).exclude(origin=Origin.IMPORTED)
    return list(rows.values_list("number", flat=True))
