"""Figures an administrator may change: typed, bounded, per company."""

from decimal import Decimal
from typing import Any

import pytest

from chengdan.kernel import parameters
from chengdan.kernel.actor import Actor
from chengdan.kernel.errors import InvalidError
from chengdan.kernel.parameters import (
    Parameter,
    parameter_parse,
    parameter_set,
    parameter_value,
    parameter_values,
)
from chengdan.kernel.transactions import write

pytestmark = pytest.mark.django_db
ACTOR = Actor.system("tests", 1)
DECLARED = [
    Parameter("tests.percent", Decimal, Decimal(20), "", "", Decimal(0), Decimal(100)),
    Parameter("tests.days", int, 5, "", "", 1, 30),
    Parameter("tests.flag", bool, True, ""),
    Parameter("tests.list", list, ["a", "b"], ""),
    Parameter("tests.text", str, "x", ""),
]


@pytest.fixture(autouse=True)
def _declared(monkeypatch: pytest.MonkeyPatch) -> None:
    for item in DECLARED:
        monkeypatch.setitem(parameters._parameters._items, item.code, item)


@pytest.mark.parametrize(
    ("code", "text", "value"),
    [
        ("tests.percent", "12.50", Decimal("12.50")),
        ("tests.days", " 7 ", 7),
        ("tests.flag", "false", False),
        ("tests.list", "x, y,,z", ["x", "y", "z"]),
        ("tests.text", "好", "好"),
    ],
)
def test_a_value_counts_for_its_company_only(code: str, text: str, value: Any) -> None:
    default = parameter_value(1, code)
    assert parameter_set(ACTOR, 1, code, text) == (default, value)
    assert parameter_value(1, code) == value
    assert type(parameter_value(1, code)) is type(value)
    assert parameter_value(2, code) == parameter_value(None, code) == default


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("tests.percent", "100.01"),
        ("tests.percent", "-1"),
        ("tests.percent", "NaN"),
        ("tests.percent", "Infinity"),
        ("tests.percent", "much"),
        ("tests.days", "0"),
        ("tests.days", "1.5"),
        ("tests.days", ""),
        ("tests.flag", "perhaps"),
        ("billing.aging_days", "90,30,60"),
        ("billing.aging_days", "30,x"),
        ("billing.invoice_on", "never"),
        ("billing.invoice_on", ""),
        ("billing.aging_days", ""),
        ("kernel.attachment_types", "pdf, exe"),
        ("kernel.attachment_types", ""),
        ("people.scr_role", "nobody"),
        ("orders.notice_market_roles", "nobody"),
    ],
)
def test_values_out_of_kind_or_bounds_are_refused(code: str, text: str) -> None:
    with pytest.raises(InvalidError) as refused:
        parameter_parse(code, text)
    assert [item.field for item in refused.value.items] == ["value"]
    assert str(refused.value.items[0].message)


def test_several_values_take_one_query(django_assert_num_queries: Any) -> None:
    parameter_set(ACTOR, 1, "tests.days", "9")
    codes = [item.code for item in DECLARED]
    with write(), django_assert_num_queries(2):
        found = parameter_values(1, codes)
        assert parameter_values(1, codes) == found
    assert found["tests.days"] == 9
    assert found["tests.percent"] == Decimal(20)
    with pytest.raises(KeyError):
        parameter_values(1, ["tests.misspelt"])
