"""The condition grammar: round trips, exact arithmetic, typos refused."""

from contextlib import suppress
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chengdan.modules.process.rules import conditions as c
from chengdan.modules.process.rules.condition_forms import from_form, to_form

NAMES = st.sampled_from(["over", "limit", "band", "is_paid", "CC.outcome"])
NUMBERS = st.decimals(-(10**9), 10**9, places=4).map(lambda n: abs(n) if n == 0 else n)
TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=12)
CONSTANTS = st.one_of(NUMBERS, TEXTS, st.booleans(), st.none()).map(c.Literal_)
SIMPLE = st.one_of(NAMES.map(c.Fact), CONSTANTS)
SIDES = st.one_of(
    SIMPLE, st.lists(SIMPLE, min_size=2, max_size=3).map(lambda f: c.Product(tuple(f)))
)
COMPARES = st.builds(c.Compare, SIDES, st.sampled_from(c.OPERATORS), SIDES)
AMONGS = st.builds(
    c.Among, NAMES.map(c.Fact), st.lists(CONSTANTS, min_size=1, max_size=3).map(tuple)
)


def _group(kind: type, parts: list[c.Node]) -> c.Node:
    flat: list[c.Node] = []
    for part in parts:
        flat.extend(part.parts if isinstance(part, kind) else [part])  # type: ignore[attr-defined]
    return kind(tuple(flat))


NODES = st.recursive(
    st.one_of(COMPARES, AMONGS),
    lambda inner: st.one_of(
        inner.map(c.Not),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: _group(c.And, parts)),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: _group(c.Or, parts)),
    ),
    max_leaves=8,
)


@given(NODES)
def test_text_and_form_give_the_condition_back(node: c.Node) -> None:
    assert c.parse(c.to_text(node)) == node
    assert from_form(to_form(node)) == node


@given(st.decimals(0, 10**9, places=2), st.decimals(0, 10**9, places=2))
def test_twenty_percent_is_exact(over: Decimal, limit: Decimal) -> None:
    node = c.parse("over * 100 <= limit * 20")
    facts = {"over": over, "limit": limit}
    assert c.evaluate(node, facts) == (over * 5 <= limit)
    assert c.evaluate(node, {"over": limit / 5, "limit": limit})


@given(st.text(max_size=60))
def test_any_text_is_parsed_or_refused_and_never_fails_otherwise(text: str) -> None:
    with suppress(c.ConditionError):
        c.parse(text)


@pytest.mark.parametrize(
    ("text", "facts", "expected"),
    [
        ("a = 1 and b = 2 or c = 3", {"a": 1, "b": 0, "c": 3}, True),
        ("a = 1 and (b = 2 or c = 3)", {"a": 0, "b": 0, "c": 3}, False),
        ("not a > 5", {"a": 6}, False),
        ("a in (1, 2.50, 'x')", {"a": Decimal("2.5")}, True),
        ("a not in ('x')", {"a": "y"}, True),
        ("a < 5", {"a": None}, False),
        ("a = null", {"a": None}, True),
        ("a != null", {"a": 0}, True),
        ("a = true", {"a": 1}, False),
        ("day >= '2026-06-30'", {"day": date(2026, 6, 30)}, True),
        ("a > -1", {"a": Decimal("-0.5")}, True),
        ('x.y = "it\'s"', {"x.y": "it's"}, True),
        ("a = b", {"a": Decimal("1.0"), "b": 1}, True),
    ],
)
def test_values(text: str, facts: dict[str, c.Value], expected: bool) -> None:
    assert c.evaluate(c.parse(text), facts) is expected


@pytest.mark.parametrize(
    "text",
    ["", "a", "a = ", "f(1) = 2", "a = 1 or", "(a = 1", "a + 1 = 2", "a / 2 = 1", "in (1)",
     "a in ()", "a in (b)", "a not = 1", "-a = 1", "a = 1 b = 2", "a == 1", "x" * 3000],
)  # fmt: skip
def test_what_is_no_condition(text: str) -> None:
    with pytest.raises(c.ConditionError):
        c.parse(text)


def test_missing_fact_and_things_without_order_are_errors() -> None:
    with pytest.raises(c.ConditionError):
        c.evaluate(c.parse("nothing = 1"), {})
    with pytest.raises(c.ConditionError):
        c.evaluate(c.parse("a < b"), {"a": "x", "b": 1})
    with pytest.raises(c.ConditionError):
        c.evaluate(c.parse("a * 2 = 4"), {"a": "x"})


DECLARED = {
    "amount": c.FactType("number"),
    "band": c.FactType("text", ("small", "big")),
    "is_paid": c.FactType("flag"),
    "day": c.FactType("date"),
}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("ammount > 1", "unknown fact 'ammount'"),
        ("band = 'huge'", "band is never 'huge'"),
        ("band = 1", "different kinds"),
        ("is_paid > true", "has no order"),
        ("band * 2 = 4", "only numbers are multiplied"),
        ("day > 'tomorrow'", "different kinds"),
        ("amount < null", "null has no order"),
        ("band in ('small', 'tiny')", "never 'tiny'"),
    ],
)
def test_typos_are_found(text: str, problem: str) -> None:
    (found,) = c.problems_of(c.parse(text), DECLARED)
    assert problem in str(found)


@pytest.mark.parametrize(
    "text", ["amount * 100 <= amount * 20", "day > '2026-01-01'", "is_paid = true", "band = null"]
)
def test_right_conditions_have_no_problem(text: str) -> None:
    assert c.problems_of(c.parse(text), DECLARED) == []
