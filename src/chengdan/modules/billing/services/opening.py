"""Taking over receivables, invoices and payments from another system, in bulk."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from chengdan.kernel import clock
from chengdan.kernel.actor import Actor
from chengdan.kernel.audit import audit_record_many
from chengdan.kernel.audit.record import AuditRow
from chengdan.kernel.errors import FieldIssue, InvalidError
from chengdan.kernel.numbers import ZERO
from chengdan.kernel.transactions import current_unit, write
from chengdan.modules.billing.models import Allocation, Invoice, InvoiceLine, LedgerBatch, Receipt
from chengdan.modules.billing.services.drafts import HistoryInvoice, OpeningRow
from chengdan.modules.billing.services.ledger import (
    Posting,
    Side,
    invoice_sides,
    ledger_post_many,
)
from chengdan.modules.billing.services.posting import Shares, receivable_moves, shares_of
from chengdan.modules.billing.vocabulary import (
    INVOICE,
    RECEIPT,
    BatchKind,
    InvoiceKind,
    InvoiceStatus,
    LedgerAccount,
    ReceiptStatus,
    rights,
)
from chengdan.modules.credit.services import credit_accounts_lock, credit_post
from chengdan.modules.customers.selectors import CustomerSummary, customer_summaries
from chengdan.modules.people.access import authorise
from chengdan.modules.people.ownership import Origin
from chengdan.modules.people.selectors import company_get


def receivables_open(*, actor: Actor, rows: Sequence[OpeningRow]) -> list[Invoice]:
    """Take over receivables as posted invoices with their own numbers, without order.

    Raises:
        InvalidError: a number that is empty, known or given twice, amounts that do not fit,
            an unknown customer; items name their row and nothing is stored.
        ForbiddenError: the actor may not load opening balances.
        LockedPeriodError: an invoice date lies in a closed period.
    """
    authorise(actor, rights.OPENING)
    with write():
        customers = customer_summaries(row.customer_id for row in rows)
        issues = _opening_issues(rows, customers)
        if issues:
            raise InvalidError(issues)
        credit_accounts_lock(customers)
        made = [_opening(actor, row, customers[row.customer_id]) for row in rows]
        invoices = Invoice.objects.bulk_create(made, batch_size=500)
        InvoiceLine.objects.bulk_create(map(_opening_line, invoices), batch_size=500)
        shares: list[Shares] = [[(None, invoice.open)] for invoice in invoices]
        _store(actor, list(zip(invoices, shares, strict=True)))
        postings = [
            _posting(BatchKind.OPENING, invoice, invoice_sides(invoice, invoice, own))
            for invoice, own in zip(invoices, shares, strict=True)
        ]
        ledger_post_many(actor, postings)
        return invoices


def _opening_issues(
    rows: Sequence[OpeningRow], customers: dict[int, CustomerSummary]
) -> list[FieldIssue]:
    issues = _number_issues([(row.customer_id, row.number) for row in rows], customers)
    for place, row in enumerate(rows, 1):
        if row.open <= ZERO:
            text = _("The unpaid amount must be positive.")
            issues.append(FieldIssue("open", "amount", text, place))
        if row.due_on < row.invoice_on or row.invoice_on > clock.today():
            text = _("The dates do not fit.")
            issues.append(FieldIssue("due_on", "range", text, place))
    return issues


def _number_issues(
    keys: Sequence[tuple[int, str]], customers: dict[int, CustomerSummary]
) -> list[FieldIssue]:
    issues = []
    known = set(
        Invoice.objects.filter(number__in={number for _pk, number in keys}).values_list(
            "company_id", "number"
        )
    )
    for place, (customer_id, number) in enumerate(keys, 1):
        customer = customers.get(customer_id)
        if customer is None:
            issues.append(FieldIssue("customer_id", "unknown", _("Unknown customer."), place))
            continue
        key = (customer.company_id, number)
        if not number.strip() or key in known:
            text = _("The number is missing or taken.")
            issues.append(FieldIssue("number", "twice", text, place))
        known.add(key)
    return issues


def _opening(actor: Actor, row: OpeningRow, customer: CustomerSummary) -> Invoice:
    invoice = _head(actor, customer, row.number, row.invoice_on, row.due_on)
    invoice.kind = InvoiceKind.OPENING
    # Only what is still owed is taken over; its tax was declared in the other system.
    invoice.gross = invoice.net = invoice.open = row.open
    invoice.note = row.note
    return invoice


def _currency(company_id: int) -> str:
    """Return the company's currency, read once per transaction."""
    known: dict[int, str] = current_unit().memo.setdefault("billing_currency", {})
    if company_id not in known:
        known[company_id] = company_get(company_id).currency
    return known[company_id]


