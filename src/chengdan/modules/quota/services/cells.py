"""Setting and ending cells; and moving unused quota between them (QTA-03)."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from chengdan.kernel import clock
from chengdan.kernel.actor import Actor
from chengdan.kernel.audit import AuditRow, audit_record, audit_record_many
from chengdan.kernel.errors import FieldIssue, InvalidError
from chengdan.kernel.numbers import ZERO
from chengdan.kernel.transactions import write
from chengdan.modules.catalog.selectors import categories_of, products_visible
from chengdan.modules.customers.selectors import customers_visible
from chengdan.modules.people.access import authorise
from chengdan.modules.people.selectors import holders_of, territory_lines
from chengdan.modules.quota import rules
from chengdan.modules.quota.access import access_cells, cells_lock
from chengdan.modules.quota.models import Cell, QuotaEntry
from chengdan.modules.quota.vocabulary import (
    CELL_CHANGED,
    CELL_CREATED,
    CELL_ENDED,
    EDIT,
    TRANSFER,
    TRANSFERRED,
    CellEndedError,
    ConsentError,
    EntryKind,
    LimitBelowUseError,
    Measure,
    QuotaShortError,
    TransferError,
)

GIVING_ROLES = ("region_manager", "market_manager")
CellKey = tuple[date, date, int | None, int | None, int | None, int | None, str]


@dataclass(frozen=True, slots=True)
class CellDraft:
    """A cell as somebody wants it; one of product and category, at most one place."""

    starts_on: date
    ends_on: date
    limit: Decimal
    product_id: int | None = None
    category_id: int | None = None
    territory_id: int | None = None
    customer_id: int | None = None
    measure: str = Measure.QUANTITY

    @property
    def key(self) -> CellKey:
        """What makes two cells the same one."""
        return (
            self.starts_on, self.ends_on, self.product_id, self.category_id, self.territory_id,
            self.customer_id, str(self.measure),
        )  # fmt: skip


def _key_of(cell: Cell) -> CellKey:
    return (
        cell.starts_on, cell.ends_on, cell.product_id, cell.category_id, cell.territory_id,
        cell.customer_id, cell.measure,
    )  # fmt: skip


def quota_cells_set(
    *, actor: Actor, company_id: int, drafts: Sequence[CellDraft], reason: str = ""
) -> list[Cell]:
    """Create or change live cells so that each has the wanted limit; all or none.

    A cell that was ended stays as it is; the draft makes a new one beside it.

    Raises:
        ForbiddenError: the actor may not set quotas of the company.
        InvalidError: rows that make no cell, name goods and places that the actor does not see
            in the company, or split what is counted, with their row numbers; a changed limit
            without a reason.
        LimitBelowUseError: a limit below what is reserved and consumed.
    """
    authorise(actor, EDIT, Cell(company_id=company_id))
    _drafts_check(drafts)
    _references_check(actor, company_id, drafts)
    with write():
        known = _known(company_id, drafts)
        cells_lock(cell.pk for cell in known.values())
        known = _known(company_id, drafts)
        new = [_cell_new(company_id, draft) for draft in drafts if draft.key not in known]
        Cell.objects.bulk_create(new, batch_size=200)
        entries = [_entry(actor, cell, EntryKind.LIMIT, cell.limit, reason) for cell in new]
        changed: list[AuditRow] = []
        for draft in drafts:
            cell = known.get(draft.key)
            if cell is not None and cell.limit != draft.limit:
                _reason_check(reason)
                before = cell.limit
                entries.append(_limit_change(actor, cell, draft.limit, reason))
                changed.append(
                    AuditRow(cell, {"limit": before}, {"limit": cell.limit}, reason=reason)
                )
        QuotaEntry.objects.bulk_create(entries, batch_size=500)
        created = [AuditRow(cell, after=_facts(cell), reason=reason) for cell in new]
        audit_record_many(actor, CELL_CREATED, created)
        audit_record_many(actor, CELL_CHANGED, changed)
        return [*new, *known.values()]


def _drafts_check(drafts: Sequence[CellDraft]) -> None:
    issues, seen = [], set()
    for row, draft in enumerate(drafts, start=1):
        if (draft.product_id is None) == (draft.category_id is None):
            message = _("Name a product or a category, not both.")
            issues.append(FieldIssue("product", "goods", message, row=row))
        if draft.territory_id is not None and draft.customer_id is not None:
            message = _("Name a territory or a customer, not both.")
            issues.append(FieldIssue("territory", "place", message, row=row))
        if draft.ends_on < draft.starts_on:
            message = _("The period ends before it begins.")
            issues.append(FieldIssue("ends_on", "period", message, row=row))
        if draft.limit < ZERO:
            issues.append(FieldIssue("limit", "negative", _("A quota is not negative."), row=row))
        if draft.measure == Measure.AMOUNT and draft.category_id is None:
            message = _("Only a category can be measured in money.")
            issues.append(FieldIssue("measure", "measure", message, row=row))
        if draft.key in seen:
            issues.append(FieldIssue("", "twice", _("This cell stands here twice."), row=row))
        seen.add(draft.key)
    if issues:
        raise InvalidError(issues)


def _references_check(actor: Actor, company_id: int, drafts: Sequence[CellDraft]) -> None:
    def ids(name: str) -> set[int]:
        return {found for draft in drafts if (found := getattr(draft, name)) is not None}

    products = products_visible(actor).filter(pk__in=ids("product_id"), company_id=company_id)
    customers = customers_visible(actor).filter(pk__in=ids("customer_id"), company_id=company_id)
    decimals = dict(products.values_list("pk", "base_unit__decimals"))
    known: dict[str, Container[int]] = {
        "product_id": decimals,
        "customer_id": set(customers.values_list("pk", flat=True)),
        "category_id": {row.pk for row in categories_of(company_id)},
        "territory_id": territory_lines(company_id),
    }
    issues = [
        FieldIssue(name, "not_found", _("There is no such entry."), row=row)
        for row, draft in enumerate(drafts, start=1)
        for name, there in known.items()
        if getattr(draft, name) is not None and getattr(draft, name) not in there
    ]
    issues += [
        _unit_issue("limit", row)
        for row, draft in enumerate(drafts, start=1)
        if draft.product_id in decimals
        and not rules.fits_unit(draft.limit, decimals[draft.product_id])
    ]
    if issues:
        raise InvalidError(issues)


def _unit_issue(field: str, row: int | None = None) -> FieldIssue:
    message = _("The product's unit has fewer decimal places.")
    return FieldIssue(field, "decimals", message, row=row)


def _unit_check(cell: Cell, quantity: Decimal, field: str) -> None:
    """Pass when the cell's goods can be counted like this; a category has no unit of its own."""
    if cell.product is not None and not rules.fits_unit(quantity, cell.product.base_unit.decimals):
        raise InvalidError(_unit_issue(field))


