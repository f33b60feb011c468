"""Rules of the room on plain values."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chengdan.modules.people.rules import (
    dates_overlap,
    leads_back,
    login_wait_seconds,
    password_faults,
    rights_widened,
)

COMMON = frozenset({"correcthorsebattery", "password12345", "qwertyuiop"})


@pytest.mark.parametrize(
    ("failures", "seconds"), [(4, 0), (5, 60), (6, 120), (7, 240), (8, 480), (9, 900), (400, 900)]
)
def test_the_delay_doubles_up_to_a_quarter_of_an_hour(failures: int, seconds: int) -> None:
    assert login_wait_seconds(failures=failures, allowed=5) == seconds


@pytest.mark.parametrize(
    ("password", "faults"),
    [
        ("绿水青山 2026 morning tea", []),
        ("elevenchars", ["short"]),
        ("x" * 1025, ["long"]),
        ("correcthorsebattery", ["common"]),
        ("Password12345", ["common"]),
        ("chengdan20261", ["word"]),
        ("aaaaaaaaaaaaaa", ["repeated"]),
    ],
)
def test_passwords(password: str, faults: list[str]) -> None:
    assert password_faults(password, ["chengdan", "ab"], COMMON) == faults


def test_a_long_sentence_may_hold_a_name_of_the_company() -> None:
    assert password_faults("chengdan sells wine at dawn", ["chengdan"], COMMON) == []


days = st.dates(date(2026, 1, 1), date(2026, 3, 1))
spans = st.tuples(days, st.none() | days)


@given(spans, spans)
def test_overlap_is_the_same_both_ways_and_means_a_common_day(
    first: tuple[date, date | None], second: tuple[date, date | None]
) -> None:
    far = date(2027, 1, 1)
    if (first[1] or far) < first[0] or (second[1] or far) < second[0]:
        return
    common = max(first[0], second[0]) <= min(first[1] or far, second[1] or far)
    assert dates_overlap(first, second) is common
    assert dates_overlap(second, first) is common


def test_a_circle_is_found_and_a_loop_elsewhere_does_not_hang() -> None:
    assert leads_back(3, 1, {3: 2, 2: 1, 1: None})
    assert not leads_back(1, 3, {3: 2, 2: 1, 1: None})
    assert not leads_back(5, 1, {5: 6, 6: 5})


def test_wider_scopes_and_new_permissions_count_as_widened() -> None:
    before = {"a": "own", "b": "all"}
    assert rights_widened(before, {"a": "unit", "b": "unit", "c": "own"}) == ["a", "c"]
    assert rights_widened(before, {"a": "own"}) == []