def _opening_line(invoice: Invoice) -> InvoiceLine:
    return InvoiceLine(
        invoice=invoice, number=1, quantity=1, gross=invoice.gross, tax=ZERO, net=invoice.gross,
        description=str(_("Opening balance")),
    )  # fmt: skip


def _head(
    actor: Actor, customer: CustomerSummary, number: str, invoice_on: date, due_on: date
) -> Invoice:
    invoice = Invoice(
        number=number.strip(),
        status=InvoiceStatus.POSTED,
        customer_id=customer.id,
        invoice_on=invoice_on,
        due_on=due_on,
        currency=_currency(customer.company_id),
        posted_at=clock.now(),
        issued_by_id=actor.user_id,
        delivered_on=invoice_on,
        letters="ddd--w-",
    )
    invoice.ownership_set(
        actor,
        company_id=customer.company_id,
        owner_id=customer.owner_id,
        unit_id=customer.unit_id,
        origin=Origin.IMPORTED,
    )
    return invoice


def _store(actor: Actor, invoices: Sequence[tuple[Invoice, Shares]]) -> None:
    """Audit invoices taken over and let them occupy credit, one posting per customer."""
    audit_record_many(
        actor,
        rights.OPENED,
        [
            AuditRow(
                invoice,
                after={"number": invoice.number, "gross": invoice.gross, "open": invoice.open,
                       "invoice_on": invoice.invoice_on, "due_on": invoice.due_on},
            )
            for invoice, _shares in invoices
        ],
    )  # fmt: skip
    moves: dict[int, list[Any]] = defaultdict(list)
    for invoice, shares in invoices:
        if invoice.open:
            moves[invoice.customer_id] += receivable_moves(invoice, shares)
    for customer_id, own in sorted(moves.items()):
        credit_post(actor=actor, customer_id=customer_id, moves=own, reason="opening")


def _posting(kind: str, invoice: Invoice, sides: Sequence[Side]) -> Posting:
    if invoice.invoice_on is None:
        raise ValueError("a posted invoice has a date")
    return Posting(
        kind=kind,
        company_id=invoice.company_id,
        customer_id=invoice.customer_id,
        currency=invoice.currency,
        on=invoice.invoice_on,
        source=(INVOICE, invoice.pk),
        sides=sides,
    )


def invoices_import(*, actor: Actor, drafts: Sequence[HistoryInvoice]) -> list[Invoice]:
    """Take over posted invoices with lines, orders and payments in full.

    The orders' own import has noted what was delivered and invoiced; here nothing moves there.

    Raises:
        InvalidError: numbers or customers that do not fit, invoices without lines, payments
            before the invoice; items name their row and nothing is stored.
        ForbiddenError: the actor may not load opening balances.
        LockedPeriodError: a date lies in a closed period.
    """
    authorise(actor, rights.OPENING)
    with write():
        customers = customer_summaries(draft.customer_id for draft in drafts)
        issues = _number_issues([(draft.customer_id, draft.number) for draft in drafts], customers)
        for place, draft in enumerate(drafts, 1):
            if not draft.lines or sum((line.gross for line in draft.lines), ZERO) <= ZERO:
                text = _("An invoice taken over has lines and a positive amount.")
                issues.append(FieldIssue("lines", "required", text, place))
        if issues:
            raise InvalidError(issues)
        credit_accounts_lock(customers)
        invoices = Invoice.objects.bulk_create(
            [_history(actor, draft, customers[draft.customer_id]) for draft in drafts],
            batch_size=500,
        )
        lines = _history_lines(invoices, drafts)
        shares = [shares_of(own) for own in lines]
        _store(actor, list(zip(invoices, shares, strict=True)))
        ledger_post_many(
            actor,
            [
                _posting(BatchKind.INVOICE, invoice, invoice_sides(invoice, invoice, own))
                for invoice, own in zip(invoices, shares, strict=True)
            ],
        )
        _payments(actor, list(zip(invoices, drafts, shares, strict=True)))
        return invoices


def _history(actor: Actor, draft: HistoryInvoice, customer: CustomerSummary) -> Invoice:
    invoice = _head(actor, customer, draft.number, draft.invoice_on, draft.due_on)
    invoice.gross = sum((line.gross for line in draft.lines), ZERO)
    invoice.tax = sum((line.tax for line in draft.lines), ZERO)
    invoice.net = invoice.gross - invoice.tax
    if draft.paid is None:
        invoice.open = invoice.gross
    else:
        invoice.status, invoice.settled_on = InvoiceStatus.SETTLED, draft.paid[1]
        invoice.letters = "dddkkdd"
    return invoice


