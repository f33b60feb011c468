"""Whether what a request asks for may be invoiced now: delivered, and at the order's price."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from chengdan.kernel.numbers import ZERO, money
from chengdan.modules.billing.models import Invoice, InvoiceLine
from chengdan.modules.billing.selectors.sources import line_billable
from chengdan.modules.billing.vocabulary import BillableError, RepricedError
from chengdan.modules.orders.selectors import LineToShip, lines_of
from chengdan.modules.people.selectors import company_get


def billable_check(
    invoice: Invoice, lines: Sequence[InvoiceLine]
) -> dict[tuple[int, int], LineToShip]:
    """Pass when every line may still be invoiced; return the order lines.

    Raises:
        BillableError: less is delivered than would be invoiced.
        RepricedError: the order's price is another since the request was made.
    """
    order_ids = {line.order_id for line in lines if line.order_id is not None}
    known = {
        (line.order_id, line.number): line for rows in lines_of(order_ids).values() for line in rows
    }
    wanted: dict[tuple[int, int], Decimal] = {}
    for line in lines:
        if line.order_id is not None:
            key = (line.order_id, line.order_line)
            wanted[key] = wanted.get(key, ZERO) + line.quantity
    for key, quantity in wanted.items():
        # What other requests hold is theirs; only the invoiced part counts against this one.
        found = line_billable(known[key], ZERO) if key in known else ZERO
        if quantity > found:
            raise BillableError(order=f"#{key[0]}", line=key[1], wanted=quantity, found=found)
    exponent = company_get(invoice.company_id).exponent
    for line in lines:
        if line.order_id is not None and _is_repriced(line, known, exponent):
            raise RepricedError(line=line.number)
    return known


def _is_repriced(
    line: InvoiceLine, known: dict[tuple[int, int], LineToShip], exponent: int
) -> bool:
    """True when the line's amount is no part of its order line any more.

    Parts are running shares: each may differ from its own share by the smallest amount.
    """
    whole = known[line.order_id or 0, line.order_line]
    if whole.quantity == ZERO:
        return True
    share = money(whole.gross * line.quantity / whole.quantity, exponent)
    return abs(share - line.gross) > Decimal(1).scaleb(-exponent)
