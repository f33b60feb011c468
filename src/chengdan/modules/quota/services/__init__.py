"""Every change of the quota ledger; other rooms import from here."""

from chengdan.modules.quota.rules import CellState, Demand, QuotaVerdict, Source
from chengdan.modules.quota.services.cells import (
    CellDraft,
    giving_managers,
    quota_cell_end,
    quota_cells_set,
    quota_limit_set,
    quota_transfer,
)
from chengdan.modules.quota.services.ledger import (
    OverRelease,
    quota_evaluate,
    quota_free,
    quota_lock,
    quota_reserve,
)
from chengdan.modules.quota.services.movements import quota_consume, quota_return

__all__ = [
    "CellDraft",
    "CellState",
    "Demand",
    "OverRelease",
    "QuotaVerdict",
    "Source",
    "giving_managers",
    "quota_cell_end",
    "quota_cells_set",
    "quota_consume",
    "quota_evaluate",
    "quota_free",
    "quota_limit_set",
    "quota_lock",
    "quota_reserve",
    "quota_return",
    "quota_transfer",
]
