"""The words of the room: choices, rights, audit codes, events, errors, results."""

from chengdan.modules.catalog.vocabulary.choices import ListScope, RestrictionKind
from chengdan.modules.catalog.vocabulary.errors import NoConversionError, PriceMissingError
from chengdan.modules.catalog.vocabulary.events import (
    PriceListChanged,
    ProductCreated,
    ProductDiscontinued,
    ProductUpdated,
)

__all__ = [
    "ListScope",
    "NoConversionError",
    "PriceListChanged",
    "PriceMissingError",
    "ProductCreated",
    "ProductDiscontinued",
    "ProductUpdated",
    "RestrictionKind",
]
