"""Reads that leave the room."""

from chengdan.modules.billing.selectors.aging import (
    Aging,
    DayView,
    Statement,
    aging,
    aging_posted,
    day_view,
    ledger_total,
    overdue_invoices,
    receivable_of,
    statement_of,
)
from chengdan.modules.billing.selectors.lists import (
    invoices_of_order,
    invoices_visible,
    receipts_of_customer,
    receipts_of_order,
    receipts_visible,
)
from chengdan.modules.billing.selectors.providers import overdue_of
from chengdan.modules.billing.selectors.rates import Collection, collection
from chengdan.modules.billing.selectors.sources import billable_of, open_items
from chengdan.modules.billing.selectors.strips import BandNode, strip_steps, strip_todo
from chengdan.modules.billing.selectors.tower import clock_filter, clocks_beside
from chengdan.modules.billing.selectors.ways import (
    PARTS,
    SUMMARY_MAX,
    Remittance,
    Span,
    Summary,
    remittance_of,
    remittance_orders,
    remittance_summary,
)

__all__ = [
    "PARTS", "SUMMARY_MAX", "Aging", "BandNode", "Collection", "DayView", "Remittance", "Span",
    "Statement", "Summary", "aging", "aging_posted", "billable_of", "clock_filter",
    "clocks_beside", "collection", "day_view", "invoices_of_order", "invoices_visible",
    "ledger_total", "open_items", "overdue_invoices", "overdue_of", "receipts_of_customer",
    "receipts_of_order", "receipts_visible", "receivable_of", "remittance_of",
    "remittance_orders", "remittance_summary", "statement_of", "strip_steps", "strip_todo",
]  # fmt: skip
