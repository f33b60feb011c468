"""Reads that leave the room."""

from chengdan.modules.billing.selectors.aging import (
    Aging,
    DayView,
    Statement,
    aging,
    day_view,
    ledger_total,
    overdue_invoices,
    receivable_of,
    receivables_posted,
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
from chengdan.modules.billing.selectors.rates import (
    Collection,
    Remittance,
    collection,
    remittances,
    remittances_of,
)
from chengdan.modules.billing.selectors.sources import billable_of, open_items
from chengdan.modules.billing.selectors.strips import BandNode, strip_steps, strip_todo
from chengdan.modules.billing.selectors.tower import clock_filter, clocks_beside

__all__ = [
    "Aging", "BandNode", "Collection", "DayView", "Remittance", "Statement", "aging",
    "billable_of", "clock_filter", "clocks_beside", "collection", "day_view", "invoices_of_order",
    "invoices_visible", "ledger_total", "open_items", "overdue_invoices", "overdue_of",
    "receipts_of_customer", "receipts_of_order", "receipts_visible", "receivable_of",
    "receivables_posted", "remittances", "remittances_of", "statement_of", "strip_steps",
    "strip_todo",
]  # fmt: skip
