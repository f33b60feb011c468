"""The API of the room; importing it mounts the routes."""

from chengdan.modules.billing.http_api import invoices, receipts, reports

__all__ = ["invoices", "receipts", "reports"]
