"""Document numbers: patterns, periods, ranges, voids, gaps."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chengdan.kernel.actor import Actor
from chengdan.kernel.audit import audit_history
from chengdan.kernel.errors import ConflictError, InvalidError, NotFoundError
from chengdan.kernel.numbering import (
    NumberRangeFullError,
    number_take,
    number_void,
    numbers_take,
    series_gaps,
)
from chengdan.kernel.numbering import gaps as gaps_module
from chengdan.kernel.numbering.models import NumberCounter, NumberSeries, NumberVoid
from chengdan.kernel.numbering.patterns import PatternError, pattern_parse
from chengdan.kernel.numbering.services import SeriesValues, series_save
from chengdan.kernel.outbox.models import OutboxMessage
from chengdan.kernel.transactions import write

ACTOR = Actor.system("tests", 1)
DAY = date(2026, 11, 16)
KIND = "tests.document"


def series(
    pattern: str = "SO{yy}{mm}-{n:4}", reset: str = "monthly", office: str = "", **more: object
) -> NumberSeries:
    values = SeriesValues(pattern, reset, **more)  # type: ignore[arg-type]
    return series_save(actor=ACTOR, company_id=1, document_type=KIND, values=values, office=office)


def take(on: date = DAY, office: str = "", company_id: int = 1) -> str:
    with write():
        return number_take(ACTOR, company_id, KIND, on, office)


@pytest.mark.django_db
def test_numbers_rise_and_start_again_with_the_period() -> None:
    series()
    assert [take(), take(), take(date(2026, 12, 1)), take()] == [
        "SO2611-0001",
        "SO2611-0002",
        "SO2612-0001",
        "SO2611-0003",
    ]


@pytest.mark.django_db
def test_several_at_once_are_consecutive_and_grow_beyond_the_width() -> None:
    row = series("A{n:1}", "never")
    with write():
        found = numbers_take(ACTOR, 1, KIND, DAY, 12)
    assert found == [f"A{count}" for count in range(1, 13)]
    assert not series_gaps(row, found)


@pytest.mark.django_db
def test_a_rolled_back_act_leaves_no_gap() -> None:
    series()
    with pytest.raises(RuntimeError), write():  # noqa: PT012
        number_take(ACTOR, 1, KIND, DAY)
        raise RuntimeError
    assert take() == "SO2611-0001"


@pytest.mark.django_db
@pytest.mark.requirement("QUO-10", partly="the pattern; quotations come later")
@pytest.mark.requirement("QUO-23", partly="the ranges; quotations come later")
def test_offices_have_their_own_ranges_that_may_not_overlap() -> None:
    series("FQ{yy}{n:5}", "yearly", "shanghai", minimum=1, maximum=20000)
    with pytest.raises(InvalidError) as caught:
        series("FQ{yy}{n:5}", "yearly", "tianjin", minimum=20000, maximum=99999)
    assert caught.value.items[0].code == "overlap"
    series("FQ{yy}{n:5}", "yearly", "tianjin", minimum=20001, maximum=99999)
    on = date(2008, 3, 1)
    assert take(on, "shanghai") == "FQ0800001"
    assert take(on, "tianjin") == "FQ0820001"
    assert take(date(2009, 1, 1), "tianjin") == "FQ0920001"


@pytest.mark.django_db
def test_a_range_warns_near_its_end_and_then_refuses() -> None:
    row = series("Q{yy}{n:2}", "yearly", maximum=5, warn_below=3)
    for _number in range(5):
        take()
    events = OutboxMessage.objects.filter(topic="kernel.number_range_near_end")
    assert events.count() == 1
    with pytest.raises(NumberRangeFullError):
        take()
    assert NumberCounter.objects.get(series=row).last == 5
    assert take(date(2027, 1, 1)) == "Q2701"


@pytest.mark.django_db
def test_an_office_without_a_series_shares_the_common_one() -> None:
    series()
    assert [take(office="beijing"), take()] == ["SO2611-0001", "SO2611-0002"]


@pytest.mark.django_db
def test_companies_count_apart_and_unknown_kinds_are_a_programming_error() -> None:
    series()
    take()
    with pytest.raises(KeyError):
        take(company_id=2)
    with pytest.raises(RuntimeError):
        number_take(ACTOR, 1, KIND, DAY)


@pytest.mark.django_db
def test_a_void_explains_a_gap() -> None:
    row = series("IV{yy}{mm}{n:4}", "yearly", is_gapless=True)
    numbers = [take(), take(date(2026, 12, 1)), take(date(2026, 12, 2))]
    assert numbers[1] == "IV26120002"
    carried = [numbers[0], numbers[2]]
    assert series_gaps(row, carried).missing == ("2026 IV{yy}{mm}{n:4} 2",)
    with pytest.raises(InvalidError):
        void(numbers[1], " ")
    with pytest.raises(NotFoundError):
        void("IV26120009", "never given")
    with pytest.raises(NotFoundError):
        void("XX", "nonsense")
    void(numbers[1], "spoilt form")
    with pytest.raises(ConflictError):
        void(numbers[1], "again")
    assert not series_gaps(row, carried)
    assert NumberVoid.objects.get().reason == "spoilt form"
    assert audit_history(row)[0].code == "kernel.numbering.voided"


def void(number: str, reason: str) -> NumberVoid:
    return number_void(
        actor=ACTOR, company_id=1, document_type=KIND, number=number, on=DAY, reason=reason
    )


@pytest.mark.django_db
def test_duplicates_and_strangers_are_found() -> None:
    row = series(is_gapless=True)
    number = take()
    found = series_gaps(row, [number, number, "SO2611-0009", "hello"])
    assert found.twice == (number,)
    assert found.foreign == ("SO2611-0009", "hello")


@pytest.mark.django_db
def test_the_verifier_asks_the_documents(monkeypatch: pytest.MonkeyPatch) -> None:
    series(is_gapless=True)
    numbers = [take(), take()]
    monkeypatch.setitem(gaps_module._providers._items, KIND, lambda company_id: numbers)
    assert list(gaps_module.number_differences()) == []
    numbers.pop()
    assert [item.invariant for item in gaps_module.number_differences()] == ["I8"]


@pytest.mark.django_db
def test_statutory_numbers_keep_their_pattern_until_the_period_ends() -> None:
    series("IV{yy}{n:4}", "yearly", is_gapless=True)
    assert take() == "IV260001"
    row = series("INV{yyyy}-{n:4}", "yearly", is_gapless=True)
    assert [take(), take(date(2027, 1, 1))] == ["IV260002", "INV2027-0001"]
    assert not series_gaps(row, ["IV260001", "IV260002", "INV2027-0001"])
    for values in (
        {"pattern": "INV{yyyy}{mm}-{n:4}", "reset": "monthly", "is_gapless": True},
        {"pattern": "INV{yyyy}-{n:4}", "reset": "yearly", "is_gapless": False},
    ):
        with pytest.raises(InvalidError):
            series(**values)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("pattern", "reset", "code"),
    [
        ("", "never", "length"),
        ("X" * 41, "never", "length"),
        ("SO{yy}", "yearly", "counter"),
        ("{n}{n:2}", "never", "counter"),
        ("{n:4}", "yearly", "reset"),
        ("{yy}{n:4}", "monthly", "reset"),
        ("{mm}{n:4}", "monthly", "reset"),
        ("{user}{n:4}", "never", "braces"),
        ("{n:99}", "never", "braces"),
    ],
)
def test_patterns_that_cannot_work_are_refused(pattern: str, reset: str, code: str) -> None:
    with pytest.raises(PatternError) as caught:
        pattern_parse(pattern, reset)
    assert caught.value.args[0] == code


@given(on=st.dates(date(2000, 1, 1), date(2099, 12, 31)), count=st.integers(1, 10**7))
def test_a_number_reads_back_to_its_place(on: date, count: int) -> None:
    pattern = pattern_parse("A.{yy}{mm}-{office}-{n:4}", "monthly")
    number = pattern.render(count, on, "SH+")
    assert pattern.place(number, "monthly", "SH+") == (f"{on:%y-%m}", count)
    assert pattern.place("x" + number, "monthly", "SH+") is None
