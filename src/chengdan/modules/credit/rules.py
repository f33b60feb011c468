"""Arithmetic of exposure and the bands of the credit check, on plain values.

Source: decisions §3; CRD-04…09, CRD-15, CRD-17 with notes N1 and N2.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from decimal import Decimal

ZERO = Decimal(0)
HUNDRED = Decimal(100)

PREPAID, WITHIN, OVER_SMALL, STOP = "prepaid", "within", "over_small", "stop"
RULES = {PREPAID: "CC-1", WITHIN: "CC-2", OVER_SMALL: "CC-3", STOP: "CC-4"}
RULE_SHORTFALL = "CC-5"


@dataclass(frozen=True, slots=True)
class Source:
    """What an amount stands for; opaque to the ledger.

    Attributes:
        type: label of the document type, such as "orders.order".
        id: of the document.
        line: of a line, or 0 for the whole document.
    """

    type: str
    id: int
    line: int = 0

    @property
    def document(self) -> tuple[str, int]:
        """The document without the line."""
        return self.type, self.id


@dataclass(frozen=True, slots=True)
class Totals:
    """Bucket totals of one account, gross of tax, in the company's currency.

    Attributes:
        covered: the part of open, to invoice and receivable that money set aside, or the
            duty to pay before shipment, stands against; see `covered_amount`.
    """

    open: Decimal = ZERO
    to_invoice: Decimal = ZERO
    receivable: Decimal = ZERO
    unapplied: Decimal = ZERO
    earmarked: Decimal = ZERO
    promised: Decimal = ZERO
    covered: Decimal = ZERO

    @property
    def exposure(self) -> Decimal:
        """What the customer occupies.

        Source: decisions §3, "Exposure".
        """
        return self.open + self.to_invoice + self.receivable - self.unapplied - self.covered

    def plus(self, other: Totals) -> Totals:
        """Return both added, bucket by bucket."""
        names = [field.name for field in fields(self)]
        return Totals(**{name: getattr(self, name) + getattr(other, name) for name in names})


@dataclass(frozen=True, slots=True)
class Claim:
    """What one order stands for in the account.

    Attributes:
        open: reserved and not yet delivered or invoiced.
        moved: its part of the buckets to invoice and receivable.
        earmarked: receipts set aside for it.
        promised: what must still be set aside before goods leave.
    """

    open: Decimal = ZERO
    moved: Decimal = ZERO
    earmarked: Decimal = ZERO
    promised: Decimal = ZERO

    @property
    def outstanding(self) -> Decimal:
        """Everything of the order that is not paid."""
        return self.open + self.moved

    @property
    def covered(self) -> Decimal:
        """The part that is no credit; see `covered_amount`."""
        return covered_amount(
            outstanding=self.outstanding, earmarked=self.earmarked, promised=self.promised
        )


def covered_amount(*, outstanding: Decimal, earmarked: Decimal, promised: Decimal) -> Decimal:
    """Return how much of an order is no credit, never more than the order itself.

    A receipt set aside serves its own order only, so what exceeds the order lowers nothing.

    Source: decisions §3, "a receipt earmarked to an order serves that order only".
    """
    return max(ZERO, min(outstanding, earmarked + promised))


def over_limit(*, exposure: Decimal, limit: Decimal | None) -> Decimal:
    """Return max(0, exposure − limit); an empty limit counts as 0 (pay first)."""
    return max(ZERO, exposure - (limit or ZERO))


def within_percent(*, over: Decimal, limit: Decimal | None, percent: Decimal) -> bool:
    """Tell whether `over` is at most `percent` of the limit; exactly is within (N1).

    Compared by multiplication, so nothing is rounded and a limit of 0 needs no exception.
    """
    return over * HUNDRED <= (limit or ZERO) * percent


def credit_band(
    *, is_prepaid: bool, overdue: Decimal, over: Decimal, limit: Decimal | None, percent: Decimal
) -> str:
    """Return the first band that holds, in the fixed order of decisions §3 (CRD-17).

    Args:
        is_prepaid: the customer pays first, or money set aside covers the order.
        overdue: receivables past their due date, >= 0.
        over: exposure including this order − limit, at least 0.
        limit: None means "pay first".
        percent: overrun that the SLT member may decide, 20 for 20 %.
    """
    if is_prepaid:
        return PREPAID
    if overdue > ZERO:
        return STOP
    if over == ZERO:
        return WITHIN
    if limit and within_percent(over=over, limit=limit, percent=percent):
        return OVER_SMALL
    return STOP


@dataclass(frozen=True, slots=True)
class CreditVerdict:
    """The answer of the credit check: numbers, band and rule.

    Attributes:
        band: prepaid, within, over_small or stop.
        amount: of the order, gross.
        exposure: including this order.
        before: exposure without this order.
        limit: None when the customer has none and pays first.
        over: max(0, exposure − limit).
        available: limit − exposure without this order; negative when it is exceeded already.
        overdue: receivables past due.
        earmarked: receipts set aside for this order.
        missing: what must still be paid in before goods leave; 0 unless prepaid.
        percent: the overrun that the SLT member may decide.
    """

    band: str
    amount: Decimal
    exposure: Decimal
    before: Decimal
    limit: Decimal | None
    over: Decimal
    available: Decimal
    overdue: Decimal
    earmarked: Decimal
    missing: Decimal
    percent: Decimal

    @property
    def rule(self) -> str:
        """Id of the rule shown to the user."""
        return RULES[self.band]

    @property
    def cause(self) -> str:
        """Why the band is "stop": overdue, no_limit or over_limit; "" otherwise."""
        if self.band != STOP:
            return ""
        if self.overdue > ZERO:
            return "overdue"
        return "over_limit" if self.limit else "no_limit"

    @property
    def over_percent(self) -> Decimal | None:
        """The overrun in percent of the limit, one decimal, for showing only."""
        if not self.limit:
            return None
        return (self.over * HUNDRED / self.limit).quantize(Decimal("0.1"))

    @property
    def room_small(self) -> Decimal:
        """How much more can be ordered while the SLT member may still decide, >= 0."""
        limit = self.limit or ZERO
        return max(ZERO, limit * (HUNDRED + self.percent) / HUNDRED - self.before)


def credit_verdict(
    *,
    totals: Totals,
    claim: Claim,
    amount: Decimal,
    limit: Decimal | None,
    pays_first: bool,
    overdue: Decimal,
    percent: Decimal,
) -> CreditVerdict:
    """Return what the credit check says about an order that reserves `amount`.

    Args:
        totals: of the account as it stands.
        claim: of this order as it stands; its own reservation is left out of the comparison.
        amount: gross of tax, >= 0, that the order's reservation shall be.
        pays_first: by the customer's terms or by choice for this order.
    """
    is_first = pays_first or limit is None
    after = claim_after(claim, amount=amount, pays_first=is_first)
    before = (
        totals.exposure
        - claim.open
        + claim.covered
        - claim_after(claim, amount=ZERO, pays_first=is_first).covered
    )
    exposure = totals.exposure + (after.open - claim.open) - (after.covered - claim.covered)
    over = over_limit(exposure=exposure, limit=limit)
    band = credit_band(
        is_prepaid=is_first or (amount > ZERO and claim.earmarked >= after.outstanding),
        overdue=overdue,
        over=over,
        limit=limit,
        percent=percent,
    )
    return CreditVerdict(
        band=band,
        amount=amount,
        exposure=exposure,
        before=before,
        limit=limit,
        over=over,
        available=(limit or ZERO) - before,
        overdue=overdue,
        earmarked=claim.earmarked,
        missing=after.promised,
        percent=percent,
    )


def claim_after(claim: Claim, *, amount: Decimal, pays_first: bool) -> Claim:
    """Return the order's claim once its reservation is `amount`.

    An order that pays first promises what is not yet set aside for it, of goods still here.
    """
    wanted = Claim(open=amount, moved=claim.moved, earmarked=claim.earmarked)
    return replace(wanted, promised=promise_most(wanted)) if pays_first else wanted


def promise_most(claim: Claim) -> Decimal:
    """Return the most that the order may promise to pay first.

    Money is promised for goods that have not left; what left unpaid is credit.
    """
    return max(ZERO, min(claim.open, claim.outstanding - claim.earmarked))


def promise_after(claim: Claim, *, added: Decimal) -> Decimal:
    """Return what the order promises when `added` of it is not paid any more, or not yet.

    A shortfall that was released (CRD-08) stays released, so no more than `added` is new.
    """
    return max(ZERO, min(claim.promised + added, promise_most(claim)))


def reservation_allowed(
    *, exposure: Decimal, before: Decimal, limit: Decimal | None, released: Decimal
) -> bool:
    """Tell whether a reservation may commit (CRD-15, invariant I5).

    It may when the exposure stays within the limit, when it occupies nothing more (paid
    first, or lowered), or when somebody released at least the excess.

    Args:
        exposure, before: of the account after and before the reservation.
        released: the excess that a named person released, 0 for nobody.
    """
    return exposure <= before or over_limit(exposure=exposure, limit=limit) <= released
