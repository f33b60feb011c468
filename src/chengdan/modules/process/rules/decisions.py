"""Decision tables: the first row that holds counts; rows that never can are found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise, product
from math import prod

from chengdan.modules.process.rules import conditions as c
from chengdan.modules.process.rules.mistakes import Mistake

COMBINATIONS_MAX = 20_000
_OTHER = "\x00other"


def first_row(rows: Sequence[c.Node | None], facts: Mapping[str, c.Value]) -> int:
    """Return the index of the first row that holds; None is the `else` row.

    Raises:
        ConditionError: no row holds, which an `else` row rules out, or a fact is missing.
    """
    for index, row in enumerate(rows):
        if row is None or c.evaluate(row, facts):
            return index
    raise c.ConditionError(Mistake("no row of the decision holds"))


def unreachable_rows(
    rows: Sequence[c.Node | None], declared: Mapping[str, c.FactType]
) -> list[int]:
    """Return the rows that no facts can reach because earlier rows take everything.

    Every fact is tried with each constant it is compared to, a value between and beyond them,
    and none; comparisons between facts count as independent of the rest. A table with more
    combinations than COMBINATIONS_MAX is only searched for repeated rows.
    """
    atoms = [atom for row in rows if row is not None for atom in _atoms(row)]
    values: dict[str, list[c.Value]] = {}
    relations: set[tuple[str, str]] = set()
    for atom in atoms:
        if _is_simple(atom):
            name = sorted(c.facts_of(atom))[0]
            values.setdefault(name, []).extend(_constants(atom))
        else:
            relations.add(_relation(atom))
    axes = [_samples(name, found, declared.get(name)) for name, found in sorted(values.items())]
    signs = [[(key, sign) for sign in (-1, 0, 1)] for key in sorted(relations)]
    size = prod(len(axis) for axis in axes) * 3 ** len(signs)
    if size > COMBINATIONS_MAX:
        return [i for i, row in enumerate(rows) if row is not None and row in rows[:i]]
    reached: set[int] = set()
    for point in product(*axes):
        facts = dict(point)
        for relation_signs in product(*signs):
            sides = dict(relation_signs)
            for index, row in enumerate(rows):
                if row is None or _holds(row, facts, sides):
                    reached.add(index)
                    break
    return [index for index in range(len(rows)) if index not in reached]


def _atoms(node: c.Node) -> list[c.Compare | c.Among]:
    match node:
        case c.And(parts) | c.Or(parts):
            return [atom for part in parts for atom in _atoms(part)]
        case c.Not(part):
            return _atoms(part)
        case _:
            return [node]


def _is_simple(atom: c.Compare | c.Among) -> bool:
    if isinstance(atom, c.Among):
        return True
    sides = (atom.left, atom.right)
    return sum(isinstance(side, c.Fact) for side in sides) == 1 and any(
        isinstance(side, c.Literal_) for side in sides
    )


def _constants(atom: c.Compare | c.Among) -> list[c.Value]:
    if isinstance(atom, c.Among):
        return [value.value for value in atom.values]
    return [side.value for side in (atom.left, atom.right) if isinstance(side, c.Literal_)]


def _samples(
    name: str, constants: list[c.Value], declared: c.FactType | None
) -> list[tuple[str, c.Value]]:
    kind = declared.kind if declared else ""
    samples: list[c.Value]
    if kind == "flag":
        samples = [True, False]
    elif kind == "number":
        samples = _between([Decimal(str(value)) for value in constants if value is not None])
    elif kind == "date":
        days = [date.fromisoformat(str(value)) for value in constants if value is not None]
        samples = [day + timedelta(days=step) for day in sorted(set(days)) for step in (-1, 0, 1)]
    elif declared and declared.choices:
        samples = list(declared.choices)
    else:
        samples = [*dict.fromkeys(value for value in constants if value is not None), _OTHER]
    return [(name, value) for value in [*samples, None]]


def _between(numbers: list[Decimal]) -> list[c.Value]:
    ordered = sorted(set(numbers))
    if not ordered:
        return [Decimal(0)]
    found: list[c.Value] = [ordered[0] - 1]
    for low, high in pairwise(ordered):
        found += [low, (low + high) / 2]
    return [*found, ordered[-1], ordered[-1] + 1]


def _relation(atom: c.Compare | c.Among) -> tuple[str, str]:
    assert isinstance(atom, c.Compare)  # noqa: S101 - `Among` is always simple
    left, right = sorted((c.to_text(atom.left), c.to_text(atom.right)))
    return left, right


def _holds(
    node: c.Node, facts: Mapping[str, c.Value], signs: Mapping[tuple[str, str], int]
) -> bool:
    match node:
        case c.And(parts):
            return all(_holds(part, facts, signs) for part in parts)
        case c.Or(parts):
            return any(_holds(part, facts, signs) for part in parts)
        case c.Not(part):
            return not _holds(part, facts, signs)
        case c.Compare(left, operator, _) if not _is_simple(node):
            key = _relation(node)
            sign = signs[key] * (1 if c.to_text(left) == key[0] else -1)
            return c.evaluate(
                c.Compare(c.Fact("sign"), operator, c.Literal_(Decimal(0))), {"sign": sign}
            )
        case _:
            return c.evaluate(node, facts)
