"""Which codes are taken for currencies."""

import pytest

from chengdan.kernel.currencies import currency_is_known


@pytest.mark.parametrize("code", ["CNY", "HKD", "MOP", "TWD", "USD", "EUR", "JPY", "VND", "VES"])
def test_currencies_in_use_are_known(code: str) -> None:
    assert currency_is_known(code)


@pytest.mark.parametrize("code", ["", "QQQ", "cny", "RMB", "DEM", "XAU", "XXX", "CNH", "元"])
def test_what_nobody_pays_with_is_no_currency(code: str) -> None:
    assert not currency_is_known(code)
