"""What readers call the fields that audit entries name, and how they read their values."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from chengdan.kernel.audit.names import Key, Names
from chengdan.kernel.fields import AmountField, FixedDecimalField
from chengdan.kernel.registry import Registry
from chengdan.kernel.ui.formats import day_text, number_text, percent_text

_PART = re.compile(r"(?P<part>[a-z]+) (?P<number>\d+) (?P<name>[a-z_]+)")
_DOCUMENT = re.compile(r"(?P<label>[a-z]+\.[a-z]+) (?P<id>\d{1,18})")
_DAY = re.compile(r"\d{4}-\d\d-\d\d(?P<time>T\d\d:\d\d.*)?")
MONEY_PLACES = 2
SHOWN_MAX = 20


@dataclass(frozen=True, slots=True)
class _Known:
    kind: Any = ""
    parts: tuple[str, ...] = ()
    titles: Mapping[str, Any] = field(default_factory=dict)
    ids: Mapping[str, str] = field(default_factory=dict)
    codes: Mapping[str, str] = field(default_factory=dict)
    choices: Mapping[str, Iterable[tuple[str, Any]]] = field(default_factory=dict)
    amounts: tuple[str, ...] = ()
    shares: tuple[str, ...] = ()
    title: Callable[[str], str] = lambda name: ""
    text: Callable[[str, Any], str] = lambda name, value: ""


_NOTHING = _Known()
_fields: Registry[_Known] = Registry("titles of audited fields")


def audit_fields_register(
    target_type: str,
    *,
    kind: Any = "",
    parts: tuple[str, ...] = (),
    titles: Mapping[str, Any] | None = None,
    ids: Mapping[str, str] | None = None,
    codes: Mapping[str, str] | None = None,
    choices: Mapping[str, Iterable[tuple[str, Any]]] | None = None,
    amounts: tuple[str, ...] = (),
    shares: tuple[str, ...] = (),
    title: Callable[[str], str] = _NOTHING.title,
    text: Callable[[str, Any], str] = _NOTHING.text,
) -> None:
    """Say what the entries of a document call fields that are not its own, and their values.

    Args:
        target_type: as in `target_label`; its own fields are called by their verbose names and
            their values read by their choices and relations.
        kind: lazy title of such documents; default the verbose name of the model.
        parts: labels of the models whose changes are kept in its history, too.
        titles: name → lazy title of everything else, also of what stands in rows of a value.
        ids: name → label of the model whose ids stand there, alone or in a list; a relation of
            the document needs none.
        codes: name → what `audit_names_register` calls the codes of rows that stand there.
        choices: name → (code, lazy title) pairs of codes that stand there.
        amounts: names under which amounts of money stand; fields of the document need none.
        shares: names under which shares stand that are read as percent.
        title: returns what a name not known before is called, "" for its name.
        text: returns a value in words, "" to leave it to the rules above.
    """
    known = _Known(
        kind, parts, titles or {}, ids or {}, codes or {}, choices or {}, amounts, shares, title,
        text,
    )  # fmt: skip
    _fields.add(target_type, known)


def kind_title(target_type: str) -> str:
    """Return what documents of a type are called; the type when nobody gave it a title."""
    known = _fields.find(target_type)
    if known is not None and known.kind:
        return str(known.kind)
    try:
        title = apps.get_model(target_type)._meta.verbose_name
    except (LookupError, ValueError):
        return target_type
    return str(title) if isinstance(title, Promise) else target_type


def field_title(target_type: str, name: str) -> str:
    """Return what a field of an entry is called, in the reader's language; else its name."""
    known = _fields.find(target_type) or _NOTHING
    if name in known.titles:
        return str(known.titles[name])
    for found in _model_fields(target_type, name):
        if (title := _written_title(found)) is not None:
            return str(title)
    if part := _PART.fullmatch(name):
        titles = [field_title(target_type, part[group]) for group in ("part", "name")]
        return _("%(part)s %(number)s %(field)s") % {
            "part": titles[0], "number": part["number"], "field": titles[1],
        }  # fmt: skip
    return known.title(name) or name


def values_want(target_type: str, name: str, value: Any, names: Names) -> None:
    """Note every id in a value, so that the names of many entries are read at once."""
    if isinstance(value, dict):
        for key, inner in value.items():
            values_want(target_type, key, inner, names)
    elif isinstance(value, list):
        for inner in value:
            values_want(target_type, name, inner, names)
    elif found := _reference_of(target_type, name, value):
        names.want(*found)


