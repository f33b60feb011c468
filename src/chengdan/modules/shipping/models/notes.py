"""Delivery notes, their lines, and what was picked for them."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from chengdan.kernel.audit import audited
from chengdan.kernel.fields import AmountField, QuantityField, RateField
from chengdan.kernel.workcalendar.worktime import Pace
from chengdan.modules.people.ownership import OwnedDocument
from chengdan.modules.shipping.models.stock import Lot, Warehouse
from chengdan.modules.shipping.vocabulary import NoteStatus

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager

ZERO = Decimal(0)


@audited()
class DeliveryNote(OwnedDocument):
    """Goods of one customer on their way from one warehouse; of one order or of many (SHP-19).

    Attributes:
        received_at, received_by: when storage/transport got the note; starts the 24 h and 48 h
            clocks (SHP-01, SHP-03, ORD-29).
        keeper_checked_by, inspector_checked_by: who signed the outbound check; never the picker.
        carrier, station: proposed from the customer's shipping data (SHP-04).
        archive: where the signed paper lies when it is not attached (SHP-07).
        slip_number: of the outbound slip, gapless, taken at dispatch (SHP-06).
        is_direct: without an order: samples and replacements, free of charge, with a reason.
        deviation: what the customer reported as wrong; "" when all was right.
        step, due_at, due_pace: the running step, kept for lists.
    """

    number = models.CharField(_("number"), max_length=40)
    status = models.CharField(
        _("state"), max_length=10, choices=NoteStatus.choices, default=NoteStatus.OPEN
    )
    customer = models.ForeignKey(
        "customers.Customer", models.PROTECT, related_name="+", db_index=False
    )
    warehouse = models.ForeignKey(Warehouse, models.PROTECT, related_name="+")
    ship_to = models.ForeignKey(
        "customers.Address", models.PROTECT, related_name="+", null=True, blank=True
    )
    ship_to_text = models.CharField(_("ship to"), max_length=400, blank=True)
    carrier = models.CharField(_("carrier"), max_length=120, blank=True)
    station = models.CharField(_("forwarding station"), max_length=120, blank=True)
    carrier_reason = models.CharField(max_length=300, blank=True)
    vehicle = models.CharField(_("vehicle"), max_length=60, blank=True)
    note = models.TextField(_("note"), blank=True)
    is_direct = models.BooleanField(default=False)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    gross = AmountField(_("gross"), default=ZERO)
    csr = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, blank=True
    )
    scr = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, blank=True
    )
    received_at = models.DateTimeField(_("received by storage/transport"))
    received_by = models.CharField(max_length=100, blank=True)
    picked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        db_index=False,
    )
    picked_at = models.DateTimeField(null=True, blank=True)
    keeper_checked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        db_index=False,
    )
    inspector_checked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        db_index=False,
    )
    slip_number = models.CharField(_("outbound slip"), max_length=40, blank=True)
    dispatched_at = models.DateTimeField(_("dispatched"), null=True, blank=True)
    dispatched_on = models.DateField(null=True, blank=True)
    waybill = models.CharField(_("waybill"), max_length=80, blank=True)
    customer_told_how = models.CharField(_("customer told"), max_length=100, blank=True)
    fed_back_at = models.DateTimeField(null=True, blank=True)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    confirmed_on = models.DateField(null=True, blank=True)
    signer = models.CharField(_("signed by"), max_length=80, blank=True)
    archive = models.CharField(_("kept at"), max_length=120, blank=True)
    deviation = models.TextField(_("deviation"), blank=True)
    reversed_at = models.DateTimeField(null=True, blank=True)
    reversed_on = models.DateField(null=True, blank=True)
    progress = models.CharField(max_length=10, blank=True)
    step = models.CharField(max_length=12, blank=True)
    due_at = models.DateTimeField(null=True, blank=True)
    due_pace = models.CharField(max_length=10, default=Pace.WORKING.value, blank=True)

    lines: RelatedManager[DeliveryLine]

    class Meta:
        verbose_name = _("delivery note")
        constraints = [
            models.UniqueConstraint(fields=["company", "number"], name="note_number_unique"),
            models.UniqueConstraint(
                fields=["company", "slip_number"],
                condition=~Q(slip_number=""),
                name="note_slip_unique",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=[NoteStatus.DISPATCHED, NoteStatus.CONFIRMED])
                | Q(dispatched_at__isnull=False),
                name="note_dispatched",
            ),
        ]
        indexes = [
            models.Index(fields=["company", "-received_at", "-id"], name="note_by_date"),
            models.Index(fields=["owner", "-received_at", "-id"], name="note_by_owner"),
            models.Index(fields=["unit", "-received_at", "-id"], name="note_by_unit"),
            models.Index(fields=["customer", "-received_at", "-id"], name="note_by_customer"),
            models.Index(
                fields=["company", "due_at", "id"],
                condition=Q(due_at__isnull=False),
                name="note_by_due",
            ),
        ]

    def __str__(self) -> str:
        return self.number


@audited("shipping.DeliveryNote")
class DeliveryLine(models.Model):
    """One line: of an order's line, or of a product for direct notes.

    Attributes:
        factor: base units in one `unit_of_measure`.
        quantity: in the unit of measure; after dispatch what really left.
        asked_quantity: before it was lowered to what was there.
        shipped: what left, in the unit of measure; 0 again after a reversal.
        tolerance_percent: above the order, as it was tolerated when the goods left; None when
            nothing was controlled.
        picked: what is set aside for it; only on lines that `lines_of_note` reads.
    """

    picked: list[Pick]

    delivery_note = models.ForeignKey(
        DeliveryNote, models.CASCADE, related_name="lines", db_index=False
    )
    number = models.PositiveIntegerField()
    order = models.ForeignKey(
        "orders.Order", models.PROTECT, related_name="+", null=True, db_index=False
    )
    order_line = models.PositiveIntegerField(default=0)
    product = models.ForeignKey("catalog.Product", models.PROTECT, related_name="+")
    unit_of_measure = models.ForeignKey("catalog.UnitOfMeasure", models.PROTECT, related_name="+")
    factor = QuantityField()
    quantity = QuantityField(_("quantity"))
    asked_quantity = QuantityField()
    base_quantity = QuantityField()
    needs_batch = models.BooleanField(default=False)
    shipped = QuantityField(_("shipped"), default=ZERO)
    tolerance_percent = RateField(scale=4, null=True)
    gross = AmountField(default=ZERO)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["delivery_note", "number"], name="note_line_unique"),
            models.CheckConstraint(
                condition=Q(quantity__gte=ZERO) & Q(shipped__gte=ZERO), name="note_line_quantity"
            ),
        ]
        indexes = [models.Index(fields=["order", "order_line"], name="note_line_by_order")]

    def __str__(self) -> str:
        return f"{self.delivery_note} / {self.number}"


@audited("shipping.DeliveryNote")
class Pick(models.Model):
    """Base units of a lot set aside for a line: proposed, then confirmed by picking."""

    line = models.ForeignKey(DeliveryLine, models.CASCADE, related_name="picks", db_index=False)
    lot = models.ForeignKey(Lot, models.PROTECT, related_name="+")
    quantity = QuantityField()
    is_confirmed = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["line", "lot"], name="pick_unique"),
            models.CheckConstraint(condition=Q(quantity__gt=ZERO), name="pick_quantity"),
        ]

    def __str__(self) -> str:
        return f"{self.line} {self.lot_id}"
