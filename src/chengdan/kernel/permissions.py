"""Which rights exist. Who holds them, and over which rows, is decided in the room `people`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.utils.translation import gettext_lazy as _

from chengdan.kernel.registry import Registry

_CODE = re.compile(r"^[a-z_]+\.[a-z_]+:[a-z_]+$")

SCOPES: dict[str, Any] = {
    "own": _("own"),
    "own_subordinates": _("own and subordinates'"),
    "unit": _("own unit"),
    "unit_below": _("own unit and below"),
    "all": _("all"),
}


@dataclass(frozen=True, slots=True)
class Permission:
    """One right.

    Attributes:
        code: `room.entity:verb`.
        title: shown where rights are granted.
        model: label of the model whose rows it narrows, "" for rights without rows.
        is_step: the act does nothing but end a step that stands in the actor's inbox, so whoever
            may sign there for somebody may do it too.
    """

    code: str
    title: Any
    model: str = ""
    is_step: bool = False


_permissions: Registry[Permission] = Registry("permissions")


def permission_declare(code: str, title: Any, *, model: str = "", is_step: bool = False) -> str:
    """Declare a right and return its code.

    Raises:
        ValueError: the code does not read `room.entity:verb`.
    """
    if not _CODE.match(code):
        raise ValueError(f"permission code {code!r} must read room.entity:verb")
    _permissions.add(code, Permission(code, title, model, is_step))
    return code


def permission_get(code: str) -> Permission:
    """Return the declared right; KeyError for a typo."""
    return _permissions.get(code)


def permission_title(code: str) -> str:
    """Return what a right is called, in the reader's language; "" for an unknown code."""
    found = _permissions.find(code)
    return "" if found is None else str(found.title)


def room_title(code: str) -> str:
    """Return what the room of a code is called: `orders` of `orders.order:view`."""
    label = code.partition(".")[0]
    config = apps.app_configs.get(label)
    return label if config is None else str(config.verbose_name)


def permissions_all() -> list[Permission]:
    """Return every declared right in order of declaration."""
    return [item for _name, item in _permissions.items()]
