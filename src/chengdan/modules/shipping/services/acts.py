"""The acts of SP before the goods leave: carrier, picking, outbound check (CA, PK, OQ).

Each writes its evidence on the note and completes its step in one transaction.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from chengdan.kernel import clock
from chengdan.kernel.actor import Actor
from chengdan.kernel.audit import audit_record
from chengdan.kernel.errors import FieldIssue, ForbiddenError, InvalidError
from chengdan.kernel.pending import document_save
from chengdan.kernel.prepared import rows_insert
from chengdan.kernel.transactions import write
from chengdan.modules.catalog.selectors import ProductSummary, product_summaries
from chengdan.modules.customers.selectors import customer_summary
from chengdan.modules.process.services import process_step_complete, step_standing
from chengdan.modules.shipping import vocabulary as words
from chengdan.modules.shipping.access import access_note
from chengdan.modules.shipping.models import DeliveryLine, DeliveryNote, Lot, Pick
from chengdan.modules.shipping.rules import (
    LotState,
    base_of,
    is_proposed,
    line_quantity,
    lots_propose,
)
from chengdan.modules.shipping.services.cancel import reason_require
from chengdan.modules.shipping.services.limits import over_issues, tolerances
from chengdan.modules.shipping.services.reserve import line_lower, lines_of_note, lines_save
from chengdan.modules.shipping.services.stock import is_usable, lots_lock, reserved_save
from chengdan.modules.shipping.transitions import NOTE_TRANSITIONS

ZERO = Decimal(0)
_PICKED = (
    "picked_by", "picked_at", "keeper_checked_by", "inspector_checked_by", "gross", "version",
)  # fmt: skip
CHECK_STEPS = {"OQ1": "keeper_checked_by_id", "OQ2": "inspector_checked_by_id"}


def step_complete(
    actor: Actor, note: DeliveryNote, step: str, data: dict[str, Any], **values: Any
) -> DeliveryNote:
    """Complete the note's step and return the note as it stands then."""
    subject: Any = process_step_complete(
        actor=actor, subject_type=words.NOTE, subject_id=note.pk, step_code=step, data=data,
        document=note, **values,
    )  # fmt: skip
    found: DeliveryNote = subject.note
    return found


def note_carrier(
    *,
    actor: Actor,
    note_id: int,
    carrier: str,
    station: str | None = None,
    vehicle: str = "",
    reason: str = "",
    expected_version: int | None = None,
) -> DeliveryNote:
    """Arrange who carries the goods; by default the customer's designated carrier (SHP-04).

    Args:
        station: None takes the one that the customer designated with this carrier; "" is none.
        reason: needed when carrier or station is another one than the customer designated.

    Raises:
        InvalidError: no carrier, or another one without a reason.
        NotFoundError, ForbiddenError, ConflictError: see `access_note`.
        StepNotOpenError, NotAssignedError: not now, or somebody else's step.
    """
    carrier = carrier.strip()
    if not carrier:
        raise InvalidError(FieldIssue("carrier", "required", _("Name the carrier.")))
    with write():
        note = access_note(actor, note_id, words.CARRIER, expected_version)
        NOTE_TRANSITIONS.resolve(note.status, "carrier")
        customer = customer_summary(note.customer_id)
        if station is None:
            station = customer.station if carrier == customer.carrier else ""
        station = station.strip()
        other = (customer.carrier and carrier != customer.carrier) or (
            customer.station and station != customer.station
        )
        if other and not reason.strip():
            text = _("The customer designated %(carrier)s. Say why it shall be another one.")
            wanted = f"{customer.carrier} {customer.station}".strip()
            issue = FieldIssue("reason", "required", text % {"carrier": wanted}, rule="SHP-04")
            raise InvalidError(issue)
        before = {"carrier": note.carrier, "station": note.station}
        note.carrier, note.station, note.vehicle = carrier, station, vehicle.strip()
        note.carrier_reason = reason.strip() if other else ""
        note.version += 1
        document_save(note, ["carrier", "station", "vehicle", "carrier_reason", "version"])
        audit_record(
            actor,
            words.NOTE_CARRIER,
            note,
            before=before,
            after={"carrier": carrier, "station": station, "vehicle": note.vehicle},
            reason=note.carrier_reason,
        )
        return step_complete(actor, note, "CA", {"carrier": carrier, "station": station})


