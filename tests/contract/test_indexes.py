"""Every index costs every write: none says only what the beginning of another says."""

from __future__ import annotations

from django.apps import apps
from django.db import models


def _led_by(model: type[models.Model]) -> set[str]:
    """Return the fields that an unconditional index of several columns begins with."""
    lists = [index.fields for index in model._meta.indexes if index.condition is None]
    lists += [
        list(item.fields)
        for item in model._meta.constraints
        if isinstance(item, models.UniqueConstraint) and item.condition is None
    ]
    return {names[0].removeprefix("-") for names in lists if len(names) > 1}


def test_no_column_has_an_index_that_another_one_begins_with() -> None:
    ours = [model for model in apps.get_models() if model.__module__.startswith("chengdan.")]
    twice = [
        f"{model.__name__}.{field.name}"
        for model in ours
        for field in model._meta.local_fields
        if field.db_index and not field.unique and field.name in _led_by(model)
    ]
    assert len(ours) > 40
    assert twice == []
