"""The one list of every room: columns, filters, keyset paging, saved views, bulk acts, export."""

from chengdan.kernel.ui.listing.columns import Cell, Column
from chengdan.kernel.ui.listing.filters import (
    ChoiceFilter,
    DateFilter,
    Filter,
    FlagFilter,
    PickFilter,
    TextFilter,
)
from chengdan.kernel.ui.listing.page import BulkAct, ListPage, Total, View
from chengdan.kernel.ui.listing.paging import Cursor, Slice, SortKey, count_capped, take_page

__all__ = [
    "BulkAct",
    "Cell",
    "ChoiceFilter",
    "Column",
    "Cursor",
    "DateFilter",
    "Filter",
    "FlagFilter",
    "ListPage",
    "PickFilter",
    "Slice",
    "SortKey",
    "TextFilter",
    "Total",
    "View",
    "count_capped",
    "take_page",
]
