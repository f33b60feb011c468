"""Figures that an administrator may change: declared by rooms, stored per company."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
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
from chengdan.kernel.ui.formats import number_text

Value = Decimal | int | bool | str | list[str]


@dataclass(frozen=True, slots=True)
class Parameter:
    """One adjustable figure.

    Attributes:
        kind: Decimal, int, bool, str or list (of str).
        default: the value of the specification.
        requirement: id that the default comes from.
        minimum, maximum: inclusive bounds for numbers.
        choices: code → title of the values there are (of a list: of its items, at least one),
            or the name of choices that a room fills in; see `choices_register`.
        check: raises ValueError for a value of the right kind that no reader could use.
        wanted: what `check` takes, said to the person whose value it refuses.
    """

    code: str
    kind: type
    default: Value
    title: Any
    requirement: str = ""
    minimum: Decimal | int | None = None
    maximum: Decimal | int | None = None
    choices: Mapping[str, Any] | str | None = None
    check: Callable[[Any], object] | None = None
    wanted: Any = ""


_parameters: Registry[Parameter] = Registry("parameters")
_choices: Registry[Callable[[], Mapping[str, Any]]] = Registry("choices of parameters")
_WANTED = {
    bool: _("Choose yes or no."),
    int: _("Type a whole number."),
    Decimal: _("Type a number, for example 12.5."),
}


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
    choices: Mapping[str, Any] | str | None = None,
    check: Callable[[Any], object] | None = None,
    wanted: Any = "",
) -> str:
    """Declare a parameter and return its code; see `Parameter`."""
    parameter = Parameter(
        code, kind, default, title, requirement, minimum, maximum, choices, check, wanted
    )
    _parameters.add(code, parameter)
    return code


def choices_register(name: str, provider: Callable[[], Mapping[str, Any]]) -> None:
    """Let a room say which values there are, for parameters of rooms that don't know it.

    Args:
        provider: returns code → title in the reader's language.
    """
    _choices.add(name, provider)


def parameter_choices(parameter: Parameter) -> Mapping[str, Any] | None:
    """Return code → title of the values to choose from; None where any text may stand."""
    if isinstance(parameter.choices, str):
        return _choices.get(parameter.choices)()
    return parameter.choices


def rising_numbers(texts: list[str]) -> list[int]:
    """Return the whole numbers of a list, each above the one before.

    Raises:
        ValueError: none at all, no whole number, or one that does not rise.
    """
    numbers = [int(text) for text in texts]
    if not numbers or any(later <= earlier for earlier, later in pairwise(numbers)):
        raise ValueError("whole numbers that rise are wanted")
    return numbers


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


def parameter_text(value: Value) -> str:
    """Return a value as a person types it and `parameter_parse` reads it."""
    return ", ".join(value) if isinstance(value, list) else str(value)


def parameter_shown(code: str, value: Any) -> str:
    """Return a value as readers see it: flags as yes or no, choices by their titles."""
    if isinstance(value, bool):
        return str(_("yes") if value else _("no"))
    if isinstance(value, list | str):
        titles = parameter_choices(_parameters.get(code)) or {}
        items = value if isinstance(value, list) else [value]
        return ", ".join(str(titles.get(item, item)) for item in items)
    return number_text(value, zero="0")


def parameter_parse(code: str, text: str) -> Value:
    """Return the value that `text` means for this parameter.

    Raises:
        InvalidError: on `value`: not of the parameter's kind, out of its bounds, none of its
            choices, or of no use to its readers.
    """
    parameter = _parameters.get(code)
    try:
        value = _convert(parameter, text.strip())
    except (InvalidOperation, ValueError):
        raise _refusal("invalid", _WANTED[parameter.kind]) from None
    if isinstance(value, Decimal | int) and not isinstance(value, bool):
        low, high = parameter.minimum, parameter.maximum
        if (low is not None and value < low) or (high is not None and value > high):
            message = _("The value must be between %(low)s and %(high)s.")
            raise _refusal("range", message % {"low": low, "high": high})
    choices = parameter_choices(parameter)
    if choices is not None:
        _choice_check(choices, value if isinstance(value, list) else [str(value)])
    if parameter.check is not None:
        try:
            parameter.check(value)
        except ValueError:
            raise _refusal("invalid", parameter.wanted) from None
    return value


def _choice_check(choices: Mapping[str, Any], values: list[str]) -> None:
    if not values:
        raise _refusal("choice", _("Choose at least one."))
    unknown = [value for value in values if value not in choices]
    if unknown:
        message = _("“%(value)s” is not among the choices: %(choices)s.")
        raise _refusal("choice", message % {"value": unknown[0], "choices": ", ".join(choices)})


def _refusal(code: str, message: Any) -> InvalidError:
    return InvalidError(FieldIssue("value", code, message))


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
