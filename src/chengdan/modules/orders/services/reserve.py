"""What an order holds in the credit account and in quota cells."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from chengdan.kernel.actor import Actor
from chengdan.kernel.errors import RuleError
from chengdan.kernel.numbers import ONE, ZERO
from chengdan.modules.catalog.selectors import product_summaries
from chengdan.modules.credit.selectors import credit_prepayment
from chengdan.modules.credit.services import Band, Source, credit_evaluate_locked
from chengdan.modules.orders import vocabulary as words
from chengdan.modules.orders.models import Order, OrderLine
from chengdan.modules.orders.rules import share_of_line
from chengdan.modules.orders.services.fulfil import order_source
from chengdan.modules.people.selectors import company_get
from chengdan.modules.quota.services import (
    Demand,
    OverRelease,
    QuotaVerdict,
    quota_free,
    quota_reserve,
)
from chengdan.modules.quota.services import Source as QuotaSource


class ReservationError(RuleError):
    """Limit or quota does not suffice for taking this up again."""

    default_code = "orders.reservation"
    default_message = _("The credit limit does not suffice: %(over)s too much.")


def amendment_source(amendment_id: int) -> Source:
    """Return how the credit account names a change that is being decided."""
    return Source(words.AMENDMENT, amendment_id)


def quota_source(order_id: int) -> QuotaSource:
    """Return how quota cells name an order."""
    return QuotaSource(words.ORDER, order_id)


def demands_of(order: Order, lines: Iterable[OrderLine]) -> list[Demand]:
    """Return what the lines take from quota: what is still to be delivered, in base units.

    A line that wants nothing any more asks for 0, so that what it held becomes free.
    """
    listed = [line for line in lines if line.is_goods and line.product_id and line.quantity]
    products = product_summaries({line.product_id for line in listed if line.product_id})
    exponent = company_get(order.company_id).exponent
    demands = []
    for line in listed:
        rest = max(ZERO, line.quantity - line.closed - line.delivered)
        product = products.get(line.product_id or 0)
        if product is None:
            continue
        factor = product.factor_of(line.unit_of_measure_id or 0) or ONE
        demands.append(
            Demand(
                line_ref=line.number,
                product_id=product.id,
                category_ids=product.category_ids,
                customer_id=order.customer_id,
                territory_id=order.customer.territory_id,
                on=line.requested_on or order.requested_on or order.ordered_on,
                quantity=rest * factor,
                amount=max(ZERO, share_of_line(line.gross, line.quantity, rest, exponent)),
                step=factor,
                shipped=line.delivered * factor,
            )
        )
    return demands


def quota_reserve_order(
    actor: Actor, order: Order, lines: Sequence[OrderLine], *, only_full: bool = False
) -> list[QuotaVerdict]:
    """Reserve quota for the lines.

    Args:
        only_full: refuse instead of cutting.

    Raises:
        ReservationError: `only_full` and a cell does not suffice.
    """
    verdicts = quota_reserve(
        actor=actor,
        source=quota_source(order.pk),
        demands=demands_of(order, lines),
        company_id=order.company_id,
    )
    short = [verdict for verdict in verdicts if verdict.cut]
    if only_full and short:
        message = _("The quota of line %(line)s does not suffice any more.")
        raise ReservationError(message, code="orders.quota", rule="AC-2", line=short[0].line_ref)
    return verdicts


def quota_reserve_over(
    actor: Actor, order: Order, lines: Sequence[OrderLine], signer_ids: Sequence[int]
) -> None:
    """Reserve the whole order, above the quota where needed, on the leadership team's signatures.

    Raises:
        OverReleaseError: too few different persons signed (QTA-07).
    """
    quota_reserve(
        actor=actor,
        source=quota_source(order.pk),
        demands=demands_of(order, lines),
        release=OverRelease(tuple(signer_ids), order.quota_reason or str(_("Over-quota"))),
        company_id=order.company_id,
    )


def quota_free_order(actor: Actor, order: Order, *, line_number: int | None = None) -> None:
    """Give back what the order, or one of its lines, still reserves."""
    quota_free(actor=actor, source=quota_source(order.pk), line_ref=line_number)


def reservation_recheck(order: Order, *, added: Decimal) -> None:
    """Check that `added` more may be open, as for a new order of that amount.

    What pays first passes by itself; its goods wait for the money (`prepayment_require`).

    Raises:
        ReservationError: overdue receivables or over the limit; nobody released it.
    """
    if added <= ZERO:
        return
    verdict = credit_evaluate_locked(
        order.customer_id, added, order_source(0), pays_first=order.pays_first
    )
    if verdict.band not in {Band.PREPAID, Band.WITHIN}:
        raise ReservationError(over=verdict.over, rule=verdict.rule)


def prepayment_require(order: Order) -> None:
    """Pass when nothing of an advance payment is missing; goods leave no earlier (CRD-07).

    Since the order's wait for it ended, money may have been taken away again, or the order may
    have grown.

    Raises:
        ReservationError: it is not all there, and nobody released the shortfall.
    """
    if not order.pays_first:
        return
    missing = credit_prepayment(order_source(order.pk)).missing
    if missing > ZERO:
        message = _("%(missing)s must be set aside for this order first.")
        text = f"{missing:,.2f}"
        raise ReservationError(message, code="orders.unpaid", rule="CC-1", missing=text)
