"""How far below the list a person may go."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from chengdan.kernel.actor import Actor
from chengdan.kernel.reference import remembered
from chengdan.modules.catalog import rules
from chengdan.modules.catalog.models import FloatAuthority
from chengdan.modules.catalog.selectors.products import ProductSummary, product_summaries
from chengdan.modules.people.selectors import role_codes_of


@dataclass(frozen=True, slots=True)
class PriceAuthority:
    """All that a person may do to the price of one product."""

    grants: tuple[rules.Authority, ...] = ()

    def lowest(self, list_price: Decimal, floor: Decimal | None) -> Decimal:
        """Return the lowest price per unit that the person may give."""
        return rules.lowest_price(self.best(list_price, floor), list_price, floor)

    def best(self, list_price: Decimal, floor: Decimal | None) -> rules.Authority:
        """Return the grant that goes lowest."""
        return rules.best_authority(self.grants, list_price, floor)

    def verdict(
        self, price: Decimal, list_price: Decimal, floor: Decimal | None
    ) -> rules.PriceVerdict:
        """Return whether the person may give `price`; all per the same unit and tax."""
        best = self.best(list_price, floor)
        return rules.price_verdict(price, list_price=list_price, floor=floor, authority=best)


def price_authority(
    person: Actor | int, product_id: int, company_id: int | None = None
) -> PriceAuthority:
    """Return what a person may do to the price of a product; see `price_authorities`."""
    return price_authorities(person, [product_id], company_id)[product_id]


def price_authorities(
    person: Actor | int, product_ids: Iterable[int], company_id: int | None = None
) -> dict[int, PriceAuthority]:
    """Return product → what the person may do to its price, with a constant number of queries.

    Of each role, the grant for the nearest category above the product counts; a person with
    several roles may use the one that goes lowest.

    Args:
        person: actor or user id; a job has no authority of its own.
        company_id: None takes the products' company.

    Source: PRI-01, issue §4.
    """
    products = product_summaries(product_ids)
    user_id = person.user_id if isinstance(person, Actor) else person
    if company_id is None:
        company_id = next((product.company_id for product in products.values()), None)
    if user_id is None or company_id is None:
        return {pk: PriceAuthority() for pk in products}
    rows = _authorities(company_id, role_codes_of(user_id, company_id))
    return {pk: _of(product, rows) for pk, product in products.items()}


@remembered("catalog")
def _authorities(company_id: int, roles: frozenset[str]) -> list[FloatAuthority]:
    rows = FloatAuthority.objects.filter(company_id=company_id, role_code__in=roles)
    return list(rows.order_by("id"))


def _of(product: ProductSummary, rows: Iterable[FloatAuthority]) -> PriceAuthority:
    nearness: dict[int | None, int] = {pk: i for i, pk in enumerate(product.category_ids, 1)}
    nearness[None] = 0
    best: dict[str, FloatAuthority] = {}
    for row in rows:
        if row.category_id not in nearness:
            continue
        known = best.get(row.role_code)
        if known is None or nearness[row.category_id] > nearness[known.category_id]:
            best[row.role_code] = row
    grants = tuple(
        rules.Authority(
            row.below_list_percent, row.is_to_floor, row.below_floor_percent, row.role_code
        )
        for row in best.values()
    )
    return PriceAuthority(grants)
