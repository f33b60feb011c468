"""What the room stores."""

from chengdan.modules.billing.models.invoices import CollectionAct, Invoice, InvoiceLine
from chengdan.modules.billing.models.ledger import LedgerBatch, LedgerEntry
from chengdan.modules.billing.models.receipts import Allocation, Earmark, Receipt

__all__ = [
    "Allocation", "CollectionAct", "Earmark", "Invoice", "InvoiceLine", "LedgerBatch",
    "LedgerEntry", "Receipt",
]  # fmt: skip
