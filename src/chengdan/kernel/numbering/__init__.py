"""Document numbers: patterns per company, office and kind; counters; voids; gaps.

Others call `series_declare` while the applications start and `number_take` when a document needs
its number; for statutory kinds that is at posting, as late as possible.
"""

from chengdan.kernel.numbering.declarations import SeriesDeclaration, series_declare
from chengdan.kernel.numbering.gaps import Gaps, numbers_provider_register, series_gaps
from chengdan.kernel.numbering.services import (
    NumberRangeFullError,
    number_take,
    number_void,
    numbers_take,
)

__all__ = [
    "Gaps",
    "NumberRangeFullError",
    "SeriesDeclaration",
    "number_take",
    "number_void",
    "numbers_provider_register",
    "numbers_take",
    "series_declare",
    "series_gaps",
]
