"""What keeps products from being sold to a customer on a day."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from chengdan.kernel.reference import remembered
from chengdan.modules.catalog import rules
from chengdan.modules.catalog.models import SaleRestriction
from chengdan.modules.catalog.selectors.products import product_summaries
from chengdan.modules.customers.selectors import territories_over

_MESSAGES: dict[str, Any] = {
    "discontinued": _("%(product)s is discontinued."),
    "not_yet": _("%(product)s is on sale only from %(day)s."),
    "ended": _("%(product)s was on sale only until %(day)s."),
    "forbidden_region": _("%(product)s is not sold in %(place)s: %(reason)s"),
    "forbidden_customer": _("%(product)s is not sold to %(place)s: %(reason)s"),
    "not_in_only": _("%(product)s is sold only to %(place)s."),
}


def block_message(block: rules.Block) -> str:
    """Return the text of a block in the reader's language."""
    return str(_MESSAGES[block.code] % dict(block.params))


def sale_blocks(
    product_ids: Iterable[int], customer_id: int, on: date
) -> dict[int, list[rules.Block]]:
    """Return product → everything that keeps it from being sold, for those that have any.

    The number of queries does not depend on the number of products.

    Source: issue §4 (on-sale dates, forbidden regions and customers).
    """
    products = product_summaries(product_ids)
    territories = frozenset(territories_over(customer_id))
    categories = {pk for product in products.values() for pk in product.category_ids}
    restrictions = [_restriction(row) for row in _restrictions(set(products), categories, on)]
    found = {
        pk: rules.sale_blocks_of(
            rules.ProductFacts(
                id=pk,
                code=product.code,
                is_discontinued=product.is_discontinued,
                on_sale_from=product.on_sale_from,
                on_sale_until=product.on_sale_until,
                category_ids=frozenset(product.category_ids),
            ),
            restrictions,
            customer_id=customer_id,
            territory_ids=territories,
            on=on,
        )
        for pk, product in products.items()
    }
    return {pk: blocks for pk, blocks in found.items() if blocks}


def _restrictions(products: set[int], categories: set[int], on: date) -> list[SaleRestriction]:
    known = _restricted()
    if known.products.isdisjoint(products) and known.categories.isdisjoint(categories):
        return []
    rows = SaleRestriction.objects.filter(
        Q(product_id__in=products) | Q(category_id__in=categories), valid_from__lte=on
    ).filter(Q(valid_until__isnull=True) | Q(valid_until__gte=on))
    return list(rows.select_related("territory", "customer"))


@dataclass(frozen=True, slots=True)
class _Restricted:
    """What has a restriction at some time; most products never have one."""

    products: frozenset[int | None]
    categories: frozenset[int | None]


@remembered("catalog")
def _restricted() -> _Restricted:
    pairs = list(SaleRestriction.objects.values_list("product_id", "category_id").distinct())
    return _Restricted(
        frozenset(product for product, _category in pairs),
        frozenset(category for _product, category in pairs),
    )


def _restriction(row: SaleRestriction) -> rules.Restriction:
    return rules.Restriction(
        id=row.pk,
        kind=row.kind,
        product_id=row.product_id,
        category_id=row.category_id,
        territory_id=row.territory_id,
        customer_id=row.customer_id,
        place=str(row.territory or row.customer or ""),
        reason=row.reason,
    )
