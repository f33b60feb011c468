"""How far orders are, kept on the order for lists: one letter per step of OP, SP and BC."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Case, F, QuerySet, Value, When
from django.db.models.functions import Concat, Substr

from chengdan.kernel.locking import locked_row
from chengdan.kernel.pending import document_save
from chengdan.kernel.prepared import prepared_update
from chengdan.kernel.transactions import KEEP_BANDS, current_unit, derived
from chengdan.kernel.workcalendar import Pace
from chengdan.modules.orders.models import Order


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a band stands: its open step, when that is due, and how the time until then counts.

    Attributes:
        step: "" when none is open.
        unit_id: whose calendar counts.
    """

    step: str = ""
    due_at: datetime | None = None
    due_pace: str = Pace.WORKING.value
    unit_id: int | None = None


NOWHERE = Standing()
Change = tuple[str, Standing]
# Keys of an act's memo: (order, band) → letters, standing; documents that were told about.
_PLACE = ("step", "due_at", "due_pace", "due_unit_id")
_FIELDS = (*_PLACE, "step_band")
_CHANGES, _ASKED = "orders_bands", "orders_bands_asked"
BANDS = ("op", "sp", "bc")
STEPS = 7
EMPTY = "-" * STEPS * len(BANDS)
# d done, r running, s due soon, l late or stopped, w waiting, k skipped, - not begun
LETTERS = {
    "done": "d",
    "run": "r",
    "soon": "s",
    "late": "l",
    "wait": "w",
    "skip": "k",
    "todo": "-",
}


def band_letters(states: Sequence[str]) -> str:
    """Return the seven letters of a band from the states of its steps."""
    letters = "".join(LETTERS.get(state, "-") for state in states)
    return (letters + "-" * STEPS)[:STEPS]


_RUNNING = frozenset("rslw")
Places = Callable[[int], Standing]
_PLACES: dict[str, Places] = {}


def band_places_register(band: str, places: Places) -> None:
    """Let a later room say where a band of an order stands, for when another band has ended."""
    _PLACES[band] = places


def _fallback(order_id: int, progress: str, ended: str) -> tuple[str, Standing]:
    """Return the last band that still runs and where it stands; ("", nowhere) without one."""
    for band in reversed(BANDS):
        start = BANDS.index(band) * STEPS
        if band != ended and band in _PLACES and _RUNNING & set(progress[start : start + STEPS]):
            standing = _PLACES[band](order_id)
            if standing.step:
                return band, standing
    return "", NOWHERE


def band_set(
    order_ids: Iterable[int],
    band: str,
    letters: str,
    standing: Standing = NOWHERE,
) -> None:
    """Keep how far a band of orders is; without a step that of another band stays in place.

    A band that reports no step takes away the one it had put there; another band that still runs
    is shown instead.

    Not a change of the order itself: no version, no audit entry beyond the step's own. Must run
    inside the transaction of the step; the last word of an act is written at its end.
    """
    unit = current_unit()
    changes: dict[tuple[int, str], Change] = unit.memo.setdefault(_CHANGES, {})
    for order_id in order_ids:
        changes.pop((order_id, band), None)
        changes[order_id, band] = (letters, standing)
    unit.before_commit[KEEP_BANDS] = _bands_keep


def bands_ask(key: tuple[str, int], tell: Callable[[], None]) -> None:
    """Let a document tell its orders where they are, by `band_set`, at the end of the act.

    Args:
        key: of the document; however often it moved on, it is asked once.
    """
    unit = current_unit()
    unit.memo.setdefault(_ASKED, {})[key] = tell
    unit.before_commit[KEEP_BANDS] = _bands_keep


def bands_settle() -> None:
    """Write now what the act so far said of bands, for an answer that shows where an order is.

    Raises:
        RuntimeError: outside `write()`.
    """
    current_unit()
    _bands_keep()


def _bands_keep() -> None:
    memo = current_unit().memo
    for tell in memo.pop(_ASKED, {}).values():
        tell()
    apart: dict[tuple[str, Change], list[int]] = {}
    held: dict[int, Order] = {}
    for (order_id, band), change in memo.pop(_CHANGES, {}).items():
        order = locked_row(Order, order_id)
        if order is None:
            apart.setdefault((band, change), []).append(order_id)
        else:
            held[order_id] = order
            _note(order, band, change)
    with derived():
        for order in held.values():
            document_save(order, ["progress", *_FIELDS])
        for (band, (letters, standing)), ids in apart.items():
            if standing.step:
                _SETTERS[band](ids, letters, *_values(standing))
            else:
                _SETTERS[band](ids, letters, *_KEPT)
                _leave(ids, band)


def _leave(ids: Sequence[int], band: str) -> None:
    """Show another running band on the orders that showed this one, or none."""
    shown = Order.objects.filter(pk__in=ids, step_band=band).values_list("pk", "progress")
    for order_id, progress in shown:
        other, standing = _fallback(order_id, progress, band)
        values = dict(zip(_FIELDS, (*_values(standing), other), strict=True))
        Order.objects.filter(pk=order_id).update(**values)


def _note(order: Order, band: str, change: Change) -> None:
    letters, standing = change
    known, start = order.progress or EMPTY, BANDS.index(band) * STEPS
    order.progress = known[:start] + letters + known[start + STEPS :]
    if standing.step or order.step_band == band:
        shown = band
        if not standing.step:
            shown, standing = _fallback(order.pk, order.progress, band)
        for name, value in zip(_FIELDS, (*_values(standing), shown), strict=True):
            setattr(order, name, value)


# For `_PLACE` of an order that keeps its own.
_KEPT: tuple[None, ...] = (None,) * len(_PLACE)


def _values(standing: Standing) -> tuple[Any, ...]:
    """Return the values of `_PLACE`."""
    return standing.step, standing.due_at, standing.due_pace, standing.unit_id


def _setter(band: str, start: int) -> Callable[..., int]:
    @prepared_update
    def change(
        order_ids: Collection[int],
        letters: str,
        step: str | None,
        due_at: datetime | None,
        due_pace: str | None,
        due_unit_id: int | None,
    ) -> tuple[QuerySet[Order], dict[str, object]]:
        known = Case(When(progress="", then=Value(EMPTY)), default=F("progress"))
        parts = [Substr(known, 1, start)] if start else []
        values: dict[str, object] = {
            "progress": Concat(*parts, Value(letters), Substr(known, start + STEPS + 1))
        }
        if step is not None:
            places = (step, due_at, due_pace, due_unit_id)
            values |= dict(zip(_PLACE, places, strict=True))
            values["step_band"] = band
        return Order.objects.filter(pk__in=order_ids), values

    return change


_SETTERS = {band: _setter(band, number * STEPS) for number, band in enumerate(BANDS)}


def states_of(progress: str) -> list[str]:
    """Return the states of all steps from the kept letters, for the mini strip."""
    names = {letter: state for state, letter in LETTERS.items()}
    return [names[letter] for letter in progress or EMPTY]
