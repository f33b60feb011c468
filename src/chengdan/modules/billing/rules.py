"""Arithmetic of invoices, allocation, aging and the collection rate, on plain values."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

from chengdan.kernel.numbers import ONE, ZERO, LineAmounts, money


@dataclass(frozen=True, slots=True)
class Whole:
    """An order line as it is invoiced: its quantity and stored amounts."""

    quantity: Decimal
    gross: Decimal
    tax: Decimal


@dataclass(frozen=True, slots=True)
class Taken:
    """What live invoices carry of an order line already.

    Attributes:
        parts: how many invoice lines that is.
    """

    quantity: Decimal = ZERO
    gross: Decimal = ZERO
    tax: Decimal = ZERO
    parts: int = 0

    def plus(self, other: Taken) -> Taken:
        """Return both together."""
        return Taken(
            self.quantity + other.quantity,
            self.gross + other.gross,
            self.tax + other.tax,
            self.parts + other.parts,
        )


def running_share(amount: Decimal, whole: Decimal, part: Decimal, exponent: int) -> Decimal:
    """Return what belongs to the first `part` of `whole`, rounded on the running total."""
    if whole == ZERO:
        return ZERO
    return amount if part == whole else money(amount * part / whole, exponent)


def part_amounts(whole: Whole, taken: Taken, quantity: Decimal, exponent: int) -> LineAmounts:
    """Return the amounts of the next part of an order line, so that all parts add up.

    Rounding differences of earlier parts are caught up by this one. A larger difference comes
    from a price that was amended after an invoice and stays where it was invoiced.

    Args:
        quantity: in the line's unit; negative for nothing.
        exponent: of the currency.

    Source: decisions §16, invariant I15.
    """
    gross = _next_part(whole.gross, whole, taken.gross, taken, quantity, exponent)
    tax = _next_part(whole.tax, whole, taken.tax, taken, quantity, exponent)
    return LineAmounts(gross=gross, tax=tax, net=gross - tax)


def _next_part(
    amount: Decimal, whole: Whole, before: Decimal, taken: Taken, quantity: Decimal, exponent: int
) -> Decimal:
    until = running_share(amount, whole.quantity, taken.quantity + quantity, exponent)
    share = until - running_share(amount, whole.quantity, taken.quantity, exponent)
    caught_up = until - before
    slack = ONE.scaleb(-exponent) * taken.parts
    return caught_up if abs(caught_up - share) <= slack else share


@dataclass(frozen=True, slots=True)
class Owed:
    """The unpaid part of an invoice that belongs to one order (None without an order)."""

    order_id: int | None
    amount: Decimal


def fill(amount: Decimal, owed: Sequence[Owed], order_id: int | None = None) -> list[Owed]:
    """Spread a payment over the orders of an invoice: in their sequence, each up to its part.

    Args:
        order_id: take only this order's part, for money set aside for it.

    Raises:
        ValueError: more is paid than owed; the caller has compared before.
    """
    rest, parts = amount, []
    for item in owed:
        if order_id is not None and item.order_id != order_id:
            continue
        part = min(rest, item.amount)
        if part > ZERO:
            parts.append(Owed(item.order_id, part))
            rest -= part
    if rest != ZERO:
        raise ValueError("more is paid than owed")
    return parts


@dataclass(frozen=True, slots=True)
class OpenInvoice:
    """An unpaid invoice as the proposal sees it; `words` are texts that name it in a memo."""

    id: int
    due_on: date
    open: Decimal
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Proposed:
    """How much of a receipt should go to an invoice, and why: reference, exact or oldest."""

    invoice_id: int
    amount: Decimal
    reason: str


def propose(money_left: Decimal, memo: str, invoices: Iterable[OpenInvoice]) -> list[Proposed]:
    """Return a proposal: invoices named in the memo first, one of equal amount, then the oldest.

    Source: decisions §10.
    """
    text = memo.casefold()
    ordered = sorted(invoices, key=lambda item: (item.due_on, item.id))
    named = [item for item in ordered if any(w and w.casefold() in text for w in item.words)]
    exact = [] if named else [item for item in ordered if item.open == money_left][:1]
    chosen: dict[int, Proposed] = {}
    rest = money_left
    for reason, group in (("reference", named), ("exact", exact), ("oldest", ordered)):
        for item in group:
            part = min(rest, item.open)
            if part > ZERO and item.id not in chosen:
                chosen[item.id] = Proposed(item.id, part, reason)
                rest -= part
    return list(chosen.values())


@dataclass(frozen=True, slots=True)
class AgeBucket:
    """Days past due from `first` to `last`; None is open to that side."""

    first: int | None
    last: int | None

    def holds(self, days: int) -> bool:
        """True when so many days past due belong here."""
        return (self.first is None or days >= self.first) and (
            self.last is None or days <= self.last
        )


def age_buckets(ends: Sequence[int]) -> list[AgeBucket]:
    """Return buckets for the ends 0, 30, 60, 90: not due, 1–30, 31–60, 61–90, over 90.

    Raises:
        ValueError: the ends do not rise.
    """
    if not ends or any(later <= earlier for earlier, later in pairwise(ends)):
        raise ValueError("the ends of the buckets must rise")
    found = [AgeBucket(None, ends[0])]
    found += [AgeBucket(low + 1, high) for low, high in pairwise(ends)]
    return [*found, AgeBucket(ends[-1] + 1, None)]


def bucket_of(buckets: Sequence[AgeBucket], due_on: date, on: date) -> int:
    """Return the place of the bucket for an invoice due on `due_on`, looked at on `on`."""
    days = (on - due_on).days
    return next(place for place, bucket in enumerate(buckets) if bucket.holds(days))


def collected_in_time(received_on: date, due_on: date, within_days: int) -> bool:
    """True when money counts for the collection rate; early money counts, too (BIL-25)."""
    return received_on <= due_on + timedelta(days=within_days)


@dataclass(frozen=True, slots=True)
class Rate:
    """Amount falling due in a period and how much of it came in by due date + n days."""

    due: Decimal
    collected: Decimal

    @property
    def percent(self) -> Decimal | None:
        """The rate in percent, one decimal, for showing; None when nothing fell due."""
        return None if not self.due else money(self.collected * 100 / self.due, 1)

    def is_below(self, goal_percent: Decimal) -> bool:
        """True when the goal was missed; compared by multiplication, so nothing is rounded."""
        return self.collected * 100 < self.due * goal_percent


def way_parts(
    moments: Sequence[datetime | None],
) -> list[tuple[datetime, datetime] | None]:
    """Return begin and end of every part of a way, None for a part that has not ended.

    A part begins when the ones before it had ended, so that the parts add up to the whole way:
    where the invoice went before the goods, invoicing took no time of its own.

    Args:
        moments: the start, then the end of each part, in the order in which they should follow.

    Source: ORD-15.
    """
    latest = moments[0]
    parts: list[tuple[datetime, datetime] | None] = []
    for moment in moments[1:]:
        if latest is None or moment is None:
            parts.append(None)
            continue
        end = max(latest, moment)
        parts.append((latest, end))
        latest = end
    return parts


STEP_CODES = ("IR", "IA", "IV", "RM", "CL", "RC", "AL")
_PLACES = {"IR": 0, "IA": 1, "IV1": 2, "IV2": 2, "RC": 5, "AL": 6}


def band_states(*, status: str, step: str, stage: str, is_overdue: bool) -> list[str]:
    """Return the states of the seven steps of BC: done, run, wait, late, skip or todo.

    RM and CL are clocks beside the wait for RC: they show what was done, never stand open alone.

    Source: decisions §2.
    """
    if status in ("cancelled", "reversed"):
        return ["skip"] * len(STEP_CODES)
    at = (
        len(STEP_CODES)
        if status == "settled" and step in ("", "RC", "AL")
        else _PLACES.get(step, 0)
    )
    states = ["done" if place < at else "todo" for place in range(len(STEP_CODES))]
    if at < len(STEP_CODES):
        states[at] = "wait" if step == "RC" else "run"
    is_settled = status == "settled"
    reminded = "done" if stage else ("skip" if is_overdue or is_settled else "todo")
    states[3] = reminded if status in ("posted", "settled") else "todo"
    chased = {"collecting": "run", "escalated": "late"}.get(stage, "skip" if is_settled else "todo")
    states[4] = "done" if is_settled and chased in ("run", "late") else chased
    if step == "RC" and is_overdue and not is_settled:
        states[5] = "late"
    return states


def band_place(states: Sequence[str]) -> int:
    """Return how far an invoice is, for the least advanced one of an order."""
    standing = [place for place, state in enumerate(states) if state in ("run", "wait", "late")]
    main = [place for place in standing if place not in (3, 4)]
    return min(main, default=len(states))
