"""What every service of the room does to a row: apply, count the version, save, audit."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models

from chengdan.kernel.actor import Actor
from chengdan.kernel.audit import audit_record
from chengdan.kernel.errors import FieldIssue, InvalidError


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


def text_required(field: str, value: str, message: Any) -> str:
    """Return the trimmed text.

    Raises:
        InvalidError: nothing is left.
    """
    text = value.strip()
    if not text:
        raise InvalidError(FieldIssue(field, "required", message))
    return text
