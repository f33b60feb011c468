"""Warehouses and the stock ledger per warehouse and batch."""

from __future__ import annotations

from decimal import Decimal

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from chengdan.kernel.audit import audited
from chengdan.kernel.fields import QuantityField
from chengdan.kernel.immutability import immutable_table
from chengdan.modules.people.ownership import OwnedDocument, ScopeFields
from chengdan.modules.shipping.vocabulary import EntryKind, StockKind, StockStatus

ZERO = Decimal(0)
_SHARED = ScopeFields(owner="", unit="", company="company_id")


@audited()
class Warehouse(models.Model):
    """A place where goods lie; `unit` is the part of the organisation that runs it."""

    scope_fields = _SHARED

    company = models.ForeignKey("people.Company", models.PROTECT, related_name="+", db_index=False)
    code = models.CharField(_("code"), max_length=20)
    name = models.CharField(_("name"), max_length=100)
    unit = models.ForeignKey("people.OrgUnit", models.PROTECT, related_name="+")
    address = models.CharField(_("address"), max_length=300, blank=True)
    is_default = models.BooleanField(_("default"), default=False)
    is_active = models.BooleanField(_("in use"), default=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("warehouse")
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint(fields=["company", "code"], name="warehouse_code_unique"),
            models.UniqueConstraint(
                fields=["company"], condition=Q(is_default=True), name="warehouse_one_default"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Lot(models.Model):
    """A product's stock in a warehouse, per batch; moved only together with entries.

    Attributes:
        batch: "" for products without batches.
        on_hand, reserved: in the product's base unit.
    """

    scope_fields = _SHARED

    company = models.ForeignKey("people.Company", models.PROTECT, related_name="+", db_index=False)
    warehouse = models.ForeignKey(Warehouse, models.PROTECT, related_name="lots", db_index=False)
    product = models.ForeignKey("catalog.Product", models.PROTECT, related_name="+")
    batch = models.CharField(_("batch"), max_length=60, blank=True)
    expires_on = models.DateField(_("expires"), null=True, blank=True)
    received_on = models.DateField(_("received"))
    on_hand = QuantityField(_("on hand"), default=ZERO)
    reserved = QuantityField(_("reserved"), default=ZERO)

    class Meta:
        verbose_name = _("stock lot")
        constraints = [
            models.UniqueConstraint(fields=["warehouse", "product", "batch"], name="lot_unique"),
            models.CheckConstraint(
                condition=Q(on_hand__gte=ZERO) & Q(reserved__gte=ZERO), name="lot_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(reserved__lte=F("on_hand")), name="lot_reserved_there"
            ),
        ]
        indexes = [models.Index(fields=["company", "product"], name="lot_by_product")]

    def __str__(self) -> str:
        return f"{self.product_id} {self.batch}".strip()

    @property
    def available(self) -> Decimal:
        """Return what is on hand and not reserved."""
        return self.on_hand - self.reserved


class StockEntry(models.Model):
    """One movement of a lot; never changed, never deleted.

    Attributes:
        delta: in base units, positive into the warehouse.
        balance: on hand after it.
        source_type, source_id, source_line: the document that moved it.
    """

    lot = models.ForeignKey(Lot, models.PROTECT, related_name="entries", db_index=False)
    kind = models.CharField(_("kind"), max_length=10, choices=EntryKind.choices)
    delta = QuantityField(_("quantity"))
    balance = QuantityField(_("on hand after"))
    effective_on = models.DateField(_("date"))
    source_type = models.CharField(max_length=60)
    source_id = models.BigIntegerField()
    source_line = models.PositiveIntegerField(default=0)
    at = models.DateTimeField()
    actor_id = models.BigIntegerField(null=True)
    actor_name = models.CharField(max_length=150)

    class Meta:
        verbose_name = _("stock movement")
        indexes = [
            models.Index(fields=["lot", "-id"], name="stock_entry_by_lot"),
            models.Index(fields=["source_type", "source_id"], name="stock_entry_by_source"),
        ]

    def __str__(self) -> str:
        return f"{self.lot_id} {self.delta}"


immutable_table("shipping_stockentry")


@audited()
class StockDocument(OwnedDocument):
    """Opening stock, a receipt, an issue or a count; posted documents are only ever reversed."""

    number = models.CharField(_("number"), max_length=40, blank=True)
    kind = models.CharField(_("kind"), max_length=10, choices=StockKind.choices)
    status = models.CharField(
        _("state"), max_length=10, choices=StockStatus.choices, default=StockStatus.DRAFT
    )
    warehouse = models.ForeignKey(Warehouse, models.PROTECT, related_name="+")
    effective_on = models.DateField(_("date"))
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    posted_at = models.DateTimeField(null=True, blank=True)
    reversal_of = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="reversal"
    )

    class Meta:
        verbose_name = _("stock document")
        constraints = [
            models.UniqueConstraint(
                fields=["company", "number"], condition=~Q(number=""), name="stock_document_number"
            )
        ]
        indexes = [
            models.Index(fields=["company", "-effective_on", "-id"], name="stock_document_by_date")
        ]

    def __str__(self) -> str:
        return self.number or f"#{self.pk}"


@audited("shipping.StockDocument")
class StockLine(models.Model):
    """One product and batch of a stock document; for a count `quantity` is what was counted."""

    document = models.ForeignKey(
        StockDocument, models.CASCADE, related_name="lines", db_index=False
    )
    number = models.PositiveIntegerField()
    product = models.ForeignKey("catalog.Product", models.PROTECT, related_name="+")
    batch = models.CharField(_("batch"), max_length=60, blank=True)
    expires_on = models.DateField(_("expires"), null=True, blank=True)
    quantity = QuantityField(_("quantity"))
    delta = QuantityField(_("movement"), default=ZERO)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["document", "number"], name="stock_line_unique"),
            models.CheckConstraint(condition=Q(quantity__gte=ZERO), name="stock_line_quantity"),
        ]

    def __str__(self) -> str:
        return f"{self.document} / {self.number}"
