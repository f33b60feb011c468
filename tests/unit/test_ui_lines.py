"""The line editor's field: what it reads, what it refuses and where it marks it."""

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django import forms
from django.core.exceptions import ValidationError
from django.utils import translation

from chengdan.kernel.errors import FieldIssue, InvalidError, RuleError
from chengdan.kernel.ui.forms import DayField, MoneyField, PickerField, UiForm, refusals_on
from chengdan.kernel.ui.lines import LineColumn, LinesField


def _known(pk: int) -> str | None:
    return "C-1 Known" if pk == 1 else None


class _Form(UiForm):
    customer = PickerField(label="Customer", url="/pick/", find=_known, required=False)
    limit = MoneyField(label="Limit", required=False)
    lines = LinesField(
        label="Lines",
        columns=[
            LineColumn("product", "Product", kind="picker", required=True),
            LineColumn("quantity", "Quantity", kind="quantity", minimum=Decimal(1), places=3),
            LineColumn("on", "On", kind="day"),
            LineColumn("kind", "Kind", kind="choice", choices=[("a", "A")]),
            LineColumn("gift", "Gift", kind="flag"),
            LineColumn("note", "Note"),
            LineColumn("amount", "Amount", kind="shown"),
        ],
    )


def _form(rows: Any, **more: str) -> _Form:
    text = rows if isinstance(rows, str) else json.dumps(rows)
    return _Form({"lines": text, **more})


def test_lines_come_out_typed_and_empty_ones_are_dropped() -> None:
    form = _form(
        [
            {},
            {"product": {"id": 7, "code": "P7"}, "quantity": "１,０００", "on": "2026-11-26"},
            {"amount": "5.00", "product": {"id": "", "code": ""}},
            {"product": 8, "kind": "a", "gift": True, "note": " x "},
        ]
    )
    assert form.is_valid(), form.errors
    first, second = form.cleaned_data["lines"]
    assert first["_row"] == 2
    assert first["product"] == 7
    assert first["quantity"] == Decimal(1000)
    assert first["on"] == date(2026, 11, 26)
    assert (second["kind"], second["gift"], second["note"]) == ("a", True, "x")
    assert "amount" not in first


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ({"quantity": "5"}, "product"),
        ({"product": {"id": "x"}}, "product"),
        ({"product": 1, "quantity": "1,5"}, "quantity"),
        ({"product": 1, "quantity": "0"}, "quantity"),
        ({"product": 1, "on": "31.12.2026"}, "on"),
        ({"product": 1, "kind": "b"}, "kind"),
        ({"product": 1, "note": "a\u202e\x00"}, "note"),
    ],
)
def test_a_wrong_cell_is_marked_where_it_is(row: dict[str, Any], column: str) -> None:
    form = _form([{"product": 1}, row])
    assert not form.is_valid()
    field = form.fields["lines"]
    assert isinstance(field, LinesField)
    assert [(e.row, e.column) for e in field.cell_errors] == [(2, column)]


@pytest.mark.parametrize("text", ["{", "5", '{"a": 1}', "[1]", "[[]]", "[" * 5000, "[{}]" * 2])
def test_what_is_not_ours_is_refused(text: str) -> None:
    assert not _form(text).is_valid()


def test_too_many_lines_are_refused() -> None:
    assert not _form([{"product": 1}] * 501).is_valid()


def test_errors_of_one_form_do_not_reach_the_next() -> None:
    assert not _form([{"quantity": "x"}]).is_valid()
    fresh = _Form().fields["lines"]
    assert isinstance(fresh, LinesField)
    assert fresh.cell_errors == []


def test_the_grid_is_drawn_with_its_configuration_and_without_inline_code() -> None:
    html = str(_Form(initial={"lines": [{"product": {"id": 1, "code": "P1"}}]})["lines"])
    assert 'type="application/json"' in html
    assert "P1" in html
    assert "style=" not in html
    assert "onclick" not in html


