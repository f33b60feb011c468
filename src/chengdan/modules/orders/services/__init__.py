"""Every change of orders; pages, API, imports and later rooms call these and nothing else."""

from chengdan.modules.orders.services.amend import amendment_ask
from chengdan.modules.orders.services.amend_stops import amendment_foresee
from chengdan.modules.orders.services.close import order_cancel, order_close, order_reopen
from chengdan.modules.orders.services.drafts import LineDraft, OrderDraft
from chengdan.modules.orders.services.evidence import OrderEvidence, orders_evidence_load
from chengdan.modules.orders.services.fulfil import Progress, order_paid, order_progress
from chengdan.modules.orders.services.history import HistoryOrder, orders_history_load
from chengdan.modules.orders.services.hold import order_hold, order_resume
from chengdan.modules.orders.services.op import (
    order_accept,
    order_hand_over,
    order_print_bill,
    orders_accept,
)
from chengdan.modules.orders.services.place import (
    draft_of,
    order_copy,
    order_place,
    order_update,
    orders_place,
)
from chengdan.modules.orders.services.pricing import drafts_price
from chengdan.modules.orders.services.special import order_way_pay_first, order_way_special
from chengdan.modules.orders.services.stops import Stop, StopsList, stops_of
from chengdan.modules.orders.services.submit import StoppedError, order_stops, order_submit

__all__ = [
    "HistoryOrder",
    "LineDraft",
    "OrderDraft",
    "OrderEvidence",
    "Progress",
    "Stop",
    "StoppedError",
    "StopsList",
    "amendment_ask",
    "amendment_foresee",
    "draft_of",
    "drafts_price",
    "order_accept",
    "order_cancel",
    "order_close",
    "order_copy",
    "order_hand_over",
    "order_hold",
    "order_paid",
    "order_place",
    "order_print_bill",
    "order_progress",
    "order_reopen",
    "order_resume",
    "order_stops",
    "order_submit",
    "order_update",
    "order_way_pay_first",
    "order_way_special",
    "orders_accept",
    "orders_evidence_load",
    "orders_history_load",
    "orders_place",
    "stops_of",
]
