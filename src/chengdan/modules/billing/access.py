"""Loading invoices and receipts for an act: lock, then see, then right, then version.

Every act of the room takes its locks here: the account and the document that the act begins with,
then orders, further invoices and receipts. Rows of invoices and receipts are locked behind the
account of their customer, so it does not matter that the first one comes before its orders. Only
an invoice that somebody names by mistake for another customer's money is locked without it,
without its orders, until it is refused.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db.models import QuerySet

from chengdan.kernel.actor import Actor
from chengdan.kernel.errors import ConflictError, NotFoundError
from chengdan.kernel.locking import LockRank, lock_found, lock_rows, locked_row
from chengdan.kernel.prepared import prepared, rows_insert
from chengdan.modules.billing.models import Invoice, InvoiceLine, LedgerEntry, Receipt
from chengdan.modules.billing.vocabulary import rights
from chengdan.modules.credit.services import credit_account_lock, credit_account_lock_with
from chengdan.modules.customers.selectors import customer_get
from chengdan.modules.orders.access import orders_lock, orders_locked, orders_to_lock
from chengdan.modules.people.access import authorise, require_visible, visible

T = TypeVar("T")
INVOICES = Invoice.objects.select_related("customer")
RECEIPTS = Receipt.objects.select_related("customer", "company")


@dataclass(slots=True)
class Chain:
    """What one act holds locked, by id."""

    customer_id: int
    orders: dict[int, Any]
    invoices: dict[int, Invoice]
    receipts: dict[int, Receipt]

    def order(self, pk: int) -> Any:
        """Return a locked order.

        Raises:
            NotFoundError: there is none.
        """
        return _found(self.orders, pk)

    def invoice(self, pk: int) -> Invoice:
        """Return a locked invoice.

        Raises:
            NotFoundError: there is none.
        """
        return _found(self.invoices, pk)

    def receipt(self, pk: int) -> Receipt:
        """Return a locked receipt.

        Raises:
            NotFoundError: there is none.
        """
        return _found(self.receipts, pk)


def _found(rows: dict[int, T], pk: int) -> T:
    if pk not in rows:
        raise NotFoundError
    return rows[pk]


def chain_lock(
    customer_id: int,
    *,
    orders: Iterable[int] = (),
    invoices: Iterable[int] = (),
    receipts: Iterable[int] = (),
) -> Chain:
    """Lock the customer's account, then orders (those of the invoices, too), invoices, receipts.

    Raises:
        NotFoundError: no such customer or order.
        RuntimeError: outside `write()`.
    """
    credit_account_lock(customer_id)
    return _chain_lock(customer_id, sorted(set(invoices)), orders, receipts)


def _chain_lock(
    customer_id: int,
    invoice_ids: list[int],
    orders: Iterable[int] = (),
    receipts: Iterable[int] = (),
) -> Chain:
    """Lock what comes behind an account that is locked already.

    Orders of other customers' invoices are left alone: whoever holds such an invoice waits for
    them. The caller refuses the invoice.
    """
    order_ids = set(orders)
    if order_ids:
        locked = orders_lock({*order_ids, *_orders_of(customer_id, invoice_ids)})
    else:
        locked = orders_locked(_orders_behind(customer_id, invoice_ids))
    found = lock_rows(INVOICES, invoice_ids, LockRank.INVOICE)
    money = lock_rows(RECEIPTS, receipts, LockRank.RECEIPT)
    return Chain(
        customer_id,
        {row.pk: row for row in locked},
        {row.pk: row for row in found},
        {row.pk: row for row in money},
    )


@prepared
def _orders_behind(customer_id: int, invoice_ids: Collection[int]) -> QuerySet[Any]:
    return orders_to_lock(_order_lines(customer_id, invoice_ids).values("order_id"))


@prepared
def _orders_of(customer_id: int, invoice_ids: Collection[int]) -> QuerySet[InvoiceLine, int]:
    return _order_lines(customer_id, invoice_ids).values_list("order_id", flat=True)


def _order_lines(customer_id: int, invoice_ids: Collection[int]) -> QuerySet[InvoiceLine]:
    return InvoiceLine.objects.filter(invoice_id__in=invoice_ids, order__customer_id=customer_id)


def invoice_lock(invoice_id: int) -> Invoice:
    """Lock account, orders and invoice for the process; nothing when this act holds them.

    Raises:
        NotFoundError: there is none.
    """
    held = locked_row(Invoice, invoice_id)
    if held is not None:
        return held
    invoice = credit_account_lock_with(INVOICES, invoice_id, LockRank.INVOICE, is_guarded=True)
    return _chain_lock(invoice.customer_id, [invoice_id]).invoice(invoice_id)


def invoice_new(invoice: Invoice) -> None:
    """Store a new invoice, locked with its account and orders: nobody else can reach it."""
    lock_found(rows_insert([invoice]), LockRank.INVOICE)


def access_invoice(
    actor: Actor, invoice_id: int, permission: str, expected_version: int | None = None
) -> Invoice:
    """Lock the invoice with its account and orders for the act that needs `permission`.

    Raises:
        NotFoundError: there is none, or the actor may not see it.
        ForbiddenError: the actor sees it but may not do this.
        ConflictError: somebody changed it since `expected_version`.
    """
    invoice = invoice_lock(invoice_id)
    invoice_check(actor, invoice, permission, expected_version)
    return invoice


def invoice_check(
    actor: Actor, invoice: Invoice, permission: str, expected_version: int | None = None
) -> None:
    """Pass when the actor may do this to the locked invoice; raises as `access_invoice`."""
    require_visible(actor, rights.VIEW, invoice)
    authorise(actor, permission, invoice)
    version_check(invoice, expected_version)


def access_receipt(
    actor: Actor,
    receipt_id: int,
    permission: str,
    expected_version: int | None = None,
    *,
    orders: Iterable[int] = (),
    invoices: Iterable[int] = (),
) -> tuple[Chain, Receipt]:
    """Lock the receipt, and the orders and invoices it is to be used for.

    Raises:
        NotFoundError: there is none, or the actor may not see it.
        ForbiddenError: the actor sees it but may not do this.
        ConflictError: somebody changed it since `expected_version`.
    """
    found = credit_account_lock_with(RECEIPTS, receipt_id, LockRank.RECEIPT, is_guarded=True)
    chain = _chain_lock(found.customer_id, sorted(set(invoices)), orders, [receipt_id])
    receipt = chain.receipt(receipt_id)
    require_visible(actor, rights.RECEIPT_VIEW, receipt)
    authorise(actor, permission, receipt)
    version_check(receipt, expected_version)
    return chain, receipt


def access_invoice_for_view(actor: Actor, invoice_id: int) -> Invoice:
    """Return the invoice for reading; 404 when not visible.

    Raises:
        NotFoundError: none, or not open to the actor.
    """
    rows = visible(actor, rights.VIEW, Invoice.objects.filter(pk=invoice_id)).select_related(
        "customer", "company", "owner", "unit", "bcr", "requested_by", "approved_by", "issued_by",
        "reversal_of",
    )  # fmt: skip
    found = rows.first()
    if found is None:
        raise NotFoundError
    return found


def access_receipt_for_view(actor: Actor, receipt_id: int) -> Receipt:
    """Return the receipt for reading; 404 when not visible.

    Raises:
        NotFoundError: none, or not open to the actor.
    """
    rows = visible(actor, rights.RECEIPT_VIEW, Receipt.objects.filter(pk=receipt_id))
    found = rows.select_related("customer", "company", "owner", "unit", "confirmed_by").first()
    if found is None:
        raise NotFoundError
    return found


def access_customer_for_ledger(actor: Actor, customer_id: int) -> Any:
    """Return the customer whose receivables the actor wants to read.

    Raises:
        NotFoundError: none, or not open to the actor.
        ForbiddenError: the customer is open to the actor, its receivables are not.
    """
    customer = customer_get(actor, customer_id)
    authorise(actor, rights.LEDGER, LedgerEntry(customer=customer, company_id=customer.company_id))
    return customer


def version_check(document: Invoice | Receipt, expected: int | None) -> None:
    """Raise ConflictError when the document changed since the caller read it."""
    if expected is not None and document.version != expected:
        raise ConflictError
