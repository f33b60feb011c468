"""Loading cells for an act: lock in order of id, then see, then right, then version."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Q, QuerySet

from chengdan.kernel.actor import Actor
from chengdan.kernel.errors import ConflictError, NotFoundError
from chengdan.kernel.locking import LockRank, lock_rows
from chengdan.modules.customers.selectors import customers_visible
from chengdan.modules.people.access import authorise, visible
from chengdan.modules.quota import vocabulary as words
from chengdan.modules.quota.models import Cell


def cells_lock(ids: Iterable[int]) -> dict[int, Cell]:
    """Lock the cells in order of id and return them by id; missing ones are left out."""
    return {cell.pk: cell for cell in lock_rows(Cell, ids, LockRank.QUOTA)}


def cells_open(actor: Actor, rows: QuerySet[Cell]) -> QuerySet[Cell]:
    """Return the cells that the actor may see; one of a customer only with the customer."""
    open_to = Q(customer__isnull=True) | Q(customer__in=customers_visible(actor).values("pk"))
    return visible(actor, words.VIEW, rows).filter(open_to)


def access_cell_for_view(actor: Actor, cell_id: int) -> Cell:
    """Return the cell for reading.

    Raises:
        NotFoundError: none, or not open to the actor.
    """
    rows = Cell.objects.select_related("product", "category", "territory", "customer", "company")
    found = cells_open(actor, rows.filter(pk=cell_id)).first()
    if found is None:
        raise NotFoundError
    return found


def access_cells(
    actor: Actor, ids: Iterable[int], permission: str, expected_version: int | None = None
) -> dict[int, Cell]:
    """Lock cells for an act that needs `permission`.

    Raises:
        NotFoundError: one of them is missing or not open to the actor.
        ForbiddenError: the actor sees them but may not do this.
        ConflictError: a single cell changed since `expected_version`.
    """
    wanted = set(ids)
    found = cells_lock(wanted)
    if set(found) != wanted:
        raise NotFoundError
    if cells_open(actor, Cell.objects.filter(pk__in=wanted)).count() < len(wanted):
        raise NotFoundError
    for cell in found.values():
        authorise(actor, permission, cell)
        if expected_version is not None and cell.version != expected_version:
            raise ConflictError
    return found
