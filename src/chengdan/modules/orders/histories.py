"""What histories call the fields of orders, and how their values read."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from chengdan.kernel.audit import audit_fields_register, audit_names_register
from chengdan.modules.orders import vocabulary as words
from chengdan.modules.orders.models import Amendment, SpecialTreatment

SPECIAL = "orders.specialtreatment"


def _amendment_names(ids: Collection[Any]) -> Mapping[Any, str]:
    rows = Amendment.objects.filter(pk__in=ids).select_related("order")
    return {row.pk: str(row) for row in rows}


def _special_names(ids: Collection[Any]) -> Mapping[Any, str]:
    rows = SpecialTreatment.objects.filter(pk__in=ids).select_related("order")
    return {row.pk: str(row.order) for row in rows}


audit_names_register(words.AMENDMENT, _amendment_names)
audit_names_register(SPECIAL, _special_names)
audit_fields_register(
    words.ORDER,
    kind=_("Order"),
    parts=("orders.orderline",),
    titles={
        "number": _("No."), "gross": _("Gross"), "status": _("State"), "paid_gross": _("Paid"),
        "settled_at": _("Settled"), "customer_order_number": _("Customer's order number"),
        "lines": _("Lines"), "customer_id": _("Customer"), "csr": _("CSR"), "scr": _("SCR"),
        "bcr": _("BCR"), "told": _("Customer told by"), "band": _("Credit band"),
        "exposure": _("Exposure"), "over": _("Over the limit"), "is_held": _("on hold"),
        "accepted_at": _("accepted at"), "printed_at": _("printed at"),
        "received_at": _("received at"), "received_by": _("received by"),
        "net": _("Net"), "tax": _("Tax"), "reserved_round": _("round"),
        "pays_first": _("Paid first"), "closed": _("closed"), "open": _("Open amount"),
        "requested_on": _("Wanted on"), "ship_to_id": _("Ship to"), "ship_to_text": _("Ship to"),
        "is_partial_allowed": _("Partial shipment"), "quota_choice": _("Quota"),
        "quota_reason": _("Reason for over-quota"), "note": _("Note"),
        "internal_note": _("Internal note"), "kind": _("Kind"), "product_id": _("Product"),
        "unit_id": _("Unit"), "quantity": _("Quantity"), "price": _("Price"),
        "discount": _("Discount"), "description": _("Description"),
        "delivered": _("Delivered"), "invoiced": _("Invoiced"),
    },
    ids={"unit_id": "catalog.unitofmeasure"},
    choices={"band": words.CreditBand.choices},
    amounts=("exposure", "over", "open"),
    shares=("discount",),
)  # fmt: skip
audit_fields_register(
    words.AMENDMENT,
    kind=_("Amendment"),
    titles={"difference": _("Difference"), "order": _("Order"), "status": _("State")},
)
audit_fields_register(
    SPECIAL,
    kind=_("Special treatment"),
    titles={
        "kind": _("Reason"), "order": _("Order"), "over": _("Over the limit"),
        "status": _("State"),
    },
    choices={"kind": words.SpecialReason.choices},
    amounts=("over",),
)  # fmt: skip
