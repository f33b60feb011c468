"""Differences between two states of content."""

import copy
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from chengdan.modules.process.rules.differences import content_diff, is_covered

VALUES = st.one_of(st.integers(), st.text(max_size=5), st.booleans(), st.none())
LINES = st.dictionaries(st.integers(1, 9), VALUES, max_size=4).map(
    lambda found: [{"line": key, "price": value} for key, value in found.items()]
)
CONTENT = st.fixed_dictionaries({"customer": VALUES, "lines": LINES})


@given(CONTENT)
def test_same_content_has_no_difference_whatever_the_order_of_lines(content: Any) -> None:
    other = copy.deepcopy(content)
    other["lines"].reverse()
    assert content_diff(content, other) == []


@given(CONTENT, CONTENT)
def test_differences_run_both_ways(before: Any, after: Any) -> None:
    there, back = content_diff(before, after), content_diff(after, before)
    assert {change.path for change in there} == {change.path for change in back}
    assert bool(there) == (content_diff(before, after) != [])


def test_lines_are_matched_by_their_number() -> None:
    before = {"lines": [{"line": 3, "price": "112"}, {"line": 6, "price": "1"}]}
    after = {"lines": [{"line": 3, "price": "118"}, {"line": 7, "price": "54"}]}
    found = [(change.field, change.kind) for change in content_diff(before, after)]
    assert found == [("lines.3.price", "changed"), ("lines.6", "removed"), ("lines.7", "added")]


def test_patterns_cover_parts_above_and_below() -> None:
    path = ("lines", "3", "price")
    assert is_covered(path, ["lines"])
    assert is_covered(path, ["lines.*.price"])
    assert is_covered(("lines", "3"), ["lines.*.price"])
    assert not is_covered(path, ["lines.*.quantity", "customer"])
    assert not is_covered(path, [])
