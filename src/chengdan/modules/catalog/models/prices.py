"""Price lists, their prices, and how far below them somebody may go."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from chengdan.kernel.audit import audited
from chengdan.kernel.fields import PriceField, QuantityField, RateField
from chengdan.modules.catalog.vocabulary import ListScope
from chengdan.modules.people.ownership import ScopeFields

_MASTER = ScopeFields(owner="", unit="", company="company_id")


@audited()
class PriceList(models.Model):
    """A list of prices in one currency, with its time and its reach.

    Attributes:
        is_tax_inclusive: prices are gross (含税) or net of tax.
        priority: the higher one wins among lists of the same reach.
    """

    scope_fields = _MASTER

    company = models.ForeignKey("people.Company", models.PROTECT, related_name="+")
    code = models.CharField(_("code"), max_length=40)
    name = models.CharField(_("name"), max_length=120)
    currency = models.CharField(_("currency"), max_length=3)
    is_tax_inclusive = models.BooleanField(_("prices include tax"), default=True)
    scope = models.CharField(
        _("for"), max_length=10, choices=ListScope.choices, default=ListScope.GENERAL
    )
    priority = models.SmallIntegerField(_("priority"), default=0)
    valid_from = models.DateField(_("valid from"))
    valid_until = models.DateField(_("valid until"), null=True, blank=True)
    is_active = models.BooleanField(_("in use"), default=True)
    note = models.TextField(_("note"), blank=True)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(_("created"))
    updated_at = models.DateTimeField(_("changed"))

    class Meta:
        verbose_name = _("price list")
        verbose_name_plural = _("price lists")
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint("company", "code", name="catalog_pricelist_code"),
            models.CheckConstraint(
                name="catalog_pricelist_dates",
                condition=Q(valid_until__isnull=True) | Q(valid_until__gte=F("valid_from")),
            ),
        ]

    def __str__(self) -> str:
        return self.name


@audited("catalog.PriceList")
class PriceListReach(models.Model):
    """One region or customer that a list is for."""

    price_list = models.ForeignKey("catalog.PriceList", models.CASCADE, related_name="reach")
    territory = models.ForeignKey(
        "people.Territory", models.PROTECT, null=True, blank=True, related_name="+"
    )
    customer = models.ForeignKey(
        "customers.Customer", models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                name="catalog_reach_one",
                condition=Q(territory__isnull=False, customer__isnull=True)
                | Q(territory__isnull=True, customer__isnull=False),
            ),
            models.UniqueConstraint(
                "price_list", "territory", condition=Q(territory__isnull=False),
                name="catalog_reach_territory",
            ),
            models.UniqueConstraint(
                "price_list", "customer", condition=Q(customer__isnull=False),
                name="catalog_reach_customer",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.price_list_id} {self.territory_id or self.customer_id}"


@audited("catalog.PriceList")
class Price(models.Model):
    """The price of one unit of a product from a quantity on.

    Attributes:
        min_quantity: in `unit`; 0 for the price that always counts.
        floor_price: lowest price that an ordinary authority may go to; None sets none.
    """

    price_list = models.ForeignKey("catalog.PriceList", models.CASCADE, related_name="prices")
    product = models.ForeignKey(
        "catalog.Product", models.PROTECT, related_name="prices", verbose_name=_("product")
    )
    unit = models.ForeignKey(
        "catalog.UnitOfMeasure", models.PROTECT, related_name="+", verbose_name=_("unit")
    )
    min_quantity = QuantityField(_("from quantity"), default=0)
    price = PriceField(_("price"))
    floor_price = PriceField(_("floor price"), null=True, blank=True)

    class Meta:
        verbose_name = _("price")
        ordering = ["product", "unit", "min_quantity"]
        constraints = [
            models.UniqueConstraint(
                "price_list", "product", "unit", "min_quantity", name="catalog_price_break"
            ),
            models.CheckConstraint(
                name="catalog_price_not_negative",
                condition=Q(price__gte=0, min_quantity__gte=0),
            ),
            models.CheckConstraint(
                name="catalog_price_floor",
                condition=Q(floor_price__isnull=True)
                | Q(floor_price__gte=0, floor_price__lte=F("price")),
            ),
        ]
        indexes = [models.Index("product", "price_list", name="catalog_price_product")]

    def __str__(self) -> str:
        return f"{self.price_list_id} {self.product_id} {self.price}"


@audited()
class FloatAuthority(models.Model):
    """How far below the list the holders of a role may go (PRI-01).

    Attributes:
        category: for its products and those of categories below; None for all.
        below_list_percent: of the list price.
        is_to_floor: down to the floor price whatever the percentage.
        below_floor_percent: of the floor price; above 0 lets the floor be passed.
    """

    scope_fields = _MASTER

    company = models.ForeignKey("people.Company", models.PROTECT, related_name="+")
    role_code = models.CharField(_("role"), max_length=40)
    category = models.ForeignKey(
        "catalog.Category", models.CASCADE, null=True, blank=True, related_name="authorities",
        verbose_name=_("category"),
    )  # fmt: skip
    below_list_percent = RateField(_("below the list (%)"), scale=4, default=0)
    is_to_floor = models.BooleanField(_("down to the floor price"), default=False)
    below_floor_percent = RateField(_("below the floor (%)"), scale=4, default=0)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("price authority")
        verbose_name_plural = _("price authorities")
        ordering = ["role_code", "category__path"]
        constraints = [
            models.UniqueConstraint(
                "company", "role_code", "category", name="catalog_authority_category"
            ),
            models.UniqueConstraint(
                "company", "role_code", condition=Q(category__isnull=True),
                name="catalog_authority_all",
            ),
            models.CheckConstraint(
                name="catalog_authority_percent",
                condition=Q(
                    below_list_percent__gte=0, below_list_percent__lte=100,
                    below_floor_percent__gte=0, below_floor_percent__lte=100,
                ),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.role_code
