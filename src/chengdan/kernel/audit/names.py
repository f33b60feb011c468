"""What the ids in audit entries stand for, read for many entries at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from typing import Any, TypeAlias

from django.apps import apps

from chengdan.kernel.registry import Registry

Key: TypeAlias = int | str
# Ids, or codes where entries keep those, → name of each row, in the reader's language.
NameReader: TypeAlias = Callable[[Collection[Any]], Mapping[Any, str]]

_readers: Registry[NameReader] = Registry("names of rows in histories")


def audit_names_register(label: str, reader: NameReader) -> None:
    """Say how rows of a model are called in histories; without it, by `str`.

    Args:
        label: of the model, or a name for its codes that `audit_fields_register` refers to.
    """
    _readers.add(label, reader)


class Names:
    """The names of rows that entries mention; every model is read once, when first asked for."""

    def __init__(self) -> None:
        self._wanted: defaultdict[str, set[Key]] = defaultdict(set)
        self._known: dict[str, dict[Key, str]] = {}

    def want(self, label: str, key: Key) -> None:
        """Note that the name of a row will be asked for."""
        self._wanted[label].add(key)

    def of(self, label: str, key: Key) -> str:
        """Return the name of a row; its number when the row is gone."""
        if key not in self._known.get(label, {}):
            self._load(label, key)
        return self._known[label][key]

    def _load(self, label: str, key: Key) -> None:
        known = self._known.setdefault(label, {})
        asked = (self._wanted.pop(label, set()) | {key}) - known.keys()
        reader = _readers.find(label)
        if reader is None:
            rows = apps.get_model(label)._default_manager.in_bulk(asked)
            found: Mapping[Key, str] = {int(pk): str(row) for pk, row in rows.items()}
        else:
            found = reader(asked)
        known.update({one: found.get(one) or _gone(one) for one in asked})


def _gone(key: Key) -> str:
    return key if isinstance(key, str) else f"#{key}"
