"""The price for (customer, product, quantity, date), with every step that led to it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from chengdan.kernel.reference import remembered, remembered_rows
from chengdan.modules.catalog import rules
from chengdan.modules.catalog.models import Price, PriceListReach
from chengdan.modules.catalog.selectors.products import ProductSummary, product_summaries
from chengdan.modules.customers.selectors import customer_summaries, territories_over
from chengdan.modules.people.selectors import company_get

OUTCOMES = {
    "chosen": _("This price counts."),
    "list_off": _("The list is not in use."),
    "not_yet": _("The list is not valid yet."),
    "expired": _("The list is not valid any more."),
    "currency": _("The list is in another currency."),
    "other_customer": _("The list is for other customers."),
    "other_region": _("The list is for other regions."),
    "no_unit": _("The product is not counted in this unit any more."),
    "below_quantity": _("The quantity is too small for this price."),
    "smaller_break": _("A price for a larger quantity is reached."),
    "lower_scope": _("A list made for this customer or region goes first."),
    "wider_region": _("A list for a nearer region goes first."),
    "lower_priority": _("A list with a higher priority goes first."),
    "other_unit": _("There is a price in the unit asked for."),
    "older": _("A list that became valid later goes first."),
}


@dataclass(frozen=True, slots=True)
class PriceLine:
    """What a price is asked for; `unit_id` None takes the unit that orders offer first."""

    product_id: int
    quantity: Decimal
    unit_id: int | None = None


@dataclass(frozen=True, slots=True)
class PriceExplanation:
    """The price that counts and how it was found.

    Attributes:
        price: per `unit_id`, None when no list has one.
        floor: lowest ordinary price per `unit_id`, None when the list sets none.
        steps: every price considered, the winner first.
    """

    product_id: int
    unit_id: int
    quantity: Decimal
    currency: str
    price: Decimal | None
    is_tax_inclusive: bool
    list_id: int | None
    list_code: str
    floor: Decimal | None
    steps: tuple[rules.PriceStep, ...]

    @property
    def tax_inclusive(self) -> bool:
        """The same as `is_tax_inclusive`, as the other rooms call it."""
        return self.is_tax_inclusive


def price_explain(
    customer_id: int,
    product_id: int,
    unit_id: int | None,
    quantity: Decimal,
    on: date,
    currency: str = "",
) -> PriceExplanation:
    """Return the price and how it was found; see `prices_explain`."""
    line = PriceLine(product_id, quantity, unit_id)
    return prices_explain(customer_id, [line], on, currency)[0]


def prices_explain(
    customer_id: int, lines: Sequence[PriceLine], on: date, currency: str = ""
) -> list[PriceExplanation]:
    """Return price and steps for every line with a constant number of queries.

    The caller has checked the actor's right to see customer and prices.

    Args:
        on: the day the price must be valid on.
        currency: three letters; "" takes the customer's, else the company's.

    Raises:
        KeyError: no such customer or product; a caller bug.

    Source: issue §4.
    """
    customer = customer_summaries([customer_id])[customer_id]
    if not currency:
        currency = customer.currency or company_get(customer.company_id).currency
    products = product_summaries({line.product_id for line in lines})
    territories = territories_over(customer_id)
    candidates = _candidates(products, customer.company_id, customer_id, territories)
    return [
        _explain(products[line.product_id], line, on, currency, candidates[line.product_id])
        for line in lines
    ]


def _candidates(
    products: dict[int, ProductSummary],
    company_id: int,
    customer_id: int,
    territories: tuple[int, ...],
) -> dict[int, list[rules.Candidate]]:
    listed = remembered_rows("catalog", f"prices of {company_id}", products, _prices_of(company_id))
    prices = [price for product_id in products for price in listed.get(product_id, ())]
    depths = _depths({price.price_list_id for price in prices}, territories)
    reached = _lists_of(customer_id)
    found: dict[int, list[rules.Candidate]] = defaultdict(list)
    for price in prices:
        owner = price.price_list
        found[price.product_id].append(
            rules.Candidate(
                price_id=price.pk,
                list_id=owner.pk,
                list_code=owner.code,
                list_name=owner.name,
                scope=owner.scope,
                priority=owner.priority,
                currency=owner.currency,
                is_tax_inclusive=owner.is_tax_inclusive,
                is_list_active=owner.is_active,
                valid_from=owner.valid_from,
                valid_until=owner.valid_until,
                unit_id=price.unit_id,
                factor=products[price.product_id].factor_of(price.unit_id),
                min_quantity=price.min_quantity,
                price=price.price,
                floor=price.floor_price,
                territory_depth=depths.get(owner.pk),
                reaches_customer=owner.pk in reached,
            )
        )
    return found


def _prices_of(company_id: int) -> Callable[[set[int]], dict[int, list[Price]]]:
    def load(product_ids: set[int]) -> dict[int, list[Price]]:
        rows = Price.objects.filter(product_id__in=product_ids, price_list__company_id=company_id)
        found: dict[int, list[Price]] = defaultdict(list)
        for row in rows.select_related("price_list").order_by("price_list_id", "id"):
            found[row.product_id].append(row)
        return found

    return load


@remembered("catalog")
def _lists_of(customer_id: int) -> frozenset[int]:
    rows = PriceListReach.objects.filter(customer_id=customer_id)
    return frozenset(rows.values_list("price_list_id", flat=True))


@remembered("catalog")
def _lists_in(territories: tuple[int, ...]) -> list[tuple[int, int | None]]:
    rows = PriceListReach.objects.filter(territory_id__in=territories)
    return list(rows.values_list("price_list_id", "territory_id"))


def _depths(list_ids: set[int], territories: tuple[int, ...]) -> dict[int, int]:
    """Return list → how far above the customer's territory its nearest region lies."""
    depth_of = {pk: depth for depth, pk in enumerate(territories, start=1)}
    found: dict[int, int] = {}
    for list_id, territory_id in _lists_in(territories):
        if list_id in list_ids and territory_id is not None:
            depth = depth_of[territory_id]
            found[list_id] = min(depth, found.get(list_id, depth))
    return found


def _explain(
    product: ProductSummary,
    line: PriceLine,
    on: date,
    currency: str,
    candidates: Sequence[rules.Candidate],
) -> PriceExplanation:
    unit_id = line.unit_id or product.sales_unit_id
    factor = product.factor_of(unit_id)
    if factor is None:
        return PriceExplanation(
            product.id, unit_id, line.quantity, currency, None, True, None, "", None, ()
        )
    query = rules.PriceQuery(unit_id, factor, line.quantity, on, currency)
    choice = rules.choose_price(candidates, query)
    if choice.winner is None:
        return PriceExplanation(
            product.id, unit_id, line.quantity, currency, None, True, None, "", None, choice.steps
        )
    best = choice.winner.candidate
    floor = best.floor
    if floor is not None and best.factor is not None:
        floor = rules.converted_price(floor, best.factor, factor)
    return PriceExplanation(
        product_id=product.id,
        unit_id=unit_id,
        quantity=line.quantity,
        currency=currency,
        price=choice.winner.price,
        is_tax_inclusive=best.is_tax_inclusive,
        list_id=best.list_id,
        list_code=best.list_code,
        floor=floor,
        steps=choice.steps,
    )
