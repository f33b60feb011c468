"""Using receipts for invoices, and taking that back (BIL-15)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Max, QuerySet, Sum
from django.utils.translation import gettext_lazy as _

from chengdan.kernel import clock
from chengdan.kernel.actor import Actor
from chengdan.kernel.audit import audit_record
from chengdan.kernel.crash import crashpoint
from chengdan.kernel.errors import FieldIssue, InvalidError
from chengdan.kernel.numbers import ZERO, money
from chengdan.kernel.outbox import event_publish
from chengdan.kernel.pending import document_save
from chengdan.kernel.prepared import prepared, rows_insert
from chengdan.kernel.transactions import write
from chengdan.modules.billing.access import Chain, access_receipt, invoice_check
from chengdan.modules.billing.models import Allocation, Invoice, LedgerBatch, Receipt
from chengdan.modules.billing.rules import Owed, fill
from chengdan.modules.billing.selectors.sources import invoices_lines
from chengdan.modules.billing.services.drafts import Part
from chengdan.modules.billing.services.ledger import Posting, Side, ledger_post, period_check
from chengdan.modules.billing.services.posting import invoice_source
from chengdan.modules.billing.services.progress import progress_note
from chengdan.modules.billing.services.receipts import earmarked_of, receipt_source
from chengdan.modules.billing.transitions import INVOICE_TRANSITIONS, RECEIPT_TRANSITIONS
from chengdan.modules.billing.vocabulary import (
    BC_REOPENED,
    INVOICE,
    ORDER,
    RECEIPT,
    BatchKind,
    InvoiceSettled,
    InvoiceStatus,
    LedgerAccount,
    ReceiptMoneyError,
    rights,
)
from chengdan.modules.credit.services import Bucket, Move, Source, credit_post
from chengdan.modules.orders.services import order_paid
from chengdan.modules.process.services import process_signal, process_start

_AMOUNT = _("The amount must be positive, with the decimals of the currency.")


@prepared
def _paid_of(invoice_ids: Sequence[int]) -> QuerySet[Allocation, Any]:
    paid = Allocation.objects.filter(invoice_id__in=invoice_ids)
    return paid.values_list("invoice_id", "order_id").annotate(total=Sum("amount"))


def owed_of(invoice_ids: Iterable[int]) -> dict[int, list[Owed]]:
    """Return the unpaid part of each invoice by order, in the sequence of the orders' ids."""
    lines = invoices_lines(invoice_ids)
    sums: dict[int, dict[int | None, Decimal]] = {pk: {} for pk in lines}
    for line in (line for found in lines.values() for line in found):
        mine = sums[line.invoice_id]
        mine[line.order_id] = mine.get(line.order_id, ZERO) + line.gross
    for pk, order_id, amount in _paid_of(sorted(lines)):
        sums[pk][order_id] = sums[pk].get(order_id, ZERO) - amount
    return {
        pk: [Owed(order_id, parts[order_id]) for order_id in sorted(parts, key=lambda o: o or 0)]
        for pk, parts in sums.items()
    }


def receipt_allocate(
    *,
    actor: Actor,
    receipt_id: int,
    parts: Sequence[Part],
    effective_on: date | None = None,
    expected_version: int | None = None,
) -> Receipt:
    """Use a receipt for invoices of its customer, all in one act.

    Args:
        parts: amounts > 0; several parts of one invoice add up.
        effective_on: from when it counts; default today, not in a closed period, not before
            receipt and invoice.

    Raises:
        ReceiptMoneyError: more than the receipt has left, the order has set aside, or the
            invoice still owes.
        InvalidError: nothing given, an amount that is not positive, another customer's invoice,
            or an impossible day.
        NotFoundError, ForbiddenError, ConflictError: see `access_receipt`; an invoice that the
            actor may not see counts as missing.
        LockedPeriodError: the day lies in a closed period.

    Source: decisions §10, §17; BIL-15; race C5.
    """
    if not parts:
        raise InvalidError(FieldIssue("parts", "required", _("Choose at least one invoice.")))
    with write():
        invoice_ids = {part.invoice_id for part in parts}
        chain, receipt = access_receipt(
            actor, receipt_id, rights.ALLOCATE, expected_version, invoices=invoice_ids
        )
        RECEIPT_TRANSITIONS.resolve(receipt.status, "allocate")
        on = effective_on or clock.today()
        for pk in sorted(invoice_ids):
            invoice_check(actor, chain.invoice(pk), rights.VIEW)
        _parts_check(receipt, chain, parts, on)
        for pk in sorted(invoice_ids):
            _owing_check(chain.invoice(pk))
        rows = _rows(receipt, chain, parts)
        _money_take(receipt, parts)
        _owed_take(chain, parts, on)
        batch = _ledger(actor, receipt, rows, on, BatchKind.ALLOCATION)
        _allocations_write(actor, batch, rows, on, "")
        crashpoint("billing.allocation.written")
        _follow(actor, receipt, chain, rows, rights.PAID)
        audit_record(
            actor,
            rights.RECEIPT_ALLOCATED,
            receipt,
            after={
                "parts": [{"invoice": p.invoice_id, "amount": p.amount, "order": p.order_id}
                          for p in parts],
                "effective_on": on,
                "unapplied": receipt.unapplied,
            },
        )  # fmt: skip
        crashpoint("billing.allocation.done")
        return receipt


