"""Prices of a list: set many at once, or replace all as the spreadsheet page does."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from chengdan.kernel import clock
from chengdan.kernel.actor import Actor
from chengdan.kernel.audit import audit_record
from chengdan.kernel.errors import FieldIssue, InvalidError
from chengdan.kernel.outbox import event_publish
from chengdan.kernel.transactions import write
from chengdan.modules.catalog.access import access_price_list_for
from chengdan.modules.catalog.models import Price, PriceList
from chengdan.modules.catalog.selectors import ProductSummary, product_summaries
from chengdan.modules.catalog.services.cleaning import Cleaner
from chengdan.modules.catalog.services.drafts import PriceDraft
from chengdan.modules.catalog.vocabulary import PriceListChanged, rights

_TWICE = _("There is another price for this product, unit and quantity here.")
_UNIT = _("The product is not counted in this unit.")
_FLOOR = _("The floor price lies above the price.")

Key = tuple[int, int, Decimal]


def prices_place(
    *,
    actor: Actor,
    list_id: int,
    drafts: Sequence[PriceDraft],
    expected_version: int | None = None,
) -> PriceList:
    """Set prices of a list: new ones are added, known ones (product, unit, quantity) changed.

    The number of queries does not depend on the number of prices.

    Raises:
        InvalidError: wrong values; `items` name field and row (1-based place in `drafts`).
        ConflictError: the list was changed since `expected_version`.
    """
    return _store(actor, list_id, drafts, expected_version, is_replacing=False)


def prices_replace(
    *,
    actor: Actor,
    list_id: int,
    drafts: Sequence[PriceDraft],
    expected_version: int | None = None,
) -> PriceList:
    """Make these the only prices of the list; raises as `prices_place`."""
    return _store(actor, list_id, drafts, expected_version, is_replacing=True)


def _store(
    actor: Actor,
    list_id: int,
    drafts: Sequence[PriceDraft],
    expected_version: int | None,
    *,
    is_replacing: bool,
) -> PriceList:
    with write():
        price_list = access_price_list_for(actor, list_id, rights.PRICE_EDIT, expected_version)
        wanted = _wanted(price_list, drafts)
        known = _known(price_list, wanted, is_replacing)
        new = [row for key, row in wanted.items() if key not in known]
        changed = [
            (known[key], row)
            for key, row in wanted.items()
            if key in known and _figures(known[key]) != _figures(row)
        ]
        gone = [row for key, row in known.items() if key not in wanted] if is_replacing else []
        if not (new or changed or gone):
            return price_list
        before = [_state(row) for row, _new in changed] + [_state(row) for row in gone]
        for row, better in changed:
            row.price, row.floor_price = better.price, better.floor_price
        Price.objects.filter(pk__in=[row.pk for row in gone]).delete()
        Price.objects.bulk_update(
            [row for row, _new in changed], ["price", "floor_price"], batch_size=200
        )
        Price.objects.bulk_create(new, batch_size=500)
        price_list.version += 1
        price_list.updated_at = clock.now()
        price_list.save(update_fields=["version", "updated_at"])
        audit_record(
            actor, rights.PRICES_CHANGED, price_list,
            before={"prices": before},
            after={"prices": [_state(row) for row in [*new, *(row for row, _new in changed)]]},
            params={"count": len(new) + len(changed), "removed": len(gone)},
        )  # fmt: skip
        event_publish(actor, PriceListChanged(price_list.pk))
    return price_list


def _known(price_list: PriceList, wanted: dict[Key, Price], is_replacing: bool) -> dict[Key, Price]:
    rows = Price.objects.filter(price_list=price_list)
    if not is_replacing:
        rows = rows.filter(product_id__in={key[0] for key in wanted})
    return {(row.product_id, row.unit_id, row.min_quantity): row for row in rows}


def _wanted(price_list: PriceList, drafts: Sequence[PriceDraft]) -> dict[Key, Price]:
    products = product_summaries(draft.product_id for draft in drafts)
    issues: list[FieldIssue] = []
    wanted: dict[Key, Price] = {}
    for row, draft in enumerate(drafts, start=1):
        cleaner = Cleaner(row)
        product = products.get(draft.product_id)
        if product is None or product.company_id != price_list.company_id:
            cleaner.not_found("product_id")
        else:
            price = _price(cleaner, price_list, product, draft)
            key = (price.product_id, price.unit_id, price.min_quantity)
            if key in wanted:
                cleaner.refuse("product_id", "twice", _TWICE)
            wanted[key] = price
        issues += cleaner.issues
    if issues:
        raise InvalidError(issues)
    return wanted


def _price(
    cleaner: Cleaner, price_list: PriceList, product: ProductSummary, draft: PriceDraft
) -> Price:
    unit_id = draft.unit_id or product.base_unit_id
    if product.factor_of(unit_id) is None:
        cleaner.refuse("unit_id", "unit", _UNIT)
    cleaner.amount("price", draft.price)
    cleaner.amount("min_quantity", draft.min_quantity)
    cleaner.amount("floor_price", draft.floor_price)
    if draft.floor_price is not None and draft.floor_price > draft.price:
        cleaner.refuse("floor_price", "floor", _FLOOR)
    return Price(
        price_list=price_list,
        product_id=product.id,
        unit_id=unit_id,
        min_quantity=draft.min_quantity,
        price=draft.price,
        floor_price=draft.floor_price,
    )


def _figures(row: Price) -> tuple[Decimal, Decimal | None]:
    return row.price, row.floor_price


def _state(row: Price) -> list[Any]:
    """Return a price as the audit keeps it: product, unit, quantity, price, floor."""
    return [row.product_id, row.unit_id, row.min_quantity, row.price, row.floor_price]
