"""Taking customers in: new ones in one act, known ones changed by code, then activated."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from chengdan.kernel.actor import Actor
from chengdan.kernel.errors import FieldIssue, ForbiddenError, InvalidError
from chengdan.kernel.importing import (
    ImportKind,
    ImportRow,
    RowResult,
    RowState,
    import_kind_register,
)
from chengdan.kernel.importing.bulk import bulk_serve
from chengdan.kernel.locking import LockRank, lock_rows
from chengdan.kernel.transactions import savepoint
from chengdan.modules.customers.importing.columns import (
    CUSTOMER_COLUMNS,
    customer_import_parts,
)
from chengdan.modules.customers.importing.drafts import (
    COLUMNS,
    Names,
    customer_draft,
    issues_of_new,
)
from chengdan.modules.customers.importing.known import known_update
from chengdan.modules.customers.models import Customer
from chengdan.modules.customers.selectors import activation_missing, customer_ids_by_codes
from chengdan.modules.customers.services import (
    CustomerDraft,
    customers_activate,
    customers_place,
)
from chengdan.modules.customers.vocabulary import CustomerStatus, DuplicateError, Missing, rights


class _IncompleteError(Exception):
    """Undoes a pass in which customers that the file calls active turn out to lack something."""

    def __init__(self, results: dict[int, RowResult]) -> None:
        super().__init__()
        self.results = results


def customers_apply(actor: Actor, rows: list[ImportRow]) -> list[RowResult]:
    """Create and change the customers of a chunk; see `ImportKind.apply`."""
    if actor.company_id is None:
        raise ForbiddenError
    results: dict[int, RowResult] = {}
    left = rows
    while left:
        try:
            with savepoint():
                results |= _pass(actor, actor.company_id, left)
            break
        except _IncompleteError as error:
            results |= error.results
            left = [row for row in left if id(row) not in error.results]
    return [results[id(row)] for row in rows]


def _pass(actor: Actor, company_id: int, rows: Sequence[ImportRow]) -> dict[int, RowResult]:
    names = Names.of(company_id, rows)
    known = customer_ids_by_codes(company_id, [row.values["code"] for row in rows])
    results: dict[int, RowResult] = {}
    for row in rows:
        if issues := names.issues(row):
            results[id(row)] = RowResult.rejected(*issues)
    left = [row for row in rows if id(row) not in results]
    results |= _created(actor, [row for row in left if row.values["code"] not in known], names)
    for row in left:
        if row.values["code"] in known:
            results[id(row)] = known_update(actor, known[row.values["code"]], row, names)
    # Parts lock accounts, and customers come before those in the order of locks.
    wanted = [pk for pk, row in _taken(rows, results) if row.values["is_active"]]
    lock_rows(Customer, wanted, LockRank.MASTER)
    _parts_apply(actor, rows, results)
    _activate(actor, rows, results)
    return results


def _created(actor: Actor, rows: Sequence[ImportRow], names: Names) -> dict[int, RowResult]:
    drafts = [customer_draft(row, names) for row in rows]
    made = bulk_serve(drafts, lambda chunk: _place(actor, chunk))
    results = {}
    for row, item in zip(rows, made, strict=True):
        if isinstance(item, list):
            results[id(row)] = RowResult.rejected(*issues_of_new(row, item))
        else:
            results[id(row)] = RowResult(RowState.CREATED, item.code, target_id=item.pk)
    return results


def _place(actor: Actor, drafts: list[CustomerDraft]) -> Sequence[Customer]:
    """Place drafts; possible duplicates are named by row like everything else.

    Raises:
        InvalidError: wrong values, or customers that may exist already.
    """
    try:
        return customers_place(actor=actor, drafts=drafts)
    except DuplicateError as error:
        raise InvalidError(duplicate_issues(error)) from None


def duplicate_issues(error: DuplicateError) -> list[FieldIssue]:
    """Return possible duplicates as issues of their rows."""
    text = _("May be the same as %(known)s. Fill “Not a duplicate because” to take it in.")
    return [
        FieldIssue(
            "name",
            "duplicate",
            text % {"known": "、".join(hint.code or hint.responsible for hint in hints[:3])},
            row=place,
        )
        for place, hints in error.hints.items()
    ]


def _taken(rows: Sequence[ImportRow], results: dict[int, RowResult]) -> list[tuple[int, ImportRow]]:
    taken = (RowState.CREATED, RowState.UPDATED, RowState.SKIPPED)
    return [
        (result.target_id, row)
        for row in rows
        if (result := results[id(row)]).state in taken and result.target_id is not None
    ]


def _parts_apply(actor: Actor, rows: Sequence[ImportRow], results: dict[int, RowResult]) -> None:
    for part in customer_import_parts():
        own = {column.name for column in part.columns}
        mine = [(pk, row) for pk, row in _taken(rows, results) if own - row.absent]
        if mine:
            part.apply(actor, mine)


def _activate(actor: Actor, rows: Sequence[ImportRow], results: dict[int, RowResult]) -> None:
    """Activate the drafts that the file calls active.

    Raises:
        _IncompleteError: some of them lack something.
    """
    wanted = {pk: row for pk, row in _taken(rows, results) if row.values["is_active"]}
    drafts = Customer.objects.filter(pk__in=wanted, status=CustomerStatus.DRAFT)
    found = {customer.pk: customer for customer in drafts.select_related("owner")}
    if missing := activation_missing(found.values()):
        raise _IncompleteError(
            {id(wanted[pk]): _lacking(wanted[pk], items) for pk, items in missing.items()}
        )
    if found:
        customers_activate(actor=actor, customer_ids=list(found))


def _lacking(row: ImportRow, missing: Sequence[Missing]) -> RowResult:
    return RowResult.rejected(
        *(
            FieldIssue(
                COLUMNS.get(item.code, item.code), item.code, item.message, row.line, item.rule
            )
            for item in missing
        ),
        key=row.values["code"],
    )


CUSTOMERS = import_kind_register(
    ImportKind(
        code="customers",
        title=_("Customers"),
        permission=rights.CUSTOMER_IMPORT,
        columns=CUSTOMER_COLUMNS,
        key_columns=["code"],
        group_by=["code"],
        apply=customers_apply,
        targets=["customers.customer", "credit.account"],
        order=10,
        help=_(
            "New codes become customers, known ones are changed. More contacts or addresses of a "
            "customer stand in following rows with the same code."
        ),
    )
)
