"""Messages of refusals."""

from decimal import Decimal

import pytest

from chengdan.kernel.errors import RuleError


@pytest.mark.parametrize(
    ("value", "said"),
    [("1720.3900", "1,720.39"), ("2000.00", "2,000"), ("1E+3", "1,000"), ("0.00", "0"),
     ("-0.5000", "-0.5")],
)  # fmt: skip
def test_numbers_are_said_as_people_write_them(value: str, said: str) -> None:
    error = RuleError("only %(found)s left of %(name)s", found=Decimal(value), name="R1")
    assert str(error.message) == f"only {said} left of R1"
    assert error.params["found"] == Decimal(value)
