"""Bringing handed-in values into their stored form, with every fault named."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from chengdan.kernel.currencies import currency_is_known
from chengdan.kernel.errors import FieldIssue
from chengdan.kernel.search import search_columns
from chengdan.modules.customers import rules
from chengdan.modules.customers.models import Customer
from chengdan.modules.customers.vocabulary import (
    CreditGrade,
    FunnelClass,
    ImportanceClass,
    RelationClass,
    TermBasis,
    ValueClass,
)

EDITABLE = (
    "name", "short_name", "uscc", "phone", "domain", "country", "territory_id", "slt_member_id",
    "payment_term_days", "payment_term_basis", "pay_first", "over_delivery_percent", "language",
    "currency", "value_class", "funnel_class", "importance_class", "relation_class",
    "credit_grade", "note",
)  # fmt: skip
_CHOICES: dict[str, list[str]] = {
    "payment_term_basis": TermBasis.values,
    "value_class": ["", *ValueClass.values],
    "funnel_class": ["", *FunnelClass.values],
    "importance_class": ["", *ImportanceClass.values],
    "relation_class": ["", *RelationClass.values],
    "credit_grade": ["", *CreditGrade.values],
    "language": [code for code, _name in settings.LANGUAGES],
}
_LENGTHS = {"code": 40, "name": 200, "short_name": 60, "domain": 120, "phone": 40}
_REQUIRED = _("This is required.")
_TOO_LONG = _("This is longer than %(limit)s characters.")
_NOT_A_CHOICE = _("“%(value)s” is not one of the choices.")
_USCC = _("This is not a valid unified social credit code: check the 18 characters.")
_PHONE = _("This is not a phone number that can exist.")
_DOMAIN = _("This is not a web or mail domain.")
_COUNTRY = _("There is no country with this code; use its two letters, such as CN.")
_CURRENCY = _("There is no currency with this code; use its three letters, such as CNY.")
_TERM = _("The payment term must be between 0 and %(limit)s days.")
_TOLERANCE = _("The tolerance must be between 0 and 100 percent.")

Issues = list[FieldIssue]


class Cleaner:
    """Checks the values of one customer; `issues` holds what is wrong.

    Args:
        term_days_max: longest payment term in days.
        row: 1-based place in a bulk act, None for a single one.
        is_whole: the customer comes with its parts, so their values are named with the part.
    """

    def __init__(
        self, term_days_max: int, row: int | None = None, *, is_whole: bool = False
    ) -> None:
        self.term_days_max = term_days_max
        self.row = row
        self.is_whole = is_whole
        self.issues: Issues = []

    def refuse(self, field: str, code: str, message: Any, /, **params: Any) -> None:
        """Note a fault."""
        text = message % params if params else message
        self.issues.append(FieldIssue(field, code, text, row=self.row))

    def named(self, part: str, name: str) -> str:
        """Return how faults name a value of a part: `contact_phone` beside the whole customer."""
        return f"{part}_{name}" if self.is_whole else name

    def customer(self, values: Mapping[str, Any], country: str = "CN") -> dict[str, Any]:
        """Return the stored form of the editable values that are given."""
        cleaned = {
            name: value.strip() if isinstance(value, str) else value
            for name, value in values.items()
        }
        self._texts(cleaned)
        self._choices(cleaned)
        if "country" in cleaned:
            country = cleaned["country"] = self.country("country", cleaned["country"])
        for name, normalise in _NORMALISERS.items():
            if name in cleaned:
                normalise(self, cleaned, country)
        return cleaned

    def _texts(self, cleaned: dict[str, Any]) -> None:
        if "name" in cleaned and not cleaned["name"]:
            self.refuse("name", "required", _REQUIRED)
        for name, limit in _LENGTHS.items():
            if len(str(cleaned.get(name) or "")) > limit:
                self.refuse(name, "too_long", _TOO_LONG, limit=limit)

    def _choices(self, cleaned: dict[str, Any]) -> None:
        for name, allowed in _CHOICES.items():
            if name in cleaned and cleaned[name] not in allowed:
                self.refuse(name, "choice", _NOT_A_CHOICE, value=str(cleaned[name])[:40])

    def country(self, field: str, value: str) -> str:
        """Return the code of a country; a fault is noted when there is none with it."""
        code = value.strip().upper()
        if not rules.country_is_known(code):
            self.refuse(field, "country", _COUNTRY)
        return code

    def phone(self, field: str, value: str, country: str = "CN") -> str:
        """Return a phone number in its stored form; "" with a fault noted when it is none.

        In a country that was refused itself no number can be judged.
        """
        try:
            return rules.phone_normalise(value, country or "CN")
        except ValueError:
            if all(issue.code != "country" for issue in self.issues):
                self.refuse(field, "phone", _PHONE)
            return ""


def _uscc(cleaner: Cleaner, cleaned: dict[str, Any], country: str) -> None:
    code = rules.code_pack(cleaned["uscc"])
    cleaned["uscc"] = code
    if code and country == "CN" and not rules.uscc_is_valid(code):
        cleaner.refuse("uscc", "uscc", _USCC)
    elif len(code) > 18:
        cleaner.refuse("uscc", "too_long", _TOO_LONG, limit=18)


def _phone(cleaner: Cleaner, cleaned: dict[str, Any], country: str) -> None:
    cleaned["phone"] = cleaner.phone("phone", cleaned["phone"], country)


def _domain(cleaner: Cleaner, cleaned: dict[str, Any], country: str) -> None:
    try:
        cleaned["domain"] = rules.domain_normalise(cleaned["domain"])
    except (ValueError, UnicodeError):
        cleaner.refuse("domain", "domain", _DOMAIN)


def _currency(cleaner: Cleaner, cleaned: dict[str, Any], country: str) -> None:
    cleaned["currency"] = cleaned["currency"].upper()
    if cleaned["currency"] and not currency_is_known(cleaned["currency"]):
        cleaner.refuse("currency", "currency", _CURRENCY)


def _term(cleaner: Cleaner, cleaned: dict[str, Any], country: str) -> None:
    days = cleaned["payment_term_days"]
    if days is not None and not 0 <= days <= cleaner.term_days_max:
        cleaner.refuse("payment_term_days", "range", _TERM, limit=cleaner.term_days_max)


def _tolerance(cleaner: Cleaner, cleaned: dict[str, Any], country: str) -> None:
    percent = cleaned["over_delivery_percent"]
    if percent is not None and not Decimal(0) <= percent <= Decimal(100):
        cleaner.refuse("over_delivery_percent", "range", _TOLERANCE)


_NORMALISERS: dict[str, Callable[[Cleaner, dict[str, Any], str], None]] = {
    "uscc": _uscc,
    "phone": _phone,
    "domain": _domain,
    "currency": _currency,
    "payment_term_days": _term,
    "over_delivery_percent": _tolerance,
}


def derived_columns(customer: Customer) -> tuple[str, ...]:
    """Fill the columns that search and duplicates read, and return their names."""
    both = f"{customer.name} {customer.short_name}".strip()
    columns = search_columns(both, customer.code)
    for name, value in columns.items():
        setattr(customer, name, value)
    customer.name_key = rules.name_normalise(customer.name)[:200]
    return ("name_key", *columns)
