"""Reference data is asked for once, and never told as it was before a change."""

from typing import Any

import pytest
from django.db import transaction

from chengdan.kernel.actor import Actor
from chengdan.kernel.parameters import ParameterValue, parameter_set, parameter_value
from chengdan.kernel.reference import ReferenceStamp, reference_scope, remembered, remembered_rows
from chengdan.kernel.transactions import savepoint, write

pytestmark = pytest.mark.django_db
CODE = "kernel.calendar"


@remembered("figures")
def stored(code: str) -> list[str]:
    return list(ParameterValue.objects.filter(code=code).values_list("value", flat=True))


def put(value: str) -> None:
    ParameterValue.objects.update_or_create(company_id=1, code=CODE, defaults={"value": value})


def stamp() -> str:
    return ReferenceStamp.objects.get(topic="figures").value


@pytest.fixture(autouse=True)
def first() -> None:
    put("first")


def test_an_answer_is_asked_for_once_per_stamp(django_assert_num_queries: Any) -> None:
    assert stored(CODE) == ["first"]
    with write(), django_assert_num_queries(1):
        assert [stored(CODE) for _time in range(3)] == [["first"]] * 3
    with reference_scope(), django_assert_num_queries(1):
        assert [stored(CODE) for _time in range(3)] == [["first"]] * 3


@pytest.mark.parametrize("change", ["save", "update", "create", "delete", "bulk"])
def test_every_kind_of_change_is_seen_at_once(change: str) -> None:
    assert stored(CODE) == ["first"]
    row = ParameterValue.objects.get(code=CODE)
    with write():
        if change == "save":
            row.value = "second"
            row.save()
        elif change == "update":
            ParameterValue.objects.filter(pk=row.pk).update(value="second")
        elif change == "create":
            ParameterValue.objects.create(company_id=2, code=CODE, value="second")
        elif change == "delete":
            row.delete()
        else:
            more = ParameterValue(company_id=2, code=CODE, value="second")
            ParameterValue.objects.bulk_create([more], ignore_conflicts=True)
        inside = stored(CODE)
    assert inside != ["first"]
    assert stored(CODE) == inside


def test_a_change_outside_a_transaction_turns_the_stamp_too() -> None:
    before = stamp()
    with reference_scope():
        assert stored(CODE) == ["first"]
        put("second")
        assert stored(CODE) == ["second"]
    assert stamp() != before


def change_and_fail() -> None:
    put("second")
    assert stored(CODE) == ["second"]
    raise ZeroDivisionError


def test_what_is_undone_leaves_no_answer_behind() -> None:
    assert stored(CODE) == ["first"]
    with pytest.raises(ZeroDivisionError), transaction.atomic(), write():
        change_and_fail()
    assert stored(CODE) == ["first"]
    with write():
        with pytest.raises(ZeroDivisionError), savepoint():
            change_and_fail()
        assert stored(CODE) == ["first"]


def test_answers_can_be_changed_by_who_asked() -> None:
    with write():
        stored(CODE).append("mine")
        assert stored(CODE) == ["first"]


def test_rows_are_loaded_once_each_and_missing_ones_too(django_assert_num_queries: Any) -> None:
    load = ParameterValue.objects.in_bulk
    pk = ParameterValue.objects.get(code=CODE).pk
    with write():
        with django_assert_num_queries(2):
            assert set(remembered_rows("figures", "value", [pk, 0], load)) == {pk}
        with django_assert_num_queries(0):
            assert set(remembered_rows("figures", "value", [pk, 0], load)) == {pk}


def test_a_parameter_counts_from_the_next_act_on() -> None:
    from chengdan.modules.process.vocabulary import URGE_MINUTES

    assert parameter_value(1, URGE_MINUTES) != 7
    with write():
        parameter_set(Actor.system("test"), 1, URGE_MINUTES, "7")
        assert parameter_value(1, URGE_MINUTES) == 7
    assert parameter_value(1, URGE_MINUTES) == 7
