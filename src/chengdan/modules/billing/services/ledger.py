"""Posting to the AR ledger: the only code that writes batches and entries."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from chengdan.kernel import clock
from chengdan.kernel.actor import Actor
from chengdan.kernel.numbers import ZERO
from chengdan.kernel.prepared import rows_insert
from chengdan.modules.billing.models import Invoice, LedgerBatch, LedgerEntry, Receipt
from chengdan.modules.billing.services.days import days_check
from chengdan.modules.billing.vocabulary import InvoiceKind, LedgerAccount, LockedPeriodError
from chengdan.modules.people.selectors import company_get


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a posting; debit is positive, 0 is left out."""

    account: str
    amount: Decimal
    invoice_id: int | None = None
    receipt_id: int | None = None
    order_id: int | None = None


@dataclass(frozen=True, slots=True)
class Posting:
    """A batch to be written, with its sides adding up to 0.

    Attributes:
        on: day it counts for.
        source: label and id of the document.
    """

    kind: str
    company_id: int
    customer_id: int
    currency: str
    on: date
    source: tuple[str, int]
    sides: Sequence[Side]
    reason: str = ""


def period_check(company_id: int, on: date) -> None:
    """Pass when the books are open on the day.

    Raises:
        LockedPeriodError: the company's lock date is that day or later.

    Source: decisions §17.
    """
    locked = company_get(company_id).lock_date
    if locked is not None and on <= locked:
        raise LockedPeriodError(until=locked.isoformat(), on=on.isoformat())


def ledger_post(actor: Actor, posting: Posting) -> LedgerBatch:
    """Write one batch; see `ledger_post_many`."""
    return ledger_post_many(actor, [posting])[0]


def ledger_post_many(actor: Actor, postings: Sequence[Posting]) -> list[LedgerBatch]:
    """Write batches with a constant number of statements, inside the caller's transaction.

    Raises:
        LockedPeriodError: a day lies in a closed period.
        BackdatedError: on a day since, an invoice or a receipt would have been below zero.
        ValueError: the sides of a posting do not add up to 0; a caller bug.
    """
    for company_id, on in {(item.company_id, item.on) for item in postings}:
        period_check(company_id, on)
    batches = [_batch(actor, item) for item in postings]
    rows_insert(batches)
    rows_insert(_entries(batches, postings))
    invoices: dict[int, date] = {}
    receipts: dict[int, date] = {}
    for item in postings:
        for side in filter(_is_taken, item.sides):
            if side.account == LedgerAccount.RECEIVABLE and side.invoice_id is not None:
                invoices[side.invoice_id] = min(item.on, invoices.get(side.invoice_id, item.on))
            elif side.receipt_id is not None:
                receipts[side.receipt_id] = min(item.on, receipts.get(side.receipt_id, item.on))
    days_check(invoices, receipts)
    return batches


def _is_taken(side: Side) -> bool:
    """Only what leaves an invoice or a receipt can be missed on a day since."""
    if side.account == LedgerAccount.RECEIVABLE:
        return side.amount < ZERO
    return side.account in (LedgerAccount.UNAPPLIED, LedgerAccount.EARMARKED) and side.amount > ZERO


def _batch(actor: Actor, item: Posting) -> LedgerBatch:
    if sum((side.amount for side in item.sides), ZERO) != ZERO:
        raise ValueError(f"a posting of {item.source} does not balance")
    return LedgerBatch(
        company_id=item.company_id,
        kind=item.kind,
        currency=item.currency,
        on=item.on,
        entered_at=clock.now(),
        source_type=item.source[0],
        source_id=item.source[1],
        by_id=actor.user_id,
        by_name=actor.name[:60],
        reason=item.reason[:300],
    )


def _entries(batches: Sequence[LedgerBatch], postings: Sequence[Posting]) -> Iterable[LedgerEntry]:
    return [
        LedgerEntry(
            batch=batch,
            company_id=item.company_id,
            account=side.account,
            customer_id=item.customer_id,
            invoice_id=side.invoice_id,
            receipt_id=side.receipt_id,
            order_id=side.order_id,
            amount=side.amount,
            on=item.on,
        )
        for batch, item in zip(batches, postings, strict=True)
        for side in item.sides
        if side.amount != ZERO
    ]


def invoice_sides(
    invoice: Invoice, against: Invoice, shares: Iterable[tuple[int | None, Decimal]]
) -> list[Side]:
    """Return the sides of an invoice or credit note: receivable by order, revenue, tax.

    Args:
        against: the invoice whose receivable moves; for a credit note the one it takes back.
        shares: (order, gross) parts of the invoice.
    """
    receivable = [
        Side(LedgerAccount.RECEIVABLE, gross, invoice_id=against.pk, order_id=order_id)
        for order_id, gross in shares
    ]
    if against.kind == InvoiceKind.OPENING:
        return [*receivable, Side(LedgerAccount.OPENING, -invoice.gross, invoice_id=invoice.pk)]
    return [
        *receivable,
        Side(LedgerAccount.REVENUE, -invoice.net, invoice_id=invoice.pk),
        Side(LedgerAccount.TAX, -invoice.tax, invoice_id=invoice.pk),
    ]


def money_sides(
    receipt: Receipt, source: str, target: str, amount: Decimal, order_id: int | None = None
) -> list[Side]:
    """Return the sides that carry money of a receipt from one account to another."""
    return [
        Side(target, -amount, receipt_id=receipt.pk, order_id=order_id),
        Side(source, amount, receipt_id=receipt.pk, order_id=order_id),
    ]
