"""What histories call the fields of quota cells."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from chengdan.kernel.audit import audit_fields_register, audit_names_register
from chengdan.kernel.ui.formats import day_text
from chengdan.modules.quota.models import Cell


def _cell_names(ids: Collection[Any]) -> Mapping[Any, str]:
    rows = Cell.objects.filter(pk__in=ids).select_related(
        "product", "category", "territory", "customer"
    )
    return {row.pk: _cell_name(row) for row in rows}


def _cell_name(cell: Cell) -> str:
    parts = [cell.product or cell.category, cell.territory or cell.customer or ""]
    days = f"{day_text(cell.starts_on)} – {day_text(cell.ends_on)}"
    return " ".join([*(str(part) for part in parts if part), days])


audit_names_register("quota.cell", _cell_names)
audit_fields_register(
    "quota.cell",
    titles={
        "from": _("from"), "to": _("to"), "released_by": _("released by"),
        "source": _("document"), "consent_by": _("consent by"),
    },
    ids={"released_by": "people.user", "consent_by": "people.user"},
)  # fmt: skip
