"""Forms of the room's pages; rules are the services', forms only read values."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from chengdan.kernel.actor import Actor
from chengdan.kernel.ui import DayField, LineColumn, LinesField, PickerField, UiForm
from chengdan.modules.customers.selectors import customers_visible
from chengdan.modules.shipping.selectors import warehouses_of
from chengdan.modules.shipping.vocabulary import StockKind


class ReasonForm(UiForm):
    """A reason that goes into the history."""

    reason = forms.CharField(
        label=_("Reason"), widget=forms.Textarea(attrs={"rows": 3}), max_length=300
    )


class CarrierForm(UiForm):
    """Who carries the goods (CA)."""

    carrier = forms.CharField(label=_("Carrier"), max_length=120)
    station = forms.CharField(label=_("Forwarding station"), max_length=120, required=False)
    vehicle = forms.CharField(label=_("Vehicle"), max_length=60, required=False)
    reason = forms.CharField(
        label=_("Reason"),
        max_length=300,
        required=False,
        help_text=_("Needed when it is not the carrier that the customer designated."),
    )


class CheckForm(UiForm):
    """The signature of the outbound check (OQ)."""

    comment = forms.CharField(
        label=_("Note"), required=False, widget=forms.Textarea(attrs={"rows": 2})
    )


class DispatchForm(UiForm):
    """The dispatch (DP)."""

    vehicle = forms.CharField(label=_("Vehicle"), max_length=60, required=False)


class FeedbackForm(UiForm):
    """The waybill (FB)."""

    waybill = forms.CharField(label=_("Waybill"), max_length=80)
    customer_told_how = forms.CharField(
        label=_("How the customer was told"),
        max_length=100,
        required=False,
        help_text=_("For instance: by phone, Ms Luo"),
    )


class FilesInput(forms.ClearableFileInput):
    """A file input that takes several files."""

    allow_multiple_selected = True


class ConfirmForm(UiForm):
    """The customer's signature (CF)."""

    signer = forms.CharField(label=_("Signed by"), max_length=80)
    confirmed_on = DayField(label=_("Signed on"), required=False)
    deviation = forms.CharField(
        label=_("What the customer reports as wrong"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    archive = forms.CharField(
        label=_("Where the paper is kept"),
        max_length=120,
        required=False,
        help_text=_("For instance: cabinet A3, folder 2026-11"),
    )
    slips = forms.FileField(
        label=_("Signed slip (scan or photo)"), required=False, widget=FilesInput()
    )


def _warehouse_choices(actor: Actor) -> list[tuple[str, str]]:
    return [(str(row.pk), f"{row.code} {row.name}") for row in warehouses_of(actor.company_id)]


class WarehouseChoice(UiForm):
    """A form with a warehouse of the actor's company."""

    warehouse = forms.ChoiceField(label=_("Warehouse"))

    def __init__(self, actor: Actor, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.actor = actor
        self.fields["warehouse"].choices = _warehouse_choices(actor)  # type: ignore[attr-defined]


class DirectForm(WarehouseChoice):
    """Goods without an order: samples and replacements."""

    customer = PickerField(
        label=_("Customer"), url=reverse_lazy("customers:pick"), find=lambda pk: None
    )
    reason = forms.CharField(label=_("Reason"), max_length=300)
    lines = LinesField(
        label=_("Lines"),
        columns=[
            LineColumn("product", _("Product"), kind="picker",
                       url=reverse_lazy("shipping:product_pick"), width="w140"),
            LineColumn("name", _("Name"), kind="shown", width=""),
            LineColumn("unit", _("Unit"), kind="shown", width="w60"),
            LineColumn("quantity", _("Quantity"), kind="quantity", places=6,
                       minimum=Decimal(0)),
        ],
    )  # fmt: skip
    field_order = ("customer", "warehouse", "reason", "lines")

    def __init__(self, actor: Actor, *args: Any, **kwargs: Any) -> None:
        super().__init__(actor, *args, **kwargs)

        def find(pk: int) -> str | None:
            found = customers_visible(actor).filter(pk=pk).values_list("code", "name").first()
            return f"{found[0]} {found[1]}" if found else None

        self.fields["customer"].find = find  # type: ignore[attr-defined]


class StockForm(WarehouseChoice):
    """A stock document; quantities in base units."""

    kind = forms.ChoiceField(label=_("Document"), choices=StockKind.choices)
    effective_on = DayField(label=_("Date"), required=False)
    reason = forms.CharField(label=_("Reason"), max_length=300, required=False)
    lines = LinesField(
        label=_("Lines"),
        columns=[
            LineColumn("product", _("Product"), kind="picker",
                       url=reverse_lazy("shipping:product_pick"), width="w140"),
            LineColumn("name", _("Name"), kind="shown", width=""),
            LineColumn("base_unit", _("Base unit"), kind="shown", width="w60"),
            LineColumn("batch", _("Batch"), width="w140"),
            LineColumn("expires_on", _("Expires"), kind="day", width="w140"),
            LineColumn("quantity", _("Quantity"), kind="quantity", places=6,
                       minimum=Decimal(0)),
        ],
    )  # fmt: skip
    field_order = ("kind", "warehouse", "effective_on", "reason", "lines")


class WarehouseForm(UiForm):
    """A warehouse."""

    code = forms.CharField(label=_("Code"), max_length=20)
    name = forms.CharField(label=_("Name"), max_length=100)
    unit = PickerField(
        label=_("Run by"), url=reverse_lazy("people:unit_pick"), find=lambda pk: None
    )
    address = forms.CharField(label=_("Address"), max_length=300, required=False)
    is_default = forms.BooleanField(label=_("The usual warehouse"), required=False)
    is_active = forms.BooleanField(label=_("In use"), required=False, initial=True)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        from chengdan.modules.people.selectors import unit_path

        def find(pk: int) -> str | None:
            path = unit_path(pk)
            return str(path[-1]) if path else None

        self.fields["unit"].find = find  # type: ignore[attr-defined]
