"""A form's field for shares that people write as percent: tax rates, discounts."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError

from chengdan.kernel.ui.formats import percent_text
from chengdan.kernel.ui.forms import NumberField, NumberInput
from chengdan.kernel.ui.numberparse import NumberError, parse_percent

PERCENT_PLACES = 4


class PercentInput(NumberInput):
    """Shows a share with its sign; a keyboard that has the sign."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"inputmode": "text", **(attrs or {})})

    def format_value(self, value: Any) -> str | None:
        """Show a share of 0.13 as `13 %`."""
        return percent_text(value) if isinstance(value, Decimal) else super().format_value(value)


class PercentField(NumberField):
    """A share of 0 to 1, typed as percent; see `parse_percent`."""

    widget = PercentInput

    def __init__(self, *, places: int = PERCENT_PLACES, **kwargs: Any) -> None:
        super().__init__(places=places, **kwargs)

    def to_python(self, value: Any) -> Decimal | None:
        """Read the typed percent; what is stored is a share already."""
        if value in self.empty_values:
            return None
        if isinstance(value, Decimal):
            return value
        try:
            return parse_percent(str(value), places=self.places)
        except NumberError as error:
            raise ValidationError(str(error.message), code=error.code) from error