@dataclass(frozen=True, slots=True)
class PickInput:
    """What was taken for a line.

    Attributes:
        quantity: in the line's unit.
        lot_id, batch: one of them names the lot; neither, when the product has one lot only.
    """

    line: int
    quantity: Decimal
    lot_id: int = 0
    batch: str = ""


def note_pick(
    *,
    actor: Actor,
    note_id: int,
    picks: Sequence[PickInput] | None = None,
    reason: str = "",
    expected_version: int | None = None,
) -> DeliveryNote:
    """Record what was picked, by lot; the first-expired-first-out proposal when `picks` is None.

    A line of which less was picked is lowered; its order waits for the rest.

    Args:
        reason: needed when other lots than proposed were taken, or less than wanted.

    Raises:
        InvalidError: unknown or expired lot, more than a lot holds, a batch missing, too much of
            the order, nothing at all, or the reason is missing.
        NotFoundError, ForbiddenError, ConflictError: see `access_note`.
        StepNotOpenError, NotAssignedError: not now, or somebody else's step.

    Source: SHP-14; decisions §2 (PK).
    """
    with write():
        note = access_note(actor, note_id, words.PICK, expected_version)
        NOTE_TRANSITIONS.resolve(note.status, "pick")
        lines = lines_of_note(note)
        picking = _Picking(note, lines, reason.strip())
        picking.take(_as_proposed(lines) if picks is None else picks)
        issues = picking.issues or over_issues(lines, tolerances(note, lines))
        if issues:
            raise InvalidError(issues)
        picking.save()
        note.picked_by_id, note.picked_at = actor.user_id, clock.now()
        note.keeper_checked_by_id = note.inspector_checked_by_id = None
        note.gross = sum((line.gross for line in lines), ZERO)
        note.version += 1
        document_save(note, _PICKED)
        audit_record(
            actor,
            words.NOTE_PICKED,
            note,
            after={
                "picks": [
                    {"line": pick.line.number, "batch": pick.lot.batch, "base": pick.quantity}
                    for pick in picking.made
                ],
            },
            reason=reason.strip(),
        )
        return step_complete(actor, note, "PK", {"reason": reason.strip()})


def _as_proposed(lines: Sequence[DeliveryLine]) -> list[PickInput]:
    return [
        PickInput(line.number, line_quantity(pick.quantity, line.factor), pick.lot_id)
        for line in lines
        for pick in line.picked
    ]


def _figures(row: Lot | DeliveryLine) -> tuple[Decimal, ...]:
    if isinstance(row, Lot):
        return (row.reserved,)
    return (row.quantity, row.base_quantity, row.gross)


