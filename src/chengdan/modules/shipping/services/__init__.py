"""Every change of stock and delivery; pages, API, imports and later rooms call these."""

from chengdan.modules.shipping.services.acts import (
    CountInput,
    PickInput,
    note_carrier,
    note_check,
    note_check_refuse,
    note_pick,
)
from chengdan.modules.shipping.services.cancel import note_cancel
from chengdan.modules.shipping.services.confirm import note_confirm, note_feedback
from chengdan.modules.shipping.services.dispatch import note_dispatch, note_reverse
from chengdan.modules.shipping.services.history import NoteDone, notes_history_load
from chengdan.modules.shipping.services.notes import (
    DirectLine,
    note_make_direct,
    note_make_for_order,
    note_make_for_orders,
)
from chengdan.modules.shipping.services.stock_documents import (
    OpeningRow,
    StockDraft,
    stock_draft,
    stock_opening_load,
    stock_post,
    stock_reverse,
    stock_update,
)
from chengdan.modules.shipping.services.stock_lines import StockLineDraft
from chengdan.modules.shipping.services.warehouses import (
    WarehouseDraft,
    warehouse_change,
    warehouse_place,
)

__all__ = [
    "CountInput",
    "DirectLine",
    "NoteDone",
    "OpeningRow",
    "PickInput",
    "StockDraft",
    "StockLineDraft",
    "WarehouseDraft",
    "note_cancel",
    "note_carrier",
    "note_check",
    "note_check_refuse",
    "note_confirm",
    "note_dispatch",
    "note_feedback",
    "note_make_direct",
    "note_make_for_order",
    "note_make_for_orders",
    "note_pick",
    "note_reverse",
    "notes_history_load",
    "stock_draft",
    "stock_opening_load",
    "stock_post",
    "stock_reverse",
    "stock_update",
    "warehouse_change",
    "warehouse_place",
]
