"""What stands in the way of a change of an order: asked while it is typed and by its check."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from chengdan.kernel.actor import Actor
from chengdan.kernel.numbers import ONE, ZERO
from chengdan.kernel.texts import filled
from chengdan.modules.credit.selectors import credit_prepayment
from chengdan.modules.credit.services import Band, credit_evaluate
from chengdan.modules.orders.models import Order, OrderLine
from chengdan.modules.orders.rules import share_of_line
from chengdan.modules.orders.services.amend import amendment_of_draft
from chengdan.modules.orders.services.drafts import OrderDraft
from chengdan.modules.orders.services.fulfil import order_source
from chengdan.modules.orders.services.pricing import PricedOrder, drafts_price
from chengdan.modules.orders.services.reserve import quota_source
from chengdan.modules.orders.services.stops import (
    STOP,
    WARN,
    Stop,
    StopsList,
    demands_of_priced,
    price_approvers,
    price_stops,
    product_stops,
)
from chengdan.modules.people.selectors import company_get
from chengdan.modules.quota.services import Demand, quota_evaluate

CREDIT_SHORT = _("The credit limit does not suffice for the change: %(over)s too much")


def amendment_foresee(
    actor: Actor, order: Order, draft: OrderDraft
) -> tuple[PricedOrder, StopsList]:
    """Return a change priced, and what its check would say, without lock or effect.

    Raises:
        InvalidError: a line's number that the order has not, or that comes twice.
    """
    priced = drafts_price(actor, [amendment_of_draft(order, draft)])[0]
    found = StopsList()
    for issue in priced.issues:
        found.stops.append(Stop(STOP, "AM-1", issue.message, field=issue.field, row=issue.row))
    found.stops += amendment_stops(actor, order, priced, actor.person_id)
    found.stops += _credit_stops(order, priced.totals.gross - order.gross)
    return priced, found


def amendment_stops(
    actor: Actor, order: Order, priced: PricedOrder, asked_by_id: int | None
) -> list[Stop]:
    """Return what the check of a change refuses beside credit; warnings are for its signers."""
    stops = product_stops(priced)
    stops += price_stops(actor, priced, asked_by_id, price_approvers(priced))
    stops += _quota_stops(order, priced)
    return stops + _payment_stops(order, priced.totals.gross - order.gross)


def _credit_stops(order: Order, difference: Decimal) -> list[Stop]:
    """Return what CC would say about what the change adds."""
    if difference <= ZERO:
        return []
    verdict = credit_evaluate(order.customer_id, difference, pays_first=order.pays_first)
    over = {"over": f"{verdict.over:,.2f}"}
    if verdict.band == Band.STOP:
        return [Stop(STOP, verdict.rule, filled(CREDIT_SHORT, over))]
    if verdict.band == Band.OVER_SMALL:
        text = _("The SLT member in charge decides.")
        return [
            Stop(WARN, verdict.rule, filled(_("Over the credit limit by %(over)s"), over), text)
        ]
    return []


def _quota_stops(order: Order, priced: PricedOrder) -> list[Stop]:
    """Return the lines that grow beyond the quota; what shrinks needs no quota (QTA-02).

    Lines that do not grow are served first: what they keep is not there for the others.
    """
    old = {line.number: line for line in order.lines.all()}
    exponent = company_get(order.company_id).exponent
    kept, grown = [], []
    for demand in demands_of_priced(priced):
        line = old.get(demand.line_ref)
        if line is None or line.product_id != demand.product_id:
            grown.append(demand)
        elif demand.quantity > line.base_quantity:
            grown.append(_rest_of(demand, line, exponent))
        else:
            kept.append(_rest_of(demand, line, exponent))
    if not grown:
        return []
    growing = {demand.line_ref for demand in grown}
    found = quota_evaluate(order.company_id, [*kept, *grown], quota_source(order.pk))
    title = _("The quota of line %(line)s does not suffice any more.")
    return [
        Stop(STOP, verdict.rule, filled(title, {"line": verdict.line_ref}), row=verdict.line_ref)
        for verdict in found
        if verdict.cut and verdict.line_ref in growing
    ]


def _rest_of(demand: Demand, line: OrderLine, exponent: int) -> Demand:
    """Return what a changed line still asks for: neither delivered nor given up."""
    done = (line.delivered + line.closed) * (demand.step or ONE)
    rest = max(ZERO, demand.quantity - done)
    amount = share_of_line(demand.amount, demand.quantity, rest, exponent)
    return replace(demand, quantity=rest, amount=amount)


def _payment_stops(order: Order, difference: Decimal) -> list[Stop]:
    """Say what must be paid before the goods of an order that pays first leave (CRD-07)."""
    if not order.pays_first or difference <= ZERO:
        return []
    paid = credit_prepayment(order_source(order.pk))
    lacking = paid.outstanding + difference - paid.earmarked
    if lacking <= ZERO:
        return []
    title = _("%(missing)s must be set aside for this order first.")
    text = _("The goods wait for the money; the change does not.")
    return [Stop(WARN, "CC-1", filled(title, {"missing": f"{lacking:,.2f}"}), text)]
