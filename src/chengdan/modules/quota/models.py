"""What is stored: cells, what each source holds of them, append-only entries."""

from __future__ import annotations

from decimal import Decimal

from django.db import models
from django.db.models import BigIntegerField, ExpressionWrapper, F, Q, Value
from django.db.models.expressions import CombinedExpression
from django.db.models.functions import Coalesce
from django.db.models.lookups import LessThanOrEqual
from django.utils.translation import gettext_lazy as _

from chengdan.kernel.fields import QuantityField
from chengdan.kernel.immutability import immutable_table
from chengdan.kernel.numbers import ZERO
from chengdan.modules.people.ownership import ScopeFields
from chengdan.modules.quota import rules
from chengdan.modules.quota.vocabulary import EntryKind, Measure


def _plus(first: str, second: str) -> ExpressionWrapper[CombinedExpression]:
    return ExpressionWrapper(F(first) + F(second), output_field=BigIntegerField())


def _or_0(name: str) -> Coalesce:
    """A reference as a number, so that two empty ones count as equal in the unique index."""
    return Coalesce(F(name), Value(0), output_field=BigIntegerField())


class Cell(models.Model):
    """How much of a product or category a region, a customer or everybody may take in a period.

    Attributes:
        starts_on, ends_on: period of the requested delivery date, both days included.
        territory, customer: at most one; with neither the cell binds the whole company.
        limit: in the product's base unit, or gross in the company's currency.
        over: what stands above the limit because somebody released it.
        ended_at: since when it binds no new demand; what is held in it stays until it is
            shipped or freed.
    """

    scope_fields = ScopeFields(owner="", unit="", company="company_id")

    company = models.ForeignKey("people.Company", models.PROTECT, related_name="+")
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("to"))
    product = models.ForeignKey(
        "catalog.Product", models.PROTECT, null=True, blank=True, related_name="+"
    )
    category = models.ForeignKey(
        "catalog.Category", models.PROTECT, null=True, blank=True, related_name="+"
    )
    territory = models.ForeignKey(
        "people.Territory", models.PROTECT, null=True, blank=True, related_name="+"
    )
    customer = models.ForeignKey(
        "customers.Customer", models.PROTECT, null=True, blank=True, related_name="+"
    )
    measure = models.CharField(_("measure"), max_length=10, choices=Measure.choices)
    limit = QuantityField(_("quota"), default=ZERO)
    reserved = QuantityField(_("reserved"), default=ZERO)
    consumed = QuantityField(_("consumed"), default=ZERO)
    over = QuantityField(_("released above the quota"), default=ZERO)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)

    class Meta:
        verbose_name = _("quota cell")
        ordering = ["starts_on", "id"]
        constraints = [
            models.UniqueConstraint(
                F("company"), F("starts_on"), F("ends_on"), _or_0("product"), _or_0("category"),
                _or_0("territory"), _or_0("customer"), F("measure"),
                name="quota_cell_key", condition=Q(ended_at__isnull=True),
            ),
            models.CheckConstraint(
                name="quota_cell_goods",
                condition=Q(product__isnull=False, category__isnull=True)
                | Q(product__isnull=True, category__isnull=False),
            ),
            models.CheckConstraint(
                name="quota_cell_place",
                condition=Q(territory__isnull=True) | Q(customer__isnull=True),
            ),
            models.CheckConstraint(
                name="quota_cell_measure",
                condition=Q(measure=Measure.QUANTITY) | Q(category__isnull=False),
            ),
            models.CheckConstraint(
                name="quota_cell_period", condition=Q(ends_on__gte=F("starts_on"))
            ),
            models.CheckConstraint(
                name="quota_cell_not_negative",
                condition=Q(limit__gte=0, reserved__gte=0, consumed__gte=0, over__gte=0),
            ),
            models.CheckConstraint(
                name="quota_cell_within",
                condition=LessThanOrEqual(_plus("reserved", "consumed"), _plus("limit", "over")),
            ),
        ]  # fmt: skip
        indexes = [
            models.Index("company", "product", "starts_on", name="quota_cell_product"),
            models.Index("company", "category", "starts_on", name="quota_cell_category"),
        ]

    def __str__(self) -> str:
        return f"{self.pk}"

    @property
    def used(self) -> Decimal:
        """Reserved and consumed."""
        return self.reserved + self.consumed

    @property
    def remainder(self) -> Decimal:
        """What is left."""
        return self.limit - self.used

    @property
    def state(self) -> rules.CellState:
        """The cell as a value."""
        return rules.CellState(
            id=self.pk,
            starts_on=self.starts_on,
            ends_on=self.ends_on,
            product_id=self.product_id,
            category_id=self.category_id,
            customer_id=self.customer_id,
            territory_id=self.territory_id,
            measure=self.measure,
            limit=self.limit,
            reserved=self.reserved,
            consumed=self.consumed,
        )