def _reason_check(reason: str) -> None:
    if not reason.strip():
        message = _("Give a reason for changing a quota.")
        raise InvalidError(FieldIssue("reason", "required", message))


def _known(company_id: int, drafts: Sequence[CellDraft]) -> dict[CellKey, Cell]:
    """Return the live cells that the drafts mean."""
    wanted = {draft.key for draft in drafts}
    rows = Cell.objects.filter(
        company_id=company_id,
        ended_at__isnull=True,
        starts_on__in={draft.starts_on for draft in drafts},
        ends_on__in={draft.ends_on for draft in drafts},
    ).order_by("pk")
    return {_key_of(cell): cell for cell in rows if _key_of(cell) in wanted}


def _cell_new(company_id: int, draft: CellDraft) -> Cell:
    return Cell(
        company_id=company_id,
        starts_on=draft.starts_on,
        ends_on=draft.ends_on,
        product_id=draft.product_id,
        category_id=draft.category_id,
        territory_id=draft.territory_id,
        customer_id=draft.customer_id,
        measure=draft.measure,
        limit=draft.limit,
        created_at=clock.now(),
    )


def _facts(cell: Cell) -> dict[str, object]:
    return {
        "from": cell.starts_on,
        "to": cell.ends_on,
        "product": cell.product_id,
        "category": cell.category_id,
        "territory": cell.territory_id,
        "customer": cell.customer_id,
        "measure": cell.measure,
        "limit": cell.limit,
    }


def _limit_change(
    actor: Actor, cell: Cell, limit: Decimal, reason: str, kind: EntryKind = EntryKind.LIMIT
) -> QuotaEntry:
    """Give the cell a limit, save it, and return the entry to store."""
    committed = cell.used - cell.over
    if limit < committed:
        raise LimitBelowUseError(used=committed, limit=limit, cell=cell.pk)
    delta, over_before = limit - cell.limit, cell.over
    cell.limit = limit
    cell.over = rules.over_of(used=cell.used, limit=limit)
    cell.version += 1
    cell.save(update_fields=["limit", "over", "version"])
    entry = _entry(actor, cell, kind, delta, reason)
    entry.over_delta = cell.over - over_before
    return entry


def _entry(actor: Actor, cell: Cell, kind: EntryKind, delta: Decimal, reason: str) -> QuotaEntry:
    return QuotaEntry(
        cell=cell,
        kind=kind,
        limit_delta=delta,
        reason=reason[:300],
        at=clock.now(),
        actor_id=actor.user_id,
        actor_name=actor.name[:60],
    )


def quota_limit_set(
    *,
    actor: Actor,
    cell_id: int,
    limit: Decimal,
    reason: str,
    expected_version: int | None = None,
) -> Cell:
    """Change the limit of one cell, saying why.

    Raises:
        NotFoundError, ForbiddenError, ConflictError: see `access_cells`.
        InvalidError: a negative limit, fractions of what is counted, or no reason.
        CellEndedError: the cell was ended.
        LimitBelowUseError: below what is reserved and consumed.
    """
    if limit < ZERO:
        raise InvalidError(FieldIssue("limit", "negative", _("A quota is not negative.")))
    _reason_check(reason)
    with write():
        cell = access_cells(actor, [cell_id], EDIT, expected_version)[cell_id]
        _live_check(cell)
        _unit_check(cell, limit, "limit")
        before = cell.limit
        _limit_change(actor, cell, limit, reason).save(force_insert=True)
        audit_record(
            actor,
            CELL_CHANGED,
            cell,
            before={"limit": before},
            after={"limit": limit},
            reason=reason,
        )
        return cell