def _owing_check(invoice: Invoice) -> None:
    if invoice.status == InvoiceStatus.REVERSED:
        message = _("%(document)s was reversed and takes no money any more.")
        raise ReceiptMoneyError(message, document=str(invoice))


def _parts_check(receipt: Receipt, chain: Chain, parts: Sequence[Part], on: date) -> None:
    issues = []
    exponent = receipt.company.exponent
    for row, part in enumerate(parts, 1):
        invoice = chain.invoice(part.invoice_id)
        if part.amount <= ZERO or part.amount != money(part.amount, exponent):
            issues.append(FieldIssue("amount", "amount", _AMOUNT, row))
        if invoice.customer_id != receipt.customer_id:
            text = _("The invoice belongs to another customer.")
            issues.append(FieldIssue("invoice_id", "customer", text, row))
        elif invoice.currency != receipt.currency:
            text = _("The invoice is in %(invoice)s, the receipt in %(receipt)s.")
            said = text % {"invoice": invoice.currency, "receipt": receipt.currency}
            issues.append(FieldIssue("invoice_id", "currency", said, row))
        elif invoice.invoice_on is None or invoice.invoice_on > on:
            text = _("It cannot count before the invoice.")
            issues.append(FieldIssue("effective_on", "before", text, row))
    if not receipt.received_on <= on <= clock.today():
        text = _("The day must lie between the receipt and today.")
        issues.append(FieldIssue("effective_on", "range", text))
    if issues:
        raise InvalidError(issues)
    period_check(receipt.company_id, on)


def _rows(receipt: Receipt, chain: Chain, parts: Sequence[Part]) -> list[Allocation]:
    """Spread every part over the orders of its invoice."""
    owed = owed_of(part.invoice_id for part in parts)
    rows = []
    # Money set aside comes first: it may pay its own order only.
    for part in sorted(parts, key=lambda item: item.order_id is None):
        invoice = chain.invoice(part.invoice_id)
        open_parts = owed[part.invoice_id]
        found = sum(
            (item.amount for item in open_parts
             if item.amount > ZERO and part.order_id in (None, item.order_id)), ZERO,
        )  # fmt: skip
        if part.amount > min(found, invoice.open):
            raise ReceiptMoneyError(
                document=str(invoice), found=min(found, invoice.open), wanted=part.amount
            )
        for item in fill(part.amount, open_parts, part.order_id):
            rows.append(
                Allocation(
                    receipt=receipt,
                    invoice=invoice,
                    order_id=item.order_id,
                    amount=item.amount,
                    is_earmarked=part.order_id is not None,
                )
            )
        owed[part.invoice_id] = _less(open_parts, part)
    return rows


def _less(owed: list[Owed], part: Part) -> list[Owed]:
    used = {item.order_id: item.amount for item in fill(part.amount, owed, part.order_id)}
    return [Owed(item.order_id, item.amount - used.get(item.order_id, ZERO)) for item in owed]


