"""Turning texts and queries into plain ASCII tokens that both databases index alike.

Han characters become hexadecimal tokens: `b…` pairs in order (so that longer words are phrases)
and `s…` single characters. Latin words are `w…`, codes and digits `c…` with their endings,
full pinyin `p…` and initials `i…`, each from every syllable on.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from chengdan.kernel.pinyin import text_fold
from chengdan.kernel.search.surnames import surname_readings

_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]+")
_WORDS = re.compile(r"[^\W\u3400-\u9fff\uf900-\ufaff]+")
_PIECE = re.compile(r"([\u3400-\u9fff\uf900-\ufaff]+)")
_NOT_ALNUM = re.compile(r"[^0-9a-z]+")
SYLLABLES_MAX = 24
SYLLABLES_EACH = 8
ENDING_MIN = 4
CODE_MAX = 40
TERMS_MAX = 8
# More than the rows of one chunk of an import.
_READINGS_KEPT = 4_096
GAP = "zz"  # keeps phrases from running over the border of two texts


def _hex(text: str) -> str:
    return "".join(f"{ord(character):04x}" for character in text)


def _ascii(text: str) -> str:
    """Return letters and digits; other letters as hexadecimal, so that no script is lost."""
    kept = [c if c.isascii() else f"u{ord(c):x}" for c in text if c.isalnum()]
    return "".join(kept)[:60]


def han_tokens(text: str) -> list[str]:
    """Return pairs in order, then single characters, of every Han run."""
    pairs, singles = [], []
    for run in _HAN.findall(text):
        pairs += [f"b{_hex(run[i : i + 2])}" for i in range(len(run) - 1)]
        pairs.append(GAP)
        singles += [f"s{_hex(character)}" for character in dict.fromkeys(run)]
    return [*pairs, *singles]


def sound_tokens(text: str, *, is_person: bool = False) -> list[str]:
    """Return pinyin and initials from every syllable on, for each reading of a surname."""
    tokens: list[str] = []
    for syllables in readings(text, is_person=is_person):
        for start in range(len(syllables)):
            part = syllables[start : start + SYLLABLES_EACH]
            tokens.append("p" + "".join(part))
            tokens.append("i" + "".join(syllable[0] for syllable in syllables[start:]))
    return list(dict.fromkeys(tokens))


@lru_cache(maxsize=_READINGS_KEPT)
def readings(text: str, *, is_person: bool = False) -> tuple[tuple[str, ...], ...]:
    """Return the syllables of the Han characters; people's surnames in both readings.

    Kept for a while: a row and its search entry ask for the same name one after the other.
    """
    # The dictionary takes half a second to load; commands that never search do without.
    from pypinyin import lazy_pinyin

    han = "".join(_HAN.findall(text))[:SYLLABLES_MAX]
    if not han:
        return ()
    usual = tuple(syllable for syllable in lazy_pinyin(han) if syllable.isascii())
    both = surname_readings(han) if is_person else ()
    return usual, *((*surname, *usual[size:]) for size, surname in both)


def code_tokens(code: str) -> list[str]:
    """Return the code without separators, its pieces, and its endings of four and more."""
    folded = text_fold(code)
    whole = _NOT_ALNUM.sub("", folded)[:CODE_MAX]
    pieces = [piece for piece in _NOT_ALNUM.split(folded) if piece]
    endings = [whole[i:] for i in range(1, len(whole) - ENDING_MIN + 1)]
    return list(dict.fromkeys(f"c{token}" for token in [whole, *pieces, *endings] if token))


def entry_grams(
    texts: Sequence[str],
    *,
    codes: Iterable[str] = (),
    phones: Iterable[str] = (),
    is_person: bool = False,
) -> str:
    """Return all tokens of one entry; the first text is its title, which also has sound."""
    tokens: list[str] = []
    for index, text in enumerate(texts):
        folded = text_fold(text)
        tokens += [*han_tokens(folded), GAP]
        tokens += [f"w{word}" for word in map(_ascii, _WORDS.findall(folded)) if word]
        if index == 0:
            tokens += sound_tokens(folded, is_person=is_person)
    for code in codes:
        tokens += code_tokens(code)
    for phone in phones:
        digits = "".join(c for c in text_fold(phone) if c.isascii() and c.isdigit())
        tokens += code_tokens(digits)
    return " ".join(tokens)


# A term is a list of alternatives; an alternative is a phrase of tokens, the last maybe a prefix.
Alternative = tuple[tuple[str, ...], bool]
Term = list[Alternative]


def query_terms(text: str) -> list[Term]:
    """Return what a query asks for: every term must match one of its alternatives.

    One Latin letter or digit matches only a whole word or code, never everything that begins
    with it.
    """
    terms: list[Term] = []
    for word in text_fold(text[:200]).split():
        for index, piece in enumerate(_PIECE.split(word)):
            term = _han_term(piece) if index % 2 else _plain_term(piece)
            if term:
                terms.append(term)
    return terms[:TERMS_MAX]


def _han_term(piece: str) -> Term:
    if len(piece) == 1:
        return [((f"s{_hex(piece)}",), False)]
    return [(tuple(f"b{_hex(piece[i : i + 2])}" for i in range(len(piece) - 1)), False)]


def _plain_term(piece: str) -> Term:
    plain = _ascii(piece)
    if not plain:
        return []
    if len(plain) == 1:
        return [((f"w{plain}",), False), ((f"c{plain}",), False)]
    kinds = "wc" if not plain.isalpha() else "wcpi"
    return [((f"{kind}{plain}",), True) for kind in kinds]


def whole_terms(terms: list[Term]) -> list[Term]:
    """Return the terms for whole tokens only, not for what begins with them."""
    return [[(tokens, False) for tokens, _is_prefix in term] for term in terms]
