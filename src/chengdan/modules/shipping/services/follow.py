"""What notes do when their orders are released, cancelled or amended, and when stock arrives."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from chengdan.kernel.actor import Actor
from chengdan.kernel.audit import audit_record
from chengdan.kernel.errors import ConflictError, InvalidError, NotFoundError
from chengdan.kernel.parameters import parameter_value
from chengdan.kernel.pending import document_save
from chengdan.kernel.prepared import rows_save
from chengdan.kernel.transactions import savepoint, write
from chengdan.modules.credit.selectors import credit_prepayment
from chengdan.modules.orders.selectors import lines_of, order_released
from chengdan.modules.orders.services.fulfil import order_source
from chengdan.modules.process.services import process_cancel
from chengdan.modules.shipping import vocabulary as words
from chengdan.modules.shipping.access import notes_lock
from chengdan.modules.shipping.models import DeliveryLine, DeliveryNote, Pick
from chengdan.modules.shipping.selectors import on_notes, orders_waiting, waiting_of
from chengdan.modules.shipping.services.bands import bands_tell_order
from chengdan.modules.shipping.services.cancel import note_end
from chengdan.modules.shipping.services.notes import note_make_for_orders
from chengdan.modules.shipping.services.reserve import line_lower, lines_of_note, lines_save
from chengdan.modules.shipping.services.stock import lots_lock_ids, stock_unreserve
from chengdan.modules.shipping.services.tell import note_tell
from chengdan.modules.shipping.vocabulary import NoteStatus

ZERO = Decimal(0)


def system_actor(name: str, company_id: int | None, person: str = "") -> Actor:
    """Return who acts for the room: its notes are made by a rule, not under a person's rights."""
    return Actor.system(f"{name} ({person})" if person else name, company_id)


def order_release_follow(actor: Actor, order_id: int) -> DeliveryNote | None:
    """Make the note of a released order for what is there; None leaves it in the backlog.

    An order that must go out whole waits until all of it is there (decisions §2, §16).
    """
    released = order_released(order_id)
    if not parameter_value(released.company_id, words.NOTE_AUTO):
        return None
    return _make_if_possible(
        actor, order_id, received_at=released.at, received_by=released.received_by
    )


def _make_if_possible(actor: Actor, order_id: int, **values: Any) -> DeliveryNote | None:
    try:
        with savepoint():
            return note_make_for_orders(actor=actor, order_ids=[order_id], **values)
    except (ConflictError, InvalidError, NotFoundError):
        return None


def waiting_orders(actor: Actor, company_id: int, product_ids: Sequence[int]) -> list[int]:
    """Return the orders that wait for these products, oldest first.

    None while the company makes its notes by hand.
    """
    if not parameter_value(company_id, words.NOTE_AUTO):
        return []
    listed = orders_waiting(actor, product_ids).filter(company_id=company_id)
    ids = list(listed.values_list("pk", flat=True))
    waiting = waiting_of(ids, None)
    return [order_id for order_id in ids if waiting[order_id]]


def order_waits(actor: Actor, order_id: int) -> bool:
    """Tell whether the order wants goods that are on no note, and notes make themselves."""
    company_ids = orders_waiting(actor).filter(pk=order_id).values_list("company_id", flat=True)
    return any(
        parameter_value(company_id, words.NOTE_AUTO) and waiting_of([order_id], None)[order_id]
        for company_id in company_ids
    )


def waiting_serve(actor: Actor, order_id: int) -> DeliveryNote | None:
    """Make the note of an order that waits, for what is there now; twice makes nothing twice.

    One order in a transaction: the next one's account is locked before its orders and goods.
    An order that pays first and is not paid waits on.
    """
    with write():
        if credit_prepayment(order_source(order_id)).missing > ZERO:
            return None
        return _make_if_possible(actor, order_id)


def _open_notes(order_id: int) -> list[DeliveryNote]:
    """Return the order's open notes, locked, with the lots of all of them locked in one go."""
    ids = DeliveryLine.objects.filter(order_id=order_id, delivery_note__status=NoteStatus.OPEN)
    notes = notes_lock(ids.values_list("delivery_note_id", flat=True))
    notes = [note for note in notes if note.status == NoteStatus.OPEN]
    picks = Pick.objects.filter(line__delivery_note__in=notes)
    lots_lock_ids(picks.values_list("lot_id", flat=True))
    return notes


