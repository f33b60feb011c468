"""What every service of the room does to a row: apply, count the version, save, audit."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _

from chengdan.kernel.actor import Actor
from chengdan.kernel.audit import audit_record
from chengdan.kernel.errors import FieldIssue, InvalidError
from chengdan.kernel.workcalendar import calendar_choices

_CODE = re.compile(r"[\w.-]+")


def fields_change(
    actor: Actor,
    code: str,
    target: models.Model,
    values: dict[str, Any],
    *,
    reason: str = "",
    personal: frozenset[str] = frozenset(),
) -> bool:
    """Save the values that differ with one audit entry; return whether anything changed.

    Args:
        personal: names of fields whose values are kept erasable, outside the entry.

    Raises:
        InvalidError: a new value that its field cannot hold; what stood there is not judged.
    """
    before = {name: getattr(target, name) for name in values}
    changed = {name: value for name, value in values.items() if before[name] != value}
    if not changed:
        return False
    for name, value in changed.items():
        setattr(target, name, value)
    target.version += 1  # type: ignore[attr-defined]  # every table of the room has it
    _clean(target, changed)
    target.save(update_fields=[*changed, "version"])
    audit_record(
        actor,
        code,
        target,
        before={name: before[name] for name in changed if name not in personal},
        after={name: value for name, value in changed.items() if name not in personal},
        reason=reason,
        personal={name: str(value) for name, value in changed.items() if name in personal},
    )
    return True


def _clean(target: models.Model, changed: Collection[str]) -> None:
    kept = {
        field.name
        for field in target._meta.concrete_fields
        if field.name not in changed and field.attname not in changed
    }
    try:
        target.clean_fields(exclude=kept)
    except ValidationError as error:
        raise InvalidError(
            [
                FieldIssue(name, "invalid", text)
                for name, texts in error.message_dict.items()
                for text in texts
            ]
        ) from error


def calendar_check(company_id: int | None, code: str) -> str:
    """Return the code of a working calendar that the company has; "" names none.

    Raises:
        InvalidError: there is no such calendar.
    """
    code = code.strip()
    if code and code not in calendar_choices(company_id):
        message = _("There is no such working calendar.")
        raise InvalidError(FieldIssue("calendar_code", "unknown", message))
    return code


def code_required(text: str, missing: str) -> str:
    """Return a code without blanks around it: letters of any script, digits, "-", "_" and ".".

    Raises:
        InvalidError: `missing` where there is none; anything else in it.
    """
    code = text_required("code", text, missing)
    if not _CODE.fullmatch(code):
        message = _("A code has letters, digits, “-”, “_” and “.” only.")
        raise InvalidError(FieldIssue("code", "form", message))
    return code


def text_required(field: str, value: str, message: Any) -> str:
    """Return the trimmed text.

    Raises:
        InvalidError: nothing is left.
    """
    text = value.strip()
    if not text:
        raise InvalidError(FieldIssue(field, "required", message))
    return text
