"""What an amendment changes, in the words of the order form instead of keys and ids."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from chengdan.kernel.ui import Chip, Column, Table
from chengdan.kernel.ui.formats import day_text
from chengdan.kernel.ui.parts import State, Text
from chengdan.modules.catalog.selectors import product_summaries
from chengdan.modules.customers.selectors import addresses_of
from chengdan.modules.orders import vocabulary as words
from chengdan.modules.orders.models import Amendment, Order
from chengdan.modules.orders.services.amend import draft_content
from chengdan.modules.orders.services.place import draft_of
from chengdan.modules.orders.vocabulary import AmendmentStatus, LineKind
from chengdan.modules.process.selectors import StepSeen, step_seen
from chengdan.modules.process.services import content_diff

_TITLES: dict[str, Text] = {
    "requested_on": _("Wanted on"),
    "ship_to_id": _("Ship to"),
    "ship_to_text": _("Ship to"),
    "note": _("Note"),
    "kind": _("Kind"),
    "product_id": _("Product"),
    "unit_id": _("Unit"),
    "quantity": _("Quantity"),
    "price": _("Price"),
    "discount": _("Discount"),
    "description": _("Description"),
}
_NAMED = ("product_id", "unit_id", "ship_to_id")


def changes_table(order: Order, amendment: Amendment) -> Table:
    """Return the table of what differs between the order and the change.

    The order is as it is while the change is being decided, afterwards as it was when the change
    was asked for. A whole line that is new or gone is one row.
    """
    is_open = amendment.status == AmendmentStatus.PROCESSING
    before = draft_content(draft_of(order), None) if is_open else amendment.before
    changes: Sequence[Any] = content_diff(before, amendment.content) if before else []
    names = _names(order, [before or {}, amendment.content], changes)
    columns = [
        Column("field", _("Field"), value=_title),
        Column(
            "before",
            _("Now") if is_open else _("Before"),
            value=lambda change: _shown(change, change.before, names),
        ),
        Column("after", _("Then"), value=lambda change: _shown(change, change.after, names)),
    ]
    is_known = is_open or amendment.before is not None
    nothing = _("Nothing differs any more.") if is_known else _("What it changed was not kept.")
    return Table(_("What changes"), columns, changes, empty=nothing)


def _title(change: Any) -> str:
    name = change.path[-1]
    if change.path[0] != "lines":
        return str(_TITLES.get(name, name))
    line = _("Line %(number)s") % {"number": change.path[1]}
    return line if len(change.path) == 2 else f"{line} · {_TITLES.get(name, name)}"


def _names(
    order: Order, contents: Sequence[Any], changes: Sequence[Any]
) -> dict[tuple[str, Any], str]:
    """Return the names behind the ids: one query for each kind that occurs.

    Args:
        contents: both sides; the products of their lines have the units.
    """
    wanted: dict[str, set[Any]] = {key: set() for key in _NAMED}
    for change in changes:
        for value in (change.before, change.after):
            row = value if isinstance(value, dict) else {change.path[-1]: value}
            for key in _NAMED:
                if row.get(key):
                    wanted[key].add(row[key])
    found: dict[tuple[str, Any], str] = {}
    if wanted["ship_to_id"]:
        rows = addresses_of(order.customer_id, with_old=True)
        found |= {("ship_to_id", row.pk): str(row) for row in rows}
    products = wanted["product_id"]
    if wanted["unit_id"]:
        lines = [line for content in contents for line in content.get("lines", ())]
        products |= {line["product_id"] for line in lines if line["product_id"]}
    for product in product_summaries(products).values() if products else ():
        found["product_id", product.id] = f"{product.code} {product.title}"
        found |= {("unit_id", unit.unit_id): unit.name for unit in product.units}
    return found


def _shown(change: Any, value: Any, names: dict[tuple[str, Any], str]) -> str:
    if not isinstance(value, dict):
        return _value(change.path[-1], value, names)
    keys = ("product_id", "description", "quantity", "unit_id")
    texts = [_value(key, value[key], names) for key in keys if value.get(key)]
    return " ".join(texts) or "–"


def _value(name: str, value: Any, names: dict[tuple[str, Any], str]) -> str:
    if value in (None, ""):
        return "–"
    if name in _NAMED:
        return names.get((name, value), str(value))
    if name == "requested_on":
        return day_text(date.fromisoformat(value))
    if name == "kind" and value in LineKind.values:
        return str(LineKind(value).label)
    return str(value)


_STATES: dict[str, State] = {
    AmendmentStatus.PROCESSING: "run",
    AmendmentStatus.APPLIED: "done",
    AmendmentStatus.REFUSED: "late",
}


def amendment_chip(amendment: Amendment) -> Chip:
    """Return the state of a change."""
    return Chip(amendment.get_status_display(), _STATES.get(amendment.status, "idle"))


def amendment_verdict(amendment_id: int) -> StepSeen | None:
    """Return what the check said of a change."""
    return step_seen(words.AMENDMENT, amendment_id, "AQ")


def amendments_table(amendments: Sequence[Amendment]) -> Table:
    """Return the changes of an order, newest first; of refused ones what their check said."""

    def refusal(amendment: Amendment) -> str:
        if amendment.status != AmendmentStatus.REFUSED:
            return ""
        seen = amendment_verdict(amendment.pk)
        if seen is None or not seen.is_refused:
            return ""
        return f"{seen.text} [{seen.rule}]" if seen.rule else seen.text

    columns = [
        Column(
            "sequence", _("No."), phone="side",
            link=lambda amendment: reverse("orders:amendment", args=[amendment.pk]),
        ),
        Column("state", _("State"), kind="chip", value=amendment_chip),
        Column("asked_at", _("Asked"), kind="day"),
        Column("asked_by", _("Asked by")),
        Column("reason", _("Reason"), clip=True, phone="title"),
        Column("difference", _("Difference"), kind="money"),
        Column("refusal", _("Result of the check"), value=refusal),
    ]  # fmt: skip
    return Table(_("Changes of the order"), columns, amendments, code="amendments")