def order_cancel_follow(actor: Actor, order_id: int) -> None:
    """Give up the open notes of a cancelled order.

    Raises:
        ConflictError: goods are picked already; the note must be given up first.
    """
    notes = _open_notes(order_id)
    picked = [note for note in notes if note.picked_at is not None]
    if picked:
        raise ConflictError(
            _("Delivery note %(number)s is picked already; shipping must cancel it first."),
            code="shipping.picked",
            number=picked[0].number,
        )
    for note in notes:
        mine = [line for line in lines_of_note(note) if line.order_id == order_id]
        _lines_set(actor, note, {line.pk: ZERO for line in mine}, _("The order is cancelled."))


def order_amend_follow(actor: Actor, order_id: int) -> None:
    """Lower open notes to what the amended order still wants, the youngest note first.

    Notes that are picked are not touched: their coordinator and picker are told, and dispatch
    refuses what the order does not cover.
    """
    rest = {line.number: line.rest for line in lines_of([order_id])[order_id]}
    held = {number: sum_ for (_order, number), sum_ in on_notes([order_id]).items()}
    excess = {
        number: quantity - rest.get(number, ZERO)
        for number, quantity in held.items()
        if quantity > rest.get(number, ZERO)
    }
    if not excess:
        return
    why = _("The order was amended.")
    notes = _open_notes(order_id)
    for note in sorted(notes, key=lambda item: (item.picked_at is not None, -item.pk)):
        wanted: dict[int, Decimal] = {}
        for line in lines_of_note(note):
            over = excess.get(line.order_line, ZERO) if line.order_id == order_id else ZERO
            if over <= ZERO:
                continue
            wanted[line.pk] = max(ZERO, line.quantity - over)
            excess[line.order_line] = over - (line.quantity - wanted[line.pk])
        if not wanted:
            continue
        if note.picked_at is not None:
            note_tell(actor, note, "shipping.pick_again", ("scr", "csr", "picker"))
        else:
            _lines_set(actor, note, wanted, why)


def _lines_set(actor: Actor, note: DeliveryNote, wanted: dict[int, Decimal], reason: str) -> None:
    """Lower lines (by id) of an open, unpicked note; without any line left it is given up."""
    lines = lines_of_note(note)
    before = {line.number: line.quantity for line in lines if line.pk in wanted}
    for line in lines:
        if line.pk in wanted:
            line_lower(note, line, wanted[line.pk])
            _picks_lower(line)
    lines_save(lines)
    DeliveryLine.objects.filter(delivery_note=note, quantity=ZERO, pk__in=wanted).delete()
    left = [line for line in lines if line.quantity > ZERO]
    gone = {line.order_id for line in lines} - {line.order_id for line in left}
    for order_id in sorted(pk for pk in gone if pk is not None):
        bands_tell_order(order_id)
    note.gross = sum((line.gross for line in left), ZERO)
    note.version += 1
    document_save(note, ["gross", "version"])
    audit_record(
        actor,
        words.NOTE_CHANGED,
        note,
        before={"lines": before},
        after={"lines": {line.number: line.quantity for line in lines if line.pk in wanted}},
        reason=reason,
    )
    if not left:
        note_end(actor, note, reason)
        process_cancel(actor=actor, subject_type=words.NOTE, subject_id=note.pk, reason=reason)


def _picks_lower(line: DeliveryLine) -> None:
    """Free what the line set aside beyond its quantity, the last proposed lot first."""
    over = sum((pick.quantity for pick in line.picked), ZERO) - line.base_quantity
    freed = []
    for pick in sorted(line.picked, key=lambda item: -item.pk):
        part = min(max(ZERO, over), pick.quantity)
        if part <= ZERO:
            continue
        over -= part
        freed.append((pick.lot_id, part))
        if part == pick.quantity:
            pick.delete()
        else:
            pick.quantity -= part
            rows_save([pick], ["quantity"])
    if freed:
        stock_unreserve(freed)
