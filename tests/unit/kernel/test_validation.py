"""What pydantic finds is said in the reader's language."""

from datetime import date
from decimal import Decimal
from typing import Literal

import pytest
from django.utils.translation import override
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from chengdan.kernel.http.schemas import Amount, Day, Instant
from chengdan.kernel.http.validation import validation_items


class Line(BaseModel):
    quantity: Decimal = Decimal(1)


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str = Field("", max_length=3)
    kind: Literal["goods", "gift", "charge"] = "goods"
    count: int = Field(1, gt=0, le=9)
    amount: Amount = Decimal(0)  # type: ignore[valid-type]
    day: Day | None = None
    made: date | None = None
    at: Instant | None = None
    lines: list[Line] = []


def found(body: object) -> list[tuple[str, int | None, str]]:
    with pytest.raises(ValidationError) as refused:
        Body.model_validate(body)
    errors = refused.value.errors(include_url=False)
    with override("zh-hans"):
        items = validation_items([dict(error) for error in errors])
        return [(item.field, item.row, str(item.message)) for item in items]


@pytest.mark.parametrize(
    ("body", "field", "text"),
    [
        ({"name": "abcd"}, "name", "最多 3 个字符。"),
        ({"name": 1}, "name", "请填写文本。"),
        ({"kind": "x"}, "kind", "可选值：'goods', 'gift', 'charge'。"),
        ({"count": "x"}, "count", "请填写整数。"),
        ({"count": 0}, "count", "必须大于 0。"),
        ({"count": 10}, "count", "不得大于 9。"),
        ({"amount": "1.23456"}, "amount", "最多 4 位小数。"),
        ({"made": "yesterday"}, "made", "请按 YYYY-MM-DD 填写日期。"),
        ({"other": 1}, "other", "没有这个名称。"),
        ({"lines": 1}, "lines", "请填写列表。"),
    ],
)
def test_usual_findings_are_said_in_chinese(body: object, field: str, text: str) -> None:
    assert found(body) == [(field, None, text)]


def test_a_finding_in_a_list_names_its_row() -> None:
    assert found({"lines": [{}, {"quantity": "x"}]}) == [
        ("lines.quantity", 2, "请以文本填写精确数字。")
    ]


def test_our_own_findings_are_told_without_a_prefix() -> None:
    with override("zh-hans"):
        [(_field, _row, text)] = found({"day": "9999-12-31"})
    assert text.startswith("请按 YYYY-MM-DD 填写日期")


def test_a_finding_without_a_text_of_ours_keeps_its_own() -> None:
    assert found(None)[0][2] != ""
    [item] = validation_items([{"type": "odd", "msg": "Odd.", "loc": ("body", "payload", "x")}])
    assert (item.field, item.code, item.message) == ("x", "odd", "Odd.")
