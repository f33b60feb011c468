"""Conditions in words: what a manager reads on the page of a process."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.utils.translation import override

from chengdan.modules.process.rules.conditions import FactType
from chengdan.modules.process.selectors.wording import Wording

WORDS = Wording(
    {
        "free": FactType("number", title="free limit"),
        "gross": FactType("number", title="amount"),
        "paid": FactType("flag", title="it is paid"),
        "band": FactType("text", ("", "in", "out"), "credit check", {"out": "over the limit"}),
        "due": FactType("date", title="due date"),
        "bare": FactType("number"),
    }
)


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        ("", ""),
        ("free < gross", "free limit < amount"),
        ("free >= 20000", "free limit ≥ 20,000"),
        ("free * 100 < gross * 20", "free limit < amount × 20%"),
        ("gross * 12.5 >= free * 100", "amount × 12.5% ≥ free limit"),
        ("free * gross > 3", "free limit × amount > 3"),
        ("paid = true", "it is paid"),
        ("paid != true", "not (it is paid)"),
        ("paid = false and free = 0", "not (it is paid) and free limit = 0"),
        ("band = 'out'", "credit check = over the limit"),
        ("band != 'in'", "credit check ≠ in"),
        ("band = ''", "no credit check"),
        ("due != null", "with due date"),
        ("band in ('in', 'out')", "credit check is in or over the limit"),
        ("(paid = true or free > 1) and bare = 2", "(it is paid or free limit > 1) and bare = 2"),
        ("not (free > 1)", "not (free limit > 1)"),
    ],
)
def test_a_condition_in_words(condition: str, words: str) -> None:
    with override("en"):
        assert WORDS.text(condition) == words


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [("paid", True, "yes"), ("paid", False, "no"), ("band", "out", "over the limit"),
     ("free", Decimal("1200.5000"), "1,200.5"), ("free", Decimal(0), "0"), ("free", None, "–"),
     ("due", date(2024, 3, 1), "2024-03-01"), ("other", "x", "x")],
)  # fmt: skip
def test_a_value_in_words(name: str, value: Any, words: str) -> None:
    with override("en"):
        assert WORDS.value(name, value) == words
