"""Forms of the room's acts."""

from __future__ import annotations

from decimal import Decimal

from django import forms
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from chengdan.kernel.ui import (
    DayField,
    LineColumn,
    LinesField,
    MoneyField,
    PickerField,
    UiForm,
)
from chengdan.kernel.ui.reader import reader
from chengdan.modules.billing.vocabulary import ActKind, ActResult, ReceiptMethod
from chengdan.modules.customers.selectors.choices import customer_choice
from chengdan.modules.orders.selectors import orders_visible

ZERO = Decimal(0)


def _order(pk: int) -> str | None:
    actor = reader()
    found = orders_visible(actor).filter(pk=pk).first() if actor is not None else None
    return str(found) if found else None


class CustomerForm(UiForm):
    """Whose deliveries are invoiced."""

    customer = PickerField(
        label=_("Customer"), url=reverse_lazy("customers:pick"), find=customer_choice
    )


class RequestForm(UiForm):
    """What is invoiced of what was delivered."""

    note = forms.CharField(
        label=_("Note"), required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 2})
    )
    lines = LinesField(
        label=_("Lines"),
        min_rows=1,
        hint=_("Clear the quantity of what shall wait."),
        columns=[
            LineColumn("order", _("Order"), kind="picker", url=reverse_lazy("billing:none")),
            LineColumn("line", _("Line"), kind="number", places=0, width="w48"),
            LineColumn("delivery", _("Delivery note"), kind="picker",
                       url=reverse_lazy("billing:none")),
            LineColumn("product", _("Product"), kind="shown", width=""),
            LineColumn("left", _("Left"), kind="shown", align_end=True),
            LineColumn("quantity", _("Quantity"), kind="quantity", places=6, minimum=ZERO),
        ],
    )  # fmt: skip


class IssueForm(UiForm):
    """Date and number of an invoice that is issued."""

    invoice_on = DayField(label=_("Invoice date"))
    e_number = forms.CharField(label=_("E-invoice number"), required=False, max_length=40)


class DeliverForm(UiForm):
    """Who signed for the invoice."""

    signed_by = forms.CharField(label=_("Signed by"), max_length=80)
    delivered_on = DayField(label=_("Delivered on"))
    how = forms.CharField(label=_("Delivered by"), required=False, max_length=100)


class ReasonForm(UiForm):
    """An act that needs a reason."""

    reason = forms.CharField(label=_("Reason"), max_length=300)


class ReverseForm(ReasonForm):
    """Reversal with its day."""

    on = DayField(label=_("Date"))


class CollectForm(UiForm):
    """How the customer was asked for the money, and what came of it."""

    kind = forms.ChoiceField(label=_("Way"), choices=ActKind.choices)
    result = forms.ChoiceField(label=_("Result"), choices=ActResult.choices)
    contact = forms.CharField(label=_("Spoken with"), required=False, max_length=80)
    promise_on = DayField(label=_("Promised for"), required=False)
    promise_amount = MoneyField(label=_("Promised amount"), required=False, minimum=ZERO)
    note = forms.CharField(
        label=_("Note"), required=False, widget=forms.Textarea(attrs={"rows": 3})
    )


class ReceiptForm(UiForm):
    """Money that came in."""

    customer_id = PickerField(
        label=_("Customer"), url=reverse_lazy("customers:pick"), find=customer_choice
    )
    amount = MoneyField(label=_("Amount"), minimum=ZERO)
    received_on = DayField(label=_("Received on"))
    method = forms.ChoiceField(label=_("Way"), choices=ReceiptMethod.choices)
    account = forms.CharField(label=_("Our account"), required=False, max_length=60)
    bank_reference = forms.CharField(label=_("Bank reference"), required=False, max_length=80)
    payer = forms.CharField(label=_("Payer"), required=False, max_length=200)
    memo = forms.CharField(label=_("Memo"), required=False, max_length=300)


class EarmarkForm(UiForm):
    """Money set aside for an order."""

    order_id = PickerField(label=_("Order"), url=reverse_lazy("billing:order_pick"), find=_order)
    amount = MoneyField(label=_("Amount"), minimum=ZERO)


class AllocateForm(UiForm):
    """How much of a receipt goes to which invoice."""

    effective_on = DayField(label=_("Counts from"))
    lines = LinesField(
        label=_("Open invoices"),
        min_rows=1,
        columns=[
            LineColumn("invoice", _("Invoice"), kind="picker", width="w140",
                       url=reverse_lazy("billing:none")),
            LineColumn("due", _("Due"), kind="shown"),
            LineColumn("gross", _("Gross"), kind="shown", align_end=True),
            LineColumn("open", _("Unpaid"), kind="shown", align_end=True, total=True),
            LineColumn("amount", _("Allocate"), kind="money", minimum=ZERO, total=True),
            LineColumn("rest", _("Left after"), kind="shown", align_end=True),
            LineColumn("reason", _("Why proposed"), kind="shown", width=""),
        ],
    )  # fmt: skip