@dataclass(slots=True)
class _Picking:
    """Lots of a note while it is picked: its old picks given back, the new ones taken."""

    note: DeliveryNote
    lines: Sequence[DeliveryLine]
    reason: str
    issues: list[FieldIssue] = field(default_factory=list)
    made: list[Pick] = field(default_factory=list)
    lots: dict[int, list[Lot]] = field(default_factory=dict)
    products: dict[int, ProductSummary] = field(default_factory=dict)
    old: dict[tuple[int, int], Decimal] = field(default_factory=dict)
    before: list[tuple[Lot | DeliveryLine, tuple[Decimal, ...]]] = field(default_factory=list)

    def take(self, picks: Sequence[PickInput]) -> None:
        """Give the old picks back and take the new ones, noting all that is wrong."""
        self.lots = lots_lock((line.product_id for line in self.lines), self.note.warehouse_id)
        self.before = [(row, _figures(row)) for row in self._rows()]
        by_id = {lot.pk: lot for lots in self.lots.values() for lot in lots}
        for line in self.lines:
            for pick in line.picked:
                by_id[pick.lot_id].reserved -= pick.quantity
                self.old[line.number, pick.lot_id] = pick.quantity
        by_line: dict[int, list[PickInput]] = {}
        for item in picks:
            by_line.setdefault(item.line, []).append(item)
        self.products = product_summaries({line.product_id for line in self.lines})
        known = {line.number for line in self.lines}
        for number in sorted(set(by_line) - known):
            self._wrong(number, "unknown", _("The note has no such line."))
        for line in self.lines:
            self._line(line, by_line.get(line.number, []))
        if not self.made and not self.issues:
            self._wrong(0, "nothing", _("Nothing was picked."))

    def save(self) -> None:
        """Write lots, picks and lowered lines."""
        changed = [row for row, figures in self.before if _figures(row) != figures]
        reserved_save(row for row in changed if isinstance(row, Lot))
        # Also picked as proposed they are new: from now on they are confirmed.
        Pick.objects.filter(line__in=list(self.lines)).delete()
        rows_insert(self.made)
        lines_save([row for row in changed if isinstance(row, DeliveryLine)])

    def _rows(self) -> list[Lot | DeliveryLine]:
        return [*(lot for lots in self.lots.values() for lot in lots), *self.lines]

    def _line(self, line: DeliveryLine, items: Sequence[PickInput]) -> None:
        taken: dict[int, Decimal] = {}
        bases: dict[int, Decimal] = {}
        for item in items:
            lot = self._lot(line, item)
            if lot is None or item.quantity <= ZERO:
                continue
            taken[lot.pk] = taken.get(lot.pk, ZERO) + item.quantity
            bases[lot.pk] = base_of(taken[lot.pk], line.factor)
            old = self.old.get((line.number, lot.pk))
            if old is not None and line_quantity(old, line.factor) == taken[lot.pk]:
                bases[lot.pk] = old
        total = sum(taken.values(), ZERO)
        product = self.products[line.product_id]
        # Lots may share a box between them; what leaves of the line is whole again.
        if problem := product.places_problem(line.unit_of_measure_id, total):
            self._wrong(line.number, "places", problem)
        wanted = max(sum(bases.values(), ZERO), line.base_quantity)
        proposed = self._proposed(line.product_id, wanted)
        for lot in self.lots.get(line.product_id, []):
            base = bases.get(lot.pk, ZERO)
            if base <= ZERO:
                continue
            if base > lot.available:
                text = _("Lot %(batch)s holds only %(found)s.") % {
                    "batch": lot.batch or lot.pk,
                    "found": f"{line_quantity(lot.available, line.factor).normalize():f}",
                }
                self._wrong(line.number, "short", text)
            lot.reserved += base
            self.made.append(Pick(line=line, lot=lot, quantity=base, is_confirmed=True))
        is_other = bool(bases) and not is_proposed(proposed, bases)
        is_less = sum(bases.values(), ZERO) < line.base_quantity
        if (is_other or is_less) and not self.reason:
            why = _("Say why other lots or less than wanted were taken.")
            self._wrong(line.number, "reason", why, name="reason")
        if sum(bases.values(), ZERO) != line.base_quantity:
            line_lower(self.note, line, total)

    def _proposed(self, product_id: int, wanted: Decimal) -> list[tuple[int, Decimal]]:
        states = [
            LotState(lot.pk, lot.available, lot.expires_on, lot.received_on)
            for lot in self.lots.get(product_id, [])
        ]
        return lots_propose(states, wanted, clock.today())

    def _lot(self, line: DeliveryLine, item: PickInput) -> Lot | None:
        lots = self.lots.get(line.product_id, [])
        found = [lot for lot in lots if item.lot_id in (0, lot.pk)]
        if not item.lot_id:
            found = [lot for lot in found if lot.batch == item.batch.strip()]
        if len(found) != 1:
            self._wrong(line.number, "batch", _("This batch is not in the warehouse."))
            return None
        lot = found[0]
        if not is_usable(lot):
            self._wrong(line.number, "expired", _("This batch has expired."))
            return None
        if line.needs_batch and not lot.batch:
            self._wrong(line.number, "batch", _("Name the batch."))
            return None
        return lot

    def _wrong(self, line: int, code: str, text: object, name: str = "picks") -> None:
        self.issues.append(FieldIssue(name, code, text, row=line or None, rule="SHP-14"))


