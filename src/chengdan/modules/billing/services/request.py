"""Requesting invoices: from delivery notes or orders, one customer each (BIL-03, BIL-11)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from chengdan.kernel.actor import Actor
from chengdan.kernel.audit import audit_record
from chengdan.kernel.errors import FieldIssue, InvalidError, NotFoundError
from chengdan.kernel.numbers import ZERO, LineAmounts
from chengdan.kernel.prepared import rows_insert
from chengdan.kernel.transactions import write
from chengdan.modules.billing.access import access_invoice, invoice_lock, invoice_new
from chengdan.modules.billing.models import Invoice, InvoiceLine
from chengdan.modules.billing.rules import Taken, Whole, part_amounts
from chengdan.modules.billing.selectors.sources import (
    GOODS,
    Carried,
    OpenItem,
    billable_lines,
    carried_of,
    open_items,
    order_rows,
)
from chengdan.modules.billing.services.drafts import InvoiceDraft, InvoiceItem
from chengdan.modules.billing.services.progress import progress_note
from chengdan.modules.billing.transitions import INVOICE_TRANSITIONS
from chengdan.modules.billing.vocabulary import (
    BC,
    INVOICE,
    BillableError,
    NothingToInvoiceError,
    rights,
)
from chengdan.modules.customers.selectors import tax_title_of
from chengdan.modules.orders.access import (
    order_lock_with_account,
    orders_lock,
    orders_require_visible,
)
from chengdan.modules.orders.selectors import LineToShip, lines_of
from chengdan.modules.people.access import authorise, can
from chengdan.modules.people.ownership import Origin
from chengdan.modules.people.selectors import company_get
from chengdan.modules.process.services import (
    process_cancel,
    process_start,
    process_step_complete,
)
from chengdan.modules.shipping.selectors import shipped_lines

STEP_REQUEST = "IR"
_NOTE = _("The delivery note did not bring this quantity of the order's line.")
_TITLE = ("title", "tax_number", "address", "phone", "bank_name", "bank_account", "email")


def items_of_notes(note_ids: Iterable[int]) -> list[InvoiceItem]:
    """Return everything that may be invoiced of delivery notes."""
    return [_item(found) for found in open_items(Q(pk__in=set(note_ids)))]


def items_of_orders(order_ids: Iterable[int]) -> list[InvoiceItem]:
    """Return everything that may be invoiced of orders, by note where notes left for them."""
    ids = set(order_ids)
    lines, carried = lines_of(ids), carried_of(ids)
    left = billable_lines(lines, carried)
    # Lines of other orders on the same notes find nothing here, and are not asked for.
    noted = [_item(found) for found in open_items(Q(lines__order_id__in=ids), left)]
    for item in noted:
        left[item.order_id, item.line] -= item.quantity
    rest = [
        InvoiceItem(order_id, line, quantity)
        for (order_id, line), quantity in sorted(left.items())
        if quantity > ZERO
    ]
    return [*noted, *rest]


def _item(found: OpenItem) -> InvoiceItem:
    return InvoiceItem(found.order_id, found.line, found.quantity, found.note_id, found.note_line)


def invoice_request(*, actor: Actor, draft: InvoiceDraft, submit: bool = True) -> Invoice:
    """Prepare an invoice and start BC; a secretary's request goes on to approval at once.

    A salesperson's request is reviewed by the order's billing coordinator first (BIL-03).

    Charges and discounts of the orders join the first invoice. Amounts are running shares of
    the order lines, so that the parts of a line add up to it.

    Args:
        submit: also complete the request step as the actor; False leaves it to the
            coordinator.

    Raises:
        NothingToInvoiceError: no items.
        NotFoundError: an order is missing or not visible.
        ForbiddenError: the actor may not request invoices there.
        InvalidError: orders of several customers, or a quantity that is not positive.
        BillableError: more than was delivered and is not yet invoiced or requested.

    Source: BIL-03, BIL-11, decisions §9.
    """
    if not draft.items:
        raise NothingToInvoiceError
    with write():
        invoice = _prepare(actor, draft)
        process_start(
            actor=actor, code=BC, subject_type=INVOICE, subject_id=invoice.pk,
            document=invoice, is_first=True,
        )  # fmt: skip
        invoice = invoice_lock(invoice.pk)
        if submit and not actor.is_system and can(actor, rights.CREATE, invoice):
            return _submit(actor, invoice)
        return invoice


def invoices_prepare(*, actor: Actor, note_ids: Sequence[int]) -> list[Invoice]:
    """Prepare what the notes left to invoice, one request per customer; nothing when all is.

    Doing it twice prepares nothing the second time.
    """
    with write():
        items = items_of_notes(note_ids)
        orders = order_rows(item.order_id for item in items)
        groups: dict[tuple[int, str], list[InvoiceItem]] = defaultdict(list)
        for item in items:
            order = orders[item.order_id]
            groups[order.customer_id, order.currency].append(item)
        return [
            invoice_request(actor=actor, draft=InvoiceDraft(group), submit=False)
            for _key, group in sorted(groups.items())
        ]


def invoice_submit(
    *, actor: Actor, invoice_id: int, expected_version: int | None = None
) -> Invoice:
    """Send a prepared invoice on to approval; the actor becomes its requester.

    Raises:
        NotFoundError, ForbiddenError, ConflictError: see `access_invoice`.
        StepNotOpenError, NotAssignedError: not now, or somebody else's step.
    """
    with write():
        invoice = access_invoice(actor, invoice_id, rights.REQUEST, expected_version)
        INVOICE_TRANSITIONS.resolve(invoice.status, "request")
        return _submit(actor, invoice)


def _submit(actor: Actor, invoice: Invoice) -> Invoice:
    subject: Any = process_step_complete(
        actor=actor, subject_type=INVOICE, subject_id=invoice.pk, step_code=STEP_REQUEST,
        document=invoice,
    )  # fmt: skip
    found: Invoice = subject.invoice
    return found


def invoice_cancel(
    *, actor: Actor, invoice_id: int, reason: str, expected_version: int | None = None
) -> Invoice:
    """Drop a request that is not posted; what it held may be invoiced again.

    Raises:
        InvalidError: no reason.
        NotFoundError, ForbiddenError, ConflictError: see `access_invoice`.
        TransitionError: it is posted already.
    """
    if not reason.strip():
        raise InvalidError(FieldIssue("reason", "required", _("Give a reason.")))
    with write():
        invoice = access_invoice(actor, invoice_id, rights.EDIT, expected_version)
        return invoice_drop(actor, invoice, reason)


def invoice_drop(actor: Actor, invoice: Invoice, reason: str) -> Invoice:
    """Cancel a locked draft; the caller has checked the right."""
    before = invoice.status
    invoice.status = INVOICE_TRANSITIONS.resolve(before, "cancel")
    invoice.reason, invoice.step, invoice.due_at = reason[:300], "", None
    invoice.version += 1
    process_cancel(actor=actor, subject_type=INVOICE, subject_id=invoice.pk, reason=reason)
    progress_note(invoice, ["status", "reason", "step", "due_at", "version"])
    audit_record(
        actor, rights.CANCELLED, invoice,
        before={"status": before}, after={"status": invoice.status}, reason=reason,
    )  # fmt: skip
    return invoice


def _prepare(actor: Actor, draft: InvoiceDraft) -> Invoice:
    order_ids = sorted({item.order_id for item in draft.items})
    first = order_lock_with_account(order_ids[0])
    # Looked up first, so that orders of another customer are not locked; and seen again then.
    _same_customer({first.pk: first, **order_rows(order_ids[1:])}, order_ids)
    orders = {order.pk: order for order in orders_lock(order_ids)}
    _same_customer(orders, order_ids)
    orders_require_visible(actor, orders.values())
    invoice = _head(actor, draft, first)
    authorise(actor, rights.REQUEST, invoice)
    lines = _lines(draft, orders)
    invoice.gross = sum((line.gross for line in lines), ZERO)
    invoice.tax = sum((line.tax for line in lines), ZERO)
    invoice.net = invoice.gross - invoice.tax
    if invoice.gross < ZERO:
        raise InvalidError(FieldIssue("lines", "negative", _("The invoice would be negative.")))
    invoice_new(invoice)
    for line in lines:
        line.invoice = invoice
    rows_insert(lines)
    audit_record(
        actor,
        rights.PREPARED,
        invoice,
        after={
            "customer": invoice.customer_id,
            "gross": invoice.gross,
            "lines": [
                {"order": line.order_id, "line": line.order_line, "quantity": line.quantity,
                 "gross": line.gross, "note": line.delivery_note_id}
                for line in lines
            ],
        },
        is_first=True,
    )  # fmt: skip
    return invoice


def _same_customer(orders: dict[int, Any], order_ids: Sequence[int]) -> None:
    if len(orders) < len(order_ids):
        raise NotFoundError
    if len({(row.customer_id, row.company_id, row.currency) for row in orders.values()}) > 1:
        message = _("One invoice has one customer and one currency.")
        raise InvalidError(FieldIssue("lines", "customer", message))


def _head(actor: Actor, draft: InvoiceDraft, order: Any) -> Invoice:
    invoice = Invoice(
        customer=order.customer,
        currency=order.currency,
        title_copy=_title_copy(order.customer),
        note=draft.note.strip(),
        bcr_id=order.bcr_id,
    )
    invoice.ownership_set(
        actor,
        company_id=order.company_id,
        owner_id=order.owner_id,
        unit_id=order.unit_id,
        origin=Origin.DERIVED if actor.is_system else Origin.ENTERED,
    )
    return invoice


def _title_copy(customer: Any) -> dict[str, str]:
    title = tax_title_of(customer.pk)
    copy = {name: str(getattr(title, name, "") or "") for name in _TITLE}
    copy["kind"] = str(getattr(title, "invoice_kind", "") or "")
    copy["title"] = copy["title"] or customer.name
    copy["tax_number"] = copy["tax_number"] or customer.uscc
    return {name: value for name, value in copy.items() if value}


def _lines(draft: InvoiceDraft, orders: dict[int, Any]) -> list[InvoiceLine]:
    own = lines_of(orders)
    known = {(line.order_id, line.number): line for lines in own.values() for line in lines}
    carried = carried_of(orders)
    left = billable_lines(own, carried)
    taken = carried.taken
    _notes_check(draft.items, carried)
    lines: list[InvoiceLine] = []
    for item in _with_charges(draft.items, known, left):
        key = (item.order_id, item.line)
        line = known.get(key)
        found = left.get(key, ZERO)
        if line is None or not ZERO < item.quantity <= found:
            raise BillableError(
                order=str(orders[item.order_id]), line=item.line, wanted=item.quantity, found=found
            )
        left[key] = found - item.quantity
        exponent = company_get(orders[item.order_id].company_id).exponent
        before = taken.get(key, Taken())
        amounts = part_amounts(
            Whole(line.quantity, line.gross, line.tax), before, item.quantity, exponent
        )
        taken[key] = Taken(
            before.quantity + item.quantity,
            before.gross + amounts.gross,
            before.tax + amounts.tax,
            before.parts + 1,
        )
        lines.append(_line(len(lines) + 1, item, line, amounts))
    return lines


def _notes_check(items: Sequence[InvoiceItem], carried: Carried) -> None:
    """Refuse items that name a note which did not bring that much of their order's line.

    A note of somebody else is refused in the same words: they don't tell whether it exists.
    """
    named = [item for item in items if item.note_id]
    brought = shipped_lines(item.note_id for item in named)
    used = dict(carried.by_note)
    for row, item in enumerate(items, start=1):
        if not item.note_id:
            continue
        place = (item.note_id, item.note_line)
        order, line, left = brought.get(place, (0, 0, ZERO))
        used[place] = used.get(place, ZERO) + item.quantity
        if (order, line) != (item.order_id, item.line) or used[place] > left:
            raise InvalidError(FieldIssue("lines", "note", _NOTE, row=row))


def _with_charges(
    items: Sequence[InvoiceItem],
    known: dict[tuple[int, int], LineToShip],
    left: dict[tuple[int, int], Decimal],
) -> list[InvoiceItem]:
    """Add the charges and discounts that wait for the first invoice of their order."""
    named = {(item.order_id, item.line) for item in items}
    joined = {item.order_id for item in items}
    charges = [
        InvoiceItem(order_id, number, rest)
        for (order_id, number), rest in sorted(left.items())
        if order_id in joined
        and (order_id, number) not in named
        and known[order_id, number].kind not in GOODS
    ]
    return [*items, *charges]


def _line(number: int, item: InvoiceItem, line: LineToShip, amounts: LineAmounts) -> InvoiceLine:
    return InvoiceLine(
        number=number,
        order_id=item.order_id,
        order_line=item.line,
        delivery_note_id=item.note_id or None,
        delivery_line=item.note_line,
        product_id=line.product_id,
        description=line.description,
        unit_of_measure_id=line.unit_of_measure_id,
        quantity=item.quantity,
        price=abs(line.gross / line.quantity).quantize(_PRICE) if line.quantity else ZERO,
        tax_rate=line.tax_rate,
        gross=amounts.gross,
        tax=amounts.tax,
        net=amounts.net,
    )


_PRICE = Decimal("0.000001")
