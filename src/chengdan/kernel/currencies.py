"""Which currencies there are."""

from __future__ import annotations

from functools import cache

from babel.core import get_global


@cache
def _in_use() -> frozenset[str]:
    countries = get_global("territory_currencies").values()
    return frozenset(
        code
        for rows in countries
        for code, _since, until, is_tender in rows
        if is_tender and until is None
    )


def currency_is_known(code: str) -> bool:
    """Whether three capital letters name a currency that some country pays with today.

    Source: ISO 4217, in the Unicode CLDR that Babel carries.
    """
    return code in _in_use()