@dataclass(frozen=True, slots=True)
class CountInput:
    """What the checker found standing ready; `quantity` in the line's unit."""

    line: int
    quantity: Decimal
    batch: str = ""


def note_check(
    *,
    actor: Actor,
    note_id: int,
    counts: Sequence[CountInput] | None = None,
    comment: str = "",
    expected_version: int | None = None,
) -> DeliveryNote:
    """Sign the outbound check: keeper first, then quality inspector, never the picker (SHP-10).

    Args:
        counts: what stands ready, compared with what was picked by item, quantity and batch;
            None when the checker compared by eye.

    Raises:
        ForbiddenError: the actor picked the goods, or signed the other half.
        InvalidError: what stands ready is not what was picked.
        NotFoundError, ConflictError: see `access_note`.
        StepNotOpenError, NotAssignedError: not now, or somebody else's step.
    """
    with write():
        note = access_note(actor, note_id, words.CHECK, expected_version)
        NOTE_TRANSITIONS.resolve(note.status, "check")
        if actor.user_id in {note.picked_by_id, note.keeper_checked_by_id}:
            raise ForbiddenError(_("Three people: one picks, two others check."), rule="OQ")
        if counts is not None:
            issues = _count_issues(lines_of_note(note), counts)
            if issues:
                raise InvalidError(issues)
        step = _check_step(actor, note)
        setattr(note, CHECK_STEPS[step], actor.user_id)
        note.version += 1
        document_save(note, [CHECK_STEPS[step].removesuffix("_id"), "version"])
        audit_record(
            actor,
            words.NOTE_CHECKED,
            note,
            after={"step": step, "counted": counts is not None},
            reason=comment.strip(),
        )
        data = {"counted": counts is not None}
        return step_complete(actor, note, step, data, comment=comment)


def _check_step(actor: Actor, note: DeliveryNote) -> str:
    """Return the half of the outbound check that stands open; the first when none does."""
    found = step_standing(actor, words.NOTE, note.pk, note)
    return found if found in CHECK_STEPS else "OQ1"


def _count_issues(lines: Sequence[DeliveryLine], counts: Sequence[CountInput]) -> list[FieldIssue]:
    picked: dict[tuple[int, str], Decimal] = {}
    factors = {line.number: line.factor for line in lines}
    for line in lines:
        for pick in line.picked:
            key = (line.number, pick.lot.batch)
            picked[key] = picked.get(key, ZERO) + line_quantity(pick.quantity, line.factor)
    found: dict[tuple[int, str], Decimal] = {}
    for item in counts:
        if item.quantity:
            key = (item.line, item.batch.strip())
            found[key] = found.get(key, ZERO) + item.quantity
    issues = []
    for number, batch in sorted(picked.keys() | found.keys()):
        wanted, have = picked.get((number, batch), ZERO), found.get((number, batch), ZERO)
        if wanted != have or number not in factors:
            text = _("%(batch)s: %(wanted)s were picked, %(found)s stand ready.") % {
                "batch": batch or "–",
                "wanted": f"{wanted.normalize():f}",
                "found": f"{have.normalize():f}",
            }
            issues.append(FieldIssue("counts", "differs", text, row=number, rule="OQ"))
    return issues


def note_check_refuse(
    *, actor: Actor, note_id: int, reason: str, expected_version: int | None = None
) -> DeliveryNote:
    """Send the goods back to picking because the outbound check found something wrong.

    Raises:
        InvalidError: no reason.
        NotFoundError, ForbiddenError, ConflictError: see `access_note`.
    """
    reason = reason_require(reason)
    with write():
        note = access_note(actor, note_id, words.CHECK, expected_version)
        NOTE_TRANSITIONS.resolve(note.status, "check")
        step = _check_step(actor, note)
        return step_complete(actor, note, step, {}, decision="refuse", comment=reason)
