"""What may leave: over-delivery, orders on hold or being amended, locked periods."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import partial
from typing import Any

from django.utils.translation import gettext_lazy as _

from chengdan.kernel import clock
from chengdan.kernel.errors import ConflictError, FieldIssue
from chengdan.kernel.parameters import parameter_value
from chengdan.modules.catalog.selectors import product_summaries
from chengdan.modules.customers.selectors import customer_summary
from chengdan.modules.orders.selectors import LineToShip, lines_of, orders_paid_first
from chengdan.modules.people.selectors import company_get
from chengdan.modules.shipping import vocabulary as words
from chengdan.modules.shipping.models import DeliveryLine, DeliveryNote
from chengdan.modules.shipping.rules import over_delivered

ZERO = Decimal(0)


class LockedPeriodError(ConflictError):
    """Nothing posts on or before the company's lock date."""

    default_code = "shipping.locked_period"
    default_message = _("The books are closed up to %(date)s.")


def period_check(company_id: int, on: Any = None) -> None:
    """Pass when something may post on that day, default today.

    Raises:
        LockedPeriodError: the day lies in a closed period.
    """
    lock = company_get(company_id).lock_date
    if lock is not None and (on or clock.today()) <= lock:
        raise LockedPeriodError(date=lock.isoformat())


def order_lines(lines: Sequence[DeliveryLine]) -> dict[tuple[int, int], LineToShip]:
    """Return (order, line) → the order's line as it is now."""
    ids = {line.order_id for line in lines if line.order_id is not None}
    return {
        (found.order_id, found.number): found
        for listed in lines_of(ids).values()
        for found in listed
    }


def tolerances(note: DeliveryNote, lines: Sequence[DeliveryLine]) -> dict[int, Decimal] | None:
    """Return product → over-delivery tolerance in percent, or None when nothing is controlled.

    The customer's tolerance goes before the product's.

    Source: SHP-20.
    """
    if not parameter_value(note.company_id, words.OVER_CONTROL):
        return None
    own = customer_summary(note.customer_id).over_delivery_percent
    products = product_summaries({line.product_id for line in lines})
    return {pk: own if own is not None else p.over_delivery_percent for pk, p in products.items()}


def over_issues(
    lines: Sequence[DeliveryLine], percents: Mapping[int, Decimal] | None
) -> list[FieldIssue]:
    """Return the lines that would deliver more than ordered and tolerated.

    What is above an order that is paid first is not paid, so nothing is tolerated there.

    Args:
        percents: what `tolerances` returned.

    Source: SHP-20, CRD-07, invariant I4.
    """
    ordered = order_lines(lines)
    above: dict[tuple[int, int], tuple[DeliveryLine, Decimal, Decimal]] = {}
    added: dict[tuple[int, int], Decimal] = {}
    for line in lines:
        if line.order_id is None:
            continue
        key = (line.order_id, line.order_line)
        added[key] = added.get(key, ZERO) + line.quantity
        found = ordered.get(key)
        measure = partial(
            over_delivered,
            ordered=found.quantity - found.closed if found is not None else ZERO,
            delivered=found.delivered if found is not None else ZERO,
            added=added[key],
        )
        over = measure(tolerance_percent=ZERO)
        if over > ZERO:
            beyond = ZERO
            if percents is not None:
                beyond = measure(tolerance_percent=percents.get(line.product_id, ZERO))
            above[key] = (line, over, beyond)
    if not above:
        return []
    prepaid = orders_paid_first({order_id for order_id, _number in above})
    issues = []
    for (order_id, _number), (line, over, beyond) in above.items():
        if order_id in prepaid:
            text = _(
                "%(over)s more than ordered, which is not paid; the order is paid first. If the "
                "order was changed, cancel this note; what it still wants comes on a new one."
            )
            issues.append(_over(line, text, over, "CRD-07"))
        elif beyond > ZERO:
            text = _(
                "%(over)s more than ordered and tolerated. If the order was changed, cancel this "
                "note; what it still wants comes on a new one."
            )
            issues.append(_over(line, text, beyond, "SHP-20"))
    return issues


def _over(line: DeliveryLine, text: Any, over: Decimal, rule: str) -> FieldIssue:
    said = text % {"over": f"{over.normalize():f}"}
    return FieldIssue("quantity", "over", said, row=line.number, rule=rule)