def _money_take(receipt: Receipt, parts: Sequence[Part]) -> None:
    """Take the money out of the receipt.

    Raises:
        ReceiptMoneyError: less is unapplied or set aside.
    """
    free = sum((part.amount for part in parts if part.order_id is None), ZERO)
    aside: dict[int, Decimal] = defaultdict(Decimal)
    for part in parts:
        if part.order_id is not None:
            aside[part.order_id] += part.amount
    if free > receipt.unapplied:
        raise ReceiptMoneyError(document=receipt.number, found=receipt.unapplied, wanted=free)
    if aside:
        standing = earmarked_of(receipt)
        for order_id, amount in aside.items():
            found = standing.get(order_id, ZERO)
            if amount > found:
                raise ReceiptMoneyError(document=receipt.number, found=found, wanted=amount)
    taken = sum(aside.values(), ZERO)
    receipt.unapplied -= free
    receipt.earmarked -= taken
    receipt.applied += free + taken
    receipt.version += 1
    document_save(receipt, ["unapplied", "earmarked", "applied", "version"])


def _owed_take(chain: Chain, parts: Sequence[Part], on: date) -> None:
    for part in parts:
        invoice = chain.invoice(part.invoice_id)
        if part.amount > invoice.open:
            raise ReceiptMoneyError(document=str(invoice), found=invoice.open, wanted=part.amount)
        invoice.open -= part.amount
        if not invoice.open:
            invoice.status = INVOICE_TRANSITIONS.resolve(invoice.status, "settle")
            invoice.settled_on = on


def _ledger(
    actor: Actor,
    receipt: Receipt,
    rows: Sequence[Allocation],
    on: date,
    kind: str,
    reason: str = "",
) -> LedgerBatch:
    sides = []
    for row in rows:
        source = LedgerAccount.EARMARKED if row.is_earmarked else LedgerAccount.UNAPPLIED
        if row.amount < ZERO:
            source = LedgerAccount.UNAPPLIED
        sides += [
            Side(source, row.amount, receipt_id=receipt.pk, order_id=row.order_id),
            Side(
                LedgerAccount.RECEIVABLE, -row.amount, invoice_id=row.invoice_id,
                receipt_id=receipt.pk, order_id=row.order_id,
            ),
        ]  # fmt: skip
    posting = Posting(
        kind=kind,
        company_id=receipt.company_id,
        customer_id=receipt.customer_id,
        currency=receipt.currency,
        on=on,
        source=(RECEIPT, receipt.pk),
        sides=sides,
        reason=reason,
    )
    return ledger_post(actor, posting)


def _allocations_write(
    actor: Actor, batch: LedgerBatch, rows: Sequence[Allocation], on: date, reason: str
) -> None:
    for row in rows:
        row.batch, row.effective_on, row.entered_at = batch, on, clock.now()
        row.by_id, row.by_name, row.reason = actor.user_id, actor.name[:60], reason[:300]
    rows_insert(rows)


def _follow(
    actor: Actor, receipt: Receipt, chain: Chain, rows: Sequence[Allocation], code: str
) -> None:
    """Carry an allocation on: credit, orders, invoices, and their processes last."""
    credit_post(
        actor=actor,
        customer_id=receipt.customer_id,
        moves=[move for row in rows for move in _moves(receipt, row)],
        reason="billing.allocation",
    )
    paid: dict[int, Decimal] = defaultdict(Decimal)
    for row in rows:
        if row.order_id is not None:
            paid[row.order_id] += row.amount
    for order_id, amount in sorted(paid.items()):
        order_paid(actor=actor, order_id=order_id, paid_delta=amount)
    touched = {row.invoice_id: chain.invoice(row.invoice_id) for row in rows}
    for _pk, invoice in sorted(touched.items()):
        invoice.version += 1
        progress_note(invoice, ["open", "status", "settled_on", "version"])
        audit_record(
            actor, code, invoice,
            after={"open": invoice.open, "status": invoice.status, "receipt": receipt.pk},
        )  # fmt: skip
    settled = [row for _pk, row in sorted(touched.items())
               if row.status == InvoiceStatus.SETTLED]  # fmt: skip
    for invoice in settled:
        event_publish(actor, InvoiceSettled(invoice.pk))
        process_signal(
            actor=actor, subject_type=INVOICE, subject_id=invoice.pk, event="billing.allocated"
        )


def _moves(receipt: Receipt, row: Allocation) -> list[Move]:
    order = Source(ORDER, row.order_id) if row.order_id is not None else None
    owed = Move(Bucket.RECEIVABLE, -row.amount, invoice_source(row.invoice_id), order)
    money_move = Move(Bucket.UNAPPLIED, -row.amount, receipt_source(receipt.pk))
    if row.is_earmarked and row.amount > ZERO:
        money_move = Move(Bucket.EARMARKED, -row.amount, receipt_source(receipt.pk), order)
    return [owed, money_move]