def value_text(target_type: str, name: str, value: Any, names: Names) -> str:
    """Return a value as readers see it: names for ids, labels for codes; "–" for none."""
    if value in (None, "", [], {}):
        return "–"
    if own := (_fields.find(target_type) or _NOTHING).text(name, value):
        return own
    if isinstance(value, list):
        shown = [value_text(target_type, name, one, names) for one in value[:SHOWN_MAX]]
        between = "; " if isinstance(value[0], dict) else _(", ")
        return between.join([*shown, "…"] if len(value) > SHOWN_MAX else shown)
    if isinstance(value, dict):
        return " · ".join(_pair(target_type, name, key, one, names) for key, one in value.items())
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if found := _reference_of(target_type, name, value):
        named = names.of(*found)
        return named if found[1] == value else f"{kind_title(found[0])} {named}"
    return _scalar(target_type, name, value)


def _pair(target_type: str, name: str, key: str, value: Any, names: Names) -> str:
    """Return one part of a row; keys that are numbers count lines, whose value is the field's."""
    if key.isdecimal():
        title = _("line %(number)s") % {"number": key}
        return f"{title} {value_text(target_type, name, value, names)}"
    return f"{field_title(target_type, key)} {value_text(target_type, key, value, names)}"


def _scalar(target_type: str, name: str, value: Any) -> str:
    known = _fields.find(target_type) or _NOTHING
    for code, title in known.choices.get(name, ()):
        if code == value:
            return str(title)
    if name in known.amounts:
        return _number(value, is_amount=True)
    if name in known.shares:
        return percent_text(Decimal(str(value)))
    for found in _model_fields(target_type, name):
        choices = dict(found.flatchoices)
        if value in choices:
            return str(choices[value])
        if isinstance(found, FixedDecimalField):
            return _number(value, is_amount=isinstance(found, AmountField))
    if not isinstance(value, str):
        return str(value)
    return kind_title(value) if value in _fields else _moment(value)


def _number(value: Any, *, is_amount: bool) -> str:
    """Return a number that entries keep as text; amounts get two places at least."""
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return str(value)
    places = max(MONEY_PLACES, -int(number.as_tuple().exponent)) if is_amount else None
    return number_text(number, places, zero="0")


def _moment(value: str) -> str:
    """Return a day or an instant in the reader's time; other texts as they are."""
    found = _DAY.fullmatch(value)
    if found is None:
        return value
    try:
        is_day = found["time"] is None
        return day_text(date.fromisoformat(value) if is_day else datetime.fromisoformat(value))
    except ValueError:
        return value


def _reference_of(target_type: str, name: str, value: Any) -> tuple[str, Key] | None:
    """Return label and key of the row that a value stands for, None when it is a plain value."""
    known = _fields.find(target_type) or _NOTHING
    if isinstance(value, str) and (document := _DOCUMENT.fullmatch(value)):
        is_known = document["label"] in _fields
        return (document["label"], int(document["id"])) if is_known else None
    if isinstance(value, str) and name in known.codes:
        return known.codes[name], value
    if not isinstance(value, int) or isinstance(value, bool):
        return None
    if name in known.ids:
        return known.ids[name], value
    for found in _model_fields(target_type, name):
        related = found.related_model
        if isinstance(related, type) and issubclass(related, models.Model):
            return related._meta.label_lower, value
    return None


def _model_fields(target_type: str, name: str) -> Iterator[models.Field[Any, Any]]:
    """Yield the fields of this name: of the document, then of its parts."""
    known = _fields.find(target_type) or _NOTHING
    for label in (target_type, *known.parts):
        try:
            found = apps.get_model(label)._meta.get_field(name.removesuffix("_id"))
        except (LookupError, ValueError, FieldDoesNotExist):
            continue
        if isinstance(found, models.Field):
            yield found


def _written_title(found: models.Field[Any, Any]) -> Any:
    """Return the verbose name, or, of a relation called like its model, that of the model."""
    if isinstance(found.verbose_name, Promise):
        return found.verbose_name
    related = found.related_model
    if isinstance(related, type) and related._meta.model_name == found.name:
        title = related._meta.verbose_name
        return title if isinstance(title, Promise) else None
    return None


def audited_kinds() -> list[tuple[str, str]]:
    """Return (type, title) of every kind of document with a history, by title."""
    kinds = [(target_type, kind_title(target_type)) for target_type in _fields]
    return sorted(kinds, key=lambda pair: pair[1])
