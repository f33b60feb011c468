"""Turning drafts into priced lines, for one order or a thousand, with a constant number of queries.

What is missing or refused is collected, never raised: a draft may be saved incomplete, and the
stops list shows everything at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from chengdan.kernel import clock
from chengdan.kernel.actor import Actor
from chengdan.kernel.errors import FieldIssue
from chengdan.kernel.numbers import ZERO, LineAmounts, round_half_up
from chengdan.modules.catalog.selectors import (
    PriceExplanation,
    PriceLine,
    ProductSummary,
    prices_explain,
    product_summaries,
)
from chengdan.modules.customers.selectors import (
    CustomerSummary,
    addresses_by_customers,
    customers_open_to,
)
from chengdan.modules.orders.rules import LineFigures, line_money, totals
from chengdan.modules.orders.services.drafts import LineDraft, OrderDraft
from chengdan.modules.orders.vocabulary import FREE_KINDS, GOODS_KINDS, LineKind
from chengdan.modules.people.selectors import company_get

ONE = Decimal(1)
# Figures beyond these are slips of the hand, and would not fit the columns of sums.
FIGURE_MOST = Decimal(10) ** 9
LINE_MOST = Decimal(10) ** 11


@dataclass(slots=True)
class PricedLine:
    """A line with everything computed; `list_price` is None when no list has the product."""

    number: int
    draft: LineDraft
    product: ProductSummary | None
    unit_id: int | None
    quantity: Decimal
    base_quantity: Decimal
    list_price: Decimal | None
    price: Decimal
    tax_rate: Decimal
    amounts: LineAmounts
    requested_on: date | None
    explanation: PriceExplanation | None = None


@dataclass(slots=True)
class PricedOrder:
    """An order draft with its customer, lines and everything that is wrong with it.

    Attributes:
        discount_tax_rate: of discount lines that name none: the lowest of the goods, so that a
            discount lowers the tax with the price, and never by more.
    """

    draft: OrderDraft
    customer: CustomerSummary | None
    today: date
    ordered_on: date
    currency: str
    exponent: int
    is_tax_inclusive: bool
    pays_first: bool
    ship_to_id: int | None
    bill_to_id: int | None
    discount_tax_rate: Decimal = ZERO
    lines: list[PricedLine] = field(default_factory=list)
    issues: list[FieldIssue] = field(default_factory=list)

    @property
    def totals(self) -> LineAmounts:
        """Sums of the lines."""
        return totals(line.amounts for line in self.lines)


def drafts_price(actor: Actor, drafts: Sequence[OrderDraft]) -> list[PricedOrder]:
    """Return each draft priced, in order; unknown or invisible customers become issues."""
    company = company_get(actor.company_id or 0)
    wanted = {draft.customer_id for draft in drafts}
    customers = customers_open_to(actor, wanted)
    seen = set(customers)
    addresses = addresses_by_customers(seen)
    products = product_summaries(
        {line.product_id for draft in drafts for line in draft.lines if line.product_id}
    )
    today = clock.today(company.timezone)
    priced = []
    for draft in drafts:
        customer = customers.get(draft.customer_id)
        known = addresses.get(draft.customer_id, [])
        order = PricedOrder(
            draft=draft,
            customer=customer,
            today=today,
            ordered_on=draft.ordered_on or today,
            currency=(customer.currency if customer else "") or company.currency,
            exponent=company.exponent,
            is_tax_inclusive=company.is_tax_inclusive,
            pays_first=_pays_first(draft, customer),
            ship_to_id=None if draft.ship_to_text else _address(known, draft.ship_to_id, "ship_to"),
            bill_to_id=_address(known, draft.bill_to_id, "bill_to"),
            discount_tax_rate=_lowest_rate(draft, products),
        )
        if customer is None:
            message = _("This customer does not exist or is not open to you.")
            order.issues.append(FieldIssue("customer", "unknown", message))
        asked = {"ship_to": (draft.ship_to_id, order.ship_to_id),
                 "bill_to": (draft.bill_to_id, order.bill_to_id)}  # fmt: skip
        for name, (given, found) in asked.items():
            if given is not None and given != found and not draft.ship_to_text:
                message = _("This is not an address of the customer.")
                order.issues.append(FieldIssue(name, "unknown", message))
        priced.append(order)
    explained = _explain(priced, products)
    for index, order in enumerate(priced):
        for number, line in order.draft.numbered:
            order.lines.append(_line(order, number, line, products, explained.get((index, number))))
    return priced


def _pays_first(draft: OrderDraft, customer: CustomerSummary | None) -> bool:
    if draft.pays_first is not None:
        return draft.pays_first
    return bool(customer and customer.pay_first)


def _address(known: Iterable[Any], wanted: int | None, kind: str) -> int | None:
    """Return the wanted address when it is the customer's, else the default of the kind."""
    for item in known:
        if wanted is not None and item.pk == wanted:
            return int(item.pk)
        if wanted is None and item.kind == kind and item.is_default:
            return int(item.pk)
    return None


def _explain(
    orders: Sequence[PricedOrder], products: dict[int, ProductSummary]
) -> dict[tuple[int, int], PriceExplanation]:
    """Return (order index, line number) → price explanation.

    A single order asks for all goods, so that the concession can be shown; of many orders only
    lines without a price ask, one pass per customer and day.
    """
    groups: dict[tuple[int, date, str], dict[tuple[int, int], PriceLine]] = {}
    for index, order in enumerate(orders):
        if order.customer is None:
            continue
        group = groups.setdefault((order.customer.id, order.ordered_on, order.currency), {})
        for number, line in order.draft.numbered:
            product = products.get(line.product_id or 0)
            is_asked = len(orders) == 1 or line.price is None
            if product is not None and line.kind in GOODS_KINDS and is_asked:
                group[index, number] = PriceLine(
                    product.id, line.quantity or ONE, line.unit_of_measure_id
                )
    found: dict[tuple[int, int], PriceExplanation] = {}
    for (customer_id, on, currency), group in groups.items():
        if group:
            asked = prices_explain(customer_id, list(group.values()), on, currency)
            found.update(zip(group, asked, strict=True))
    return found