def receipt_unallocate(
    *,
    actor: Actor,
    receipt_id: int,
    invoice_id: int,
    reason: str,
    amount: Decimal | None = None,
    effective_on: date | None = None,
    expected_version: int | None = None,
) -> Receipt:
    """Take an allocation back by negative rows; the money is unapplied again.

    An invoice that was settled is owed again, and its collection begins anew.

    Args:
        amount: default everything of this receipt on the invoice.
        effective_on: default today; not before the allocations that it takes back.

    Raises:
        InvalidError: no reason, an amount with more decimals than the currency has, or an
            impossible day.
        ReceiptMoneyError: less of the receipt is allocated there.
        NotFoundError, ForbiddenError, ConflictError: see `access_receipt`.
        LockedPeriodError: the day lies in a closed period.

    Source: decisions §17.
    """
    if not reason.strip():
        raise InvalidError(FieldIssue("reason", "required", _("Give a reason.")))
    with write():
        chain, receipt = access_receipt(
            actor, receipt_id, rights.UNALLOCATE, expected_version, invoices=[invoice_id]
        )
        invoice = chain.invoice(invoice_id)
        invoice_check(actor, invoice, rights.VIEW)
        on = effective_on or clock.today()
        _back_check(receipt, invoice, amount, on)
        standing = _standing(receipt, invoice)
        found = sum((row.amount for row in standing), ZERO)
        wanted = found if amount is None else amount
        if not found:
            message = _("%(document)s: nothing of %(receipt)s is allocated there.")
            raise ReceiptMoneyError(message, document=str(invoice), receipt=receipt.number)
        if not ZERO < wanted <= found:
            raise ReceiptMoneyError(document=str(invoice), found=found, wanted=wanted)
        rows = _negative_rows(receipt, invoice, standing, wanted)
        was_settled = invoice.status == InvoiceStatus.SETTLED
        receipt.applied -= wanted
        receipt.unapplied += wanted
        receipt.version += 1
        document_save(receipt, ["unapplied", "applied", "version"])
        invoice.open += wanted
        if was_settled:
            invoice.status = INVOICE_TRANSITIONS.resolve(invoice.status, "reopen")
            invoice.settled_on = None
        batch = _ledger(actor, receipt, rows, on, BatchKind.UNALLOCATION, reason)
        _allocations_write(actor, batch, rows, on, reason.strip())
        _follow(actor, receipt, chain, rows, rights.UNPAID)
        audit_record(
            actor, rights.RECEIPT_UNALLOCATED, receipt,
            after={"invoice": invoice_id, "amount": wanted, "unapplied": receipt.unapplied},
            reason=reason,
        )  # fmt: skip
        if was_settled:
            _collect_again(actor, invoice)
        return receipt


def _back_check(receipt: Receipt, invoice: Invoice, amount: Decimal | None, on: date) -> None:
    """Refuse what would leave a part of a cent, or an allocation below zero on some day."""
    issues = []
    if amount is not None and amount != money(amount, receipt.company.exponent):
        issues.append(FieldIssue("amount", "amount", _AMOUNT))
    last = receipt.allocations.filter(invoice=invoice).aggregate(last=Max("effective_on"))["last"]
    if not (last or date.min) <= on <= clock.today():
        text = _("The day must lie between the allocation and today.")
        issues.append(FieldIssue("effective_on", "range", text))
    if issues:
        raise InvalidError(issues)
    period_check(receipt.company_id, on)


def _standing(receipt: Receipt, invoice: Invoice) -> list[Owed]:
    """Return what of the receipt pays each order of the invoice now."""
    rows = receipt.allocations.filter(invoice=invoice).values_list("order_id")
    found = rows.annotate(total=Sum("amount"))
    return [Owed(pk, total) for pk, total in found.order_by("order_id") if total > ZERO]


def _negative_rows(
    receipt: Receipt, invoice: Invoice, standing: list[Owed], amount: Decimal
) -> list[Allocation]:
    return [
        Allocation(receipt=receipt, invoice=invoice, order_id=item.order_id, amount=-item.amount)
        for item in fill(amount, standing)
    ]


def _collect_again(actor: Actor, invoice: Invoice) -> None:
    from chengdan.modules.process.selectors import step_open

    if not step_open(INVOICE, invoice.pk):
        process_start(actor=actor, code=BC_REOPENED, subject_type=INVOICE, subject_id=invoice.pk)
