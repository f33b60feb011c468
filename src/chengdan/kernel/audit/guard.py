"""Which tables may not change without an audit entry."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from django.apps import apps
from django.db import models

from chengdan.kernel.transactions import audited_table_add

M = TypeVar("M", bound=type[models.Model])
_parents: list[tuple[type[models.Model], str]] = []


def audited(parent: str = "") -> Callable[[M], M]:
    """Class decorator: writes to this model need an entry for it, or for `parent` ("app.Model")."""

    def register(model: M) -> M:
        if parent:
            _parents.append((model, parent))
        else:
            audited_table_add(model._meta.db_table, model._meta.db_table)
        return model

    return register


def parents_resolve() -> None:
    """Link child tables to the tables of their parents; runs when all applications are ready."""
    for model, parent in _parents:
        table = apps.get_model(parent)._meta.db_table
        audited_table_add(model._meta.db_table, table)
