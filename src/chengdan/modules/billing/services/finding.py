"""How invoices and receipts are found, written in the transaction of their change."""

from __future__ import annotations

from chengdan.kernel.search import SearchFields, search_put
from chengdan.modules.billing.models import Invoice, Receipt
from chengdan.modules.billing.vocabulary import INVOICE, RECEIPT


def invoice_index(invoice: Invoice) -> None:
    """Let the invoice be found by its numbers and its customer."""
    search_put(INVOICE, invoice, invoice_fields(invoice))


def invoice_fields(invoice: Invoice) -> SearchFields:
    """Return what finds an invoice."""
    return SearchFields(
        title=invoice.number,
        url=f"/billing/invoices/{invoice.pk}/",
        code=invoice.number,
        subtitle=invoice.customer.name,
        codes=(invoice.e_number,) if invoice.e_number else (),
    )


def receipt_index(receipt: Receipt, customer_name: str) -> None:
    """Let the receipt be found by its number, bank reference, payer and customer."""
    search_put(RECEIPT, receipt, receipt_fields(receipt, customer_name))


def receipt_fields(receipt: Receipt, customer_name: str) -> SearchFields:
    """Return what finds a receipt."""
    return SearchFields(
        title=receipt.number,
        url=f"/billing/receipts/{receipt.pk}/",
        code=receipt.number,
        subtitle=customer_name,
        words=(receipt.payer,) if receipt.payer else (),
        codes=(receipt.bank_reference,) if receipt.bank_reference else (),
    )
