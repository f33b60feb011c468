"""What the room stores."""

from chengdan.modules.shipping.models.notes import DeliveryLine, DeliveryNote, Pick
from chengdan.modules.shipping.models.stock import (
    Lot,
    StockDocument,
    StockEntry,
    StockLine,
    Warehouse,
)

__all__ = [
    "DeliveryLine",
    "DeliveryNote",
    "Lot",
    "Pick",
    "StockDocument",
    "StockEntry",
    "StockLine",
    "Warehouse",
]
