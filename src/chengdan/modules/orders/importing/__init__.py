"""Orders from files: finished ones as history, live ones as drafts for OP."""

from chengdan.modules.orders.importing.kind import ORDERS

__all__ = ["ORDERS"]
