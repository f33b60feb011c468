"""Which column of a plain file is which of ours: by title in any language, name or alias."""

from __future__ import annotations

from chengdan.kernel.importing.kinds import Column, ImportKind
from chengdan.kernel.importing.values import title_words, word_plain
from chengdan.kernel.importing.vocabulary import FileRefusedError


def spellings(column: Column) -> set[str]:
    """Return every way a file may name the column."""
    words = {word_plain(column.name), *title_words(column.title)}
    return words | {word_plain(alias) for alias in column.aliases}


def headers_match(kind: ImportKind, headers: list[str]) -> tuple[dict[str, int], list[str]]:
    """Return column name → position in the file, and the titles that are not ours.

    Raises:
        FileRefusedError: `header_missing` when a required column is not there, `header_twice`.
    """
    known: dict[str, str] = {}
    for column in kind.columns:
        for word in spellings(column):
            known.setdefault(word, column.name)
    found: dict[str, int] = {}
    ignored, twice = [], []
    for position, header in enumerate(headers):
        name = known.get(word_plain(header)) if header else None
        if name is None:
            ignored += [header] if header else []
        elif name in found:
            twice.append(header)
        else:
            found[name] = position
    if twice:
        raise FileRefusedError("header_twice", names=", ".join(twice))
    missing = [
        str(column.title) for column in kind.columns if column.required and column.name not in found
    ]
    if missing:
        raise FileRefusedError("header_missing", names=", ".join(missing))
    return found, ignored