def _history_lines(
    invoices: Sequence[Invoice], drafts: Sequence[HistoryInvoice]
) -> list[list[InvoiceLine]]:
    made = [
        [
            InvoiceLine(
                invoice=invoice,
                number=number,
                order_id=line.order_id,
                order_line=line.order_line,
                product_id=line.product_id,
                unit_of_measure_id=line.unit_of_measure_id,
                description=line.description,
                quantity=line.quantity,
                price=abs(line.gross / line.quantity).quantize(_PRICE) if line.quantity else ZERO,
                gross=line.gross,
                tax=line.tax,
                net=line.gross - line.tax,
            )
            for number, line in enumerate(draft.lines, 1)
        ]
        for invoice, draft in zip(invoices, drafts, strict=True)
    ]
    InvoiceLine.objects.bulk_create([line for own in made for line in own], batch_size=500)
    return made


def _payments(actor: Actor, rows: Sequence[tuple[Invoice, HistoryInvoice, Shares]]) -> None:
    """Add receipt, postings and allocation of every invoice that was paid."""
    paid = [(invoice, draft.paid, shares) for invoice, draft, shares in rows if draft.paid]
    receipts = Receipt.objects.bulk_create(
        [_paid_receipt(actor, invoice, payment) for invoice, payment, _shares in paid],
        batch_size=500,
    )
    audit_record_many(
        actor,
        rights.RECEIPT_IMPORTED,
        [AuditRow(row, after={"number": row.number, "amount": row.amount}) for row in receipts],
    )
    came = [
        _money_posting(
            BatchKind.RECEIPT, receipt,
            [Side(LedgerAccount.BANK, receipt.amount, receipt_id=receipt.pk),
             Side(LedgerAccount.UNAPPLIED, -receipt.amount, receipt_id=receipt.pk)],
        )
        for receipt in receipts
    ]  # fmt: skip
    ledger_post_many(actor, came)
    used = [
        _money_posting(BatchKind.ALLOCATION, receipt, _used_sides(receipt, invoice, shares))
        for receipt, (invoice, _payment, shares) in zip(receipts, paid, strict=True)
    ]
    batches = ledger_post_many(actor, used)
    Allocation.objects.bulk_create(
        [
            _allocation(actor, batch, receipt, invoice, part)
            for batch, receipt, (invoice, _payment, shares) in zip(
                batches, receipts, paid, strict=True
            )
            for part in shares
            if part[1]
        ],
        batch_size=500,
    )


def _paid_receipt(actor: Actor, invoice: Invoice, payment: tuple[str, date] | None) -> Receipt:
    if payment is None:
        raise ValueError("only paid invoices have a receipt")
    receipt = Receipt(
        number=payment[0],
        status=ReceiptStatus.CONFIRMED,
        customer_id=invoice.customer_id,
        amount=invoice.gross,
        currency=invoice.currency,
        received_on=payment[1],
        confirmed_at=clock.now(),
        confirmed_by_id=actor.user_id,
        applied=invoice.gross,
    )
    receipt.ownership_set(
        actor,
        company_id=invoice.company_id,
        owner_id=invoice.owner_id,
        unit_id=invoice.unit_id,
        origin=Origin.IMPORTED,
    )
    return receipt


def _money_posting(kind: str, receipt: Receipt, sides: Iterable[Side]) -> Posting:
    return Posting(
        kind=kind,
        company_id=receipt.company_id,
        customer_id=receipt.customer_id,
        currency=receipt.currency,
        on=receipt.received_on,
        source=(RECEIPT, receipt.pk),
        sides=list(sides),
    )


def _used_sides(receipt: Receipt, invoice: Invoice, shares: Shares) -> list[Side]:
    sides = []
    for order_id, gross in shares:
        sides += [
            Side(LedgerAccount.UNAPPLIED, gross, receipt_id=receipt.pk, order_id=order_id),
            Side(LedgerAccount.RECEIVABLE, -gross, invoice_id=invoice.pk,
                 receipt_id=receipt.pk, order_id=order_id),
        ]  # fmt: skip
    return sides


def _allocation(
    actor: Actor,
    batch: LedgerBatch,
    receipt: Receipt,
    invoice: Invoice,
    part: tuple[int | None, Decimal],
) -> Allocation:
    return Allocation(
        receipt=receipt,
        invoice=invoice,
        order_id=part[0],
        amount=part[1],
        batch=batch,
        effective_on=receipt.received_on,
        entered_at=clock.now(),
        by_id=actor.user_id,
        by_name=actor.name[:60],
    )


_PRICE = Decimal("0.000001")
