"""Checking handed-in values of products and prices, with every fault named."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from chengdan.kernel.errors import FieldIssue
from chengdan.modules.catalog.services.drafts import UnitDraft

EDITABLE = (
    "name", "spec", "barcode", "category_id", "base_unit_id", "tax_rate", "is_batch_managed",
    "shelf_life_days", "on_sale_from", "on_sale_until", "weight_kg", "volume_m3",
    "over_delivery_percent", "note",
)  # fmt: skip
_LENGTHS = {"code": 40, "name": 200, "spec": 200, "barcode": 40}
_REQUIRED = _("This is required.")
_TOO_LONG = _("This is longer than %(limit)s characters.")
_NOT_FOUND = _("There is no such entry.")
_SHARE = _("A tax rate is a share between 0 and 1: 0.13 for 13 percent.")
_PERCENT = _("A percentage lies between 0 and 100.")
_NEGATIVE = _("This must not be negative.")
_PLACES = _("At most %(limit)s decimal places.")
_DATES = _("The end lies before the beginning.")
_FACTOR = _("A unit holds more than zero base units.")
_UNIT_TWICE = _("The unit stands here twice.")
_PLACES_MAX = 6


class Cleaner:
    """Collects faults of one row; `issues` holds what is wrong."""

    def __init__(self, row: int | None = None) -> None:
        self.row = row
        self.issues: list[FieldIssue] = []

    def refuse(self, field: str, code: str, message: Any, /, **params: Any) -> None:
        """Note a fault."""
        text = message % params if params else message
        self.issues.append(FieldIssue(field, code, text, row=self.row))

    def texts(self, values: Mapping[str, Any], required: Sequence[str]) -> dict[str, Any]:
        """Return the values with texts trimmed; empty required ones are refused."""
        cleaned = {
            name: value.strip() if isinstance(value, str) else value
            for name, value in values.items()
        }
        for name in required:
            if name in cleaned and cleaned[name] in ("", None):
                self.refuse(name, "required", _REQUIRED)
        for name, limit in _LENGTHS.items():
            if len(str(cleaned.get(name) or "")) > limit:
                self.refuse(name, "too_long", _TOO_LONG, limit=limit)
        return cleaned

    def not_found(self, field: str) -> None:
        """Note that a reference leads nowhere."""
        self.refuse(field, "not_found", _NOT_FOUND)

    def between(self, field: str, value: Decimal | None, most: int, message: Any) -> None:
        """Refuse a number outside 0..`most`."""
        if value is not None and not Decimal(0) <= value <= Decimal(most):
            self.refuse(field, "range", message)

    def amount(self, field: str, value: Decimal | None) -> None:
        """Refuse negative numbers and more than six decimals."""
        if value is None:
            return
        if not value.is_finite() or value < 0:
            self.refuse(field, "negative", _NEGATIVE)
        elif value != round(value, _PLACES_MAX):
            self.refuse(field, "places", _PLACES, limit=_PLACES_MAX)

    def dates(self, field: str, start: datetime.date | None, end: datetime.date | None) -> None:
        """Refuse an end before the beginning."""
        if start is not None and end is not None and end < start:
            self.refuse(field, "dates", _DATES)

    def product(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return the stored form of the editable values that are given."""
        cleaned = self.texts(values, ("code", "name", "base_unit_id"))
        self.between("tax_rate", cleaned.get("tax_rate"), 1, _SHARE)
        self.between("over_delivery_percent", cleaned.get("over_delivery_percent"), 100, _PERCENT)
        for name in ("weight_kg", "volume_m3", "tax_rate"):
            self.amount(name, cleaned.get(name))
        self.dates("on_sale_until", cleaned.get("on_sale_from"), cleaned.get("on_sale_until"))
        return cleaned

    def units(self, units: Sequence[UnitDraft], base_unit_id: int | None, known: set[int]) -> None:
        """Check the further units of a product."""
        seen = {base_unit_id}
        for unit in units:
            if unit.unit_id not in known:
                self.not_found("units")
            if unit.unit_id in seen:
                self.refuse("units", "twice", _UNIT_TWICE)
            seen.add(unit.unit_id)
            if unit.factor <= 0:
                self.refuse("units", "factor", _FACTOR)
            self.amount("units", unit.factor)
