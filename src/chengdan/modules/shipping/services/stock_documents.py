"""Stock documents by hand: opening, receipt, issue, count; drafts, posting, reversal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from chengdan.kernel import clock
from chengdan.kernel.actor import Actor
from chengdan.kernel.audit import audit_record
from chengdan.kernel.crash import crashpoint
from chengdan.kernel.errors import FieldIssue, InvalidError
from chengdan.kernel.numbering import number_take
from chengdan.kernel.outbox import event_publish
from chengdan.kernel.transactions import write
from chengdan.modules.people.access import authorise
from chengdan.modules.people.ownership import Origin
from chengdan.modules.shipping import vocabulary as words
from chengdan.modules.shipping.access import access_stock_document, access_warehouse
from chengdan.modules.shipping.models import Lot, StockDocument, StockLine, Warehouse
from chengdan.modules.shipping.rules import count_difference
from chengdan.modules.shipping.services.cancel import reason_require
from chengdan.modules.shipping.services.limits import period_check
from chengdan.modules.shipping.services.stock import (
    Cause,
    Movement,
    lots_find_or_make,
    lots_lock_ids,
    stock_move,
)
from chengdan.modules.shipping.services.stock_lines import StockLineDraft, lines_issues
from chengdan.modules.shipping.transitions import STOCK_TRANSITIONS
from chengdan.modules.shipping.vocabulary import EntryKind, StockKind, StockStatus

ZERO = Decimal(0)
LINES_MAX = 2000
_SIGNS = {StockKind.OPENING: 1, StockKind.RECEIPT: 1, StockKind.ISSUE: -1}


@dataclass(frozen=True, slots=True)
class StockDraft:
    """What a person enters; `effective_on` None is today."""

    kind: str
    warehouse_id: int
    lines: Sequence[StockLineDraft]
    effective_on: date | None = None
    reason: str = ""


def stock_draft(*, actor: Actor, draft: StockDraft) -> StockDocument:
    """Enter a stock document; nothing moves before it is posted.

    Raises:
        InvalidError: unknown kind or product, no lines, a line twice, a batch or reason missing.
        NotFoundError, ForbiddenError: no such warehouse, or no right for this kind.
    """
    with write():
        warehouse = access_warehouse(actor, draft.warehouse_id)
        _kind_authorise(actor, draft.kind)
        _draft_check(warehouse, draft)
        document = StockDocument(
            kind=draft.kind,
            warehouse=warehouse,
            effective_on=draft.effective_on or clock.today(),
            reason=draft.reason.strip(),
        )
        _own(actor, document, warehouse)
        document.save(force_insert=True)
        _lines_write(document, draft.lines)
        _drafted(actor, document, draft)
        return document


def stock_update(
    *, actor: Actor, document_id: int, draft: StockDraft, expected_version: int | None = None
) -> StockDocument:
    """Change a draft; its kind and warehouse too.

    Raises:
        InvalidError, NotFoundError, ForbiddenError: see `stock_draft`.
        TransitionError: it is posted.
        ConflictError: changed meanwhile.
    """
    with write():
        document = access_stock_document(actor, document_id, expected_version)
        STOCK_TRANSITIONS.resolve(document.status, "edit")
        warehouse = access_warehouse(actor, draft.warehouse_id)
        _kind_authorise(actor, document.kind)
        _kind_authorise(actor, draft.kind)
        _draft_check(warehouse, draft)
        document.kind, document.warehouse = draft.kind, warehouse
        document.effective_on = draft.effective_on or clock.today()
        document.reason = draft.reason.strip()
        document.version += 1
        document.save()
        document.lines.all().delete()
        _lines_write(document, draft.lines)
        _drafted(actor, document, draft)
        return document


def stock_post(
    *, actor: Actor, document_id: int, expected_version: int | None = None
) -> StockDocument:
    """Post a draft: its lots move, and waiting orders are looked at when something came in.

    A count sets the book to what was counted, for the batches it names.

    Raises:
        StockError: a lot would fall below zero, or below what notes have set aside.
        LockedPeriodError: its day lies in a closed period.
        NotFoundError, ForbiddenError, ConflictError, TransitionError: as usual.
    """
    with write():
        document = access_stock_document(actor, document_id, expected_version)
        _kind_authorise(actor, document.kind)
        document.status = STOCK_TRANSITIONS.resolve(document.status, "post")
        period_check(document.company_id, document.effective_on)
        lines = list(document.lines.order_by("number"))
        _document_move(actor, document, lines)
        crashpoint("shipping.stock.moved")
        document.number = number_take(
            actor, document.company_id, words.STOCK_DOCUMENT, document.effective_on
        )
        document.posted_at = clock.now()
        document.version += 1
        document.save(update_fields=["status", "number", "posted_at", "version"])
        audit_record(
            actor,
            words.STOCK_POSTED,
            document,
            after={
                "number": document.number,
                "kind": document.kind,
                "lines": [
                    {"number": line.number, "product": line.product_id, "batch": line.batch,
                     "delta": line.delta}
                    for line in lines
                ],
            },
            reason=document.reason,
        )  # fmt: skip
        _arrived(actor, document.company_id, lines)
        return document


def stock_reverse(
    *, actor: Actor, document_id: int, reason: str, expected_version: int | None = None
) -> StockDocument:
    """Take a posted document back by a reversing one; return the reversing one.

    Raises:
        InvalidError: no reason.
        StockError: the goods are not there any more.
        LockedPeriodError: today lies in a closed period.
        NotFoundError, ForbiddenError, ConflictError, TransitionError: as usual.

    Source: decisions §17.
    """
    reason = reason_require(reason)
    with write():
        document = access_stock_document(actor, document_id, expected_version)
        authorise(actor, words.STOCK_REVERSE, document)
        if document.reversal_of_id is not None:
            issue = FieldIssue("", "reversal", _("This is a reversal itself; post a new document."))
            raise InvalidError(issue)
        document.status = STOCK_TRANSITIONS.resolve(document.status, "reverse")
        period_check(document.company_id)
        back = StockDocument(
            kind=document.kind,
            warehouse_id=document.warehouse_id,
            effective_on=clock.today(),
            reason=reason,
            status=StockStatus.POSTED,
            posted_at=clock.now(),
            reversal_of=document,
        )
        back.ownership_set(
            actor,
            company_id=document.company_id,
            owner_id=actor.user_id or document.owner_id,
            unit_id=document.unit_id,
        )
        back.save(force_insert=True)
        lines = [
            StockLine(
                document=back,
                number=line.number,
                product_id=line.product_id,
                batch=line.batch,
                expires_on=line.expires_on,
                quantity=abs(line.delta),
                delta=-line.delta,
            )
            for line in document.lines.order_by("number")
        ]
        StockLine.objects.bulk_create(lines, batch_size=500)
        _lines_move(actor, back, lines, EntryKind.REVERSAL)
        back.number = number_take(actor, back.company_id, words.STOCK_DOCUMENT, back.effective_on)
        back.save(update_fields=["number"])
        document.version += 1
        document.save(update_fields=["status", "version"])
        after = {"number": back.number, "reverses": document.number}
        audit_record(actor, words.STOCK_POSTED, back, after=after, reason=reason)
        audit_record(
            actor, words.STOCK_REVERSED, document, after={"by": back.number}, reason=reason
        )
        _arrived(actor, back.company_id, lines)
        return back


def _kind_authorise(actor: Actor, kind: str) -> None:
    right = words.STOCK_RIGHTS.get(kind)
    if right is None:
        raise InvalidError(FieldIssue("kind", "choice", _("Choose what this document is.")))
    authorise(actor, right)


def _own(actor: Actor, document: StockDocument, warehouse: Warehouse) -> None:
    if actor.user_id is None:
        raise ValueError("stock documents by hand have a person; imports use stock_opening_load")
    document.ownership_set(
        actor,
        company_id=warehouse.company_id,
        owner_id=actor.user_id,
        unit_id=warehouse.unit_id,
        origin=Origin.ENTERED,
    )


def _drafted(actor: Actor, document: StockDocument, draft: StockDraft) -> None:
    after = {"kind": draft.kind, "warehouse": draft.warehouse_id, "lines": len(draft.lines)}
    audit_record(actor, words.STOCK_DRAFTED, document, after=after, reason=document.reason)


def _draft_check(warehouse: Warehouse, draft: StockDraft) -> None:
    issues = []
    if draft.kind in {StockKind.ISSUE, StockKind.COUNT} and not draft.reason.strip():
        issues.append(FieldIssue("reason", "required", _("Please give a reason.")))
    if not 0 < len(draft.lines) <= LINES_MAX:
        text = _("Enter 1 to %(count)s lines.") % {"count": LINES_MAX}
        issues.append(FieldIssue("lines", "required", text))
    if draft.effective_on is not None and draft.effective_on > clock.today():
        issues.append(FieldIssue("effective_on", "range", _("The day can't lie in the future.")))
    issues += lines_issues(warehouse, draft.kind, draft.lines)
    issues += _expired_issues(draft)
    if issues:
        raise InvalidError(issues)


def _expired_issues(draft: StockDraft) -> list[FieldIssue]:
    """Goods that come in are good; old stock and what a count finds may have expired."""
    if draft.kind != StockKind.RECEIPT:
        return []
    day = draft.effective_on or clock.today()
    text = _("This batch expired before the day of receipt.")
    return [
        FieldIssue("expires_on", "expired", text, row=number)
        for number, line in enumerate(draft.lines, 1)
        if line.expires_on is not None and line.expires_on < day
    ]


def _lines_write(document: StockDocument, lines: Sequence[StockLineDraft]) -> None:
    StockLine.objects.bulk_create(
        [
            StockLine(
                document=document,
                number=number,
                product_id=line.product_id,
                batch=line.batch.strip(),
                expires_on=line.expires_on,
                quantity=line.quantity,
            )
            for number, line in enumerate(lines, 1)
        ],
        batch_size=500,
    )


def _document_move(actor: Actor, document: StockDocument, lines: list[StockLine]) -> None:
    """Fill the movement of every line and post it; a count looks at the book under lock."""
    if document.kind == StockKind.COUNT:
        lots = _lots_of(document, lines)
        locked = {lot.pk: lot for lot in lots_lock_ids(lots.values())}
        for line in lines:
            lot = locked[lots[line.product_id, line.batch]]
            line.delta = count_difference(line.quantity, lot.on_hand)
    else:
        for line in lines:
            line.delta = _SIGNS[StockKind(document.kind)] * line.quantity
    StockLine.objects.bulk_update(lines, ["delta"], batch_size=500)
    _lines_move(actor, document, lines, EntryKind(document.kind))


def _lots_of(document: StockDocument, lines: Iterable[StockLine]) -> dict[tuple[int, str], int]:
    expiry = {(line.product_id, line.batch): line.expires_on for line in lines}
    return lots_find_or_make(document.warehouse, expiry, document.effective_on, expiry)


def _lines_move(
    actor: Actor, document: StockDocument, lines: Sequence[StockLine], kind: EntryKind
) -> None:
    lots = _lots_of(document, lines)
    cause = Cause(kind, words.STOCK_DOCUMENT, document.pk, document.effective_on)
    movements = [
        Movement(lots[line.product_id, line.batch], line.delta, line.number)
        for line in lines
        if line.delta
    ]
    stock_move(actor, cause, movements)
    _first_receipt(lots.values(), document.effective_on)


def _first_receipt(lot_ids: Iterable[int], on: date) -> None:
    """Keep the earliest receipt of a lot, which first-in-first-out goes by."""
    Lot.objects.filter(pk__in=list(lot_ids), received_on__gt=on).update(received_on=on)


def _arrived(actor: Actor, company_id: int, lines: Iterable[StockLine]) -> None:
    products = sorted({line.product_id for line in lines if line.delta > ZERO})
    if products:
        event_publish(actor, words.StockArrived(company_id=company_id, product_ids=products))


@dataclass(frozen=True, slots=True)
class OpeningRow:
    """Opening stock of one batch, in base units."""

    warehouse_id: int
    product_id: int
    quantity: Decimal
    batch: str = ""
    expires_on: date | None = None
    received_on: date | None = None


def stock_opening_load(
    actor: Actor, rows: Sequence[OpeningRow], *, effective_on: date | None = None
) -> list[StockDocument]:
    """Post opening stock in bulk: one posted document per warehouse.

    Raises:
        InvalidError: with one item per wrong row (`row` counts from 1); nothing is posted.
        ForbiddenError: no right to post opening stock.
        LockedPeriodError: the day lies in a closed period.
    """
    authorise(actor, words.STOCK_OPENING)
    on = effective_on or clock.today()
    with write():
        warehouses = Warehouse.objects.in_bulk({row.warehouse_id for row in rows})
        _opening_check(actor, rows, warehouses)
        documents = []
        for warehouse_id in sorted(warehouses):
            mine = [row for row in rows if row.warehouse_id == warehouse_id]
            documents.append(_opening_post(actor, warehouses[warehouse_id], mine, on))
        return documents


def _opening_check(
    actor: Actor, rows: Sequence[OpeningRow], warehouses: dict[int, Warehouse]
) -> None:
    issues = []
    by_warehouse: dict[int, list[tuple[int, OpeningRow]]] = {}
    for number, row in enumerate(rows, 1):
        found = warehouses.get(row.warehouse_id)
        if found is None or (actor.company_id and found.company_id != actor.company_id):
            text = _("This warehouse is not known.")
            issues.append(FieldIssue("warehouse", "unknown", text, row=number))
            continue
        by_warehouse.setdefault(row.warehouse_id, []).append((number, row))
    for warehouse_id, numbered in by_warehouse.items():
        lines = [
            StockLineDraft(row.product_id, row.quantity, row.batch, row.expires_on)
            for _number, row in numbered
        ]
        for issue in lines_issues(warehouses[warehouse_id], StockKind.OPENING, lines):
            number = numbered[(issue.row or 1) - 1][0]
            issues.append(FieldIssue(issue.field, issue.code, issue.message, row=number))
    if issues:
        raise InvalidError(issues)


def _opening_post(
    actor: Actor, warehouse: Warehouse, rows: Sequence[OpeningRow], on: date
) -> StockDocument:
    period_check(warehouse.company_id, on)
    document = StockDocument(
        kind=StockKind.OPENING,
        warehouse=warehouse,
        effective_on=on,
        status=StockStatus.POSTED,
        posted_at=clock.now(),
    )
    owner_id = actor.user_id or warehouse_owner(warehouse)
    document.ownership_set(
        actor,
        company_id=warehouse.company_id,
        owner_id=owner_id,
        unit_id=warehouse.unit_id,
        origin=Origin.IMPORTED,
    )
    document.save(force_insert=True)
    lines = [
        StockLine(
            document=document,
            number=number,
            product_id=row.product_id,
            batch=row.batch.strip(),
            expires_on=row.expires_on,
            quantity=row.quantity,
            delta=row.quantity,
        )
        for number, row in enumerate(rows, 1)
    ]
    StockLine.objects.bulk_create(lines, batch_size=500)
    _lines_move(actor, document, lines, EntryKind.OPENING)
    _received_set(document, rows)
    document.number = number_take(actor, warehouse.company_id, words.STOCK_DOCUMENT, on)
    document.save(update_fields=["number"])
    audit_record(
        actor,
        words.STOCK_POSTED,
        document,
        after={"number": document.number, "kind": document.kind, "lines": len(lines)},
    )
    _arrived(actor, warehouse.company_id, lines)
    return document


def _received_set(document: StockDocument, rows: Sequence[OpeningRow]) -> None:
    """Keep when opening batches were first received, for first in first out."""
    days = {(row.product_id, row.batch.strip()): row.received_on for row in rows if row.received_on}
    lots = Lot.objects.filter(
        warehouse=document.warehouse, product_id__in={product for product, _batch in days}
    )
    changed = []
    for lot in lots:
        day = days.get((lot.product_id, lot.batch))
        if day is not None and day < lot.received_on:
            lot.received_on = day
            changed.append(lot)
    Lot.objects.bulk_update(changed, ["received_on"], batch_size=500)


def warehouse_owner(warehouse: Warehouse) -> int:
    """Return who answers for documents that a job makes in a warehouse.

    Raises:
        InvalidError: nobody keeps the warehouse.
    """
    from chengdan.modules.people.selectors import holders_of, unit_head

    keepers = holders_of("warehouse_keeper", warehouse.company_id, warehouse.unit_id)
    found = keepers[0] if keepers else unit_head(warehouse.unit_id)
    if found is None:
        text = _("Nobody keeps this warehouse: fill the seat of its keeper first.")
        raise InvalidError(FieldIssue("warehouse", "keeper", text))
    return found
