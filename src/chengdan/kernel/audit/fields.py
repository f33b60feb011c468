"""What readers call the fields that audit entries name, and how they read their values."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from chengdan.kernel.registry import Registry

_PART = re.compile(r"(?P<part>[a-z]+) (?P<number>\d+) (?P<name>[a-z_]+)")


@dataclass(frozen=True, slots=True)
class _Titles:
    parts: tuple[str, ...] = ()
    titles: Mapping[str, Any] = field(default_factory=dict)


_fields: Registry[_Titles] = Registry("titles of audited fields")


def audit_fields_register(
    target_type: str, *, parts: tuple[str, ...] = (), titles: Mapping[str, Any] | None = None
) -> None:
    """Say what the entries of a document call fields that are not its own.

    Args:
        target_type: as in `target_label`; its own fields are called by their verbose names.
        parts: labels of the models whose changes are kept in its history, too.
        titles: name → lazy title of everything else.
    """
    _fields.add(target_type, _Titles(parts, titles or {}))


def field_title(target_type: str, name: str) -> str:
    """Return what a field of an entry is called, in the reader's language; else its name."""
    known = _fields.find(target_type) or _Titles()
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
    return name


def value_text(target_type: str, name: str, value: Any) -> Any:
    """Return a value as readers see it: choices by their label, flags as yes or no."""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, str):
        for found in _model_fields(target_type, name):
            choices = dict(found.flatchoices)
            if value in choices:
                return str(choices[value])
    return value


def _model_fields(target_type: str, name: str) -> Iterator[models.Field[Any, Any]]:
    """Yield the fields of this name: of the document, then of its parts."""
    known = _fields.find(target_type) or _Titles()
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
