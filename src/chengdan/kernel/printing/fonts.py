"""Fonts for Chinese: those of the system where it has them, else the ones of a small package."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import typst

_WANTED = {
    "zh-hans": ("Noto Sans CJK SC", "Source Han Sans SC", "Noto Sans SC"),
    "zh-hant": ("Noto Sans CJK TC", "Source Han Sans TC", "Noto Sans TC"),
}


def _packaged() -> list[Path]:
    try:
        import pylopdf_fonts_zh_cn as package
    except ImportError:
        return []
    return [Path(package.sans_path()).parent]


@cache
def fonts() -> typst.Fonts:
    """Return all fonts, searched once per process."""
    return typst.Fonts(
        include_system_fonts=True,
        include_embedded_fonts=True,
        font_paths=[str(path) for path in _packaged()],
    )


@cache
def families(language: str) -> list[str]:
    """Return the families to try for a language, by their exact names, first choice first.

    Typst takes another font without a word when a name does not exist, so only present ones are
    returned.
    """
    present = set(fonts().families())
    order = ["zh-hant", "zh-hans"] if language == "zh-hant" else ["zh-hans", "zh-hant"]
    wanted = [name for code in order for name in _WANTED[code]]
    return [name for name in wanted if name in present]
