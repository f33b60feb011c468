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
    BackdatedError,
    BillableError,
    CreditNoteError,
    LockedPeriodError,
    NothingToInvoiceError,
    PostingError,
    ReceiptMoneyError,
    RepricedError,
)
from chengdan.modules.billing.vocabulary.events import (
    CollectionStarted,
    InvoicePosted,
    InvoiceReversed,
    InvoiceSettled,
    MoneySetAside,
    ReceiptConfirmed,
)

INVOICE = "billing.invoice"
RECEIPT = "billing.receipt"
ORDER = "orders.order"
# Codes of the processes: of every invoice, and of what is owed again or was taken over unpaid.
BC, BC_REOPENED = "bc", "bc_reopened"

__all__ = [
    "ACT_PROMISED",
    "BC",
    "BC_REOPENED",
    "INVOICE",
    "LIVE",
    "ORDER",
    "RECEIPT",
    "ActKind",
    "ActResult",
    "AllocatedError",
    "BackdatedError",
    "BatchKind",
    "BillableError",
    "CollectionStage",
    "CollectionStarted",
    "CreditNoteError",
    "InvoiceKind",
    "InvoicePosted",
    "InvoiceReversed",
    "InvoiceSettled",
    "InvoiceStatus",
    "LedgerAccount",
    "LockedPeriodError",
    "MoneySetAside",
    "NothingToInvoiceError",
    "PostingError",
    "ReceiptConfirmed",
    "ReceiptMethod",
    "ReceiptMoneyError",
    "ReceiptStatus",
    "RepricedError",
]  # fmt: skip
