"""Mapping files: which source column becomes which of ours, kept and reused by name.

A mapping is YAML or JSON: `version: 1`, and under `kinds` one section per import kind with
`file` (pattern of the main file), `columns`, and where needed `header_row`, `sheet`, `delimiter`,
`joins`, `nested`, `where`. Full reference: docs/reference/import-mappings.md.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath
from typing import Any, TypeVar

import yaml
from django.conf import settings

from chengdan.kernel.importing.expressions import (
    Condition,
    Expression,
    MappingError,
    condition_build,
    expression_build,
)
from chengdan.kernel.importing.kinds import ImportKind
from chengdan.kernel.importing.readers.tables import ReadOptions
from chengdan.kernel.importing.vocabulary import FileRefusedError

TEXT_LENGTH_MAX = 200_000
NODES_MAX = 50_000
DEPTH_MAX = 40
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Join:
    """Columns of another file looked up by equal values, named `<prefix><column>`."""

    file: str
    on: dict[str, str]
    prefix: str


@dataclass(frozen=True, slots=True)
class Nested:
    """Nested rows, from another file by equal values or made from the row itself (`file` "")."""

    name: str
    file: str
    on: dict[str, str]
    columns: dict[str, Expression]
    where: Condition | None


@dataclass(frozen=True, slots=True)
class Mapping:
    """One section of a mapping file, ready to run.

    Attributes:
        digest: of its canonical text; part of what makes two imports the same.
        source_columns: columns of the main file (and joins) that it reads.
    """

    name: str
    text: str
    digest: str
    file: str = ""
    read: ReadOptions = field(default_factory=ReadOptions)
    columns: dict[str, Expression] = field(default_factory=dict)
    joins: tuple[Join, ...] = ()
    nested: tuple[Nested, ...] = ()
    where: Condition | None = None
    source_columns: frozenset[str] = frozenset()

    @property
    def is_plain(self) -> bool:
        """True without a mapping: the file's titles are ours."""
        return not self.columns

    @property
    def files(self) -> list[str]:
        """Patterns of all files it needs, the main one first."""
        lines = [part.file for part in self.nested if part.file]
        return list(dict.fromkeys([self.file, *(join.file for join in self.joins), *lines]))


PLAIN = Mapping(name="", text="", digest="")


def mappings_shipped() -> dict[str, Path]:
    """Return the mappings that can be used by name: those in the folders of IMPORT_MAPPINGS."""
    folders = [Path(folder) for folder in settings.IMPORT_MAPPINGS]
    return {path.stem: path for folder in folders for path in sorted(folder.glob("*.yaml"))}


def mapping_load(name: str, kind: ImportKind) -> Mapping:
    """Return the section for `kind` of a shipped mapping, or of a file at this path.

    Raises:
        FileRefusedError: there is none, or it is wrong; the message names the file and the place.
    """
    path = mappings_shipped().get(name) or Path(name)
    try:
        if path.stat().st_size > TEXT_LENGTH_MAX:
            raise FileRefusedError("mapping", problem=f"{path.name}: the text is too long")
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError, ValueError) as error:
        problem = f"{path.name}: {error.__class__.__name__}"
        raise FileRefusedError("mapping", problem=problem) from error
    return mapping_parse(text, kind, name=path.stem)


def mapping_parse(text: str, kind: ImportKind, *, name: str = "") -> Mapping:
    """Return the section for `kind` of a mapping text (YAML or JSON).

    Raises:
        FileRefusedError: not a mapping, no such section, or columns the kind does not have.
    """
    if not text:
        return PLAIN
    try:
        section = _section(text, kind.code)
        return _build(section, kind, name)
    except MappingError as error:
        raise FileRefusedError("mapping", problem=str(error)) from None


def _section(text: str, code: str) -> dict[str, Any]:
    if len(text) > TEXT_LENGTH_MAX:
        raise MappingError("the text is too long")
    try:
        document = _plain(yaml.safe_load(text), [NODES_MAX])
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise MappingError(str(error).splitlines()[0][:200]) from None
    if not isinstance(document, dict) or document.get("version") != 1:
        raise MappingError("version: 1 expected")
    kinds = document.get("kinds")
    if not isinstance(kinds, dict) or not isinstance(kinds.get(code), dict):
        raise MappingError(f"kinds.{code} is missing")
    section: dict[str, Any] = kinds[code]
    return section


def _plain(value: Any, left: list[int], depth: int = 0) -> Any:
    """Return a copy whose names are texts; what references multiply without end is refused.

    Args:
        left: how many more values may be copied.
    """
    left[0] -= 1
    if left[0] < 0 or depth > DEPTH_MAX:
        raise MappingError("too large, or nested too deeply")
    if isinstance(value, dict):
        return {str(key): _plain(item, left, depth + 1) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item, left, depth + 1) for item in value]
    return value


