"""Every change of invoices, receipts and the AR ledger; doors and other rooms call these."""

from chengdan.modules.billing.services.allocate import receipt_allocate, receipt_unallocate
from chengdan.modules.billing.services.collect import collection_act_add
from chengdan.modules.billing.services.drafts import (
    HistoryInvoice,
    HistoryLine,
    InvoiceDraft,
    InvoiceItem,
    OpeningRow,
    Part,
    ReceiptDraft,
)
from chengdan.modules.billing.services.opening import invoices_import, receivables_open
from chengdan.modules.billing.services.posting import (
    invoice_deliver,
    invoice_issue,
    invoice_reverse,
)
from chengdan.modules.billing.services.propose import earmarks_apply, receipt_allocate_proposal
from chengdan.modules.billing.services.receipts import (
    receipt_confirm,
    receipt_correct,
    receipt_earmark,
    receipt_register,
    receipt_reverse,
    receipt_unearmark,
    receipts_register,
)
from chengdan.modules.billing.services.request import (
    invoice_cancel,
    invoice_request,
    invoice_submit,
    invoices_prepare,
    items_of_notes,
    items_of_orders,
)

__all__ = [
    "HistoryInvoice", "HistoryLine", "InvoiceDraft", "InvoiceItem", "OpeningRow", "Part",
    "ReceiptDraft", "collection_act_add", "earmarks_apply", "invoice_cancel", "invoice_deliver",
    "invoice_issue", "invoice_request", "invoice_reverse", "invoice_submit", "invoices_import",
    "invoices_prepare", "items_of_notes", "items_of_orders", "receipt_allocate",
    "receipt_allocate_proposal", "receipt_confirm", "receipt_correct", "receipt_earmark",
    "receipt_register", "receipt_reverse", "receipt_unallocate", "receipt_unearmark",
    "receipts_register", "receivables_open",
]  # fmt: skip
