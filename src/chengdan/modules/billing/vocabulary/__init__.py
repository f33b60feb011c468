"""Words of the room: states, rights, audit codes, events, errors, parameters."""

from chengdan.modules.billing.vocabulary.choices import (
    ACT_PROMISED,
    LIVE,
    ActKind,
    ActResult,
    BatchKind,
    CollectionStage,
    InvoiceKind,
    InvoiceStatus,
    LedgerAccount,
    ReceiptMethod,
    ReceiptStatus,
)
from chengdan.modules.billing.vocabulary.errors import (
    AllocatedError,
    BillableError,
    LockedPeriodError,
    NothingToInvoiceError,
    PostingError,
    ReceiptMoneyError,
)
from chengdan.modules.billing.vocabulary.events import (
    CollectionStarted,
    InvoicePosted,
    InvoiceReversed,
    InvoiceSettled,
    ReceiptConfirmed,
)

INVOICE = "billing.invoice"
RECEIPT = "billing.receipt"
ORDER = "orders.order"

__all__ = [
    "ACT_PROMISED", "INVOICE", "LIVE", "ORDER", "RECEIPT", "ActKind", "ActResult",
    "AllocatedError", "BatchKind", "BillableError", "CollectionStage", "CollectionStarted",
    "InvoiceKind", "InvoicePosted", "InvoiceReversed", "InvoiceSettled", "InvoiceStatus",
    "LedgerAccount", "LockedPeriodError", "NothingToInvoiceError", "PostingError",
    "ReceiptConfirmed", "ReceiptMethod", "ReceiptMoneyError", "ReceiptStatus",
]  # fmt: skip
