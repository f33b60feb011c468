"""The stops list: everything wrong or missing at once, with numbers, rule and way out.

Shown while typing and before submission (nothing is blocked, nothing is written), and asked
again by the checks of the process, so that both say the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial
from typing import Any

from django.utils.translation import gettext_lazy as _

from chengdan.kernel.actor import Actor
from chengdan.kernel.errors import DomainError
from chengdan.kernel.numbers import ONE, ZERO
from chengdan.kernel.parameters import parameter_value
from chengdan.kernel.texts import filled, said_by
from chengdan.modules.catalog.selectors import block_message, price_authorities, sale_blocks
from chengdan.modules.credit.services import Band, CreditVerdict, credit_evaluate
from chengdan.modules.customers.selectors import CustomerSummary, sales_managers
from chengdan.modules.orders.rules import given_share, requested_on_problem
from chengdan.modules.orders.services.fulfil import order_source
from chengdan.modules.orders.services.pricing import PricedLine, PricedOrder
from chengdan.modules.orders.services.reserve import quota_source
from chengdan.modules.orders.vocabulary import (
    FREE_GOODS_COUNT,
    FREE_KINDS,
    GOODS_KINDS,
    LineKind,
    QuotaChoice,
)
from chengdan.modules.people.selectors import company_get, holders_of, order_seats
from chengdan.modules.quota.services import Demand, QuotaVerdict, quota_evaluate

STOP, WARN = "stop", "warn"
_ASKED = _("%(price)s asked, list %(list)s (−%(percent)s%%), lowest %(lowest)s.")
_ASKED_WITH_GIVEN = _(
    "%(price)s asked with its share of discount lines and free goods, list %(list)s "
    "(−%(percent)s%%), lowest %(lowest)s."
)


@dataclass(frozen=True, slots=True)
class Stop:
    """One thing that stands in the way, or that somebody will have to decide.

    Attributes:
        kind: "stop" keeps the order from going on, "warn" asks for a decision or a look.
        title, text: lazy texts with numbers; `rule` the id shown behind them.
        field, row: where the form marks it.
        ways: codes of ways out that the page offers: accept_cut, ask_over, pay_first, special.
    """

    kind: str
    rule: str
    title: Any
    text: Any = ""
    field: str = ""
    row: int | None = None
    ways: tuple[str, ...] = ()


@dataclass(slots=True)
class StopsList:
    """All stops of one order with the verdicts they come from."""

    stops: list[Stop] = field(default_factory=list)
    credit: CreditVerdict | None = None
    quota: list[QuotaVerdict] = field(default_factory=list)

    @property
    def is_blocked(self) -> bool:
        """True when the order cannot be submitted as it is."""
        return any(stop.kind == STOP for stop in self.stops)


def stops_of(
    actor: Actor,
    priced: PricedOrder,
    *,
    order_id: int = 0,
    submitter_id: int | None = None,
    currency: str = "",
) -> StopsList:
    """Return everything that stands in the way of an order, without lock or effect.

    Args:
        order_id: the saved order, whose own reservations are left out; 0 for one being typed.
        submitter_id: whose price authority counts; default the actor.
        currency: of the saved order; default the customer's.

    Source: ORD-03…05, ORD-20, CRD-15, QTA-02; issue §5 (stops list).
    """
    found = StopsList()
    for issue in priced.issues:
        found.stops.append(Stop(STOP, "OG-1", issue.message, field=issue.field, row=issue.row))
    if priced.customer is None:
        return found
    found.stops += header_stops(priced, currency)
    found.stops += product_stops(priced)
    found.stops += price_stops(actor, priced, submitter_id, price_approvers(priced))
    found.quota = _quota(priced, order_id)
    found.stops += quota_stops(priced, found.quota)
    found.credit = credit_evaluate(
        priced.customer.id,
        max(ZERO, priced.totals.gross),
        order_source(order_id) if order_id else None,
        pays_first=priced.pays_first,
    )
    found.stops += credit_stops(found.credit)
    return found


def price_approvers(priced: PricedOrder) -> list[int]:
    """Return who will sign OG for this customer, whose price authority counts too."""
    customer = priced.customer
    if customer is None:
        return []
    above = holders_of("market_manager", customer.company_id, territory_id=customer.territory_id)
    return [*sales_managers(customer.id, customer.owner_id), *above]


def header_stops(priced: PricedOrder, currency: str = "") -> list[Stop]:
    """Return what is missing or wrong above the lines.

    Args:
        currency: of the saved order, which keeps its own when the customer's changes.
    """
    stops: list[Stop] = []
    customer = priced.customer
    if customer is None:
        return stops
    if not customer.is_active:
        text = _("Activate the customer first; its page lists what is missing.")
        stops.append(Stop(STOP, "QC-0", _("The customer is not active."), text, "customer"))
    stops += _currency_stops(customer, priced.currency, currency)
    if not priced.lines:
        stops.append(Stop(STOP, "OG-1", _("The order has no lines."), field="lines"))
    if priced.ship_to_id is None and not priced.draft.ship_to_text.strip():
        text = _("Choose one of the customer's addresses or enter one.")
        stops.append(Stop(STOP, "OG-1", _("The ship-to address is missing."), text, "ship_to"))
    problem = requested_on_problem(priced.draft.requested_on, priced.ordered_on)
    if problem == "missing":
        stops.append(
            Stop(STOP, "OG-1", _("The requested delivery date is missing."), field="requested_on")
        )
    elif problem == "past":
        text = _("It lies before the order date.")
        stops.append(
            Stop(STOP, "OG-1", _("The requested delivery date is past."), text, "requested_on")
        )
    stops += _seat_stops(priced)
    if priced.totals.gross < ZERO or priced.totals.net < ZERO:
        stops.append(Stop(STOP, "QC-3", _("The order's total is negative."), field="lines"))
    if priced.draft.quota_choice == QuotaChoice.OVER and not priced.draft.quota_reason.strip():
        stops.append(
            Stop(STOP, "AC-4", _("Say why more than the quota is needed."), field="quota_reason")
        )
    return stops


def _currency_stops(customer: CustomerSummary, current: str, saved: str) -> list[Stop]:
    """Refuse what nobody could pay: limits, receipts and ages are in the company's currency."""
    own = company_get(customer.company_id).currency
    title = _("The currency is not the company's.")
    stops = []
    for other in sorted({current, saved} - {"", own}):
        text = _("Orders are taken in %(own)s only; the customer's currency is %(other)s.")
        if other != current:
            text = _("Orders are taken in %(own)s only; this one was saved in %(other)s.")
        said = filled(text, {"own": own, "other": other})
        stops.append(Stop(STOP, "QC-0", title, said, "customer"))
    return stops


