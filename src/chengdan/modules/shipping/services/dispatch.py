"""Dispatch: the goods leave, and stock, order, quota and credit follow in one transaction (DP).

Reversal takes all of it back while nothing of it is invoiced.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from chengdan.kernel import clock
from chengdan.kernel.actor import Actor
from chengdan.kernel.audit import audit_record
from chengdan.kernel.crash import crashpoint
from chengdan.kernel.errors import ConflictError, FieldIssue, InvalidError, RuleError
from chengdan.kernel.locking import behind_save
from chengdan.kernel.numbering import number_take
from chengdan.kernel.outbox import event_publish
from chengdan.kernel.pending import document_save
from chengdan.kernel.transactions import write
from chengdan.modules.customers.selectors import customer_summary
from chengdan.modules.orders.access import orders_lock
from chengdan.modules.orders.services import Progress, order_progress
from chengdan.modules.orders.services.reserve import prepayment_require
from chengdan.modules.orders.vocabulary import ORDER
from chengdan.modules.process.services import process_cancel
from chengdan.modules.quota.services import Source, quota_consume, quota_lock, quota_return
from chengdan.modules.shipping import vocabulary as words
from chengdan.modules.shipping.access import access_note, note_lock
from chengdan.modules.shipping.models import DeliveryLine, DeliveryNote, Pick, StockEntry
from chengdan.modules.shipping.rules import PickCheck, line_quantity, pick_problems
from chengdan.modules.shipping.services.acts import step_complete
from chengdan.modules.shipping.services.bands import bands_tell
from chengdan.modules.shipping.services.cancel import reason_require
from chengdan.modules.shipping.services.finding import notes_find_put
from chengdan.modules.shipping.services.limits import (
    order_lines,
    over_issues,
    period_check,
    tolerances,
)
from chengdan.modules.shipping.services.reserve import LINES_TOPIC, lines_of_note
from chengdan.modules.shipping.services.stock import Cause, Movement, stock_move
from chengdan.modules.shipping.services.tell import note_tell
from chengdan.modules.shipping.transitions import NOTE_TRANSITIONS
from chengdan.modules.shipping.vocabulary import EntryKind

ZERO = Decimal(0)
_PROBLEMS = {
    "nothing": _("Nothing was picked."),
    "short": _("Less is picked than the note says."),
    "batch": _("Name the batch."),
}


class CheckMissingError(RuleError):
    """The two signatures of the outbound check are not there."""

    default_code = "shipping.check_missing"
    default_message = _(
        "Keeper and quality inspector must both sign the outbound check, and neither may have "
        "picked the goods."
    )


class InvoicedError(ConflictError):
    """What was invoiced is taken back by a return, not by a reversal."""

    default_code = "shipping.invoiced"
    default_message = _("Line %(line)s is invoiced already; take the goods back as a return.")


def note_dispatch(
    *, actor: Actor, note_id: int, vehicle: str = "", expected_version: int | None = None
) -> DeliveryNote:
    """Let the goods leave: outbound slip, stock, order, credit and quota at once.

    Raises:
        InvalidError: not picked as the note says, or more than ordered and tolerated.
        CheckMissingError: the outbound check is not signed by two others.
        ConflictError: an order is held or being amended, or the period is closed.
        ReservationError: an order is paid first, and money set aside for it was taken away.
        NotFoundError, ForbiddenError: see `access_note`.
        StepNotOpenError, NotAssignedError: not now, or somebody else's step.

    Source: decisions §2 (DP), SHP-06, SHP-14, SHP-20.
    """
    with write():
        note = access_note(actor, note_id, words.DISPATCH, expected_version, with_orders=True)
        target = NOTE_TRANSITIONS.resolve(note.status, "dispatch")
        lines = lines_of_note(note)
        percents = tolerances(note, lines)
        _ready_check(note, lines, percents)
        note.status = target
        today = clock.today()
        note.dispatched_at, note.dispatched_on = clock.now(), today
        note.vehicle = vehicle.strip() or note.vehicle
        note.version += 1
        document_save(note, ["status", "dispatched_at", "dispatched_on", "vehicle", "version"])
        for line in lines:
            line.shipped = _shipped(line)
            line.tolerance_percent = None if percents is None else percents[line.product_id]
        behind_save(LINES_TOPIC, lines, ["shipped", "tolerance_percent"])
        orders_progress(actor, lines, 1)
        crashpoint("shipping.dispatch.progressed")
        note = step_complete(actor, note, "DP", {"vehicle": note.vehicle})
        quota_move(actor, lines, 1)
        _stock_out(actor, note, lines)
        crashpoint("shipping.dispatch.moved")
        slip = number_take(actor, note.company_id, words.SLIP_SERIES, today)
        note.slip_number = slip
        document_save(note, ["slip_number"])
        notes_find_put([note], {note.customer_id: customer_summary(note.customer_id).name})
        audit_record(
            actor,
            words.NOTE_DISPATCHED,
            note,
            before={"status": words.NoteStatus.OPEN},
            after={
                "status": note.status,
                "slip_number": slip,
                "dispatched_at": note.dispatched_at,
                "lines": [{"number": line.number, "shipped": line.shipped} for line in lines],
            },
        )
        event_publish(actor, words.DeliveryDispatched(note_id=note.pk))
        note_tell(actor, note, "shipping.dispatched", ("csr", "owner"), slip=slip)
        crashpoint("shipping.dispatch.done")
        return note


def _ready_check(
    note: DeliveryNote, lines: Sequence[DeliveryLine], percents: Mapping[int, Decimal] | None
) -> None:
    period_check(note.company_id)
    _orders_check(lines)
    people = [note.picked_by_id, note.keeper_checked_by_id, note.inspector_checked_by_id]
    if None in people or len(set(people)) < len(people):
        raise CheckMissingError(rule="OQ")
    picked = [
        PickCheck(
            number=line.number,
            wanted=line.base_quantity,
            picked=sum((pick.quantity for pick in line.picked), ZERO),
            needs_batch=line.needs_batch,
            without_batch=sum((pick.quantity for pick in line.picked if not pick.lot.batch), ZERO),
        )
        for line in lines
    ]
    issues = [
        FieldIssue("picks", code, _PROBLEMS[code], row=number or None, rule="SHP-14")
        for number, code in pick_problems(picked)
    ]
    issues += over_issues(lines, percents)
    if issues:
        raise InvalidError(issues)


def _orders_check(lines: Sequence[DeliveryLine]) -> None:
    """Orders on hold, being amended, or to be paid first and not paid, wait."""
    ids = {line.order_id for line in lines if line.order_id is not None}
    for order in orders_lock(ids):
        if order.is_held or order.status != "released":
            raise ConflictError(
                _("Order %(number)s is not being fulfilled now."),
                code="shipping.order_not_open",
                number=str(order),
            )
        prepayment_require(order)
    if any(found.is_frozen for found in order_lines(lines).values()):
        raise ConflictError(
            _("A change of the order is being decided; shipping waits for it."),
            code="shipping.order_amending",
        )


def _shipped(line: DeliveryLine) -> Decimal:
    picked = sum((pick.quantity for pick in line.picked), ZERO)
    if picked == line.base_quantity:
        return line.quantity
    return line_quantity(picked, line.factor)


def orders_progress(actor: Actor, lines: Sequence[DeliveryLine], sign: int) -> None:
    """Tell every order what left (sign 1) or came back (−1); moves its credit buckets."""
    sums: dict[int, dict[int, Decimal]] = {}
    for line in lines:
        if line.order_id is not None and line.shipped:
            mine = sums.setdefault(line.order_id, {})
            mine[line.order_line] = mine.get(line.order_line, ZERO) + sign * line.shipped
    for order_id, delivered in sorted(sums.items()):
        progress = [Progress(number, delivered=value) for number, value in delivered.items()]
        order_progress(actor=actor, order_id=order_id, progress=progress)


def quota_move(actor: Actor, lines: Sequence[DeliveryLine], sign: int) -> None:
    """Consume quota of what left (sign 1), or hold it again (−1)."""
    moved: dict[int, dict[int, Decimal]] = {}
    for line in lines:
        quantity = sum((pick.quantity for pick in line.picked), ZERO)
        if line.order_id is not None and line.shipped:
            mine = moved.setdefault(line.order_id, {})
            mine[line.order_line] = mine.get(line.order_line, ZERO) + quantity
    act = quota_consume if sign > 0 else quota_return
    for order_id in sorted(quota_lock(ORDER, moved)):
        act(actor=actor, source=Source(ORDER, order_id), shipped=moved[order_id])


def _stock_out(actor: Actor, note: DeliveryNote, lines: Sequence[DeliveryLine]) -> None:
    cause = Cause(EntryKind.DELIVERY, words.NOTE, note.pk, note.dispatched_on or clock.today())
    movements = [
        Movement(pick.lot_id, -pick.quantity, line.number, unreserve=pick.quantity)
        for line in lines
        for pick in line.picked
    ]
    stock_move(actor, cause, movements)


def note_reverse(
    *, actor: Actor, note_id: int, reason: str, expected_version: int | None = None
) -> DeliveryNote:
    """Take a dispatched note back: stock, order, credit and quota as before (posted means posted).

    The note and its slip number stay; the orders wait for goods again.

    Raises:
        InvalidError: no reason.
        InvoicedError: some of it is invoiced.
        LockedPeriodError: today lies in a closed period.
        TransitionError: it has not left, or is reversed already.
        NotFoundError, ForbiddenError, ConflictError: see `access_note`.

    Source: decisions §17, invariant I4.
    """
    reason = reason_require(reason)
    with write():
        note = access_note(actor, note_id, words.REVERSE, expected_version, with_orders=True)
        before = note.status
        target = NOTE_TRANSITIONS.resolve(note.status, "reverse")
        period_check(note.company_id)
        lines = lines_of_note(note)
        _not_invoiced(lines)
        # What is dropped with the note is locked now: documents come before processes and stock.
        event_publish(actor, words.DeliveryReversing(note_id=note.pk))
        note.status, note.reversed_at, note.reversed_on = target, clock.now(), clock.today()
        note.step, note.due_at = "", None
        note.version += 1
        document_save(note, ["status", "reversed_at", "reversed_on", "step", "due_at", "version"])
        orders_progress(actor, lines, -1)
        process_cancel(actor=actor, subject_type=words.NOTE, subject_id=note.pk, reason=reason)
        event_publish(actor, words.DeliveryReversed(note_id=note.pk))
        quota_move(actor, lines, -1)
        _stock_back(actor, note)
        Pick.objects.filter(line__in=lines).delete()
        shipped = {line.number: line.shipped for line in lines}
        for line in lines:
            line.shipped = ZERO
        DeliveryLine.objects.bulk_update(lines, ["shipped"])
        audit_record(
            actor,
            words.NOTE_REVERSED,
            note,
            before={"status": before, "shipped": shipped},
            after={"status": note.status},
            reason=reason,
        )
        bands_tell(note)
        note_tell(actor, note, "shipping.reversed", ("csr", "owner", "scr"), reason=reason)
        return note_lock(note.pk)


def _not_invoiced(lines: Sequence[DeliveryLine]) -> None:
    ordered = order_lines(lines)
    back: dict[tuple[int, int], Decimal] = {}
    for line in lines:
        if line.order_id is not None:
            key = (line.order_id, line.order_line)
            back[key] = back.get(key, ZERO) + line.shipped
    for key, quantity in back.items():
        if ordered[key].delivered - quantity < ordered[key].invoiced:
            raise InvoicedError(line=key[1], rule="I4")


def _stock_back(actor: Actor, note: DeliveryNote) -> None:
    """Move back exactly what the note's own entries took."""
    cause = Cause(EntryKind.REVERSAL, words.NOTE, note.pk, note.reversed_on or clock.today())
    entries = StockEntry.objects.filter(
        source_type=words.NOTE, source_id=note.pk, kind=EntryKind.DELIVERY
    )
    movements = [
        Movement(entry.lot_id, -entry.delta, entry.source_line) for entry in entries.order_by("pk")
    ]
    stock_move(actor, cause, movements)
