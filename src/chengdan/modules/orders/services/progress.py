"""How far orders are, kept on the order for lists: one letter per step of OP, SP and BC."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db.models import Case, F, Value, When
from django.db.models.functions import Concat, Substr

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
    start = BANDS.index(band) * STEPS
    known = Case(When(progress="", then=Value(EMPTY)), default=F("progress"))
    parts = [Substr(known, 1, start)] if start else []
    values: dict[str, object] = {
        "progress": Concat(*parts, Value(letters), Substr(known, start + STEPS + 1))
    }
    if step:
        values |= {"step": step, "due_at": due_at}
    with derived():
        Order.objects.filter(pk__in=set(order_ids)).update(**values)


def states_of(progress: str) -> list[str]:
    """Return the states of all steps from the kept letters, for the mini strip."""
    names = {letter: state for state, letter in LETTERS.items()}
    return [names[letter] for letter in progress or EMPTY]
