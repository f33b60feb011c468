"""Columns that let a type-ahead picker find a row by characters, pinyin and initials."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from chengdan.kernel.pinyin import text_fold
from chengdan.kernel.search.grams import readings

TEXT_MAX = 300
SOUND_MAX = 1000


class SearchColumns(models.Model):
    """Mixin: fill with `search_columns` on every save, filter with `match_q`.

    Attributes:
        search_text: name and code, folded.
        pinyin: the name from every syllable on, each after a blank.
        initials: the first letters of its syllables, each reading after a blank.
    """

    search_text = models.CharField(max_length=TEXT_MAX, blank=True)
    pinyin = models.CharField(max_length=SOUND_MAX, blank=True)
    initials = models.CharField(max_length=100, blank=True)

    class Meta:
        abstract = True


def search_columns(name: str, code: str = "", *, is_person: bool = False) -> dict[str, str]:
    """Return the values of the three columns."""
    folded = text_fold(name)
    sounds, initials = [], []
    for syllables in readings(folded, is_person=is_person):
        sounds += ["".join(syllables[start:]) for start in range(len(syllables))]
        initials.append("".join(syllable[0] for syllable in syllables))
    pinyin = "".join(f" {sound}" for sound in dict.fromkeys(sounds))
    return {
        "search_text": f"{text_fold(code)} {folded}".strip()[:TEXT_MAX],
        "pinyin": pinyin[:SOUND_MAX],
        "initials": "".join(f" {text}" for text in dict.fromkeys(initials))[:100],
    }


def match_q(text: str) -> Q:
    """Return the condition for what a person typed; every word must match.

    One Latin letter matches only the beginning of a code or word; nothing typed matches all.
    """
    condition = Q()
    for word in text_fold(text[:100]).split()[:6]:
        if len(word) == 1 and word.isascii():
            one = Q(search_text__startswith=word) | Q(search_text__contains=f" {word}")
        else:
            one = Q(search_text__contains=word)
            if word.isascii() and word.isalpha():
                one |= Q(pinyin__contains=f" {word}") | Q(initials__contains=word)
        condition &= one
    return condition
