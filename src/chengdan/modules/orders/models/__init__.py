"""What the room stores."""

from chengdan.modules.orders.models.amendments import Amendment
from chengdan.modules.orders.models.orders import Order, OrderLine
from chengdan.modules.orders.models.records import Handover, OrderMemo, SpecialTreatment

__all__ = ["Amendment", "Handover", "Order", "OrderLine", "OrderMemo", "SpecialTreatment"]
