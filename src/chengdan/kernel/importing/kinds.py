"""What can be imported: rooms register a kind with its columns and its bulk service."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal

from chengdan.kernel.actor import Actor
from chengdan.kernel.errors import FieldIssue
from chengdan.kernel.importing.vocabulary import RowState
from chengdan.kernel.registry import Registry

CLEAR = "(-)"  # what a cell says to empty a value; other systems write a bare "-" for nothing
CHANGE = "change"  # code of a remark that says what an update changes: "96 → 97"
ColumnKind = Literal["text", "reference", "decimal", "integer", "date", "choice", "boolean"]


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a kind.

    Attributes:
        name: code; `lines.product` belongs to the nested rows "lines".
        title: lazy translation; files may use it in any language of the site.
        kind: "reference" is a code of something else: width and hidden characters are evened out.
        aliases: other titles found in files.
        example: value of the template's sample row.
        choices: value → lazy title, for kind "choice"; files may use either.
        places: decimals accepted for kind "decimal".
        max_length: characters accepted for texts.
        clears: False when an update cannot empty it; CLEAR in such a cell is refused.
        control: sum it over the file and over the rows taken (control totals, I14).
        nest: name of the nested rows it belongs to, "" for the row itself.
        key: name inside its row.
    """

    name: str
    title: Any
    kind: ColumnKind = "text"
    required: bool = False
    aliases: tuple[str, ...] = ()
    example: str = ""
    help: Any = ""
    choices: Mapping[str, Any] | None = None
    places: int = 6
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    max_length: int = 500
    clears: bool = True
    control: bool = False
    nest: str = field(init=False)
    key: str = field(init=False)

    def __post_init__(self) -> None:
        nest, _dot, key = self.name.rpartition(".")
        object.__setattr__(self, "nest", nest)
        object.__setattr__(self, "key", key)


@dataclass(frozen=True, slots=True)
class NestedRow:
    """A line inside a row, with its row number in its own file.

    Attributes:
        cleared: keys whose cells say CLEAR; their values are None like those of empty cells.
    """

    line: int
    values: dict[str, Any]
    cleared: frozenset[str] = frozenset()

    def is_given(self, key: str) -> bool:
        """True when an update takes the value; an empty cell leaves what is there."""
        return self.values.get(key) is not None or key in self.cleared


@dataclass(slots=True)
class ImportRow:
    """One thing to import.

    Attributes:
        line: row number in the main file.
        values: column name → str, Decimal, int, bool, date or None (cell empty or no such column).
        nested: nested name → lines.
        size: rows of files that it consists of.
        absent: names of columns that the file does not have.
        cleared: names of columns whose cells say CLEAR; their values are None.
        issues: what the engine itself found wrong; such rows never reach `apply`.
    """

    line: int
    values: dict[str, Any]
    nested: dict[str, list[NestedRow]] = field(default_factory=dict)
    size: int = 1
    absent: frozenset[str] = frozenset()
    cleared: frozenset[str] = frozenset()
    issues: list[FieldIssue] = field(default_factory=list)
    key: str = ""
    is_filtered: bool = False

    def is_given(self, name: str) -> bool:
        """True when an update takes the value; an empty cell leaves what is there."""
        return self.values.get(name) is not None or name in self.cleared


@dataclass(slots=True)
class RowResult:
    """What a room did with a row."""

    state: RowState
    key: str = ""
    issues: Sequence[FieldIssue] = ()
    target_id: int | None = None

    @classmethod
    def rejected(cls, *issues: FieldIssue, key: str = "") -> RowResult:
        """Return the result of a row that was not taken."""
        return cls(RowState.REJECTED, key, issues)


Apply = Callable[[Actor, list[ImportRow]], list[RowResult]]


@dataclass(frozen=True, slots=True)
class ImportKind:
    """Something that can be imported.

    Attributes:
        code: as in `chengdan import CODE FILE`.
        apply: takes a chunk inside one `write()` and gives a result per row, in order. Refusals
            of single rows are results, not exceptions; an exception undoes the chunk and the
            engine then offers the rows one by one.
        permission: right that opens the import; `apply` checks the rest by its service.
        key_columns: what makes a row the same thing; a key twice in one file is refused.
        group_by: columns whose equal values on following rows make one row with nested lines.
        chunk_size: rows per transaction.
        targets: types of documents whose changes a check of the file lists row by row; their ids
            are the `target_id` of the results.
        order: place in the list of kinds.
    """

    code: str
    title: Any
    columns: Sequence[Column]
    apply: Apply
    permission: str
    key_columns: Sequence[str] = ()
    group_by: Sequence[str] = ()
    chunk_size: int = 500
    targets: Sequence[str] = ()
    order: int = 500
    help: Any = ""

    def column(self, name: str) -> Column | None:
        """Return the column of that name."""
        return next((column for column in self.columns if column.name == name), None)

    @property
    def nests(self) -> list[str]:
        """Names of the nested rows, in order of appearance."""
        return list(dict.fromkeys(column.nest for column in self.columns if column.nest))

    def columns_of(self, nest: str) -> list[Column]:
        """Return the columns of nested rows, or of the row itself for ""."""
        return [column for column in self.columns if column.nest == nest]


_kinds: Registry[ImportKind] = Registry("import kinds")


def import_kind_register(kind: ImportKind) -> ImportKind:
    """Register something that can be imported.

    Raises:
        ValueError: a column twice, or a key column that does not exist; a programming error.
    """
    names = [column.name for column in kind.columns]
    if len(set(names)) != len(names):
        raise ValueError(f"import kind {kind.code}: a column is declared twice")
    unknown = {*kind.key_columns, *kind.group_by} - set(names)
    if unknown:
        raise ValueError(f"import kind {kind.code}: no columns {sorted(unknown)}")
    return _kinds.add(kind.code, kind)


def import_kind_find(code: str) -> ImportKind | None:
    """Return the kind or None."""
    return _kinds.find(code)


def import_kinds_all() -> list[ImportKind]:
    """Return every kind in display order."""
    return sorted((kind for _code, kind in _kinds.items()), key=lambda kind: kind.order)