def _seat_stops(priced: PricedOrder) -> list[Stop]:
    """Every order needs exactly one CSR, SCR and BCR, and an SLT member (ORG-17, ORG-18)."""
    customer = priced.customer
    if customer is None:
        return []
    if customer.territory_id is None:
        text = _("Without it nobody is responsible for the order.")
        return [Stop(STOP, "ORG-18", _("The customer has no territory."), text, "customer")]
    try:
        order_seats(customer.territory_id)
    except DomainError as error:
        issues = getattr(error, "items", None)
        messages = [item.message for item in issues] if issues else [error.message]
        return [Stop(STOP, "ORG-18", message, field="customer") for message in messages]
    if customer.slt_member_id is None:
        return [
            Stop(STOP, "ORG-17", _("The customer has no responsible SLT member."), field="customer")
        ]
    return []


def product_stops(priced: PricedOrder) -> list[Stop]:
    """Return the lines whose product may not be sold to the customer (QC-1)."""
    customer = priced.customer
    products = {line.product.id for line in priced.lines if line.product}
    if customer is None or not products:
        return []
    blocks = sale_blocks(products, customer.id, priced.ordered_on)
    return [
        Stop(
            STOP,
            block.rule,
            filled(_("Line %(row)s cannot be sold"), {"row": line.number}),
            said_by(partial(block_message, block)),
            "product",
            line.number,
        )
        for line in priced.lines
        if line.product is not None
        for block in blocks.get(line.product.id, [])
    ]


def price_stops(
    actor: Actor,
    priced: PricedOrder,
    submitter_id: int | None = None,
    approver_ids: Sequence[int] = (),
) -> list[Stop]:
    """Return the lines without price, and those below what the submitter may give (QC-2).

    Discount lines and free goods lower the price of every line by their share, so that nobody
    gives by them what the price of a line would not allow.

    Args:
        approver_ids: who signs OG; a price that one of them may give is a warning, not a stop.
    """
    stops = []
    goods = [line for line in priced.lines if line.draft.kind == LineKind.GOODS and line.product]
    ids = {line.product.id for line in goods if line.product}
    company_id = priced.customer.company_id if priced.customer else None
    people: list[Actor | int] = [actor if submitter_id is None else submitter_id, *approver_ids]
    authorities = [price_authorities(person, ids, company_id) for person in people] if ids else []
    given = _given_share(priced, goods)
    for line in goods:
        if line.product is None:
            continue
        row = {"row": line.number}
        if line.list_price is None:
            kind = STOP if line.draft.price is None else WARN
            text: Any = _("Enter a price that was agreed, or add the product to a price list.")
            title: Any = filled(_("Line %(row)s: no price list has this product"), row)
            stops.append(Stop(kind, "QC-2", title, text, "price", line.number))
            continue
        effective = line.price * (ONE - line.draft.discount) * (ONE - given)
        floor = line.explanation.floor if line.explanation else None
        verdicts = [
            held[line.product.id].verdict(effective, line.list_price, floor) for held in authorities
        ]
        if verdicts[0].is_allowed:
            continue
        is_coverable = any(verdict.is_allowed for verdict in verdicts[1:])
        title = filled(_("Line %(row)s is below the price you may give"), row)
        asked = {
            "price": _plain(effective),
            "list": _plain(line.list_price),
            "percent": verdicts[0].below_list_percent,
            "lowest": _plain(verdicts[0].lowest),
        }
        text = filled(_ASKED if given == ZERO else _ASKED_WITH_GIVEN, asked)
        kind = WARN if is_coverable else STOP
        stops.append(Stop(kind, "QC-2", title, text, "price", line.number))
    return stops


