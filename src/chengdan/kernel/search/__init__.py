"""Search over everything: by characters, full pinyin, initials, codes and phone digits.

Rooms register a kind with the rows an actor may see, put entries in the transaction of the
change, and get pickers for free with `SearchColumns`.
"""

from chengdan.kernel.search.columns import SearchColumns, match_q, search_columns
from chengdan.kernel.search.rebuilding import search_rebuild
from chengdan.kernel.search.registry import SearchKind, SearchSource, search_kind_register
from chengdan.kernel.search.selectors import SearchHit, search
from chengdan.kernel.search.services import SearchFields, search_put, search_remove

__all__ = [
    "SearchColumns",
    "SearchFields",
    "SearchHit",
    "SearchKind",
    "SearchSource",
    "match_q",
    "search",
    "search_columns",
    "search_kind_register",
    "search_put",
    "search_rebuild",
    "search_remove",
]
