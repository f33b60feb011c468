"""Customers from files: columns, drafts, and one bulk act per chunk for new and for known ones.

Later rooms add their own columns, such as the credit limit:
`customer_import_part_register(ImportPart("credit", columns, apply))`.
"""

from chengdan.modules.customers.importing.columns import (
    CUSTOMER_COLUMNS,
    ImportPart,
    customer_import_part_register,
)
from chengdan.modules.customers.importing.kind import CUSTOMERS

__all__ = ["CUSTOMERS", "CUSTOMER_COLUMNS", "ImportPart", "customer_import_part_register"]
