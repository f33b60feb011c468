"""From read tables to rows of a kind: mapping, joins, nested lines, values, keys seen twice."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from chengdan.kernel.errors import FieldIssue
from chengdan.kernel.importing.headers import headers_match
from chengdan.kernel.importing.kinds import Column, ImportKind, ImportRow, NestedRow
from chengdan.kernel.importing.mapping import Mapping as FileMapping
from chengdan.kernel.importing.mapping import Nested, files_match
from chengdan.kernel.importing.readers.tables import Cell, Table
from chengdan.kernel.importing.values import CellError, cell_clears, cell_text, value_parse
from chengdan.kernel.importing.vocabulary import FileRefusedError

Cells = dict[str, Cell]


@dataclass(slots=True)
class Assembly:
    """Everything needed to produce the rows of one import, the same every time.

    Attributes:
        ignored: titles of the file that are not ours and stay unread.
        total: rows of all files that belong to the import.
    """

    kind: ImportKind
    mapping: FileMapping
    tables: Sequence[Table]
    ignored: list[str] = field(default_factory=list)
    total: int = 0
    _files: dict[str, int] = field(default_factory=dict)
    _positions: dict[str, int] = field(default_factory=dict)

    def prepare(self) -> Assembly:
        """Match files and columns.

        Raises:
            FileRefusedError: a file or a required column is missing, a title appears twice.
        """
        main = self.tables[0]
        if self.mapping.is_plain:
            self._positions, self.ignored = headers_match(self.kind, main.headers)
            self.total = main.row_count
            return self
        self._files = files_match(self.mapping, [table.name for table in self.tables])
        main = self.main
        joined = {
            f"{join.prefix}{title}"
            for join in self.mapping.joins
            for title in self._table(join.file).headers
        }
        known = {*main.headers, *joined}
        missing = sorted(self.mapping.source_columns - known)
        if missing:
            raise FileRefusedError("header_missing", names=", ".join(missing))
        self.ignored = [
            title for title in main.headers if title and title not in self.mapping.source_columns
        ]
        nested = [self._table(part.file) for part in self.mapping.nested if part.file]
        self.total = main.row_count + sum(table.row_count for table in nested)
        return self

    @property
    def main(self) -> Table:
        """The table of the rows themselves."""
        return self._table(self.mapping.file) if self._files else self.tables[0]

    def _table(self, pattern: str) -> Table:
        return self.tables[self._files[pattern]]

    def rows(self) -> Iterator[ImportRow]:
        """Yield the rows in file order; wrong ones carry their issues."""
        made = self._plain_rows() if self.mapping.is_plain else self._mapped_rows()
        seen: dict[tuple[str, ...], int] = {}
        sample = _sample_of(self.kind)
        for row in made:
            row.key = " / ".join(_key_of(row.values, self.kind.key_columns))
            self._twice(row, seen)
            if self.mapping.is_plain and sample and _is_sample(row, sample):
                row.is_filtered = True
            yield row

    def _twice(self, row: ImportRow, seen: dict[tuple[str, ...], int]) -> None:
        if not self.kind.key_columns or row.is_filtered:
            return
        key = _key_of(row.values, self.kind.key_columns)
        if not all(key):
            return
        first = seen.setdefault(key, row.line)
        if first != row.line:
            text = _("The same key stands in row %(row)s.") % {"row": first}
            row.issues.append(FieldIssue(self.kind.key_columns[0], "twice", text, row.line))

    # -- without a mapping -------------------------------------------------------------------

    def _plain_rows(self) -> Iterator[ImportRow]:
        own = self.kind.columns_of("")
        absent = frozenset(column.name for column in own if column.name not in self._positions)
        group: ImportRow | None = None
        for line, cells in self.main.rows():
            by_name = {
                name: cells[at] if at < len(cells) else None for name, at in self._positions.items()
            }
            row = ImportRow(line, {}, absent=absent)
            self._fill(row, own, by_name)
            for nest in self.kind.nests:
                self._flat_line(row, nest, by_name)
            if group is not None and self._belongs(group, row):
                _absorb(group, row)
                continue
            if group is not None:
                yield group
            group = row
        if group is not None:
            yield group

    def _belongs(self, group: ImportRow, row: ImportRow) -> bool:
        names = self.kind.group_by
        key = _key_of(row.values, names)
        return bool(names) and all(key) and key == _key_of(group.values, names)

    def _flat_line(self, row: ImportRow, nest: str, by_name: Cells) -> None:
        columns = self.kind.columns_of(nest)
        cells = {column.key: by_name.get(column.name) for column in columns}
        if any(cell not in (None, "") for cell in cells.values()):
            row.nested.setdefault(nest, []).append(
                self._line(row, nest, row.line, cells, self.main.is_1904)
            )

    # -- with a mapping ----------------------------------------------------------------------

    def _mapped_rows(self) -> Iterator[ImportRow]:
        own = self.kind.columns_of("")
        absent = frozenset(column.name for column in own if column.name not in self.mapping.columns)
        joins = [(join, self._index(join.file, join.on)) for join in self.mapping.joins]
        lines = {
            part.name: self._index(part.file, part.on) for part in self.mapping.nested if part.file
        }
        for line, cells in self.main.rows():
            source = dict(zip(self.main.headers, _padded(cells, self.main.headers), strict=True))
            for join, index in joins:
                found = index.get(_values_at(source, join.on.values()))
                if found:
                    other = found[0][1]
                    source |= {f"{join.prefix}{title}": cell for title, cell in other.items()}
            yield self._mapped_row(line, source, own, absent, lines)
        yield from self._orphans(lines)

    def _mapped_row(
        self,
        line: int,
        source: Cells,
        own: list[Column],
        absent: frozenset[str],
        lines: dict[str, dict[tuple[str, ...], list[tuple[int, Cells]]]],
    ) -> ImportRow:
        row = ImportRow(line, {}, absent=absent)
        try:
            row.is_filtered = self.mapping.where is not None and not self.mapping.where(source)
            cells = {name: make(source) for name, make in self.mapping.columns.items()}
        except CellError as error:
            row.issues.append(FieldIssue("", error.code, error.message, line))
            cells = {}
        if not row.issues and not row.is_filtered:
            self._fill(row, own, cells)
        for part in self.mapping.nested:
            key = _values_at(source, part.on.values())
            found = lines[part.name].pop(key, []) if part.file else [(line, source)]
            self._nested_lines(row, part, found)
        return row

    def _nested_lines(self, row: ImportRow, part: Nested, found: list[tuple[int, Cells]]) -> None:
        is_1904 = self._table(part.file).is_1904 if part.file else self.main.is_1904
        for number, source in found:
            row.size += 1 if part.file else 0
            try:
                if part.where is not None and not part.where(source):
                    continue
                cells = {name: make(source) for name, make in part.columns.items()}
            except CellError as error:
                row.issues.append(FieldIssue(part.name, error.code, error.message, number))
                continue
            made = self._line(row, part.name, number, cells, is_1904)
            row.nested.setdefault(part.name, []).append(made)

    def _orphans(
        self, lines: dict[str, dict[tuple[str, ...], list[tuple[int, Cells]]]]
    ) -> Iterator[ImportRow]:
        for name, index in lines.items():
            for key, found in index.items():
                for number, _cells in found:
                    text = _("No row in the main file belongs to this line (%(key)s).")
                    issue = FieldIssue(name, "orphan", text % {"key": " / ".join(key)}, number)
                    yield ImportRow(number, {}, issues=[issue])

    def _index(
        self, pattern: str, on: Mapping[str, str]
    ) -> dict[tuple[str, ...], list[tuple[int, Cells]]]:
        table = self._table(pattern)
        missing = [title for title in on if title not in table.headers]
        if missing:
            raise FileRefusedError("header_missing", names=", ".join(missing))
        index: dict[tuple[str, ...], list[tuple[int, Cells]]] = {}
        for line, cells in table.rows():
            source = dict(zip(table.headers, _padded(cells, table.headers), strict=True))
            index.setdefault(_values_at(source, on), []).append((line, source))
        return index

    # -- values ------------------------------------------------------------------------------

    def _fill(self, row: ImportRow, columns: list[Column], cells: Cells) -> None:
        for column in columns:
            row.values[column.name] = self._value(row, column, column.name, row.line, cells)
        row.cleared = frozenset(c.name for c in columns if cell_clears(cells.get(c.name)))

    def _line(
        self, row: ImportRow, nest: str, number: int, cells: Cells, is_1904: bool
    ) -> NestedRow:
        columns = self.kind.columns_of(nest)
        values = {
            column.key: self._value(row, column, column.key, number, cells, is_1904)
            for column in columns
        }
        return NestedRow(number, values, frozenset(k for k in values if cell_clears(cells.get(k))))

    def _value(
        self,
        row: ImportRow,
        column: Column,
        name: str,
        line: int,
        cells: Cells,
        is_1904: bool | None = None,
    ) -> Any:
        flag = self.main.is_1904 if is_1904 is None else is_1904
        try:
            return value_parse(column, cells.get(name), is_1904=flag)
        except CellError as error:
            row.issues.append(FieldIssue(column.name, error.code, error.message, line))
            return None


def _padded(cells: list[Cell], headers: list[str]) -> list[Cell]:
    return [*cells, *([None] * (len(headers) - len(cells)))][: len(headers)]


def _values_at(source: Cells, names: Any) -> tuple[str, ...]:
    try:
        return tuple(cell_text(source.get(name)) for name in names)
    except CellError:
        return ()


def _key_of(values: dict[str, Any], names: Sequence[str]) -> tuple[str, ...]:
    return tuple("" if values.get(name) is None else str(values[name]) for name in names)


def _absorb(group: ImportRow, row: ImportRow) -> None:
    """Add the lines of a following file row to the thing it belongs to."""
    group.size += 1
    group.issues += row.issues
    for nest, found in row.nested.items():
        group.nested.setdefault(nest, []).extend(found)
    for name, value in row.values.items():
        if value is not None and group.values.get(name) not in (None, value):
            text = _("This differs from row %(row)s of the same document.") % {"row": group.line}
            group.issues.append(FieldIssue(name, "differs", text, row.line))
    group.cleared |= row.cleared
    for name in group.cleared:
        if {group.values.get(name), row.values.get(name)} != {None}:
            text = _("This differs from row %(row)s of the same document.") % {"row": group.line}
            group.issues.append(FieldIssue(name, "differs", text, row.line))


def _sample_of(kind: ImportKind) -> dict[str, Any]:
    """Return the values of the template's sample row."""
    own = [column for column in kind.columns if column.example and not column.nest]
    return {column.name: value_parse(column, column.example) for column in own}


def _is_sample(row: ImportRow, sample: dict[str, Any]) -> bool:
    is_same = all(value == sample.get(name) for name, value in row.values.items())
    return is_same and not row.cleared