_WORDS = {
    "file", "header_row", "sheet", "delimiter", "columns", "joins", "nested", "where", "note",
}  # fmt: skip


def _build(section: dict[str, Any], kind: ImportKind, name: str) -> Mapping:
    if unknown := set(section) - _WORDS:
        raise MappingError(f"unknown words {sorted(map(str, unknown))}")
    used: set[str] = set()
    main = section.get("file", "*")
    own = {column.name for column in kind.columns if not column.nest}
    columns = _columns(section.get("columns"), own, "columns", used)
    joins = tuple(_join(spec, used) for spec in _of_type(section, "joins", list))
    nested = tuple(
        _nested(key, spec, kind, used) for key, spec in _of_type(section, "nested", dict).items()
    )
    spec = section.get("where")
    where = condition_build(spec, "where", used) if spec is not None else None
    canonical = json.dumps(section, sort_keys=True, ensure_ascii=False, default=str)
    header_row = section.get("header_row", 1)
    if not isinstance(header_row, int) or not 1 <= header_row <= 1000:
        raise MappingError("header_row: a number from 1 to 1000")
    return Mapping(
        name=name,
        text=json.dumps(
            {"version": 1, "kinds": {kind.code: section}}, ensure_ascii=False, default=str
        ),
        digest=hashlib.sha256(canonical.encode()).hexdigest(),
        file=str(main),
        read=ReadOptions(
            header_row, str(section.get("sheet", "")), str(section.get("delimiter", ""))[:1]
        ),
        columns=columns,
        joins=joins,
        nested=nested,
        where=where,
        source_columns=frozenset(used),
    )


def _of_type(section: dict[str, Any], word: str, kind: type[T]) -> T:
    found = section.get(word, kind())
    if not isinstance(found, kind):
        raise MappingError(f"{word}: a {'map' if kind is dict else 'list'} is expected")
    return found


def _columns(spec: Any, allowed: set[str], where: str, used: set[str]) -> dict[str, Expression]:
    if not isinstance(spec, dict) or not spec:
        raise MappingError(f"{where}: a map of our columns is expected")
    if unknown := set(spec) - allowed:
        raise MappingError(f"{where}: no such columns {sorted(map(str, unknown))}")
    return {name: expression_build(value, f"{where}.{name}", used) for name, value in spec.items()}


def _on(spec: Any, where: str) -> dict[str, str]:
    if not isinstance(spec, dict) or not spec:
        raise MappingError(f"{where}: match: {{their column: our column}} expected")
    return {str(theirs): str(ours) for theirs, ours in spec.items()}


def _join(spec: Any, used: set[str]) -> Join:
    if not isinstance(spec, dict) or not {"file", "match"} <= set(spec):
        raise MappingError("joins: file and match expected")
    on = _on(spec["match"], "joins")
    used.update(on.values())
    return Join(str(spec["file"]), on, str(spec.get("prefix", "")))


def _nested(name: Any, spec: Any, kind: ImportKind, used: set[str]) -> Nested:
    where = f"nested.{name}"
    allowed = {column.key for column in kind.columns if column.nest == name}
    if not allowed:
        raise MappingError(f"{where}: no such nested rows")
    if not isinstance(spec, dict):
        raise MappingError(f"{where}: a map is expected")
    file = str(spec.get("file", ""))
    on = _on(spec.get("match"), where) if file else {}
    used.update(on.values())
    own_used: set[str] = set()
    columns = _columns(spec.get("columns"), allowed, f"{where}.columns", own_used)
    condition = spec.get("where")
    holds = condition_build(condition, where, own_used) if condition is not None else None
    if not file:
        used.update(own_used)
    return Nested(str(name), file, on, columns, holds)


def files_match(mapping: Mapping, names: Sequence[str]) -> dict[str, int]:
    """Return pattern → index of the given file that fits it; without patterns by order.

    Raises:
        FileRefusedError: a file that the mapping needs was not given.
    """
    found: dict[str, int] = {}
    bare = [PurePosixPath(name.replace("\\", "/")).name.lower() for name in names]
    is_complete = len(names) == len(mapping.files)
    for position, pattern in enumerate(mapping.files):
        fitting = [i for i, name in enumerate(bare) if fnmatch(name, pattern.lower())]
        free = [i for i in fitting if i not in found.values()]
        if free:
            found[pattern] = free[0]
        elif is_complete and position not in found.values():
            found[pattern] = position
        else:
            raise FileRefusedError("files", names=", ".join(mapping.files))
    return found
