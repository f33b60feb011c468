"""Forms of products, price lists, restrictions and authority."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from chengdan.kernel.ui import (
    DayField,
    LineColumn,
    LinesField,
    NumberField,
    PercentField,
    PickerField,
    UiForm,
)
from chengdan.modules.catalog.selectors import categories_of, product_summaries, units_all
from chengdan.modules.catalog.services import PriceDraft, PriceListDraft, UnitDraft
from chengdan.modules.catalog.vocabulary import ListScope, RestrictionKind
from chengdan.modules.customers.selectors.choices import customer_choice
from chengdan.modules.people.selectors import role_titles
from chengdan.modules.people.selectors.choices import territory_choice

Choices = list[tuple[Any, Any]]
PRICES_MAX = 2000


def product_name(pk: int) -> str | None:
    """Return code and name of a product, or None."""
    found = product_summaries([pk]).get(pk)
    return f"{found.code} {found.title}" if found else None


def _text(label: Any, length: int, *, required: bool = False, **more: Any) -> forms.CharField:
    return forms.CharField(label=label, max_length=length, required=required, **more)


def unit_choices() -> Choices:
    """Return the units of measure for a select."""
    return [(unit.pk, f"{unit.name} ({unit.code})") for unit in units_all()]


def category_choices(company_id: int) -> Choices:
    """Return the categories in tree order, indented."""
    rows = categories_of(company_id)
    listed = [(row.pk, f"{'　' * (row.path.count('/') - 2)}{row.name}") for row in rows]
    return [("", "–"), *listed]


def product_field(label: Any, *, required: bool = True) -> PickerField:
    """Return a field that chooses a product."""
    return PickerField(
        label=label, url=reverse_lazy("catalog:pick"), find=product_name, required=required
    )


def customer_field(label: Any, *, required: bool = True) -> PickerField:
    """Return a field that chooses a customer."""
    return PickerField(
        label=label, url=reverse_lazy("customers:pick"), find=customer_choice, required=required
    )


def territory_field(label: Any) -> PickerField:
    """Return a field that chooses a territory."""
    return PickerField(
        label=label, url=reverse_lazy("people:territory_pick"), find=territory_choice,
        required=False,
    )  # fmt: skip


class ProductForm(UiForm):
    """The fields of a product, with its further units as lines."""

    name = _text(_("Name"), 200, required=True)
    spec = _text(_("Specification"), 200)
    barcode = _text(_("Barcode"), 40)
    category_id = forms.TypedChoiceField(
        label=_("Category"), coerce=int, empty_value=None, required=False
    )
    base_unit_id = forms.TypedChoiceField(
        label=_("Base unit"), coerce=int, help_text=_("Stock and quota count in it.")
    )
    tax_rate = PercentField(
        label=_("Tax rate"), required=False,
        help_text=_("In percent: 13 or 13%. Empty takes the usual one."),
    )  # fmt: skip
    is_batch_managed = forms.BooleanField(label=_("Kept by batch"), required=False)
    shelf_life_days = forms.IntegerField(
        label=_("Shelf life (days)"), required=False, min_value=1, max_value=36500
    )
    on_sale_from = DayField(label=_("On sale from"), required=False)
    on_sale_until = DayField(label=_("On sale until"), required=False)
    weight_kg = NumberField(label=_("Weight (kg)"), required=False, minimum=Decimal(0))
    volume_m3 = NumberField(label=_("Volume (m³)"), required=False, minimum=Decimal(0))
    over_delivery_percent = NumberField(
        label=_("Over-delivery tolerance (%)"), places=2, minimum=Decimal(0),
        maximum=Decimal(100), initial=Decimal(0),
    )  # fmt: skip
    note = _text(_("Note"), 5000, widget=forms.Textarea(attrs={"rows": 2}))
    units = LinesField(label=_("Further units"), required=False, max_rows=20, min_rows=2,
                       columns=[])  # fmt: skip

    def __init__(self, *args: Any, company_id: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = unit_choices()
        self.fields["category_id"].choices = category_choices(company_id)  # type: ignore[attr-defined]
        self.fields["base_unit_id"].choices = choices  # type: ignore[attr-defined]
        self.fields["units"].columns = [  # type: ignore[attr-defined]
            LineColumn("unit_id", _("Unit"), kind="choice", choices=choices, required=True,
                       width="w140"),
            LineColumn("factor", _("Base units in one"), kind="quantity", places=6,
                       required=True, width="w140"),
            LineColumn("barcode", _("Barcode"), width="w140"),
            LineColumn("is_sales_default", _("Offered first"), kind="flag", width="w80"),
        ]  # fmt: skip

    def unit_drafts(self) -> tuple[UnitDraft, ...]:
        """Return the further units."""
        return tuple(
            UnitDraft(
                int(row["unit_id"]), row["factor"], row["barcode"] or "", row["is_sales_default"]
            )
            for row in self.cleaned_data["units"] or []
        )


class NewProductForm(ProductForm):
    """A new product also has a code."""

    code = _text(_("Code"), 40, required=True)
    field_order = ["code"]


class PriceListForm(UiForm):
    """A price list without its prices."""

    code = _text(_("Code"), 40, required=True)
    name = _text(_("Name"), 120, required=True)
    currency = _text(_("Currency"), 3, help_text=_("Empty takes the company's."))
    is_tax_inclusive = forms.BooleanField(
        label=_("Prices include tax"), required=False, initial=True
    )
    scope = forms.ChoiceField(label=_("For"), choices=ListScope.choices)
    priority = forms.IntegerField(
        label=_("Priority"), initial=0, min_value=-1000, max_value=1000,
        help_text=_("The higher one wins among lists of the same reach."),
    )  # fmt: skip
    valid_from = DayField(label=_("Valid from"))
    valid_until = DayField(label=_("Valid until"), required=False)
    is_active = forms.BooleanField(label=_("In use"), required=False, initial=True)
    note = _text(_("Note"), 5000, widget=forms.Textarea(attrs={"rows": 2}))
    reach = LinesField(
        label=_("Regions or customers"), required=False, max_rows=500, min_rows=3,
        columns=[
            LineColumn("territory", _("Region"), kind="picker", width="w140",
                       url=reverse_lazy("people:territory_pick")),
            LineColumn("customer", _("Customer"), kind="picker", width="w140",
                       url=reverse_lazy("customers:pick")),
        ],
    )  # fmt: skip

    def draft(self) -> PriceListDraft:
        """Return what the service takes."""
        data = dict(self.cleaned_data)
        rows = data.pop("reach") or []
        return PriceListDraft(
            **data,
            territory_ids=tuple(row["territory"] for row in rows if row["territory"]),
            customer_ids=tuple(row["customer"] for row in rows if row["customer"]),
        )


class PricesForm(UiForm):
    """The prices of a list as a spreadsheet."""

    prices = LinesField(label=_("Prices"), required=False, max_rows=PRICES_MAX, columns=[])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        zero = Decimal(0)
        self.fields["prices"].columns = [  # type: ignore[attr-defined]
            LineColumn("product_id", _("Product"), kind="picker", required=True, width="w140",
                       url=reverse_lazy("catalog:pick"), placeholder=_("Code or name")),
            LineColumn("name", _("Name"), kind="shown", width=""),
            LineColumn("unit_id", _("Unit"), kind="choice", choices=unit_choices(),
                       width="w100"),
            LineColumn("min_quantity", _("From quantity"), kind="quantity", places=6,
                       minimum=zero),
            LineColumn("price", _("Price"), kind="money", places=6, required=True, minimum=zero),
            LineColumn("floor_price", _("Floor price"), kind="money", places=6, minimum=zero),
        ]  # fmt: skip

    def drafts(self) -> list[PriceDraft]:
        """Return what the service takes."""
        return [
            PriceDraft(
                product_id=row["product_id"],
                price=row["price"],
                unit_id=int(row["unit_id"]) if row["unit_id"] else None,
                min_quantity=row["min_quantity"] or Decimal(0),
                floor_price=row["floor_price"],
            )
            for row in self.cleaned_data["prices"] or []
        ]


class ExplainForm(UiForm):
    """What a price is asked for."""

    customer = customer_field(_("Customer"))
    product = product_field(_("Product"))
    unit = forms.TypedChoiceField(
        label=_("Unit"), coerce=int, empty_value=None, required=False,
        help_text=_("Empty takes the unit that orders offer first."),
    )  # fmt: skip
    quantity = NumberField(label=_("Quantity"), minimum=Decimal(0), initial=Decimal(1))
    on = DayField(label=_("Day"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].choices = [("", "–"), *unit_choices()]  # type: ignore[attr-defined]


class RestrictionForm(UiForm):
    """A product or category that is not sold, or only sold, somewhere."""

    kind = forms.ChoiceField(label=_("Kind"), choices=RestrictionKind.choices)
    product_id = product_field(_("Product"), required=False)
    category_id = forms.TypedChoiceField(
        label=_("or category"), coerce=int, empty_value=None, required=False
    )
    territory_id = territory_field(_("Region"))
    customer_id = customer_field(_("or customer"), required=False)
    valid_from = DayField(label=_("From"))
    valid_until = DayField(label=_("Until"), required=False)
    reason = _text(_("Reason"), 300, required=True)

    def __init__(self, *args: Any, company_id: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["category_id"].choices = category_choices(company_id)  # type: ignore[attr-defined]


class AuthorityForm(UiForm):
    """How far below the list the holders of a role may go."""

    role_code = forms.ChoiceField(label=_("Role"))
    category_id = forms.TypedChoiceField(
        label=_("Category"), coerce=int, empty_value=None, required=False,
        help_text=_("Empty means all products."),
    )  # fmt: skip
    below_list_percent = NumberField(
        label=_("Below the list (%)"), places=4, minimum=Decimal(0), maximum=Decimal(100),
        initial=Decimal(0),
    )  # fmt: skip
    is_to_floor = forms.BooleanField(label=_("Down to the floor price"), required=False)
    below_floor_percent = NumberField(
        label=_("Below the floor (%)"), places=4, minimum=Decimal(0), maximum=Decimal(100),
        initial=Decimal(0),
    )  # fmt: skip

    def __init__(self, *args: Any, company_id: int, is_known: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        roles = [("", "–"), *role_titles().items()]
        self.fields["role_code"].choices = roles  # type: ignore[attr-defined]
        self.fields["category_id"].choices = category_choices(company_id)  # type: ignore[attr-defined]
        for name in ("role_code", "category_id"):
            self.fields[name].disabled = is_known


class CategoryForm(UiForm):
    """A category of products."""

    name = _text(_("Name"), 80, required=True)
    parent_id = forms.TypedChoiceField(
        label=_("Category above"), coerce=int, empty_value=None, required=False
    )
    sort = forms.IntegerField(label=_("Sort order"), initial=100, min_value=0, max_value=100000)

    def __init__(self, *args: Any, company_id: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["parent_id"].choices = category_choices(company_id)  # type: ignore[attr-defined]


class NewCategoryForm(CategoryForm):
    """A new category also has a code."""

    code = _text(_("Code"), 40, required=True)
    field_order = ["code"]


class UnitForm(UiForm):
    """A unit of measure."""

    code = _text(_("Code"), 20, required=True)
    name = _text(_("Name"), 40, required=True)
    decimals = forms.IntegerField(label=_("Decimal places"), initial=0, min_value=0, max_value=6)


class ReasonForm(UiForm):
    """A reason, for acts that need one."""

    reason = _text(_("Reason"), 300, required=True, widget=forms.Textarea(attrs={"rows": 3}))
