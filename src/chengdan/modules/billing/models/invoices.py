"""Invoices, their lines, and what was done to collect them."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from chengdan.kernel.audit import audited
from chengdan.kernel.fields import AmountField, PriceField, QuantityField, RateField
from chengdan.kernel.workcalendar.worktime import Pace
from chengdan.modules.billing.vocabulary import (
    ActKind,
    ActResult,
    CollectionStage,
    InvoiceKind,
    InvoiceStatus,
)
from chengdan.modules.people.ownership import OwnedDocument

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager

    from chengdan.modules.billing.models.receipts import Allocation

ZERO = Decimal(0)
USER = settings.AUTH_USER_MODEL


@audited()
class Invoice(OwnedDocument):
    """An invoice of one customer, a credit note, or a receivable taken over.

    Attributes:
        number: gapless, taken at posting; "" until then. Imported ones keep their own.
        open: what is still owed; moved only together with ledger entries.
        title_copy: the customer's invoice details as they were at the request.
        bcr: the billing coordinator who follows it.
        e_number: number of the tax authority's electronic invoice, a text.
        step, letters: the running step and one letter per step of BC, kept for lists.
        reversal_of: the invoice that this credit note takes back.
    """

    number = models.CharField(_("number"), max_length=40, blank=True)
    kind = models.CharField(
        _("kind"), max_length=8, choices=InvoiceKind.choices, default=InvoiceKind.INVOICE
    )
    status = models.CharField(
        _("state"), max_length=10, choices=InvoiceStatus.choices, default=InvoiceStatus.DRAFT
    )
    customer = models.ForeignKey(
        "customers.Customer", models.PROTECT, related_name="+", db_index=False
    )
    invoice_on = models.DateField(_("invoice date"), null=True, blank=True)
    due_on = models.DateField(_("due"), null=True, blank=True)
    currency = models.CharField(_("currency"), max_length=3)
    gross = AmountField(_("gross"), default=ZERO)
    tax = AmountField(_("tax"), default=ZERO)
    net = AmountField(_("net"), default=ZERO)
    open = AmountField(_("unpaid"), default=ZERO)
    title_copy = models.JSONField(default=dict, blank=True)
    e_number = models.CharField(_("e-invoice number"), max_length=40, blank=True)
    note = models.TextField(_("note"), blank=True)
    bcr = models.ForeignKey(USER, models.PROTECT, related_name="+", null=True, blank=True)
    requested_by = models.ForeignKey(
        USER, models.PROTECT, related_name="+", null=True, blank=True, db_index=False
    )
    requested_at = models.DateTimeField(_("requested"), null=True, blank=True)
    approved_by = models.ForeignKey(
        USER, models.PROTECT, related_name="+", null=True, blank=True, db_index=False
    )
    approved_at = models.DateTimeField(_("approved at"), null=True, blank=True)
    issued_by = models.ForeignKey(
        USER, models.PROTECT, related_name="+", null=True, blank=True, db_index=False
    )
    posted_at = models.DateTimeField(_("posted"), null=True, blank=True)
    delivered_on = models.DateField(_("delivered"), null=True, blank=True)
    delivered_how = models.CharField(_("delivered by"), max_length=100, blank=True)
    signed_by = models.CharField(_("signed by"), max_length=80, blank=True)
    settled_on = models.DateField(_("settled"), null=True, blank=True)
    stage = models.CharField(
        _("collection"), max_length=10, choices=CollectionStage.choices, blank=True
    )
    promise_on = models.DateField(_("promised for"), null=True, blank=True)
    reversal_of = models.OneToOneField(
        "self", models.PROTECT, related_name="credit_note", null=True, blank=True
    )
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    step = models.CharField(max_length=12, blank=True)
    letters = models.CharField(max_length=10, blank=True)
    due_at = models.DateTimeField(null=True, blank=True)
    due_pace = models.CharField(max_length=10, default=Pace.WORKING.value, blank=True)

    lines: RelatedManager[InvoiceLine]
    allocations: RelatedManager[Allocation]
    acts: RelatedManager[CollectionAct]

    class Meta:
        verbose_name = _("invoice")
        constraints = [
            models.UniqueConstraint(
                "company", "number", condition=~Q(number=""), name="invoice_number_unique"
            ),
            models.CheckConstraint(
                name="invoice_open",
                condition=Q(kind=InvoiceKind.CREDIT, open=0, gross__lte=0)
                | (~Q(kind=InvoiceKind.CREDIT) & Q(open__gte=0, open__lte=F("gross"))),
            ),
            models.CheckConstraint(
                name="invoice_open_state",
                condition=Q(status=InvoiceStatus.POSTED, open__gt=0)
                | (~Q(status=InvoiceStatus.POSTED) & Q(open=0)),
            ),
            models.CheckConstraint(
                name="invoice_posted",
                condition=Q(status__in=[InvoiceStatus.DRAFT, InvoiceStatus.CANCELLED])
                | (Q(invoice_on__isnull=False, due_on__isnull=False) & ~Q(number="")),
            ),
            models.CheckConstraint(
                name="invoice_two_persons",
                condition=Q(approved_by__isnull=True)
                | Q(requested_by__isnull=True)
                | ~Q(approved_by=F("requested_by")),
            ),
        ]
        indexes = [
            models.Index(fields=["company", "-invoice_on", "-id"], name="invoice_by_date"),
            models.Index(fields=["company", "status", "-id"], name="invoice_by_status"),
            models.Index(fields=["owner", "-id"], name="invoice_by_owner"),
            models.Index(fields=["unit", "-id"], name="invoice_by_unit"),
            models.Index(fields=["customer", "-invoice_on", "-id"], name="invoice_by_customer"),
            models.Index(
                fields=["company", "due_on", "id"], condition=Q(open__gt=0), name="invoice_unpaid"
            ),
            models.Index(fields=["company", "due_on", "id"], name="invoice_by_due"),
            models.Index(fields=["company", "-gross", "-id"], name="invoice_by_gross"),
        ]

    def __str__(self) -> str:
        return self.number or str(_("Request %(id)s") % {"id": self.pk})

    @property
    def applied(self) -> Decimal:
        """What receipts have paid of it."""
        return self.gross - self.open if self.status in _OWED else ZERO


_OWED = frozenset({InvoiceStatus.POSTED, InvoiceStatus.SETTLED})


@audited("billing.Invoice")
class InvoiceLine(models.Model):
    """One line: a part of an order's line, usually as a delivery note carried it.

    Attributes:
        order_line, delivery_line: numbers within order and note; 0 without one.
        quantity: in the order line's unit; negative on credit notes.
        delivered_here: what the posting noted as delivered, for charges that no note carries.
    """

    invoice = models.ForeignKey(Invoice, models.CASCADE, related_name="lines")
    number = models.PositiveIntegerField()
    order = models.ForeignKey(
        "orders.Order",
        models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        db_index=False,
    )
    order_line = models.PositiveIntegerField(default=0)
    delivery_note = models.ForeignKey(
        "shipping.DeliveryNote",
        models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        db_index=False,
    )
    delivery_line = models.PositiveIntegerField(default=0)
    product = models.ForeignKey(
        "catalog.Product", models.PROTECT, related_name="+", null=True, blank=True
    )
    description = models.CharField(_("description"), max_length=200, blank=True)
    unit_of_measure = models.ForeignKey(
        "catalog.UnitOfMeasure", models.PROTECT, related_name="+", null=True, blank=True
    )
    quantity = QuantityField(_("quantity"))
    price = PriceField(_("price"), default=ZERO)
    tax_rate = RateField(_("tax rate"), default=ZERO)
    gross = AmountField(_("gross"))
    tax = AmountField(_("tax"))
    net = AmountField(_("net"))
    delivered_here = QuantityField(default=ZERO)

    class Meta:
        constraints = [
            models.UniqueConstraint("invoice", "number", name="invoice_line_unique"),
            models.CheckConstraint(
                name="invoice_line_order", condition=Q(order__isnull=True) | Q(order_line__gt=0)
            ),
        ]
        indexes = [
            models.Index(fields=["order", "order_line"], name="invoice_line_by_order"),
            models.Index(fields=["delivery_note", "delivery_line"], name="invoice_line_by_note"),
        ]

    def __str__(self) -> str:
        return f"{self.invoice} / {self.number}"


@audited("billing.Invoice")
class CollectionAct(models.Model):
    """Somebody asked the customer for the money: time, way, result (BIL-18, BIL-20)."""

    invoice = models.ForeignKey(Invoice, models.PROTECT, related_name="acts")
    kind = models.CharField(_("way"), max_length=8, choices=ActKind.choices)
    result = models.CharField(_("result"), max_length=10, choices=ActResult.choices)
    at = models.DateTimeField(_("at"))
    by = models.ForeignKey(USER, models.PROTECT, related_name="+", null=True)
    by_name = models.CharField(_("by"), max_length=60)
    contact = models.CharField(_("spoken with"), max_length=80, blank=True)
    promise_on = models.DateField(_("promised for"), null=True, blank=True)
    promise_amount = AmountField(_("promised amount"), null=True, blank=True)
    note = models.TextField(_("note"), blank=True)

    class Meta:
        verbose_name = _("collection act")
        ordering = ["-at", "-id"]
        constraints = [
            models.CheckConstraint(
                name="collection_act_promise",
                condition=~Q(result=ActResult.PROMISED) | Q(promise_on__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return f"{self.invoice} {self.get_kind_display()}"