def test_a_row_that_is_not_open_to_the_person_is_refused() -> None:
    assert _form([{"product": 1}], customer="1").is_valid()
    for text in ("2", "x", "1 or 1=1", "9" * 30):
        assert "customer" in _form([{"product": 1}], customer=text).errors


def test_a_service_refusal_lands_beside_its_field_and_cell() -> None:
    form = _form([{"product": 1}])
    assert form.is_valid()
    with refusals_on(form):
        raise InvalidError(
            [
                FieldIssue("limit", "x", "too high", rule="CC-3"),
                FieldIssue("quantity", "x", "over quota", row=1),
            ]
        )
    assert form.errors["limit"] == ["too high [CC-3]"]
    field = form.fields["lines"]
    assert isinstance(field, LinesField)
    assert [(e.row, e.column) for e in field.cell_errors] == [(1, "quantity")]
    with refusals_on(form):
        raise RuleError("closed", rule="OP-1")
    assert form.non_field_errors() == ["closed [OP-1]"]


@pytest.mark.parametrize("text", ["0001-01-01", "1899-12-31", "2200-01-01", "9999-12-31"])
def test_days_beyond_the_usual_years_are_refused(text: str) -> None:
    """Terms are counted on from days; the calendar must not end under them."""
    with pytest.raises(ValidationError):
        DayField().clean(text)
    assert DayField().clean("20261126") == date(2026, 11, 26)
    form = _form([{"product": 8, "quantity": "1", "on": text}])
    assert not form.is_valid()
    assert "1900" in str(form.errors)


def test_money_of_a_form_takes_full_width_digits() -> None:
    form = _form([{"product": 1}], limit="１２３４．５０")
    assert form.is_valid()
    assert form.cleaned_data["limit"] == Decimal("1234.50")
    with translation.override("en"):
        assert "limit" in _form([{"product": 1}], limit="1e5").errors


def test_a_field_has_label_help_and_error_tied_to_it() -> None:
    class Small(UiForm):
        name = forms.CharField(label="Name", help_text="As in the contract")

    html = str(Small({"name": ""})["name"].as_field_group())
    assert '<label for="id_name">' in html
    assert "id_name_helptext" in html
    assert "id_name_error" in html
    assert 'aria-invalid="true"' in html


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ({"name": "x" * 9, "days": "5"}, "最多 4 个字，现在有 9 个。"),
        ({"name": "x", "days": "0"}, "不能小于 1。"),
        ({"name": "x", "days": "100"}, "不能大于 30。"),
    ],
)
def test_limits_of_fields_are_said_as_people_say_them(typed: dict[str, str], text: str) -> None:
    class Limited(UiForm):
        name = forms.CharField(max_length=4)
        days = forms.IntegerField(min_value=1, max_value=30)

    with translation.override("zh-hans"):
        errors = [error for found in Limited(typed).errors.values() for error in found]
    assert errors == [text]


def test_a_hidden_number_travels_with_its_line_and_is_not_drawn() -> None:
    class Numbered(UiForm):
        lines = LinesField(
            label="Lines",
            columns=[LineColumn("note", "Note"), LineColumn("number", "No.", kind="hidden")],
        )

    rows = [{"note": "a", "number": 3}, {"note": "b"}, {"number": 7}]
    form = Numbered({"lines": json.dumps(rows)})
    assert form.is_valid(), form.errors
    assert [(row["note"], row["number"]) for row in form.cleaned_data["lines"]] == [
        ("a", 3), ("b", None),
    ]  # fmt: skip
    config = form.fields["lines"].widget.get_context("lines", rows, {})["widget"]["config"]
    assert [column["name"] for column in config["columns"]] == ["note"]
    assert config["hidden"] == ["number"]
    assert config["rows"][0]["number"] == 3
    assert not Numbered({"lines": json.dumps([{"note": "a", "number": "x"}])}).is_valid()
