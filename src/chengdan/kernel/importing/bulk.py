"""Helpers for `apply`: serve a chunk as one act, and turn what a service refuses into rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeVar

from django.utils.translation import gettext as _

from chengdan.kernel.errors import FieldIssue, InvalidError
from chengdan.kernel.importing.kinds import ImportRow
from chengdan.kernel.transactions import savepoint

D = TypeVar("D")
M = TypeVar("M")


def bulk_serve(
    drafts: Sequence[D], serve: Callable[[list[D]], Sequence[M]]
) -> list[M | list[FieldIssue]]:
    """Serve many drafts as one act; return per draft what was made or what is wrong with it.

    A bulk service is all or nothing. Drafts that it refuses by place are left out and the rest is
    served again, so one wrong row costs one more pass and not one act per row.

    Args:
        serve: raises InvalidError whose items carry the 1-based place in its drafts.

    Raises:
        InvalidError: the service refuses something that it does not give a place to.
    """
    results: list[M | list[FieldIssue]] = [[] for _draft in drafts]
    left = list(range(len(drafts)))
    while left:
        try:
            with savepoint():
                made = serve([drafts[index] for index in left])
        except InvalidError as error:
            refused = _refused(error, left)
            for index, issues in refused.items():
                results[index] = issues
            left = [index for index in left if index not in refused]
            continue
        for index, thing in zip(left, made, strict=True):
            results[index] = thing
        return results
    return results


def _refused(error: InvalidError, left: Sequence[int]) -> dict[int, list[FieldIssue]]:
    refused: dict[int, list[FieldIssue]] = {}
    for item in error.items:
        if item.row is None or not 1 <= item.row <= len(left):
            raise error
        refused.setdefault(left[item.row - 1], []).append(item)
    return refused


def issues_at(
    issues: Iterable[FieldIssue], line: int, names: Mapping[str, str] | None = None
) -> list[FieldIssue]:
    """Return issues of a draft as those of a file row.

    Args:
        names: field of the service → column of the kind; others keep their name.
    """
    known = names or {}
    return [
        FieldIssue(known.get(item.field, item.field), item.code, item.message, line, item.rule)
        for item in issues
    ]


def unknown_issue(
    row: ImportRow, column: str, value: object, line: int | None = None
) -> FieldIssue:
    """Return the refusal of a code that names nothing."""
    text = _("There is no “%(value)s”.") % {"value": str(value)[:60]}
    return FieldIssue(column, "unknown", text, line or row.line)
