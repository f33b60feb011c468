"""How far orders are, kept on the order for lists: one letter per step of OP, SP and BC."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime

from django.db.models import Case, F, QuerySet, Value, When
from django.db.models.functions import Concat, Substr

from chengdan.kernel.prepared import prepared_update
from chengdan.kernel.transactions import derived
from chengdan.modules.orders.models import Order

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


def band_set(
    order_ids: Iterable[int],
    band: str,
    letters: str,
    step: str = "",
    due_at: datetime | None = None,
) -> None:
    """Keep how far a band of orders is; `step` "" leaves the step of another band in place.

    Not a change of the order itself: no version, no audit entry beyond the step's own. Must run
    inside the transaction of the step.
    """
    with derived():
        _SETTERS[band](set(order_ids), letters, step or None, due_at if step else None)


def _setter(start: int) -> Callable[..., int]:
    @prepared_update
    def change(
        order_ids: Collection[int], letters: str, step: str | None, due_at: datetime | None
    ) -> tuple[QuerySet[Order], dict[str, object]]:
        known = Case(When(progress="", then=Value(EMPTY)), default=F("progress"))
        parts = [Substr(known, 1, start)] if start else []
        values: dict[str, object] = {
            "progress": Concat(*parts, Value(letters), Substr(known, start + STEPS + 1))
        }
        if step is not None:
            values |= {"step": step, "due_at": due_at}
        return Order.objects.filter(pk__in=order_ids), values

    return change


_SETTERS = {band: _setter(number * STEPS) for number, band in enumerate(BANDS)}


def states_of(progress: str) -> list[str]:
    """Return the states of all steps from the kept letters, for the mini strip."""
    names = {letter: state for state, letter in LETTERS.items()}
    return [names[letter] for letter in progress or EMPTY]