def _live_check(*cells: Cell) -> None:
    """Pass when none of the cells was ended."""
    for cell in cells:
        if cell.ended_at is not None:
            raise CellEndedError(cell=cell.pk)


def quota_cell_end(
    *, actor: Actor, cell_id: int, reason: str, expected_version: int | None = None
) -> Cell:
    """End a cell, saying why: from now on it binds no new demand.

    What orders reserved and consumed in it stays there, and they still ship, free and return it.
    A new cell for the same goods, place and period may follow.

    Raises:
        NotFoundError, ForbiddenError, ConflictError: see `access_cells`.
        InvalidError: no reason.
        CellEndedError: it was ended before.
    """
    if not reason.strip():
        raise InvalidError(FieldIssue("reason", "required", _("Give a reason.")))
    with write():
        cell = access_cells(actor, [cell_id], EDIT, expected_version)[cell_id]
        _live_check(cell)
        cell.ended_at = clock.now()
        cell.version += 1
        cell.save(update_fields=["ended_at", "version"])
        _entry(actor, cell, EntryKind.ENDED, ZERO, reason).save(force_insert=True)
        audit_record(
            actor,
            CELL_ENDED,
            cell,
            before={"ended_at": None},
            after={"ended_at": cell.ended_at},
            reason=reason,
        )
        return cell


def quota_transfer(
    *,
    actor: Actor,
    giving_id: int,
    receiving_id: int,
    quantity: Decimal,
    consent_by_id: int,
    reason: str,
) -> tuple[Cell, Cell]:
    """Move unused quota from one cell to another, with the giving manager's consent recorded.

    Both cells are locked in order of id, so that transfers in opposite directions cannot wait
    for each other; the sum of both limits stays.

    Args:
        quantity: in the cells' measure, > 0.
        consent_by_id: the person who agreed; manager of the giving territory.

    Raises:
        NotFoundError, ForbiddenError: see `access_cells`.
        InvalidError: no positive quantity, fractions of what is counted, or no reason.
        CellEndedError: one of them was ended.
        TransferError: the cells differ in goods, period or measure, or are the same.
        ConsentError: the person does not manage the giving region.
        QuotaShortError: the giving cell has less left.

    Source: QTA-03; decisions §5.
    """
    issues = []
    if quantity <= ZERO:
        issues.append(FieldIssue("quantity", "positive", _("Enter a quantity above 0.")))
    if not reason.strip():
        issues.append(FieldIssue("reason", "required", _("Give a reason.")))
    if issues:
        raise InvalidError(issues)
    with write():
        cells = access_cells(actor, [giving_id, receiving_id], TRANSFER)
        giving, receiving = cells[giving_id], cells[receiving_id]
        _live_check(giving, receiving)
        _unit_check(giving, quantity, "quantity")
        _transfer_check(giving, receiving, consent_by_id, quantity)
        entries = [
            _limit_change(actor, giving, giving.limit - quantity, reason, EntryKind.GIVEN),
            _limit_change(actor, receiving, receiving.limit + quantity, reason, EntryKind.RECEIVED),
        ]
        for entry, other in zip(entries, (receiving, giving), strict=True):
            entry.other_cell = other
            entry.consent_by_id = consent_by_id
        QuotaEntry.objects.bulk_create(entries)
        rows = [
            AuditRow(
                entry.cell,
                before={"limit": entry.cell.limit - entry.limit_delta},
                after={"limit": entry.cell.limit, "consent_by": consent_by_id},
                reason=reason,
            )
            for entry in entries
        ]
        audit_record_many(actor, TRANSFERRED, rows)
        return giving, receiving


def _transfer_check(giving: Cell, receiving: Cell, consent_by_id: int, quantity: Decimal) -> None:
    same = (giving.product_id, giving.category_id, giving.starts_on, giving.ends_on, giving.measure)
    if giving.pk == receiving.pk or same != (
        receiving.product_id, receiving.category_id, receiving.starts_on, receiving.ends_on,
        receiving.measure,
    ):  # fmt: skip
        raise TransferError
    if consent_by_id not in giving_managers(giving):
        raise ConsentError
    if quantity > giving.remainder:
        raise QuotaShortError(wanted=quantity, left=max(ZERO, giving.remainder), cell=giving.pk)


def giving_managers(cell: Cell) -> list[int]:
    """Return who may agree to give quota away from the cell."""
    place = cell.territory_id
    if place is None and cell.customer is not None:
        place = cell.customer.territory_id
    found: list[int] = []
    for role in GIVING_ROLES:
        found += holders_of(role, cell.company_id, territory_id=place)
    return found
