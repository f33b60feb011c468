"""Reserve and free: with `movements` the only code that moves reserved and consumed figures.

Every act locks the cells it may touch in order of id and reads them after the lock.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import QuerySet

from chengdan.kernel import clock
from chengdan.kernel.actor import Actor
from chengdan.kernel.audit import AuditRow, audit_record_many
from chengdan.kernel.crash import crashpoint
from chengdan.kernel.numbers import ZERO
from chengdan.kernel.parameters import parameter_value
from chengdan.kernel.prepared import prepared
from chengdan.kernel.transactions import write
from chengdan.modules.quota import rules
from chengdan.modules.quota.access import cells_lock
from chengdan.modules.quota.models import Cell, Hold, QuotaEntry
from chengdan.modules.quota.rules import Demand, QuotaVerdict, Source
from chengdan.modules.quota.selectors import cells_for, lines_for
from chengdan.modules.quota.vocabulary import (
    OVER_RELEASED,
    OVER_SIGNATURES,
    EntryKind,
    OverReleaseError,
    QuotaShortError,
)

_CELL_COLUMNS = ["limit", "reserved", "consumed", "over", "version"]


@dataclass(frozen=True, slots=True)
class OverRelease:
    """Who let an order pass the quota: the SLT as a body (QTA-04, QTA-07)."""

    by_ids: tuple[int, ...]
    reason: str


# What a cell has to take whatever its limit: nobody asked for more, and nobody signed.
UNASKED = OverRelease((), "")


@prepared
def _holds_of(source_type: str, source_id: int) -> QuerySet[Hold]:
    return Hold.objects.filter(source_type=source_type, source_id=source_id)


class Ledger:
    """Locked cells, the holds of one source in them, and the entries of one act."""

    def __init__(
        self, actor: Actor, source: Source, cells: dict[int, Cell], round_number: int = 0
    ) -> None:
        self.actor = actor
        self.source = source
        self.cells = cells
        self.round_number = round_number
        self.at = clock.now()
        self.entries: list[QuotaEntry] = []
        self._touched: dict[int, Cell] = {}
        self._holds: dict[tuple[int, int], Hold] = {}
        rows = _holds_of(source.type, source.id) if cells else []
        self.holds = {(hold.cell_id, hold.line_ref): hold for hold in rows}

    def of_line(self, line_ref: int | None) -> list[Hold]:
        """Return the holds of a line, or of all lines for None."""
        return [
            hold
            for (_cell, line), hold in sorted(self.holds.items())
            if line_ref is None or line == line_ref
        ]

    def of_lines(self, shipped: Mapping[int, Decimal]) -> list[tuple[Hold, Decimal]]:
        """Return every hold of the lines with what was shipped of its line."""
        return [
            (hold, quantity)
            for line_ref, quantity in shipped.items()
            for hold in self.of_line(line_ref)
        ]

    def change(
        self,
        hold: Hold,
        kind: EntryKind,
        *,
        reserved: Decimal = ZERO,
        consumed: Decimal = ZERO,
        release: OverRelease | None = None,
        reason: str = "",
    ) -> None:
        """Move a hold and its cell, and note it.

        Raises:
            QuotaShortError: the cell would pass its limit and nobody released it.
        """
        if not reserved and not consumed:
            return
        cell = self.cells[hold.cell_id]
        over_before = cell.over
        excess_before = rules.over_of(used=cell.used, limit=cell.limit)
        cell.reserved += reserved
        cell.consumed += consumed
        excess = rules.over_of(used=cell.used, limit=cell.limit)
        if excess > excess_before and release is None:
            left = cell.limit - cell.used + reserved + consumed
            raise QuotaShortError(wanted=reserved + consumed, left=max(ZERO, left), cell=cell.pk)
        cell.over = excess
        hold.reserved += reserved
        hold.consumed += consumed
        self.keep(hold)
        self._touched[cell.pk] = cell
        self.entries.append(
            QuotaEntry(
                cell=cell,
                kind=kind,
                source_type=self.source.type,
                source_id=self.source.id,
                line_ref=hold.line_ref,
                reserved_delta=reserved,
                consumed_delta=consumed,
                over_delta=cell.over - over_before,
                round=self.round_number,
                reason=(release.reason if release and excess > excess_before else reason)[:300],
                released_by_ids=list(release.by_ids) if release and excess > excess_before else [],
                at=self.at,
                actor_id=self.actor.user_id,
                actor_name=self.actor.name[:60],
            )
        )

    def keep(self, hold: Hold) -> None:
        """Write the hold with the others, also when nothing of its cell moved."""
        self._holds[hold.cell_id, hold.line_ref] = hold
        self.holds[hold.cell_id, hold.line_ref] = hold

    def free(self, hold: Hold) -> None:
        """Give back what a hold still reserves; what was consumed stays."""
        reserved = hold.reserved
        hold.quantity = hold.shipped
        self.keep(hold)
        self.change(hold, EntryKind.FREE, reserved=-reserved)

    def hold(self, cell_id: int, line_ref: int) -> Hold:
        """Return the hold of a line in a cell, a new one when there is none."""
        found = self.holds.get((cell_id, line_ref))
        return found or Hold(
            cell_id=cell_id,
            source_type=self.source.type,
            source_id=self.source.id,
            line_ref=line_ref,
        )

    def save(self) -> None:
        """Write cells, holds and entries; a constant number of statements."""
        if not self._holds:
            return
        for cell in self._touched.values():
            cell.version += 1
        cells = sorted(self._touched.values(), key=lambda cell: cell.pk)
        if len(cells) == 1:
            cells[0].save(update_fields=_CELL_COLUMNS)
        elif cells:
            Cell.objects.bulk_update(cells, _CELL_COLUMNS, batch_size=100)
        Hold.objects.bulk_create(
            [_copy(hold) for hold in self._holds.values()],
            update_conflicts=True,
            unique_fields=["cell", "source_type", "source_id", "line_ref"],
            update_fields=["quantity", "shipped", "elsewhere", "reserved", "consumed"],
            batch_size=500,
        )
        QuotaEntry.objects.bulk_create(self.entries, batch_size=500)


def _copy(hold: Hold) -> Hold:
    """Return the row without its id, so that new and known ones go in one statement."""
    names = [f.attname for f in Hold._meta.concrete_fields if not f.primary_key]
    return Hold(**{name: getattr(hold, name) for name in names})


def quota_evaluate(
    company_id: int, demands: Sequence[Demand], source: Source | None = None
) -> list[QuotaVerdict]:
    """Return for every line how much fits, without lock and without any effect.

    Args:
        demands: in the order in which lines are served.
        source: the order asking, whose own reservation is left out.
    """
    cells = cells_for(company_id, demands)
    own = _own_reserved(source) if cells else {}
    states = [_without(cell, own.get(cell.pk, ZERO)) for cell in cells]
    return rules.quota_verdicts(demands, states, lines_for(company_id, demands))


def _own_reserved(source: Source | None) -> dict[int, Decimal]:
    sums: dict[int, Decimal] = {}
    if source is not None:
        for hold in _holds_of(source.type, source.id):
            sums[hold.cell_id] = sums.get(hold.cell_id, ZERO) + hold.reserved
    return sums


def _without(cell: Cell, reserved: Decimal) -> rules.CellState:
    cell.reserved -= reserved
    return cell.state


def quota_reserve(
    *,
    actor: Actor,
    source: Source,
    demands: Sequence[Demand],
    release: OverRelease | None = None,
    round_number: int = 1,
    company_id: int | None = None,
) -> list[QuotaVerdict]:
    """Reserve what fits of every line, or all of it when the excess is released.

    An earlier reservation of the source for these lines is replaced. What a verdict does not
    allow was not reserved: the caller cuts its lines to `allowed` and says so.

    A cell that was ended limits nothing. A line that holds it already stays in it with what it
    takes now, so that the cell keeps saying what its orders took.

    A cell that does not bind a line any more keeps what was shipped of it there, and nothing
    else. A line that wants nothing more moves nowhere.

    Args:
        demands: in the order in which lines are served.
        release: the SLT's signatures; without it lines are cut.
        company_id: default the actor's.

    Raises:
        OverReleaseError: too few different persons signed.
        ValueError: neither names a company; a caller bug.

    Source: decisions §5; QTA-02, QTA-04, QTA-06, QTA-07.
    """
    company_id = company_id or actor.company_id
    if company_id is None:
        raise ValueError("a reservation belongs to a company")
    if release is not None:
        _signatures_check(company_id, release)
    with write():
        candidates = {cell.pk for cell in cells_for(company_id, demands)}
        candidates |= {hold.cell_id for hold in _holds_of(source.type, source.id)}
        cells = cells_lock(candidates)
        ledger = Ledger(actor, source, cells, round_number)
        kept = _ended_holds(ledger)
        for demand in demands:
            for hold in ledger.of_line(demand.line_ref):
                if not hold.has_left:
                    ledger.free(hold)
        lines = lines_for(company_id, demands)
        verdicts = rules.quota_verdicts(
            demands,
            [cell.state for cell in cells.values() if cell.ended_at is None],
            lines,
            is_released=release is not None,
        )
        for demand, verdict in zip(demands, verdicts, strict=True):
            _take(ledger, demand, verdict, release)
            stayed = _stay(ledger, demand, verdict.allowed, kept, lines)
            if demand.quantity:
                _leave(ledger, demand.line_ref, {*verdict.taken, *stayed})
        ledger.save()
        _audit_over(actor, ledger, release)
        crashpoint("quota.reserved")
        return verdicts


def _signatures_check(company_id: int, release: OverRelease) -> None:
    needed = parameter_value(company_id, OVER_SIGNATURES)
    found = len(set(release.by_ids))
    if found < needed:
        raise OverReleaseError(needed=needed, found=found)


def _take(
    ledger: Ledger, demand: Demand, verdict: QuotaVerdict, release: OverRelease | None
) -> None:
    for cell_id, taken in sorted(verdict.taken.items()):
        if not taken and not verdict.allowed:
            continue
        hold = ledger.hold(cell_id, verdict.line_ref)
        _want(hold, demand, verdict.allowed)
        ledger.change(hold, EntryKind.RESERVE, reserved=taken, release=release)


def _want(hold: Hold, demand: Demand, allowed: Decimal) -> None:
    hold.quantity = hold.shipped + allowed
    hold.elsewhere = max(ZERO, demand.shipped - hold.shipped)


def _leave(ledger: Ledger, line_ref: int, stayed: Collection[int]) -> None:
    """Leave the cells that bind the line no more; what was shipped there stays consumed."""
    for hold in ledger.of_line(line_ref):
        if hold.cell_id not in stayed and hold.is_in:
            hold.quantity = hold.elsewhere = ZERO


def _ended_holds(ledger: Ledger) -> list[Hold]:
    """Return what the source holds of ended cells; freed holds that shipped nothing are gone."""
    holds = ledger.of_line(None)
    return [hold for hold in holds if hold.quantity and ledger.cells[hold.cell_id].ended_at]


def _stay(
    ledger: Ledger,
    demand: Demand,
    allowed: Decimal,
    kept: Iterable[Hold],
    lines: Mapping[int, Sequence[int]],
) -> set[int]:
    """Reserve what a line takes now in the ended cells that it holds, whatever their limit."""
    stayed = set()
    above = lines.get(demand.territory_id, ()) if demand.territory_id is not None else ()
    for hold in kept:
        cell = ledger.cells[hold.cell_id].state
        if hold.line_ref == demand.line_ref and rules.cell_binds(cell, demand, above):
            taken = rules.wanted_of(cell, demand, allowed)
            _want(hold, demand, allowed)
            ledger.change(hold, EntryKind.RESERVE, reserved=taken, release=UNASKED)
            stayed.add(hold.cell_id)
    return stayed


def _audit_over(actor: Actor, ledger: Ledger, release: OverRelease | None) -> None:
    over = {entry.cell_id: entry.cell for entry in ledger.entries if entry.released_by_ids}
    if release is None or not over:
        return
    after = {
        "source": f"{ledger.source.type} {ledger.source.id}",
        "released_by": sorted(set(release.by_ids)),
    }
    rows = [
        AuditRow(cell, after={**after, "over": cell.over}, reason=release.reason)
        for cell in over.values()
    ]
    audit_record_many(actor, OVER_RELEASED, rows)


def quota_lock(source_type: str, source_ids: Iterable[int]) -> set[int]:
    """Lock every cell in which the sources hold something, before several acts on them.

    Acts on one source after the other would take cells in the order of sources, not of ids.

    Returns:
        The ids of the sources that hold something.
    """
    pairs = _held_of(source_type, set(source_ids))
    cells_lock(cell for _source, cell in pairs)
    return {source for source, _cell in pairs}


@prepared
def _held_of(source_type: str, source_ids: Collection[int]) -> QuerySet[Hold, tuple[int, int]]:
    held = Hold.objects.filter(source_type=source_type, source_id__in=source_ids)
    return held.values_list("source_id", "cell_id")


def quota_free(*, actor: Actor, source: Source, line_ref: int | None = None) -> None:
    """Free what a line (or the whole document) still reserves; doing it twice changes nothing."""
    with write():
        ledger = ledger_of(actor, source, None if line_ref is None else [line_ref])
        for hold in ledger.of_line(line_ref):
            if hold.reserved:
                ledger.free(hold)
        ledger.save()


def ledger_of(actor: Actor, source: Source, line_refs: Iterable[int] | None) -> Ledger:
    """Lock the cells in which the source holds something for the lines; None is all of them."""
    held = Hold.objects.filter(source_type=source.type, source_id=source.id)
    if line_refs is not None:
        held = held.filter(line_ref__in=list(line_refs))
    ids: Iterable[int] = held.values_list("cell_id", flat=True)
    return Ledger(actor, source, cells_lock(ids))
