"""Which templates exist; rooms register theirs at start."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.utils.translation import gettext_lazy as _

from chengdan.kernel.registry import Registry

PACKAGE = Path(__file__).resolve().parents[2]
BASE = Path(__file__).resolve().parent


@dataclass(frozen=True, slots=True)
class PrintTemplate:
    """One template: its file inside the package imports `/kernel/printing/base.typ`."""

    code: str
    title: Any
    path: Path


_templates: Registry[PrintTemplate] = Registry("print templates")


def template_register(code: str, title: Any, path: Path) -> str:
    """Register a template file and return its code.

    Raises:
        ValueError: the file lies outside the package, where templates cannot be read.
    """
    if not path.resolve().is_relative_to(PACKAGE):
        raise ValueError(f"{path} lies outside the package")
    _templates.add(code, PrintTemplate(code, title, path.resolve()))
    return code


def template_get(code: str) -> PrintTemplate:
    """Return a template; KeyError for a typo."""
    return _templates.get(code)


def templates_all() -> list[PrintTemplate]:
    """Return every template."""
    return [item for _code, item in _templates.items()]


STANDARD = template_register("kernel.standard", _("Standard document"), BASE / "standard.typ")
