"""What histories call the fields of a customer, and how their values read."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from chengdan.kernel.audit import audit_fields_register
from chengdan.modules.customers.divisions import division_find

_DIVISIONS = ("province_code", "city_code", "area_code", "street_code")


def _text(name: str, value: Any) -> str:
    if name.endswith(_DIVISIONS):
        found = division_find(str(value))
        return found.name if found else ""
    return str(dict(settings.LANGUAGES).get(value, "")) if name == "language" else ""


audit_fields_register(
    "customers.customer",
    parts=(
        "customers.contact", "customers.address", "customers.shippingdata", "customers.taxtitle",
    ),
    titles={
        "contacts": _("contacts"), "addresses": _("addresses"), "contact": _("contact"),
        "address": _("address"), "shipping": _("shipping data"),
        "tax_title": _("invoicing data"),
        "unit_id": _("organisation unit"), "unit": _("organisation unit"),
        "province_code": _("province"), "city_code": _("city"), "area_code": _("district"),
        "street_code": _("street office or town"),
    },
    text=_text,
)  # fmt: skip
