"""What histories call the fields of products and price lists, and how their values read."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from chengdan.kernel.audit import audit_fields_register, audit_names_register
from chengdan.modules.catalog.models import FloatAuthority
from chengdan.modules.people.selectors import role_titles
from chengdan.modules.people.vocabulary import ROLE_CODES


def _authority_names(ids: Collection[Any]) -> Mapping[Any, str]:
    titles = role_titles()
    rows = FloatAuthority.objects.filter(pk__in=ids).select_related("category")
    names = {row.pk: (titles.get(row.role_code, row.role_code), row.category) for row in rows}
    return {pk: " ".join(str(part) for part in parts if part) for pk, parts in names.items()}


def _prices(name: str, value: Any) -> str:
    """Count the prices that were set at once; the list itself shows them."""
    if name != "prices":
        return ""
    return ngettext("%(count)s price", "%(count)s prices", len(value)) % {"count": len(value)}


audit_names_register("catalog.floatauthority", _authority_names)
audit_fields_register("catalog.category")
audit_fields_register("catalog.floatauthority", codes={"role_code": ROLE_CODES})
audit_fields_register(
    "catalog.product",
    parts=("catalog.productunit",),
    titles={"units": _("units of measure")},
    shares=("tax_rate",),
)
audit_fields_register(
    "catalog.pricelist",
    titles={
        "prices": _("prices"), "customer_ids": _("customers"), "territory_ids": _("territories"),
    },
    ids={"customer_ids": "customers.customer", "territory_ids": "people.territory"},
    text=_prices,
)  # fmt: skip
audit_fields_register("catalog.salerestriction")
audit_fields_register("catalog.unitofmeasure")
