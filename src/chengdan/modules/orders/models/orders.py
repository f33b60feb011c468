"""The order and its lines."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q

from chengdan.kernel.audit import audited
from chengdan.kernel.fields import AmountField, PriceField, QuantityField, RateField
from chengdan.kernel.workcalendar.worktime import Pace
from chengdan.modules.orders.vocabulary import (
    GOODS_KINDS,
    CreditBand,
    LineKind,
    OrderStatus,
    QuotaChoice,
)
from chengdan.modules.people.ownership import OwnedDocument

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager

ZERO = Decimal(0)


@audited()
class Order(OwnedDocument):
    """A customer's order; `number` is empty until it is submitted.

    Attributes:
        owner: the responsible sales manager of the customer.
        csr, scr, bcr: exactly one each from submission on (ORG-18).
        progress: one letter per step of OP, SP and BC, kept for lists; see `selectors`.
        step, step_band: the running step, and which of op, sp and bc put it there.
        due_at, due_pace, due_unit_id: when the running step is due, which time counts until then,
            and by whose calendar: the unit of the order, of the warehouse or of the invoice.
        quota_choice: what the submitter wants when the quota does not suffice (QTA-02, QTA-04).
        pays_first: the customer pays before the goods leave.
        submitted_at: of the first submission; the rounds of OP keep their own times.
        way_rank: by what lists sort the way to the money, see `rules.way_rank`.
        reserved_round: round of the process whose reservation stands, 0 for none.
    """

    number = models.CharField(max_length=40, blank=True)
    status = models.CharField(max_length=12, choices=OrderStatus.choices, default=OrderStatus.DRAFT)
    customer = models.ForeignKey(
        "customers.Customer", models.PROTECT, related_name="+", db_index=False
    )
    customer_order_number = models.CharField(max_length=60, blank=True)
    ordered_on = models.DateField()
    requested_on = models.DateField(null=True, blank=True)
    ship_to = models.ForeignKey(
        "customers.Address", models.PROTECT, related_name="+", null=True, blank=True
    )
    bill_to = models.ForeignKey(
        "customers.Address", models.PROTECT, related_name="+", null=True, blank=True
    )
    ship_to_text = models.CharField(max_length=400, blank=True)
    currency = models.CharField(max_length=3)
    is_tax_inclusive = models.BooleanField(default=True)
    payment_term_days = models.PositiveSmallIntegerField(default=0)
    pays_first = models.BooleanField(default=False)
    is_partial_allowed = models.BooleanField(default=True)
    quota_choice = models.CharField(
        max_length=4, choices=QuotaChoice.choices, default=QuotaChoice.CUT
    )
    quota_reason = models.TextField(blank=True)
    note = models.TextField(blank=True)
    internal_note = models.TextField(blank=True)

    gross = AmountField(default=ZERO)
    tax = AmountField(default=ZERO)
    net = AmountField(default=ZERO)
    delivered_gross = AmountField(default=ZERO)
    invoiced_gross = AmountField(default=ZERO)
    paid_gross = AmountField(default=ZERO)

    csr = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, blank=True
    )
    scr = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, blank=True
    )
    bcr = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, blank=True
    )
    slt_member = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, blank=True
    )

    submitted_at = models.DateTimeField(null=True, blank=True)
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        db_index=False,
    )
    accepted_at = models.DateTimeField(null=True, blank=True)
    released_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)
    way_rank = models.BigIntegerField(default=0)
    closed_by_hand = models.BooleanField(default=False)
    is_held = models.BooleanField(default=False)
    hold_reason = models.TextField(blank=True)
    held_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        db_index=False,
    )
    credit_band = models.CharField(
        max_length=12, choices=CreditBand.choices, default=CreditBand.NONE, blank=True
    )
    credit_over = AmountField(default=ZERO)
    reserved_round = models.PositiveSmallIntegerField(default=0)
    progress = models.CharField(max_length=30, blank=True)
    step = models.CharField(max_length=12, blank=True)
    step_band = models.CharField(max_length=4, blank=True)
    due_at = models.DateTimeField(null=True, blank=True)
    due_pace = models.CharField(max_length=10, default=Pace.WORKING.value, blank=True)
    due_unit_id = models.BigIntegerField(null=True, blank=True)

    lines: RelatedManager[OrderLine]

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["company", "number"], condition=~Q(number=""), name="order_number_unique"
            ),
            models.UniqueConstraint(
                fields=["customer", "customer_order_number"],
                condition=~Q(customer_order_number="") & ~Q(status=OrderStatus.CANCELLED),
                name="order_customer_number_unique",
            ),
            # Every order past its draft has exactly one of each coordinator (ORG-18).
            models.CheckConstraint(
                condition=Q(status__in=[OrderStatus.DRAFT, OrderStatus.CANCELLED])
                | Q(origin="imported")
                | Q(csr__isnull=False, scr__isnull=False, bcr__isnull=False),
                name="order_coordinators",
            ),
            models.CheckConstraint(
                condition=Q(status=OrderStatus.DRAFT)
                | Q(status=OrderStatus.CANCELLED)
                | ~Q(number=""),
                name="order_numbered",
            ),
        ]
        indexes = [
            models.Index(fields=["company", "-ordered_on", "-id"], name="order_by_date"),
            models.Index(fields=["owner", "-ordered_on", "-id"], name="order_by_owner"),
            models.Index(fields=["unit", "-ordered_on", "-id"], name="order_by_unit"),
            models.Index(fields=["customer", "-ordered_on", "-id"], name="order_by_customer"),
            models.Index(
                fields=["company", "status", "-ordered_on", "-id"], name="order_by_status"
            ),
            models.Index(fields=["company", "-gross", "-id"], name="order_by_gross"),
            models.Index(fields=["company", "requested_on", "id"], name="order_by_requested"),
            models.Index(fields=["company", "-way_rank", "-id"], name="order_by_way"),
            models.Index(
                fields=["company", "due_at", "id"],
                condition=Q(due_at__isnull=False),
                name="order_by_due",
            ),
        ]

    def __str__(self) -> str:
        return self.number or f"#{self.pk}"

    @property
    def title(self) -> str:
        """Return the number, or the provisional mark of a draft."""
        return str(self)

    @property
    def is_over(self) -> bool:
        """True when no more goods or invoices come."""
        return self.status in (OrderStatus.CLOSED, OrderStatus.CANCELLED)

    @property
    def owes(self) -> Decimal:
        """What may still be paid for it: of an order that is over only what is invoiced."""
        due = self.invoiced_gross if self.is_over else max(self.gross, self.invoiced_gross)
        return due - self.paid_gross


@audited("orders.Order")
class OrderLine(models.Model):
    """One line; amounts are stored, never multiplied in SQL.

    Attributes:
        number: position, 1…n, stable over amendments.
        asked_quantity: what was wanted before a quota cut.
        base_quantity: in the product's base unit, for stock and quota.
        list_price: what the price lists said, for the authority check.
        delivered, invoiced, closed: in the line's unit, moved by shipping, billing and closing.
        is_frozen: a change of the order is being decided; only on lines that `selectors` reads.
    """

    is_frozen: bool

    order = models.ForeignKey(Order, models.CASCADE, related_name="lines", db_index=False)
    number = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=8, choices=LineKind.choices, default=LineKind.GOODS)
    product = models.ForeignKey(
        "catalog.Product", models.PROTECT, related_name="+", null=True, blank=True
    )
    description = models.CharField(max_length=200, blank=True)
    unit_of_measure = models.ForeignKey(
        "catalog.UnitOfMeasure", models.PROTECT, related_name="+", null=True, blank=True
    )
    quantity = QuantityField()
    asked_quantity = QuantityField()
    base_quantity = QuantityField(default=ZERO)
    list_price = PriceField(default=ZERO)
    price = PriceField(default=ZERO)
    discount = RateField(default=ZERO)
    tax_rate = RateField(default=ZERO)
    gross = AmountField(default=ZERO)
    tax = AmountField(default=ZERO)
    net = AmountField(default=ZERO)
    requested_on = models.DateField(null=True, blank=True)
    delivered = QuantityField(default=ZERO)
    invoiced = QuantityField(default=ZERO)
    closed = QuantityField(default=ZERO)
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["order", "number"], name="order_line_unique"),
            models.CheckConstraint(
                condition=Q(quantity__gte=ZERO) & Q(asked_quantity__gte=ZERO),
                name="order_line_quantity",
            ),
            models.CheckConstraint(
                condition=Q(discount__gte=ZERO) & Q(discount__lte=Decimal(1)),
                name="order_line_discount",
            ),
            models.CheckConstraint(
                condition=Q(delivered__gte=ZERO) & Q(invoiced__gte=ZERO) & Q(closed__gte=ZERO),
                name="order_line_progress",
            ),
            models.CheckConstraint(
                condition=~Q(kind__in=sorted(GOODS_KINDS)) | Q(product__isnull=False),
                name="order_line_product",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.order} / {self.number}"

    @property
    def is_goods(self) -> bool:
        """True when the line is delivered from stock."""
        return self.kind in GOODS_KINDS
