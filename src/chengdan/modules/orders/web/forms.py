"""Forms of the order's pages."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal
from itertools import count
from typing import Any

from django import forms
from django.urls import reverse_lazy
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from chengdan.kernel.actor import Actor
from chengdan.kernel.errors import InvalidError
from chengdan.kernel.numbers import ZERO
from chengdan.kernel.ui import (
    DayField,
    LineColumn,
    LinesField,
    PickerField,
    UiForm,
    refusals_on,
)
from chengdan.modules.catalog.selectors import product_ids_by_codes, product_summaries
from chengdan.modules.customers.selectors import addresses_by_customers, customers_visible
from chengdan.modules.customers.selectors.choices import customer_label
from chengdan.modules.orders.models import Order
from chengdan.modules.orders.services import LineDraft, OrderDraft
from chengdan.modules.orders.vocabulary import LineKind, QuotaChoice, SpecialReason

HUNDRED = Decimal(100)

LINE_COLUMNS = [
    LineColumn("product", _("Product"), kind="picker",
               url=reverse_lazy("orders:product_pick"),
               placeholder=_("code, initials"), width="w100"),
    LineColumn("description", _("Name"), width=""),
    LineColumn("unit", _("Unit"), kind="shown", width="w48"),
    LineColumn("quantity", _("Quantity"), kind="quantity", places=6,
               minimum=Decimal(0), width="w72"),
    LineColumn("price", _("Price"), kind="money", places=6, minimum=Decimal(0),
               width="w80"),
    LineColumn("discount", _("Disc. %"), kind="number", places=4,
               minimum=Decimal(0), maximum=HUNDRED, width="w60"),
    LineColumn("kind", _("Kind"), kind="choice", choices=LineKind.choices, width="w72"),
    LineColumn("requested_on", _("Wanted on"), kind="day", width="w76"),
    LineColumn("gross", _("Gross"), kind="shown", align_end=True, total=True),
    LineColumn("quota", _("Quota left"), kind="shown", align_end=True, width="w72"),
]  # fmt: skip


class OrderForm(UiForm):
    """Header and lines of an order; rules are the services', the form only reads values."""

    customer = PickerField(
        label=_("Customer"), url=reverse_lazy("customers:pick"), find=lambda pk: None
    )
    customer_order_number = forms.CharField(
        label=_("Customer's order number"), required=False, max_length=60
    )
    requested_on = DayField(label=_("Requested delivery"), required=False)
    ship_to = forms.ChoiceField(label=_("Ship to"), required=False)
    pays_first = forms.ChoiceField(
        label=_("Payment"),
        required=False,
        choices=[("", _("as agreed")), ("1", _("paid first")),
                 ("0", _("on term"))],
    )  # fmt: skip
    is_partial_allowed = forms.ChoiceField(
        label=_("Partial shipment"), choices=[("1", _("allowed")), ("0", _("only complete"))],
        initial="1", required=False,
    )  # fmt: skip
    quota_choice = forms.ChoiceField(
        label=_("If the quota does not suffice"), choices=QuotaChoice.choices,
        initial=QuotaChoice.CUT, required=False,
    )  # fmt: skip
    quota_reason = forms.CharField(label=_("Reason for over-quota"), required=False, max_length=300)
    lines = LinesField(label=_("Lines"), columns=LINE_COLUMNS)
    note = forms.CharField(
        label=_("Note (printed on the delivery note)"), required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )  # fmt: skip
    internal_note = forms.CharField(
        label=_("Internal note (not printed)"), required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )  # fmt: skip

    def __init__(self, actor: Actor, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.actor = actor
        picker = self.fields["customer"]
        picker.widget.attrs["autofocus"] = True
        picker.help_text = SafeString('<span id="cd-party"></span>')
        picker.find = customer_finder(actor)  # type: ignore[attr-defined]
        chosen = self.data.get("customer") if self.is_bound else self.initial.get("customer")
        self.fields["ship_to"].choices = _addresses(actor, chosen)  # type: ignore[attr-defined]

    def draft(self) -> OrderDraft:
        """Return the values as a draft; call after `is_valid()`."""
        data = self.cleaned_data
        pays_first = data["pays_first"]
        return OrderDraft(
            customer_id=data["customer"],
            lines=tuple(line_draft(row, self.actor) for row in data["lines"]),
            customer_order_number=data["customer_order_number"],
            requested_on=data["requested_on"],
            ship_to_id=int(data["ship_to"]) if data["ship_to"] else None,
            pays_first=None if pays_first == "" else pays_first == "1",
            is_partial_allowed=data["is_partial_allowed"] != "0",
            quota_choice=data["quota_choice"] or QuotaChoice.CUT,
            quota_reason=data["quota_reason"],
            note=data["note"],
            internal_note=data["internal_note"],
        )


def customer_finder(actor: Actor) -> Callable[[int], str | None]:
    """Return the function that names a customer open to the actor."""

    def find(pk: int) -> str | None:
        found = customers_visible(actor).filter(pk=pk).values_list("code", "name").first()
        return f"{found[0]} {found[1]}" if found else None

    return find


def _addresses(actor: Actor, customer: Any) -> list[tuple[str, str]]:
    """Return the places of a customer that the actor may see; another id has none."""
    text = str(customer or "")
    if not text.isascii() or not text.isdigit() or len(text) > 18:
        return [("", "—")]
    if customer_label(actor, int(text)) is None:
        return [("", "—")]
    rows = addresses_by_customers([int(text)]).get(int(text), [])
    known = [(str(row.pk), str(row)) for row in rows if row.kind == "ship_to"]
    return [("", str(_("default address"))), *known]


def line_draft(row: Mapping[str, Any], actor: Actor) -> LineDraft:
    """Return one row of the line editor as a draft; a pasted code finds its product."""
    product_id = row.get("product")
    kind = row.get("kind") or LineKind.GOODS
    text = (row.get("description") or "").strip()
    if product_id is None and text and kind == LineKind.GOODS:
        product_id = product_ids_by_codes(actor.company_id or 0, [text]).get(text)
    return LineDraft(
        kind=kind,
        product_id=product_id,
        quantity=row.get("quantity") or ZERO,
        price=row.get("price"),
        discount=(row.get("discount") or ZERO) / HUNDRED,
        requested_on=row.get("requested_on"),
        description="" if product_id is not None else text,
        number=row.get("number"),
    )


def initial_of(order: Order, *, keeps_prices: bool = False) -> dict[str, Any]:
    """Return an order as the initial values of its form.

    Args:
        keeps_prices: also name prices that the lists gave, so that an amendment does not
            change what nobody touched; a draft takes the list's price of the day.
    """
    lines = list(order.lines.select_related("unit_of_measure").order_by("number"))
    products = product_summaries({line.product_id for line in lines if line.product_id})
    rows = []
    for line in lines:
        product = products.get(line.product_id or 0)
        rows.append(
            {
                "product": {"id": product.id, "code": product.code} if product else None,
                "unit": line.unit_of_measure.name if line.unit_of_measure else "",
                "quantity": line.asked_quantity,
                "price": None if line.price == line.list_price and not keeps_prices else line.price,
                "discount": line.discount * HUNDRED or None,
                "kind": line.kind,
                "description": product.title if product else line.description,
                "requested_on": line.requested_on,
                "number": line.number,
            }
        )
    return {
        "customer": order.customer_id,
        "customer_order_number": order.customer_order_number,
        "requested_on": order.requested_on,
        "ship_to": str(order.ship_to_id or ""),
        "pays_first": "1" if order.pays_first else "0",
        "is_partial_allowed": "1" if order.is_partial_allowed else "0",
        "quota_choice": order.quota_choice,
        "quota_reason": order.quota_reason,
        "note": order.note,
        "internal_note": order.internal_note,
        "lines": rows,
    }


class ReasonForm(UiForm):
    """A reason that goes into the history."""

    reason = forms.CharField(
        label=_("Reason"), widget=forms.Textarea(attrs={"rows": 3}), max_length=1000
    )


class AcceptForm(UiForm):
    """The order memo of OA."""

    memo = forms.CharField(
        label=_("Order memo"), required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    customer_told_how = forms.CharField(
        label=_("How the customer was told"), required=False, max_length=100,
        help_text=_("For instance: by phone, Ms Luo"),
    )  # fmt: skip


class HandOverForm(UiForm):
    """Who received the delivery note at storage/transport."""

    received_by = forms.CharField(label=_("Received by"), max_length=100)


class SpecialForm(UiForm):
    """An application for special treatment."""

    reason_kind = forms.ChoiceField(label=_("Kind of reason"), choices=SpecialReason.choices)
    reason = forms.CharField(label=_("Reason"), widget=forms.Textarea(attrs={"rows": 2}))
    business_record = forms.CharField(
        label=_("Business record"),
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Sales and payments of the last 12 months, what is planned"),
    )


class ShortfallForm(UiForm):
    """The release of a small shortfall of an advance payment."""

    until = DayField(label=_("Rest expected by"))
    reason = forms.CharField(label=_("Reason"), widget=forms.Textarea(attrs={"rows": 2}))


class AmendForm(OrderForm):
    """A change of a released order; customer and terms stay.

    Each line of the order travels with its number, so that it is told from a new one.
    """

    # What is left of the quota says nothing here: the order's own share is taken already.
    lines = LinesField(
        label=_("Lines"),
        columns=[
            *(column for column in LINE_COLUMNS if column.name != "quota"),
            LineColumn("number", _("No."), kind="hidden"),
        ],
    )
    reason = forms.CharField(
        label=_("Reason of the change"), max_length=1000,
        widget=forms.TextInput(attrs={"autofocus": True}),
    )  # fmt: skip

    @contextmanager
    def refusals(self, newest: str) -> Iterator[None]:
        """Put a refusal of the service, which names lines by number, beside the grid's rows."""
        with refusals_on(self, newest=newest):
            try:
                yield
            except InvalidError as error:
                places = self._places()
                items = [
                    replace(item, row=places.get(item.row or 0, item.row)) for item in error.items
                ]
                raise InvalidError(items) from error

    def _places(self) -> dict[int, int]:
        """Return number → row of the grid; new lines are numbered after those of the order."""
        rows = self.cleaned_data["lines"]
        if not any(row["number"] for row in rows):
            return {}
        fresh = count(max(line["number"] for line in self.initial["lines"]) + 1)
        return {row["number"] or next(fresh): row["_row"] for row in rows}
