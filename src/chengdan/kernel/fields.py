"""Exact decimals in the database: `Decimal` in Python, a scaled 64-bit integer in the table.

SQLite keeps DECIMAL as a float, so sums drift and long values change; an integer does not.
Arithmetic in SQL is limited to Sum, Min, Max and comparison at the same scale.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, TypeVar

from django import forms
from django.core import checks, exceptions, validators
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils.translation import gettext_lazy as _

_ST = TypeVar("_ST", contravariant=True)
_GT = TypeVar("_GT", covariant=True)

if TYPE_CHECKING:
    from django.db.models.expressions import Combinable

    class _Base(models.Field[_ST, _GT]):
        _pyi_private_set_type: Decimal | int | str | Combinable
        _pyi_private_get_type: Decimal
        _pyi_lookup_exact_type: Decimal | int | str

else:

    class _Base(models.Field):
        """Takes type parameters, so that a checker knows `null=True` makes it optional."""

        def __class_getitem__(cls, _parameters: object) -> type:
            return cls


BIGINT_MAX = 2**63 - 1
DIGITS_MAX = 19
NOTED_DIGITS_MAX = 100


class FixedDecimalField(_Base[_ST, _GT]):
    """A decimal with a fixed number of places, stored as BIGINT.

    Args:
        scale: decimal places kept, 0..9.

    Raises (on save and in lookups):
        ValidationError: not a number, not finite, more places than `scale`, or out of range.
    """

    description = _("Exact decimal number")
    empty_strings_allowed = False
    default_error_messages = {
        "invalid": _("“%(value)s” is not a number."),
        "places": _("“%(value)s” has more than %(scale)s decimal places."),
        "range": _("“%(value)s” is too large."),
    }

    def __init__(self, *args: Any, scale: int = 4, **kwargs: Any) -> None:
        self.scale = scale
        super().__init__(*args, **kwargs)

    def check(self, **kwargs: Any) -> list[checks.CheckMessage]:
        """Refuse a scale that cannot be stored."""
        errors = super().check(**kwargs)
        if not 0 <= self.scale <= 9:
            errors.append(checks.Error("scale must be between 0 and 9", obj=self, id="kernel.E001"))
        return errors

    def deconstruct(self) -> tuple[str, str, list[Any], dict[str, Any]]:
        """Keep the scale in migrations."""
        name, path, args, kwargs = super().deconstruct()
        return name, path, list(args), {**kwargs, "scale": self.scale}

    def get_internal_type(self) -> str:
        """Store as BIGINT on every database."""
        return "BigIntegerField"

    def db_type(self, connection: BaseDatabaseWrapper) -> str | None:
        """Return BIGINT; SQLite gives it integer affinity."""
        return "bigint"

    def db_check(self, connection: BaseDatabaseWrapper) -> str | None:
        """Let SQLite, which types values and not columns, refuse anything but integers."""
        if connection.vendor != "sqlite":
            return None
        return f"typeof({connection.ops.quote_name(str(self.column))}) IN ('integer', 'null')"

    def to_python(self, value: Any) -> Decimal | None:
        """Return a Decimal at this scale; refuse what would have to be rounded."""
        if value is None:
            return None
        if isinstance(value, float | bool) or (isinstance(value, str) and "_" in value):
            raise self._error("invalid", value)
        try:
            number = value if isinstance(value, Decimal) else Decimal(str(value))
        except (InvalidOperation, ValueError):
            raise self._error("invalid", value) from None
        if not number.is_finite():
            raise self._error("invalid", value)
        scaled = self._scaled(number, value)
        if abs(scaled) > BIGINT_MAX:
            raise self._error("range", value)
        return Decimal(scaled).scaleb(-self.scale)

    def _scaled(self, number: Decimal, value: Any) -> int:
        """Return the integer to store, in whole numbers: Decimal would round at 28 digits."""
        if not number:
            return 0
        if number.adjusted() > DIGITS_MAX:
            raise self._error("range", value)
        if number.adjusted() < -self.scale or len(number.as_tuple().digits) > NOTED_DIGITS_MAX:
            raise self._error("places", value)
        sign, digits, exponent = number.as_tuple()
        whole: int = int("".join(map(str, digits)))
        shift = int(exponent) + self.scale
        scaled: int
        scaled, rest = (whole * 10**shift, 0) if shift >= 0 else divmod(whole, 10**-shift)
        if rest:
            raise self._error("places", value)
        return -scaled if sign else scaled

    def _error(self, code: str, value: Any) -> exceptions.ValidationError:
        params = {"value": str(value)[:40], "scale": self.scale}
        return exceptions.ValidationError(self.error_messages[code], code=code, params=params)

    def get_prep_value(self, value: Any) -> int | None:
        """Return the scaled integer."""
        value = super().get_prep_value(value)
        if value is None or hasattr(value, "resolve_expression"):
            return value  # type: ignore[no-any-return]
        number = self.to_python(value)
        return None if number is None else int(number.scaleb(self.scale))

    def get_db_prep_value(
        self, value: Any, connection: BaseDatabaseWrapper, prepared: bool = False
    ) -> Any:
        """Return the integer that goes to the driver."""
        return value if prepared else self.get_prep_value(value)

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Decimal | None:
        """Return the Decimal of a stored integer; also used for Sum, Min and Max."""
        if value is None:
            return None
        return Decimal(int(value)).scaleb(-self.scale)

    def value_to_string(self, obj: models.Model) -> str:
        """Serialise as plain digits."""
        value = self.value_from_object(obj)
        return "" if value is None else format(value, "f")

    def formfield(self, **kwargs: Any) -> forms.Field:
        """Return a DecimalField that allows what the column can hold."""
        defaults: dict[str, Any] = {
            "form_class": forms.DecimalField,
            "max_digits": 18,
            "decimal_places": self.scale,
        }
        return super().formfield(**{**defaults, **kwargs})  # type: ignore[return-value]

    def validate(self, value: Any, model_instance: models.Model | None) -> None:
        """Run the usual checks and the range of the column."""
        super().validate(value, model_instance)
        self.to_python(value)


class AmountField(FixedDecimalField[_ST, _GT]):
    """An amount of money: four places, so that any currency's exponent fits."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("scale", 4)
        super().__init__(*args, **kwargs)


class PriceField(FixedDecimalField[_ST, _GT]):
    """A price per unit: six places, not negative."""

    default_validators = [validators.MinValueValidator(Decimal(0))]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("scale", 6)
        super().__init__(*args, **kwargs)


class QuantityField(FixedDecimalField[_ST, _GT]):
    """A quantity in a unit: six places."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("scale", 6)
        super().__init__(*args, **kwargs)


class RateField(FixedDecimalField[_ST, _GT]):
    """A share such as a tax rate or discount: 0.13 for 13 %, six places."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("scale", 6)
        super().__init__(*args, **kwargs)
