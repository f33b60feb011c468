"""Decision tables: the first row counts, rows that never can are found."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chengdan.modules.process.rules import conditions as c
from chengdan.modules.process.rules.decisions import first_row, unreachable_rows

DECLARED = {
    "n": c.FactType("number"),
    "over": c.FactType("number"),
    "limit": c.FactType("number"),
    "band": c.FactType("text", ("a", "b", "c")),
    "yes": c.FactType("flag"),
}


def rows(*texts: str) -> list[c.Node | None]:
    return [c.parse(text) if text else None for text in texts]


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (("n > 5", "n > 6", ""), [1]),
        (("n > 6", "n > 5", ""), []),
        (("n > 5", "n <= 5", ""), []),  # a missing number reaches the else row
        (("n > 5 or n <= 5 or n = null", ""), [1]),
        (("band = 'a'", "band in ('a')", ""), [1]),
        (("band in ('a', 'b', 'c')", "band = null", ""), [2]),
        (("yes = true", "yes = false", "yes = null", ""), [3]),
        (("over * 100 <= limit * 20", "limit * 20 >= over * 100", ""), [1]),
        (("over * 100 <= limit * 20", "over * 100 > limit * 20", "n = 1", ""), [2, 3]),
        (("n = 1 and n = 2", ""), [0]),
    ],
)
def test_unreachable_rows(texts: tuple[str, ...], expected: list[int]) -> None:
    assert unreachable_rows(rows(*texts), DECLARED) == expected


def test_too_many_combinations_still_find_repeated_rows() -> None:
    texts = [" and ".join(f"f{i} = {j}" for i in range(9)) for j in range(3)]
    declared = {f"f{i}": c.FactType("number") for i in range(9)}
    assert unreachable_rows(rows(*texts, texts[0], ""), declared) == [3]


ATOMS = st.sampled_from(["n > 5", "n <= 3", "n = 4", "band = 'a'", "band != 'b'", "yes = true"])
TEXTS = st.lists(ATOMS, min_size=1, max_size=2).map(" and ".join)


@given(
    st.lists(TEXTS, min_size=1, max_size=4),
    st.sampled_from([Decimal(x) for x in ("2", "3", "4", "4.5", "6")] + [None]),
    st.sampled_from(["a", "b", "c", None]),
    st.sampled_from([True, False, None]),
)
def test_no_facts_ever_reach_an_unreachable_row(
    texts: list[str], n: Decimal | None, band: str | None, yes: bool | None
) -> None:
    table = rows(*texts, "")
    found = first_row(table, {"n": n, "band": band, "yes": yes})
    assert found not in unreachable_rows(table, DECLARED)


def test_table_without_a_row_that_holds_is_an_error() -> None:
    with pytest.raises(c.ConditionError):
        first_row(rows("n = 1"), {"n": Decimal(2)})
