"""What pydantic finds wrong with a body, as our items and in the reader's language."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from chengdan.kernel.errors import FieldIssue, Text

_DAY = _("Send a day as YYYY-MM-DD.")
_INSTANT = _("Send an instant as text, with its offset.")
_NUMBER = _("Send an exact number, as text.")
_WHOLE = _("Send a whole number.")
_OBJECT = _("Send an object with names and values.")
_TRUTH = _("Send true or false.")
_ALLOWED = _("Allowed are %(expected)s.")
# Type of the finding → text with the values of its context. Others keep pydantic's own words.
_MESSAGES: dict[str, Text] = {
    "missing": _("This is required."),
    "extra_forbidden": _("There is no such name here."),
    "string_type": _("Send a text."),
    "string_too_long": _("At most %(max_length)s characters."),
    "string_too_short": _("At least %(min_length)s characters."),
    "string_pattern_mismatch": _("This is not written as it has to be: %(pattern)s"),
    "too_long": _("At most %(max_length)s entries."),
    "too_short": _("At least %(min_length)s entries."),
    "list_type": _("Send a list."),
    "dict_type": _OBJECT,
    "model_type": _OBJECT,
    "model_attributes_type": _OBJECT,
    "int_type": _WHOLE,
    "int_parsing": _WHOLE,
    "int_parsing_size": _WHOLE,
    "int_from_float": _WHOLE,
    "decimal_type": _NUMBER,
    "decimal_parsing": _NUMBER,
    "finite_number": _NUMBER,
    "decimal_max_digits": _("At most %(max_digits)s digits."),
    "decimal_max_places": _("At most %(decimal_places)s decimals."),
    "decimal_whole_digits": _("At most %(whole_digits)s digits before the point."),
    "bool_type": _TRUTH,
    "bool_parsing": _TRUTH,
    "date_type": _DAY,
    "date_parsing": _DAY,
    "date_from_datetime_parsing": _DAY,
    "date_from_datetime_inexact": _DAY,
    "datetime_type": _INSTANT,
    "datetime_parsing": _INSTANT,
    "datetime_from_date_parsing": _INSTANT,
    "timezone_aware": _INSTANT,
    "enum": _ALLOWED,
    "literal_error": _ALLOWED,
    "greater_than": _("This must be more than %(gt)s."),
    "greater_than_equal": _("This must be at least %(ge)s."),
    "less_than": _("This must be less than %(lt)s."),
    "less_than_equal": _("This must be at most %(le)s."),
}


def validation_items(errors: Sequence[dict[str, Any]]) -> list[FieldIssue]:
    """Return pydantic's findings as ours: `body.payload.lines.2.quantity` → lines, row 3."""
    items = []
    for error in errors:
        path = [part for part in error.get("loc", ()) if part not in ("body", "payload")]
        rows = [part for part in path if isinstance(part, int)]
        name = ".".join(str(part) for part in path if not isinstance(part, int))
        code = str(error.get("type", "invalid"))
        items.append(FieldIssue(name, code, _message(code, error), rows[0] + 1 if rows else None))
    return items


def _message(code: str, error: dict[str, Any]) -> str:
    context = error.get("ctx") or {}
    if code == "value_error" and "error" in context:
        return str(context["error"])
    values = dict(context)
    if "expected" in values:
        values["expected"] = str(values["expected"]).replace(" or ", ", ")
    try:
        return str(_MESSAGES[code]) % values
    except KeyError:
        return str(error.get("msg", ""))
