"""Products, their categories and units, and where they may not be sold."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from chengdan.kernel.audit import audited
from chengdan.kernel.fields import QuantityField, RateField
from chengdan.kernel.search.columns import SearchColumns
from chengdan.modules.catalog.vocabulary import RestrictionKind
from chengdan.modules.people.ownership import ScopeFields

_MASTER = ScopeFields(owner="", unit="", company="company_id")


@audited()
class UnitOfMeasure(models.Model):
    """Box, bottle, kilogram: one list for the whole installation.

    Attributes:
        decimals: places a quantity in this unit may have; 0 for things that are counted.
    """

    code = models.CharField(_("code"), max_length=20, unique=True)
    name = models.CharField(_("name"), max_length=40)
    decimals = models.PositiveSmallIntegerField(_("decimal places"), default=0)

    class Meta:
        verbose_name = _("unit of measure")
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(name="catalog_unit_decimals", condition=Q(decimals__lte=6))
        ]

    def __str__(self) -> str:
        return self.name


@audited()
class Category(models.Model):
    """A node of the product tree; `path` holds the ids from the root, `/3/17/`."""

    scope_fields = _MASTER

    company = models.ForeignKey("people.Company", models.PROTECT, related_name="+")
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children",
        verbose_name=_("category above"),
    )  # fmt: skip
    code = models.CharField(_("code"), max_length=40)
    name = models.CharField(_("name"), max_length=80)
    path = models.CharField(max_length=200, blank=True, db_index=True)
    sort = models.PositiveIntegerField(_("order"), default=100)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("category")
        ordering = ["sort", "code"]
        constraints = [
            models.UniqueConstraint("company", "code", name="catalog_category_code"),
            models.CheckConstraint(
                name="catalog_category_not_own_parent", condition=~Q(parent=F("id"))
            ),
        ]

    def __str__(self) -> str:
        return self.name


@audited()
class Product(SearchColumns):
    """Something that is sold.

    Attributes:
        base_unit: stock and quota count in it; all conversions lead to it.
        tax_rate: share, 0.13 for 13 %.
        over_delivery_percent: tolerance unless the customer has its own (decisions §9).
        weight_kg, volume_m3: of one base unit.
    """

    scope_fields = _MASTER

    company = models.ForeignKey("people.Company", models.PROTECT, related_name="+")
    code = models.CharField(_("code"), max_length=40)
    name = models.CharField(_("name"), max_length=200)
    spec = models.CharField(_("specification"), max_length=200, blank=True)
    barcode = models.CharField(_("barcode"), max_length=40, blank=True)
    category = models.ForeignKey(
        "catalog.Category", models.PROTECT, null=True, blank=True, related_name="products",
        verbose_name=_("category"),
    )  # fmt: skip
    base_unit = models.ForeignKey(
        "catalog.UnitOfMeasure", models.PROTECT, related_name="+", verbose_name=_("base unit")
    )
    tax_rate = RateField(_("tax rate"))
    is_batch_managed = models.BooleanField(_("kept by batch"), default=False)
    shelf_life_days = models.PositiveIntegerField(_("shelf life (days)"), null=True, blank=True)
    on_sale_from = models.DateField(_("on sale from"), null=True, blank=True)
    on_sale_until = models.DateField(_("on sale until"), null=True, blank=True)
    is_discontinued = models.BooleanField(_("discontinued"), default=False)
    weight_kg = QuantityField(_("weight (kg)"), null=True, blank=True)
    volume_m3 = QuantityField(_("volume (m³)"), null=True, blank=True)
    over_delivery_percent = RateField(_("over-delivery tolerance (%)"), scale=4, default=0)
    note = models.TextField(_("note"), blank=True)
    version = models.PositiveIntegerField(default=1)
    origin = models.CharField(max_length=10, default="entered")
    created_at = models.DateTimeField(_("created"))
    updated_at = models.DateTimeField(_("changed"))

    class Meta:
        verbose_name = _("product")
        verbose_name_plural = _("products")
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint("company", "code", name="catalog_product_code"),
            models.CheckConstraint(
                name="catalog_product_tax_rate", condition=Q(tax_rate__gte=0, tax_rate__lte=1)
            ),
            models.CheckConstraint(
                name="catalog_product_sale_dates",
                condition=Q(on_sale_from__isnull=True)
                | Q(on_sale_until__isnull=True)
                | Q(on_sale_until__gte=F("on_sale_from")),
            ),
            models.CheckConstraint(
                name="catalog_product_tolerance",
                condition=Q(over_delivery_percent__gte=0, over_delivery_percent__lte=100),
            ),
        ]
        indexes = [
            models.Index("company", "name", name="catalog_list_name"),
            models.Index("company", "category", "code", name="catalog_list_category"),
            models.Index("company", F("updated_at").desc(), name="catalog_list_updated"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.spec}".strip()


@audited("catalog.Product")
class ProductUnit(models.Model):
    """One more unit of a product: `factor` base units in one of it, exactly."""

    product = models.ForeignKey("catalog.Product", models.CASCADE, related_name="units")
    unit = models.ForeignKey(
        "catalog.UnitOfMeasure", models.PROTECT, related_name="+", verbose_name=_("unit")
    )
    factor = QuantityField(_("base units in one"))
    barcode = models.CharField(_("barcode"), max_length=40, blank=True)
    is_sales_default = models.BooleanField(_("offered first in orders"), default=False)

    class Meta:
        verbose_name = _("unit of the product")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint("product", "unit", name="catalog_productunit_pair"),
            models.CheckConstraint(name="catalog_productunit_factor", condition=Q(factor__gt=0)),
            models.UniqueConstraint(
                "product",
                condition=Q(is_sales_default=True),
                name="catalog_productunit_one_default",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.product_id} {self.unit_id}"


@audited()
class SaleRestriction(models.Model):
    """A product or category that is not sold, or only sold, somewhere or to somebody."""

    scope_fields = _MASTER

    company = models.ForeignKey("people.Company", models.PROTECT, related_name="+")
    kind = models.CharField(_("kind"), max_length=10, choices=RestrictionKind.choices)
    product = models.ForeignKey(
        "catalog.Product", models.CASCADE, null=True, blank=True, related_name="restrictions"
    )
    category = models.ForeignKey(
        "catalog.Category", models.CASCADE, null=True, blank=True, related_name="restrictions"
    )
    territory = models.ForeignKey(
        "people.Territory", models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("territory"),
    )  # fmt: skip
    customer = models.ForeignKey(
        "customers.Customer", models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("customer"),
    )  # fmt: skip
    valid_from = models.DateField(_("from"))
    valid_until = models.DateField(_("until"), null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=300)
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("sale restriction")
        ordering = ["-valid_from", "-id"]
        constraints = [
            models.CheckConstraint(
                name="catalog_restriction_one_thing",
                condition=Q(product__isnull=False, category__isnull=True)
                | Q(product__isnull=True, category__isnull=False),
            ),
            models.CheckConstraint(
                name="catalog_restriction_one_place",
                condition=Q(territory__isnull=False, customer__isnull=True)
                | Q(territory__isnull=True, customer__isnull=False),
            ),
            models.CheckConstraint(
                name="catalog_restriction_dates",
                condition=Q(valid_until__isnull=True) | Q(valid_until__gte=F("valid_from")),
            ),
        ]

    def __str__(self) -> str:
        return self.reason