class Hold(models.Model):
    """What one line of a source holds of one cell, so that it can be freed exactly.

    Attributes:
        quantity, shipped: of the line, in base units; consumption follows their ratio.
        elsewhere: shipped of the line while it was not in this cell: before it came, or, of a
            line that left, since then.
        reserved, consumed: in the cell's measure.
    """

    cell = models.ForeignKey("quota.Cell", models.PROTECT, related_name="holds", db_index=False)
    source_type = models.CharField(max_length=60)
    source_id = models.BigIntegerField()
    line_ref = models.BigIntegerField()
    quantity = QuantityField(_("quantity"), default=ZERO)
    shipped = QuantityField(_("shipped"), default=ZERO)
    elsewhere = QuantityField(_("shipped elsewhere"), default=ZERO)
    reserved = QuantityField(_("reserved"), default=ZERO)
    consumed = QuantityField(_("consumed"), default=ZERO)

    class Meta:
        verbose_name = _("held quota")
        constraints = [
            models.UniqueConstraint(
                fields=["cell", "source_type", "source_id", "line_ref"], name="quota_hold_key"
            ),
            models.CheckConstraint(
                name="quota_hold_not_negative",
                condition=Q(quantity__gte=0, shipped__gte=0, reserved__gte=0, consumed__gte=0),
            ),
        ]
        indexes = [models.Index("source_type", "source_id", name="quota_hold_source")]

    def __str__(self) -> str:
        return f"{self.cell_id} {self.source_type} {self.source_id}/{self.line_ref}"

    @property
    def has_left(self) -> bool:
        """The line moved to other cells; what was shipped of it here stays consumed."""
        return bool(self.shipped and not self.quantity)

    @property
    def is_in(self) -> bool:
        """The line is in the cell, although perhaps its rest was freed before any was shipped."""
        return bool(self.quantity or (self.elsewhere and not self.shipped))


class QuotaEntry(models.Model):
    """One movement of one cell; never changed, never deleted.

    Attributes:
        line_ref: of the source, 0 for entries of the cell itself.
        round: round of the process that reserved, 0 outside.
        released_by_ids: ids of those who signed for an order above quota.
        other_cell: the other side of a transfer.
        consent_by: who agreed to it for the giving region.
    """

    cell = models.ForeignKey("quota.Cell", models.PROTECT, related_name="entries", db_index=False)
    kind = models.CharField(_("kind"), max_length=10, choices=EntryKind.choices)
    source_type = models.CharField(max_length=60, blank=True)
    source_id = models.BigIntegerField(default=0)
    line_ref = models.BigIntegerField(default=0)
    limit_delta = QuantityField(default=ZERO)
    reserved_delta = QuantityField(default=ZERO)
    consumed_delta = QuantityField(default=ZERO)
    over_delta = QuantityField(default=ZERO)
    round = models.PositiveIntegerField(default=0)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    released_by_ids = models.JSONField(default=list, blank=True)
    other_cell = models.ForeignKey("quota.Cell", models.PROTECT, null=True, related_name="+")
    consent_by = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(_("at"))
    actor = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")
    actor_name = models.CharField(_("by"), max_length=60)

    class Meta:
        verbose_name = _("quota entry")
        indexes = [
            models.Index(fields=["cell", "-id"], name="quota_entry_cell"),
            models.Index("source_type", "source_id", name="quota_entry_source"),
        ]

    def __str__(self) -> str:
        return f"{self.cell_id} {self.kind}"


immutable_table("quota_quotaentry")
