"""What histories call the fields of delivery notes and stock, and how their values read."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from chengdan.kernel.audit import audit_fields_register
from chengdan.modules.shipping import vocabulary as words

audit_fields_register(
    words.NOTE,
    titles={
        "order": _("Order"), "step": _("step"), "lines": _("Lines"), "freed": _("lots freed"),
        "picks": _("picked"), "counted": _("counts entered"), "told": _("customer told by"),
        "confirmed_on": _("confirmed on"), "files": _("files"), "lots": _("lots freed"),
        "by": _("reversed by"), "shipped": _("shipped"), "order_line": _("line of the order"),
        "product": _("Product"), "quantity": _("Quantity"), "base": _("in base units"),
        "batch": _("batch"), "line": _("Line"),
    },
    ids={"order": "orders.order", "product": "catalog.product"},
)  # fmt: skip
audit_fields_register("shipping.stockdocument", titles={"lines": _("Lines")})
audit_fields_register("shipping.warehouse", titles={"unit_id": _("organisation unit")})
