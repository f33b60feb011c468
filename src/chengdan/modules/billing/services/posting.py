"""Issuing, delivering and reversing invoices."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Sum
from django.utils.translation import gettext_lazy as _

from chengdan.kernel import clock
from chengdan.kernel.actor import Actor
from chengdan.kernel.audit import audit_record
from chengdan.kernel.crash import crashpoint
from chengdan.kernel.errors import FieldIssue, InvalidError
from chengdan.kernel.numbering import number_take
from chengdan.kernel.numbers import ZERO
from chengdan.kernel.outbox import event_publish
from chengdan.kernel.pending import document_save
from chengdan.kernel.prepared import rows_save
from chengdan.kernel.transactions import write
from chengdan.modules.billing.access import access_invoice
from chengdan.modules.billing.models import Invoice, InvoiceLine
from chengdan.modules.billing.selectors.sources import (
    GOODS,
    began_on,
    invoice_lines,
)
from chengdan.modules.billing.services.billable import billable_check
from chengdan.modules.billing.services.finding import invoice_index
from chengdan.modules.billing.services.ledger import (
    Posting,
    invoice_sides,
    ledger_post,
    period_check,
)
from chengdan.modules.billing.services.progress import progress_note
from chengdan.modules.billing.transitions import INVOICE_TRANSITIONS
from chengdan.modules.billing.vocabulary import (
    INVOICE,
    ORDER,
    AllocatedError,
    BatchKind,
    CreditNoteError,
    InvoiceKind,
    InvoicePosted,
    InvoiceReversed,
    InvoiceSettled,
    InvoiceStatus,
    PostingError,
    rights,
)
from chengdan.modules.credit.services import Bucket, Move, Source, credit_post
from chengdan.modules.customers.selectors import customer_due_on
from chengdan.modules.orders.selectors import LineToShip
from chengdan.modules.orders.services import Progress, order_progress
from chengdan.modules.process.services import process_cancel, process_step_complete

STEP_ISSUE, STEP_DELIVER = "IV1", "IV2"
# Other countries' numbers differ from the 20 digits of China's.
_E_NUMBER = re.compile(r"[0-9A-Za-z][0-9A-Za-z-]*")
Shares = list[tuple[int | None, Decimal]]


def invoice_source(invoice_id: int) -> Source:
    """Return how the credit account names an invoice."""
    return Source(INVOICE, invoice_id)


def shares_of(lines: Iterable[InvoiceLine]) -> Shares:
    """Return (order, gross) of an invoice in the sequence of its lines."""
    sums: dict[int | None, Decimal] = {}
    for line in lines:
        sums[line.order_id] = sums.get(line.order_id, ZERO) + line.gross
    return list(sums.items())


def invoice_issue(
    *,
    actor: Actor,
    invoice_id: int,
    invoice_on: date | None = None,
    e_number: str = "",
    expected_version: int | None = None,
) -> Invoice:
    """Post an approved invoice: number, ledger, order progress, receivable – all or nothing.

    Args:
        invoice_on: default today; never in the future or in a closed period, nor before the goods
            left or, where none did, the order was handed in.
        e_number: of the tax authority's electronic invoice, when it is known already.

    Raises:
        NotFoundError, ForbiddenError, ConflictError: see `access_invoice`.
        StepNotOpenError, NotAssignedError: not approved yet, or somebody else's step.
        BillableError: meanwhile less is delivered.
        LockedPeriodError, InvalidError: the date cannot be used.

    Source: BIL-03, decisions §8, §17.
    """
    with write():
        invoice = access_invoice(actor, invoice_id, rights.ISSUE, expected_version)
        INVOICE_TRANSITIONS.resolve(invoice.status, "post")
        on = invoice_on or clock.today()
        lines = invoice_lines(invoice.pk)
        _issue_check(lines, on, e_number.strip())
        period_check(invoice.company_id, on)
        billable_check(invoice, lines)
        invoice.invoice_on, invoice.e_number = on, e_number.strip() or invoice.e_number
        invoice.version += 1
        document_save(invoice, ["invoice_on", "e_number", "version"])
        audit_record(
            actor, rights.DATED, invoice, after={"invoice_on": on, "e_number": invoice.e_number}
        )
        subject: Any = process_step_complete(
            actor=actor, subject_type=INVOICE, subject_id=invoice.pk, step_code=STEP_ISSUE,
            document=invoice,
        )  # fmt: skip
        posted: Invoice = subject.invoice
        if not posted.number:
            raise PostingError
        return posted


def _issue_check(lines: Sequence[InvoiceLine], on: date, e_number: str) -> None:
    issues = []
    if on > clock.today():
        issues.append(FieldIssue("invoice_on", "future", _("The date lies in the future.")))
    begun = began_on(lines) if on < clock.today() else on
    if on < begun:
        message = _("The invoice can't be older than what it is for: %(day)s.")
        issues.append(FieldIssue("invoice_on", "early", message % {"day": begun}))
    if e_number and not _E_NUMBER.fullmatch(e_number):
        message = _("Use letters, digits and hyphens only.")
        issues.append(FieldIssue("e_number", "format", message))
    if issues:
        raise InvalidError(issues)


def invoice_post(actor: Actor, invoice: Invoice, issued_by_id: int | None) -> Invoice:
    """Post a locked invoice that was approved; called by its process step.

    The number is taken last, so that nobody waits for the counter.

    Raises:
        BillableError, LockedPeriodError: see `invoice_issue`.
    """
    lines = invoice_lines(invoice.pk)
    on = invoice.invoice_on or clock.today()
    period_check(invoice.company_id, on)
    known = billable_check(invoice, lines)
    shares = shares_of(lines)
    before = invoice.status
    _orders_progress(actor, invoice, lines, shares, known)
    crashpoint("billing.posting.moved")
    rows_save(lines, ["delivered_here"])
    invoice.invoice_on, invoice.due_on = on, customer_due_on(invoice.customer, on)
    invoice.open = invoice.gross
    invoice.status = INVOICE_TRANSITIONS.resolve(before, "post")
    invoice.posted_at, invoice.issued_by_id = clock.now(), issued_by_id
    if not invoice.open:
        invoice.status = INVOICE_TRANSITIONS.resolve(invoice.status, "settle")
        invoice.settled_on = on
    invoice.number = number_take(actor, invoice.company_id, rights.INVOICE_SERIES, on)
    invoice.version += 1
    progress_note(
        invoice,
        [
            "number", "invoice_on", "due_on", "open", "status", "posted_at", "issued_by",
            "settled_on", "version",
        ],
    )  # fmt: skip
    posting = Posting(
        kind=BatchKind.INVOICE,
        company_id=invoice.company_id,
        customer_id=invoice.customer_id,
        currency=invoice.currency,
        on=on,
        source=(INVOICE, invoice.pk),
        sides=invoice_sides(invoice, invoice, shares),
    )
    ledger_post(actor, posting)
    audit_record(
        actor,
        rights.POSTED,
        invoice,
        before={"status": before},
        after={"status": invoice.status, "number": invoice.number, "gross": invoice.gross,
               "invoice_on": on, "due_on": invoice.due_on},
    )  # fmt: skip
    invoice_index(invoice)
    event_publish(actor, InvoicePosted(invoice.pk))
    crashpoint("billing.posting.posted")
    if invoice.status == InvoiceStatus.SETTLED:
        event_publish(actor, InvoiceSettled(invoice.pk))
    return invoice


def _orders_progress(
    actor: Actor,
    invoice: Invoice,
    lines: Sequence[InvoiceLine],
    shares: Shares,
    known: dict[tuple[int, int], LineToShip],
) -> None:
    """Tell each order what is invoiced of it, and move its money on in the same posting."""
    for order_id, gross in sorted((pk, gross) for pk, gross in shares if pk is not None):
        own = [line for line in lines if line.order_id == order_id]
        order_progress(
            actor=actor,
            order_id=order_id,
            progress=_progress(own, known),
            reason="billing.invoice",
            beside=receivable_moves(invoice, [(order_id, gross)]),
        )
    unordered: Shares = [(pk, gross) for pk, gross in shares if pk is None]
    if unordered:
        credit_post(
            actor=actor,
            customer_id=invoice.customer_id,
            moves=receivable_moves(invoice, unordered),
            reason="billing.invoice",
        )


def receivable_moves(invoice: Invoice, shares: Shares, sign: int = 1) -> list[Move]:
    """Return the moves of the receivable bucket, each serving the order it belongs to."""
    return [
        Move(
            Bucket.RECEIVABLE,
            gross * sign,
            invoice_source(invoice.pk),
            Source(ORDER, order_id) if order_id is not None else None,
        )
        for order_id, gross in shares
        if gross
    ]


def _progress(
    lines: Sequence[InvoiceLine], known: dict[tuple[int, int], LineToShip]
) -> list[Progress]:
    """Return what the order notes; charges count as delivered with their invoice."""
    sums: dict[int, list[Decimal]] = {}
    for line in lines:
        found = known[line.order_id or 0, line.order_line]
        line.delivered_here = ZERO
        if found.kind not in GOODS:
            line.delivered_here = max(
                ZERO, min(line.quantity, found.invoiced + line.quantity - found.delivered)
            )
        pair = sums.setdefault(line.order_line, [ZERO, ZERO])
        pair[0] += line.delivered_here
        pair[1] += line.quantity
    return [Progress(number, here, invoiced) for number, (here, invoiced) in sums.items()]


def invoice_deliver(
    *,
    actor: Actor,
    invoice_id: int,
    signed_by: str,
    delivered_on: date | None = None,
    how: str = "",
    expected_version: int | None = None,
) -> Invoice:
    """Record that the customer signed for the invoice (BIL-03, BIL-05).

    Args:
        signed_by: the customer's person who received it.
        delivered_on: default today, not before the invoice and not in the future.
        how: courier and waybill, by hand, electronically.

    Raises:
        InvalidError: no receiver, or an impossible day.
        NotFoundError, ForbiddenError, ConflictError: see `access_invoice`.
        StepNotOpenError, NotAssignedError: not issued yet, or somebody else's step.
    """
    with write():
        invoice = access_invoice(actor, invoice_id, rights.DELIVER, expected_version)
        invoice.status = INVOICE_TRANSITIONS.resolve(invoice.status, "deliver")
        on = delivered_on or clock.today()
        issues = []
        if not signed_by.strip():
            message = _("Name who signed for it at the customer.")
            issues.append(FieldIssue("signed_by", "required", message))
        if invoice.invoice_on is None or not invoice.invoice_on <= on <= clock.today():
            message = _("The day must lie between the invoice and today.")
            issues.append(FieldIssue("delivered_on", "range", message))
        if issues:
            raise InvalidError(issues)
        delivery_note(actor, invoice, signed_by.strip(), on, how.strip())
        subject: Any = process_step_complete(
            actor=actor, subject_type=INVOICE, subject_id=invoice.pk, step_code=STEP_DELIVER,
            document=invoice,
        )  # fmt: skip
        delivered: Invoice = subject.invoice
        return delivered


def delivery_note(actor: Actor, invoice: Invoice, signed_by: str, on: date, how: str) -> None:
    """Write down who signed for an invoice."""
    invoice.signed_by, invoice.delivered_on, invoice.delivered_how = signed_by, on, how[:100]
    invoice.version += 1
    document_save(invoice, ["signed_by", "delivered_on", "delivered_how", "version"])
    audit_record(
        actor, rights.DELIVERED, invoice, after={"delivered_on": on, "how": how},
        personal={"signed_by": signed_by},
    )  # fmt: skip


def invoice_reverse(
    *,
    actor: Actor,
    invoice_id: int,
    reason: str,
    on: date | None = None,
    expected_version: int | None = None,
) -> Invoice:
    """Take a posted invoice back by a credit note of its own number; return the credit note.

    The goods may be invoiced again.

    Args:
        on: date of the credit note, default today; not before the invoice, not in a closed
            period.

    Raises:
        InvalidError: no reason, or an impossible date.
        CreditNoteError: it is a credit note.
        AllocatedError: receipts are allocated; take them back first.
        NotFoundError, ForbiddenError, ConflictError: see `access_invoice`.
        LockedPeriodError: the date lies in a closed period.

    Source: decisions §17.
    """
    if not reason.strip():
        raise InvalidError(FieldIssue("reason", "required", _("Give a reason.")))
    with write():
        invoice = access_invoice(actor, invoice_id, rights.REVERSE, expected_version)
        target = INVOICE_TRANSITIONS.resolve(invoice.status, "reverse")
        if invoice.kind == InvoiceKind.CREDIT:
            raise CreditNoteError
        if invoice.open != invoice.gross:
            message = _("%(receipts)s is allocated to it; take the allocation back first.")
            raise AllocatedError(message, receipts=_paid_by(invoice))
        at = on or clock.today()
        if invoice.invoice_on is None or not invoice.invoice_on <= at <= clock.today():
            message = _("The day must lie between the invoice and today.")
            raise InvalidError(FieldIssue("on", "range", message))
        period_check(invoice.company_id, at)
        process_cancel(actor=actor, subject_type=INVOICE, subject_id=invoice.pk, reason=reason)
        lines = invoice_lines(invoice.pk)
        shares = shares_of(lines)
        _take_back(actor, invoice, lines, shares)
        before = invoice.status
        invoice.status, invoice.open, invoice.reason = target, ZERO, reason[:300]
        invoice.step, invoice.due_at = "", None
        invoice.version += 1
        progress_note(invoice, ["status", "open", "reason", "step", "due_at", "version"])
        note = _credit_note(actor, invoice, lines, at, reason)
        audit_record(
            actor, rights.REVERSED, invoice,
            before={"status": before, "open": invoice.gross},
            after={"status": invoice.status, "open": ZERO, "credit_note": note.number},
            reason=reason,
        )  # fmt: skip
        event_publish(actor, InvoiceReversed(invoice.pk, note.pk))
        return note


def _paid_by(invoice: Invoice) -> str:
    """Return the numbers of the receipts that pay an invoice."""
    standing = invoice.allocations.values("receipt__number").annotate(total=Sum("amount"))
    found = standing.filter(total__gt=ZERO).order_by("receipt__number")
    return ", ".join(found.values_list("receipt__number", flat=True))


def _take_back(
    actor: Actor, invoice: Invoice, lines: Sequence[InvoiceLine], shares: Shares
) -> None:
    for order_id in sorted(pk for pk, _gross in shares if pk is not None):
        sums: dict[int, list[Decimal]] = {}
        for line in lines:
            if line.order_id == order_id:
                pair = sums.setdefault(line.order_line, [ZERO, ZERO])
                pair[0] -= line.delivered_here
                pair[1] -= line.quantity
        back = [Progress(number, here, invoiced) for number, (here, invoiced) in sums.items()]
        order_progress(actor=actor, order_id=order_id, progress=back)
    credit_post(
        actor=actor,
        customer_id=invoice.customer_id,
        moves=receivable_moves(invoice, shares, sign=-1),
        reason="billing.credit",
    )
    crashpoint("billing.reversal.moved")


def _credit_note(
    actor: Actor, invoice: Invoice, lines: Sequence[InvoiceLine], on: date, reason: str
) -> Invoice:
    note = Invoice(
        kind=InvoiceKind.CREDIT,
        status=InvoiceStatus.SETTLED,
        customer_id=invoice.customer_id,
        invoice_on=on,
        due_on=on,
        currency=invoice.currency,
        gross=-invoice.gross,
        tax=-invoice.tax,
        net=-invoice.net,
        title_copy=invoice.title_copy,
        bcr_id=invoice.bcr_id,
        issued_by_id=actor.user_id,
        posted_at=clock.now(),
        settled_on=on,
        reversal_of=invoice,
        reason=reason[:300],
    )
    note.ownership_set(
        actor, company_id=invoice.company_id, owner_id=invoice.owner_id, unit_id=invoice.unit_id
    )
    note.number = number_take(actor, invoice.company_id, rights.CREDIT_SERIES, on)
    note.save()
    InvoiceLine.objects.bulk_create([_negative(note, line) for line in lines], batch_size=500)
    shares = [(order_id, -gross) for order_id, gross in shares_of(lines)]
    posting = Posting(
        kind=BatchKind.CREDIT,
        company_id=note.company_id,
        customer_id=note.customer_id,
        currency=note.currency,
        on=on,
        source=(INVOICE, note.pk),
        sides=invoice_sides(note, invoice, shares),
        reason=reason,
    )
    ledger_post(actor, posting)
    audit_record(
        actor, rights.CREDITED, note,
        after={"number": note.number, "gross": note.gross, "reversal_of": invoice.pk},
        reason=reason,
    )  # fmt: skip
    invoice_index(note)
    return note


def _negative(note: Invoice, line: InvoiceLine) -> InvoiceLine:
    names = (
        "number", "order_id", "order_line", "delivery_note_id", "delivery_line", "product_id",
        "description", "unit_of_measure_id", "price", "tax_rate",
    )  # fmt: skip
    kept = {name: getattr(line, name) for name in names}
    return InvoiceLine(
        invoice=note, quantity=-line.quantity, gross=-line.gross, tax=-line.tax, net=-line.net,
        **kept,
    )  # fmt: skip
