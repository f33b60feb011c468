"""Figures that an administrator may change: declared by rooms, stored per company."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from itertools import pairwise
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from chengdan.kernel.actor import Actor
from chengdan.kernel.errors import FieldIssue, InvalidError
from chengdan.kernel.reference import remembered
from chengdan.kernel.registry import Registry

Value = Decimal | int | bool | str | list[str]


@dataclass(frozen=True, slots=True)
class Parameter:
    """One adjustable figure.

    Attributes:
        kind: Decimal, int, bool, str or list (of str).
        default: the value of the specification.
        requirement: id that the default comes from.
        minimum, maximum: inclusive bounds for numbers.
        check: raises ValueError for a value of the right kind that no reader could use.
    """

    code: str
    kind: type
    default: Value
    title: Any
    requirement: str = ""
    minimum: Decimal | int | None = None
    maximum: Decimal | int | None = None
    check: Callable[[Any], object] | None = None


_parameters: Registry[Parameter] = Registry("parameters")


class ParameterValue(models.Model):
    """A company's own value of a parameter; without a row the default counts."""

    company_id = models.BigIntegerField()
    code = models.CharField(max_length=100)
    value = models.TextField()

    class Meta:
        app_label = "kernel"
        constraints = [
            models.UniqueConstraint(fields=["company_id", "code"], name="parameter_unique")
        ]


def parameter_declare(
    code: str,
    *,
    kind: type,
    default: Value,
    title: Any,
    requirement: str = "",
    minimum: Decimal | int | None = None,
    maximum: Decimal | int | None = None,
    check: Callable[[Any], object] | None = None,
) -> str:
    """Declare a parameter and return its code; see `Parameter`."""
    parameter = Parameter(code, kind, default, title, requirement, minimum, maximum, check)
    _parameters.add(code, parameter)
    return code


def rising_numbers(texts: list[str]) -> list[int]:
    """Return the whole numbers of a list, each above the one before.

    Raises:
        ValueError: none at all, no whole number, or one that does not rise.
    """
    numbers = [int(text) for text in texts]
    if not numbers or any(later <= earlier for earlier, later in pairwise(numbers)):
        raise ValueError("whole numbers that rise are wanted")
    return numbers


def one_of(*allowed: str) -> Callable[[str], None]:
    """Return a check that refuses, by ValueError, every text but these."""

    def check(text: str) -> None:
        if text not in allowed:
            raise ValueError(f"one of {allowed} is wanted")

    return check


def parameters_all() -> list[Parameter]:
    """Return every declared parameter."""
    return [item for _name, item in _parameters.items()]


def parameter_title(code: str) -> str:
    """Return what a parameter is called, in the reader's language; "" for an unknown code."""
    found = _parameters.find(code)
    return "" if found is None else str(found.title)


def parameter_get(code: str) -> Parameter:
    """Return the declaration."""
    return _parameters.get(code)


def parameter_value(company_id: int | None, code: str) -> Any:
    """Return the value in force for the company."""
    return parameter_values(company_id, [code])[code]


def parameter_values(company_id: int | None, codes: list[str]) -> dict[str, Any]:
    """Return several values."""
    stored = _stored(company_id or 0)
    declared = {code: _parameters.get(code) for code in codes}
    return {
        code: _decode(item, stored[code]) if code in stored else item.default
        for code, item in declared.items()
    }


@remembered("figures")
def _stored(company_id: int) -> dict[str, str]:
    rows = ParameterValue.objects.filter(company_id=company_id)
    return dict(rows.values_list("code", "value"))


def parameter_parse(code: str, text: str) -> Value:
    """Return the value that `text` means for this parameter.

    Raises:
        InvalidError: not of the parameter's kind, or out of its bounds.
    """
    parameter = _parameters.get(code)
    try:
        value = _convert(parameter, text.strip())
        if parameter.check is not None:
            parameter.check(value)
    except (InvalidOperation, ValueError):
        message = _("This is not a valid value.")
        raise InvalidError(FieldIssue(code, "invalid", message)) from None
    if isinstance(value, Decimal | int) and not isinstance(value, bool):
        low, high = parameter.minimum, parameter.maximum
        if (low is not None and value < low) or (high is not None and value > high):
            message = _("The value must be between %(low)s and %(high)s.")
            raise InvalidError(FieldIssue(code, "range", message % {"low": low, "high": high}))
    return value


def parameter_set(actor: Actor, company_id: int, code: str, text: str) -> tuple[Any, Value]:
    """Store a value and return (before, after); the calling service checks rights and audits.

    Raises:
        InvalidError: see `parameter_parse`.
    """
    value = parameter_parse(code, text)
    before = parameter_value(company_id, code)
    stored = json.dumps(value if isinstance(value, list) else str(value), ensure_ascii=False)
    ParameterValue.objects.update_or_create(
        company_id=company_id, code=code, defaults={"value": stored}
    )
    return before, value


def _convert(parameter: Parameter, text: str) -> Value:
    if parameter.kind is bool:
        if text.lower() not in {"true", "false", "1", "0"}:
            raise ValueError(text)
        return text.lower() in {"true", "1"}
    if parameter.kind is list:
        return [part.strip() for part in text.replace("，", ",").split(",") if part.strip()]
    if parameter.kind is Decimal:
        number = Decimal(text)
        if not number.is_finite():
            raise ValueError(text)
        return number
    return int(text) if parameter.kind is int else text


def _decode(parameter: Parameter, stored: str) -> Value:
    value = json.loads(stored)
    return list(value) if isinstance(value, list) else _convert(parameter, value)
