"""The sample form of the style guide."""

from __future__ import annotations

from decimal import Decimal

from django import forms
from django.urls import reverse_lazy

from chengdan.kernel.ui.forms import (
    DayField,
    MoneyField,
    PickerField,
    PickRow,
    UiForm,
)
from chengdan.kernel.ui.kit.samples import PRODUCTS
from chengdan.kernel.ui.lines import LineColumn, LinesField


def product_rows(query: str) -> list[PickRow]:
    """The sample products that match."""
    wanted = query.lower()
    return [
        PickRow(pk, code, name, [price, stock], fills={"name": name, "price": price})
        for pk, code, name, price, stock in PRODUCTS
        if wanted in code.lower() or wanted in name
    ]


def product_label(pk: int) -> str | None:
    """Code and name of a sample product."""
    return next((f"{code} {name}" for key, code, name, _p, _s in PRODUCTS if key == pk), None)


class SampleForm(UiForm):
    """One of each field."""

    customer = PickerField(
        label="客户", url=reverse_lazy("ui:kit_pick"), find=product_label, help_text="粤中 · A 类"
    )
    customer_number = forms.CharField(label="客户单号", required=False, max_length=40)
    wanted_on = DayField(label="要求到货")
    payment = forms.ChoiceField(label="付款方式", choices=[("30", "月结 30 天"), ("0", "先款后货")])
    note = forms.CharField(label="备注", required=False, widget=forms.Textarea(attrs={"rows": 2}))
    limit = MoneyField(label="信用额", required=False, minimum=Decimal(0), help_text="1,234.50")
    partial = forms.BooleanField(label="允许部分发运", required=False)
    lines = LinesField(
        label="明细",
        columns=[
            LineColumn(
                "product",
                "品号",
                kind="picker",
                url=reverse_lazy("ui:kit_pick"),
                required=True,
                placeholder="品号、品名",
            ),
            LineColumn("name", "品名", kind="shown", width=""),
            LineColumn(
                "quantity", "数量", kind="quantity", required=True, places=3, minimum=Decimal(0)
            ),
            LineColumn("price", "含税单价", kind="money", places=6),
            LineColumn("gift", "赠", kind="flag", width="w36"),
            LineColumn("wanted_on", "到货", kind="day", width="w140"),
            LineColumn("amount", "含税金额", kind="shown", align_end=True, total=True),
        ],
    )
