"""Reads that leave the room."""

from chengdan.modules.people.selectors.org import (
    companies_of,
    company_get,
    descendants_of,
    market_of,
    order_seats,
    slt_member_of_market,
    slt_members,
    territory_ids_below,
    territory_lines,
    territory_markets,
    unit_calendar,
    unit_head,
    unit_path,
)
from chengdan.modules.people.selectors.persons import (
    deputies_for,
    holders_of,
    home_unit,
    role_codes_of,
    superiors_of,
    user_get,
    users_by_ids,
)

__all__ = [
    "companies_of",
    "company_get",
    "deputies_for",
    "descendants_of",
    "holders_of",
    "home_unit",
    "market_of",
    "order_seats",
    "role_codes_of",
    "slt_member_of_market",
    "slt_members",
    "superiors_of",
    "territory_ids_below",
    "territory_lines",
    "territory_markets",
    "unit_calendar",
    "unit_head",
    "unit_path",
    "user_get",
    "users_by_ids",
]
