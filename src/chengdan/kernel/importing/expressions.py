"""How a mapping makes a value from source columns: a few forms, no code.

Forms (see docs/reference/import-mappings.md):
    customer_id                                   the source column
    {constant: USD}                               always the same
    {from: ship_via, values: {"1": SPE}, default: OTH}
    {template: "NW-{order_id}"}                   texts with columns in braces
    {first: [ship_name, company_name]}            the first that is not empty
    {when: {shipped_date: {empty: true}}, then: …, else: …}
Conditions compare a source column: `{column: value}`, `{column: {empty: true}}`,
`{column: {not: value}}`, `{column: {in: [a, b]}}`; several must all hold.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from chengdan.kernel.importing.readers.tables import Cell
from chengdan.kernel.importing.values import cell_text

Source = Mapping[str, Cell]
Expression = Callable[[Source], Cell]
Condition = Callable[[Source], bool]
_SLOT = re.compile(r"\{([^{}]+)\}")


class MappingError(ValueError):
    """A mapping file is wrong; the text says where, for the person who wrote it."""


def expression_build(spec: Any, where: str, columns: set[str]) -> Expression:
    """Return the function that a mapping's value means.

    Args:
        where: place in the mapping, for messages.
        columns: gets the names of all source columns that the expression reads.

    Raises:
        MappingError: not one of the forms.
    """
    if isinstance(spec, str):
        columns.add(spec)
        return lambda row: row.get(spec)
    if not isinstance(spec, dict):
        raise MappingError(f"{where}: expected a column name or a form in braces")
    for key, build in _FORMS.items():
        if key in spec:
            allowed = {key, *_EXTRAS.get(key, ())}
            if unknown := set(spec) - allowed:
                raise MappingError(f"{where}: unknown words {sorted(map(str, unknown))}")
            return build(spec, where, columns)
    raise MappingError(f"{where}: expected one of {', '.join(_FORMS)}")


def _constant(spec: dict[str, Any], where: str, columns: set[str]) -> Expression:
    value = spec["constant"]
    text: Cell = value if isinstance(value, bool) else None if value is None else str(value)
    return lambda _row: text


def _from(spec: dict[str, Any], where: str, columns: set[str]) -> Expression:
    name = _name(spec["from"], where)
    columns.add(name)
    values = spec.get("values", {})
    if not isinstance(values, dict):
        raise MappingError(f"{where}: values must be a map")
    table = {str(key): str(value) for key, value in values.items()}
    has_default = "default" in spec
    default = None if spec.get("default") is None else str(spec["default"])

    def read(row: Source) -> Cell:
        cell = row.get(name)
        text = cell_text(cell)
        if text in table:
            return table[text]
        if has_default and (not text or table):
            return default
        return cell

    return read


def _template(spec: dict[str, Any], where: str, columns: set[str]) -> Expression:
    pattern = _name(spec["template"], where)
    columns.update(_SLOT.findall(pattern))

    def fill(row: Source) -> Cell:
        return _SLOT.sub(lambda match: cell_text(row.get(match[1])), pattern).strip()

    return fill


def _first(spec: dict[str, Any], where: str, columns: set[str]) -> Expression:
    parts = spec["first"]
    if not isinstance(parts, list) or not parts:
        raise MappingError(f"{where}: first needs a list")
    built = [expression_build(part, where, columns) for part in parts]

    def pick(row: Source) -> Cell:
        return next((cell for part in built if cell_text(cell := part(row))), None)

    return pick


def _when(spec: dict[str, Any], where: str, columns: set[str]) -> Expression:
    holds = condition_build(spec["when"], where, columns)
    then = expression_build(spec.get("then", {"constant": None}), where, columns)
    other = expression_build(spec.get("else", {"constant": None}), where, columns)
    return lambda row: then(row) if holds(row) else other(row)


def condition_build(spec: Any, where: str, columns: set[str]) -> Condition:
    """Return the function that a condition means; all its parts must hold.

    Raises:
        MappingError: not a condition.
    """
    if not isinstance(spec, dict) or not spec:
        raise MappingError(f"{where}: a condition reads {{column: value}}")
    tests = []
    for name, wanted in spec.items():
        columns.add(_name(name, where))
        tests.append((str(name), _test(wanted, where)))
    return lambda row: all(test(cell_text(row.get(name))) for name, test in tests)


def _test(wanted: Any, where: str) -> Callable[[str], bool]:
    if not isinstance(wanted, dict):
        expected = str(wanted)
        return lambda text: text == expected
    if len(wanted) != 1:
        raise MappingError(f"{where}: one of empty, not, in")
    (word, value), *_rest = wanted.items()
    if word == "empty":
        return lambda text: (not text) == bool(value)
    if word == "not":
        refused = str(value)
        return lambda text: text != refused
    if word == "in" and isinstance(value, list):
        accepted = {str(item) for item in value}
        return lambda text: text in accepted
    raise MappingError(f"{where}: one of empty, not, in")


def _name(value: Any, where: str) -> str:
    if not isinstance(value, str) or not value:
        raise MappingError(f"{where}: expected a text")
    return value


_FORMS: dict[str, Callable[[dict[str, Any], str, set[str]], Expression]] = {
    "constant": _constant,
    "from": _from,
    "template": _template,
    "first": _first,
    "when": _when,
}
_EXTRAS = {"from": ("values", "default"), "when": ("then", "else")}