def _given_share(priced: PricedOrder, goods: Sequence[PricedLine]) -> Decimal:
    """Return which share of its goods the order gives away beside the prices of their lines."""
    lowering = (LineKind.CHARGE, LineKind.DISCOUNT)
    given = -sum((line.amounts.gross for line in priced.lines if line.draft.kind in lowering), ZERO)
    company_id = priced.customer.company_id if priced.customer else None
    if parameter_value(company_id, FREE_GOODS_COUNT):
        free = [line for line in priced.lines if line.draft.kind in FREE_KINDS]
        given += sum((_list_gross(priced, line) for line in free), ZERO)
    return given_share(sum((line.amounts.gross for line in goods), ZERO), given)


def _list_gross(priced: PricedOrder, line: PricedLine) -> Decimal:
    """Return what goods would cost at list price; nothing where no list has them."""
    value = line.quantity * (line.list_price or ZERO)
    return value if priced.is_tax_inclusive else value * (ONE + line.tax_rate)


def _plain(value: Decimal) -> str:
    return f"{value.quantize(Decimal('0.01')):,}"


def demands_of_priced(priced: PricedOrder) -> list[Demand]:
    """Return what the lines would take from quota."""
    customer = priced.customer
    if customer is None:
        return []
    return [
        Demand(
            product_id=line.product.id,
            category_ids=line.product.category_ids,
            customer_id=customer.id,
            territory_id=customer.territory_id,
            on=line.requested_on or priced.ordered_on,
            quantity=line.base_quantity,
            amount=line.amounts.gross,
            line_ref=line.number,
            step=_step(line),
        )
        for line in priced.lines
        if line.product is not None and line.draft.kind in GOODS_KINDS and line.base_quantity > ZERO
    ]


def _step(line: PricedLine) -> Decimal:
    """Return the smallest sellable part in base units: one of the line's unit."""
    if line.product is None or line.unit_id is None:
        return ONE
    return line.product.factor_of(line.unit_id) or ONE


def _quota(priced: PricedOrder, order_id: int) -> list[QuotaVerdict]:
    demands = demands_of_priced(priced)
    if not demands or priced.customer is None:
        return []
    source = quota_source(order_id) if order_id else None
    return quota_evaluate(priced.customer.company_id, demands, source)


def quota_stops(priced: PricedOrder, verdicts: Sequence[QuotaVerdict]) -> list[Stop]:
    """Return the lines that quota does not suffice for, with both ways out."""
    lines = {line.number: line for line in priced.lines}
    stops = []
    for verdict in verdicts:
        if not verdict.cut:
            continue
        line = lines[verdict.line_ref]
        step = _step(line)
        params = {
            "row": line.number,
            "short": _quantity((verdict.wanted - verdict.allowed) / step),
            "left": _quantity(verdict.allowed / step),
            "product": line.product.title if line.product else "",
        }
        title = filled(_("Line %(row)s exceeds the quota by %(short)s"), params)
        text = filled(_("%(product)s: %(left)s are left."), params)
        stops.append(
            Stop(
                WARN, verdict.rule, title, text, "quantity", line.number, ("accept_cut", "ask_over")
            )
        )
    return stops


def _quantity(value: Decimal) -> str:
    return format(value.normalize(), "f")


def credit_stops(verdict: CreditVerdict) -> list[Stop]:
    """Return what the credit check would say where it is not simply within the limit."""
    if verdict.band == Band.WITHIN:
        return []
    params = {
        "amount": _plain(verdict.amount),
        "available": _plain(verdict.available),
        "over": _plain(verdict.over),
        "overdue": _plain(verdict.overdue),
        "missing": _plain(verdict.missing),
    }
    if verdict.band == Band.PREPAID:
        if not verdict.missing:
            return []
        text: Any = filled(_("%(missing)s must be paid in before the goods leave."), params)
        return [Stop(WARN, verdict.rule, _("Paid first"), text)]
    if verdict.band == Band.OVER_SMALL:
        title: Any = filled(_("Over the credit limit by %(over)s"), params)
        text = _("This order %(amount)s, available %(available)s. The SLT member decides.")
        return [Stop(WARN, verdict.rule, title, filled(text, params))]
    if verdict.cause == "overdue":
        title = filled(_("%(overdue)s are overdue"), params)
    else:
        title = filled(_("The credit limit does not suffice: %(over)s too much"), params)
    text = _(
        "This order %(amount)s, available %(available)s. "
        "It can be paid first, or special treatment applied for."
    )
    return [Stop(WARN, verdict.rule, title, filled(text, params), ways=("pay_first", "special"))]
