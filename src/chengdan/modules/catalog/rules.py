"""Prices, units and sale restrictions on plain values, exact and without a database."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

GENERAL = "general"
REGION = "region"
CUSTOMER = "customer"
FORBIDDEN = "forbidden"
ONLY = "only"

_REACH = {GENERAL: 0, REGION: 1, CUSTOMER: 2}
PRICE_PLACES = Decimal("0.000001")
HUNDRED = Decimal(100)


class ConversionError(ValueError):
    """The unit is unknown for the product, or the quantity does not fit its base unit exactly."""


# ------------------------------------------------------------------------------------------ units
def base_quantity(quantity: Decimal, factor: Decimal) -> Decimal:
    """Return a quantity in the base unit, exactly.

    Args:
        quantity: in the unit that holds `factor` base units.
        factor: base units in one unit, > 0.

    Raises:
        ConversionError: the result needs more than six decimals.
    """
    if factor <= 0:
        raise ConversionError("a factor is above zero")
    result = quantity * factor
    if result != result.quantize(PRICE_PLACES):
        raise ConversionError("more than six decimals")
    return result


def converted_price(price: Decimal, factor_from: Decimal, factor_to: Decimal) -> Decimal:
    """Return a price per one unit as a price per another, rounded half-up to six decimals.

    Args:
        factor_from: base units in the unit the price is for.
        factor_to: base units in the unit wanted.
    """
    return (price * factor_to / factor_from).quantize(PRICE_PLACES, rounding=ROUND_HALF_UP)


# ----------------------------------------------------------------------------------------- prices
@dataclass(frozen=True, slots=True)
class Candidate:
    """One price of one list, as it is considered.

    Attributes:
        territory_depth: 1 = the customer's own territory, 2 = the one above …; None = the list
            does not reach the customer's territory (region lists only).
        reaches_customer: the list names the customer (customer lists only).
        factor: base units in the price's unit; None = not a unit of the product any more.
    """

    price_id: int
    list_id: int
    list_code: str
    list_name: str
    scope: str
    priority: int
    currency: str
    is_tax_inclusive: bool
    is_list_active: bool
    valid_from: date
    valid_until: date | None
    unit_id: int
    factor: Decimal | None
    min_quantity: Decimal
    price: Decimal
    floor: Decimal | None
    territory_depth: int | None = None
    reaches_customer: bool = False


@dataclass(frozen=True, slots=True)
class PriceQuery:
    """What a price is asked for; quantity and factor are those of the unit wanted."""

    unit_id: int
    factor: Decimal
    quantity: Decimal
    on: date
    currency: str


@dataclass(frozen=True, slots=True)
class PriceStep:
    """One candidate and what became of it.

    Attributes:
        outcome: "chosen" or why it lost: list_off, not_yet, expired, currency, other_customer,
            other_region, no_unit, below_quantity, smaller_break, lower_scope, wider_region,
            lower_priority, other_unit, older.
        price: per the unit wanted.
        beaten_by: code of the list that won against it.
    """

    candidate: Candidate
    outcome: str
    price: Decimal | None = None
    beaten_by: str = ""

    @property
    def is_chosen(self) -> bool:
        """True for the winner."""
        return self.outcome == "chosen"


@dataclass(frozen=True, slots=True)
class Choice:
    """The result of choosing: the winner, if any, and every step."""

    winner: PriceStep | None
    steps: tuple[PriceStep, ...]


def _refused(item: Candidate, query: PriceQuery) -> str:
    """Return why a candidate cannot be used at all, "" when it can."""
    asked = (
        (item.is_list_active, "list_off"),
        (query.on >= item.valid_from, "not_yet"),
        (item.valid_until is None or query.on <= item.valid_until, "expired"),
        (item.currency == query.currency, "currency"),
        (item.scope != CUSTOMER or item.reaches_customer, "other_customer"),
        (item.scope != REGION or item.territory_depth is not None, "other_region"),
        (item.factor is not None, "no_unit"),
    )
    reason = next((code for holds, code in asked if not holds), "")
    if reason or item.factor is None:
        return reason or "no_unit"
    enough = query.quantity * query.factor >= item.min_quantity * item.factor
    return "" if enough else "below_quantity"


def _rank(item: Candidate, query: PriceQuery) -> tuple[Decimal | int, ...]:
    """Return the strength of a usable candidate; the greatest wins."""
    factor = item.factor or Decimal(1)
    return (
        _REACH[item.scope],
        -(item.territory_depth or 0),
        item.priority,
        item.valid_from.toordinal(),
        item.list_id,
        item.min_quantity * factor,
        int(item.unit_id == query.unit_id),
        item.price_id,
    )


_LOST = (
    "lower_scope", "wider_region", "lower_priority", "older", "older", "smaller_break",
    "other_unit", "older",
)  # fmt: skip


def choose_price(candidates: Iterable[Candidate], query: PriceQuery) -> Choice:
    """Return the price that counts, and for every other one why it does not.

    Order: customer list before region list before general list; the nearer region; the higher
    priority; the list that became valid later; in that list the greatest quantity break that is
    reached, and the unit asked for before a converted one.

    Source: issue §4 (price lists with validity, customer and region prices, quantity breaks).
    """
    usable: list[Candidate] = []
    steps: list[PriceStep] = []
    for item in candidates:
        reason = _refused(item, query)
        if reason:
            steps.append(PriceStep(item, reason))
        else:
            usable.append(item)
    usable.sort(key=lambda item: _rank(item, query), reverse=True)
    ranked = [_step(item, usable[0], query) for item in usable]
    winner = ranked[0] if ranked else None
    return Choice(winner, (*ranked, *steps))


def _step(item: Candidate, best: Candidate, query: PriceQuery) -> PriceStep:
    price = converted_price(item.price, item.factor or Decimal(1), query.factor)
    if item is best:
        return PriceStep(item, "chosen", price)
    pairs = zip(_rank(item, query), _rank(best, query), _LOST, strict=True)
    lost = next((code for mine, theirs, code in pairs if mine != theirs), "older")
    return PriceStep(item, lost, price, best.list_code)


# -------------------------------------------------------------------------------- price authority
@dataclass(frozen=True, slots=True)
class Authority:
    """How far somebody may go below the list.

    Attributes:
        below_list_percent: of the list price, 0..100.
        is_to_floor: may go down to the floor price whatever the percentage.
        below_floor_percent: of the floor price, 0..100; above zero lets the floor be passed.
        role: code of the role that gives it; "" for none.
    """

    below_list_percent: Decimal = Decimal(0)
    is_to_floor: bool = False
    below_floor_percent: Decimal = Decimal(0)
    role: str = ""


NO_AUTHORITY = Authority()


def lowest_price(authority: Authority, list_price: Decimal, floor: Decimal | None) -> Decimal:
    """Return the lowest price per unit that the authority allows, rounded half-up to six decimals.

    The percentage never passes the floor; only `below_floor_percent` does.

    Source: PRI-01 (float authority), issue §4 (floor and float authority per role).
    """
    by_percent = list_price * (HUNDRED - authority.below_list_percent) / HUNDRED
    if floor is None:
        lowest = by_percent
    elif authority.below_floor_percent > 0:
        lowest = min(by_percent, floor * (HUNDRED - authority.below_floor_percent) / HUNDRED)
    elif authority.is_to_floor:
        lowest = min(list_price, floor)
    else:
        lowest = min(list_price, max(by_percent, floor))
    return lowest.quantize(PRICE_PLACES, rounding=ROUND_HALF_UP)


def best_authority(
    authorities: Iterable[Authority], list_price: Decimal, floor: Decimal | None
) -> Authority:
    """Return the one that allows the lowest price; `NO_AUTHORITY` when there is none."""
    return min(
        authorities,
        key=lambda item: (lowest_price(item, list_price, floor), item.role),
        default=NO_AUTHORITY,
    )


@dataclass(frozen=True, slots=True)
class PriceVerdict:
    """Whether a price may be given.

    Attributes:
        below_list_percent: how far below the list it is, 0 when not below.
        is_below_floor: True below the floor price.
    """

    is_allowed: bool
    lowest: Decimal
    below_list_percent: Decimal
    is_below_floor: bool


def price_verdict(
    price: Decimal, *, list_price: Decimal, floor: Decimal | None, authority: Authority
) -> PriceVerdict:
    """Return whether `price` is within `authority`; all per the same unit, with the same tax."""
    lowest = lowest_price(authority, list_price, floor)
    below = max(Decimal(0), list_price - price)
    percent = below * HUNDRED / list_price if list_price else Decimal(0)
    return PriceVerdict(
        is_allowed=price >= lowest,
        lowest=lowest,
        below_list_percent=percent.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP),
        is_below_floor=floor is not None and price < floor,
    )


# ----------------------------------------------------------------------------------- restrictions
@dataclass(frozen=True, slots=True)
class ProductFacts:
    """What decides whether a product is on sale."""

    id: int
    code: str
    is_discontinued: bool
    on_sale_from: date | None
    on_sale_until: date | None
    category_ids: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Restriction:
    """A product or category that is forbidden, or only allowed, somewhere or to somebody."""

    id: int
    kind: str
    product_id: int | None
    category_id: int | None
    territory_id: int | None
    customer_id: int | None
    place: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Block:
    """Why a product cannot be sold to a customer on a day.

    Attributes:
        code: discontinued, not_yet, ended, forbidden_region, forbidden_customer or not_in_only.
        params: values for the message.
        rule: id shown to the user.
    """

    code: str
    params: Mapping[str, str] = field(default_factory=dict)
    rule: str = "QC-1"


def _period_blocks(product: ProductFacts, on: date) -> list[Block]:
    blocks = []
    if product.is_discontinued:
        blocks.append(Block("discontinued", {"product": product.code}))
    if product.on_sale_from and on < product.on_sale_from:
        params = {"product": product.code, "day": product.on_sale_from.isoformat()}
        blocks.append(Block("not_yet", params))
    if product.on_sale_until and on > product.on_sale_until:
        params = {"product": product.code, "day": product.on_sale_until.isoformat()}
        blocks.append(Block("ended", params))
    return blocks


def sale_blocks_of(
    product: ProductFacts,
    restrictions: Iterable[Restriction],
    *,
    customer_id: int | None,
    territory_ids: frozenset[int],
    on: date,
) -> list[Block]:
    """Return everything that keeps a product from being sold to a customer; [] = on sale.

    Args:
        restrictions: those valid on the day; others of other products are ignored.
        territory_ids: the customer's territory and all above it.

    Source: issue §4 (on-sale dates, forbidden regions and customers).
    """
    blocks = _period_blocks(product, on)
    only: list[Restriction] = []
    is_let_in = False
    for item in restrictions:
        if item.product_id != product.id and item.category_id not in product.category_ids:
            continue
        hits = (
            item.customer_id == customer_id
            if item.customer_id
            else (item.territory_id in territory_ids)
        )
        if item.kind == ONLY:
            only.append(item)
            is_let_in = is_let_in or hits
        elif hits:
            code = "forbidden_customer" if item.customer_id else "forbidden_region"
            params = {"product": product.code, "place": item.place, "reason": item.reason}
            blocks.append(Block(code, params))
    if only and not is_let_in:
        places = ", ".join(sorted({item.place for item in only if item.place}))
        blocks.append(Block("not_in_only", {"product": product.code, "place": places}))
    return blocks
