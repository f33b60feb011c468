"""Importing: rooms register what can be imported, this package does the rest.

In a room's `importing.py` (loaded by its registrations):

    import_kind_register(ImportKind(
        code="customers", title=_("Customers"), permission="customers.customer:import",
        columns=[Column("code", _("Code"), "reference", required=True, example="C001"), …],
        key_columns=["code"], apply=customers_apply))

    def customers_apply(actor, rows): return a RowResult per ImportRow, in order
"""

from chengdan.kernel.errors import FieldIssue
from chengdan.kernel.importing.kinds import (
    CHANGE,
    CLEAR,
    Column,
    ImportKind,
    ImportRow,
    NestedRow,
    RowResult,
    import_kind_find,
    import_kind_register,
    import_kinds_all,
)
from chengdan.kernel.importing.vocabulary import RowState

__all__ = [
    "CHANGE",
    "CLEAR",
    "Column",
    "FieldIssue",
    "ImportKind",
    "ImportRow",
    "NestedRow",
    "RowResult",
    "RowState",
    "import_kind_find",
    "import_kind_register",
    "import_kinds_all",
]
