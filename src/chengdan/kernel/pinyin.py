"""Folding of Chinese and Latin text, and its sound, for search columns and comparisons."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

import opencc

_HAN = re.compile(r"([\u3400-\u9fff\uf900-\ufaff]+)")
_NOT_WORD = re.compile(r"[\W_]+")


@lru_cache(maxsize=1)
def _to_simplified() -> opencc.OpenCC:
    return opencc.OpenCC("t2s")


def text_fold(text: str) -> str:
    """Return `text` in half-width, lower case and simplified characters, trimmed."""
    plain = unicodedata.normalize("NFKC", text).casefold().strip()
    return plain if plain.isascii() else str(_to_simplified().convert(plain))


def pinyin_columns(text: str) -> tuple[str, str]:
    """Return (full pinyin, initials) without tones, blanks and punctuation.

    Latin letters and digits are kept as they are in both, so that 3M贸易 is found by “3mmy”.
    """
    # The dictionary takes half a second to load; commands that never search do without.
    from pypinyin import lazy_pinyin

    full: list[str] = []
    initials: list[str] = []
    for index, part in enumerate(_HAN.split(text_fold(text))):
        if index % 2:
            syllables = lazy_pinyin(part)
            full += syllables
            initials += [syllable[:1] for syllable in syllables]
        else:
            plain = _NOT_WORD.sub("", part)
            full.append(plain)
            initials.append(plain)
    return "".join(full), "".join(initials)