def _line(
    order: PricedOrder,
    number: int,
    draft: LineDraft,
    products: dict[int, ProductSummary],
    explanation: PriceExplanation | None,
) -> PricedLine:
    product = products.get(draft.product_id or 0)
    unit_id = draft.unit_of_measure_id or (product.sales_unit_id if product else None)
    tax_rate = draft.tax_rate
    if tax_rate is None:
        tax_rate = product.tax_rate if product else ZERO
        if draft.kind == LineKind.DISCOUNT and product is None:
            tax_rate = order.discount_tax_rate
    list_price = _list_price(order, explanation, tax_rate)
    usual = ZERO if draft.kind in FREE_KINDS else list_price
    price = draft.price if draft.price is not None else (usual or ZERO)
    quantity = draft.quantity if draft.kind in GOODS_KINDS else (draft.quantity or ONE)
    base = _base_quantity(order, number, product, unit_id, quantity)
    amounts = _amounts(
        order, number, LineFigures(draft.kind, quantity, price, draft.discount, tax_rate)
    )
    _line_issues(order, number, draft, product)
    return PricedLine(
        number=number,
        draft=draft,
        product=product,
        unit_id=unit_id,
        quantity=quantity,
        base_quantity=base,
        list_price=list_price,
        price=price,
        tax_rate=tax_rate,
        amounts=amounts,
        requested_on=draft.requested_on or order.draft.requested_on,
        explanation=explanation,
    )


def _lowest_rate(draft: OrderDraft, products: dict[int, ProductSummary]) -> Decimal:
    rates = []
    for line in draft.lines:
        product = products.get(line.product_id or 0)
        if line.kind == LineKind.GOODS and product is not None:
            rates.append(product.tax_rate if line.tax_rate is None else line.tax_rate)
    return min(rates, default=ZERO)


def _list_price(
    order: PricedOrder, explanation: PriceExplanation | None, tax_rate: Decimal
) -> Decimal | None:
    """Return the list's price with or without tax as the order counts, to six places."""
    if explanation is None or explanation.price is None:
        return None
    if explanation.is_tax_inclusive == order.is_tax_inclusive:
        return explanation.price
    factor = ONE + tax_rate
    price = explanation.price * factor if order.is_tax_inclusive else explanation.price / factor
    return round_half_up(price, 6)


def _base_quantity(
    order: PricedOrder,
    number: int,
    product: ProductSummary | None,
    unit_id: int | None,
    quantity: Decimal,
) -> Decimal:
    if product is None or unit_id is None:
        return ZERO
    factor = product.factor_of(unit_id)
    if factor is None:
        message = _("This product is not sold in this unit.")
        order.issues.append(FieldIssue("unit", "unit", message, row=number))
        return ZERO
    if quantity > FIGURE_MOST:
        return ZERO
    if problem := product.places_problem(unit_id, quantity):
        order.issues.append(FieldIssue("quantity", "places", problem, row=number))
        return ZERO
    base = quantity * factor
    if base != round(base, 6):
        message = _("The quantity does not fit the product's base unit.")
        order.issues.append(FieldIssue("quantity", "unit", message, row=number))
        return ZERO
    return base


def _amounts(order: PricedOrder, number: int, figures: LineFigures) -> LineAmounts:
    if not ZERO <= figures.discount <= ONE or figures.quantity < ZERO or figures.price < ZERO:
        return LineAmounts(ZERO, ZERO, ZERO)
    if max(figures.quantity, figures.price) > FIGURE_MOST or (
        figures.quantity * figures.price > LINE_MOST
    ):
        message = _("Quantity or price is too large.")
        order.issues.append(FieldIssue("quantity", "range", message, row=number))
        return LineAmounts(ZERO, ZERO, ZERO)
    return line_money(figures, is_tax_inclusive=order.is_tax_inclusive, exponent=order.exponent)


def _line_issues(
    order: PricedOrder, number: int, draft: LineDraft, product: ProductSummary | None
) -> None:
    def wrong(name: str, code: str, message: Any) -> None:
        order.issues.append(FieldIssue(name, code, message, row=number))

    if draft.kind not in LineKind.values:
        wrong("kind", "invalid", _("This kind of line does not exist."))
    if draft.kind in GOODS_KINDS and product is None:
        wrong("product", "unknown", _("This product does not exist."))
    if draft.kind not in GOODS_KINDS and not draft.description.strip():
        wrong("description", "required", _("Say what this charge or discount is for."))
    if draft.quantity < ZERO or (draft.kind in GOODS_KINDS and draft.quantity == ZERO):
        wrong("quantity", "positive", _("The quantity must be above zero."))
    if draft.price is not None and draft.price < ZERO:
        wrong("price", "negative", _("A price is not negative."))
    if not ZERO <= draft.discount <= ONE:
        wrong("discount", "range", _("A discount lies between 0 and 100 %."))
    if draft.tax_rate is not None and not ZERO <= draft.tax_rate < ONE:
        wrong("tax_rate", "range", _("A tax rate lies between 0 and 100 %."))
