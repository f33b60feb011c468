"""What histories call the fields of invoices and receipts, and how their values read."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from chengdan.kernel.audit import audit_fields_register
from chengdan.modules.billing.vocabulary import INVOICE, RECEIPT, ActKind, ActResult

_DOCUMENTS = {
    "order": "orders.order", "note": "shipping.deliverynote", "invoice": INVOICE,
    "receipt": RECEIPT, "reversal_of": INVOICE,
}  # fmt: skip

audit_fields_register(
    INVOICE,
    titles={
        "lines": _("Lines"), "requested_by": _("requested by"), "approved_by": _("approved by"),
        "how": _("way"), "receipt": _("Receipt"), "result": _("result"), "order": _("Order"),
        "note": _("Delivery note"), "line": _("Line"), "quantity": _("Quantity"),
        "credit_note": _("Credit note"), "reversal_of": _("reversal of"),
    },
    ids=_DOCUMENTS,
    choices={"kind": ActKind.choices, "result": ActResult.choices},
)  # fmt: skip
audit_fields_register(
    RECEIPT,
    titles={
        "posted_on": _("posted on"), "order": _("Order"), "effective_on": _("effective on"),
        "parts": _("allocated"), "invoice": _("Invoice"), "owner": _("Responsible"),
        "unit": _("Unit"),
    },
    ids={**_DOCUMENTS, "customer": "customers.customer", "owner": "people.user",
         "unit": "people.orgunit"},
)  # fmt: skip
