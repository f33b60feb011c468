"""The customer and the details its invoices need."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from chengdan.kernel.audit import audited
from chengdan.kernel.fields import RateField
from chengdan.kernel.search.columns import SearchColumns
from chengdan.modules.customers.vocabulary import (
    CreditGrade,
    CustomerStatus,
    FunnelClass,
    ImportanceClass,
    InvoiceKind,
    RelationClass,
    TermBasis,
    ValueClass,
)
from chengdan.modules.people.ownership import OwnedDocument

if TYPE_CHECKING:
    from chengdan.modules.customers.models.places import ShippingData


@audited()
class Customer(OwnedDocument, SearchColumns):
    """A company or person we sell to; `owner` is the one responsible sales manager (ORG-17).

    Attributes:
        payment_term_days: None = not agreed yet, which blocks activation; 0 = due at once.
        over_delivery_percent: overrides the product's tolerance; None takes the product's.
        language: of printed documents, "zh-hans", "zh-hant" or "en".
        currency: "" takes the company's.
        market: derived from `territory`, kept for lists and reports.
        name_key: normal form that duplicates are found by; code, phone and domain are kept so.
    """

    code = models.CharField(_("code"), max_length=40)
    name = models.CharField(_("name"), max_length=200)
    short_name = models.CharField(_("short name"), max_length=60, blank=True)
    uscc = models.CharField(_("unified social credit code"), max_length=18, blank=True)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    domain = models.CharField(_("web or mail domain"), max_length=120, blank=True)
    country = models.CharField(_("country code"), max_length=2, default="CN")
    territory = models.ForeignKey(
        "people.Territory", models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("territory"),
    )  # fmt: skip
    market = models.ForeignKey(
        "people.Territory", models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("market"),
    )  # fmt: skip
    slt_member = models.ForeignKey(
        "people.User", models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("SLT member"),
    )  # fmt: skip
    payment_term_days = models.PositiveSmallIntegerField(
        _("payment term (days)"), null=True, blank=True
    )
    payment_term_basis = models.CharField(
        _("term counts"), max_length=12, choices=TermBasis.choices, default=TermBasis.INVOICE
    )
    pay_first = models.BooleanField(_("pays first"), default=False)
    over_delivery_percent = RateField(
        _("over-delivery tolerance (%)"), scale=4, null=True, blank=True
    )
    language = models.CharField(_("language of documents"), max_length=12, default="zh-hans")
    currency = models.CharField(_("currency"), max_length=3, blank=True)
    value_class = models.CharField(
        _("value class"), max_length=1, choices=ValueClass.choices, blank=True
    )
    funnel_class = models.CharField(
        _("funnel class"), max_length=12, choices=FunnelClass.choices, blank=True
    )
    importance_class = models.CharField(
        _("importance class"), max_length=12, choices=ImportanceClass.choices, blank=True
    )
    relation_class = models.CharField(
        _("relation class"), max_length=12, choices=RelationClass.choices, blank=True
    )
    credit_grade = models.CharField(
        _("credit grade"), max_length=3, choices=CreditGrade.choices, blank=True
    )
    status = models.CharField(
        _("state"), max_length=10, choices=CustomerStatus.choices, default=CustomerStatus.DRAFT
    )
    status_reason = models.CharField(_("reason of the state"), max_length=300, blank=True)
    activated_at = models.DateTimeField(_("activated"), null=True, blank=True)
    note = models.TextField(_("note"), blank=True)
    name_key = models.CharField(max_length=200, db_index=True)
    updated_at = models.DateTimeField(_("changed"))

    shipping: ShippingData

    class Meta:
        verbose_name = _("customer")
        verbose_name_plural = _("customers")
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint("company", "code", name="customers_customer_code"),
            models.CheckConstraint(
                name="customers_customer_active_complete",
                condition=~Q(status=CustomerStatus.ACTIVE)
                | Q(payment_term_days__isnull=False, slt_member__isnull=False),
            ),
            models.CheckConstraint(
                name="customers_customer_tolerance",
                condition=Q(over_delivery_percent__isnull=True) | Q(over_delivery_percent__gte=0),
            ),
        ]
        indexes = [
            models.Index("company", "status", "code", name="customers_list_status"),
            models.Index("company", "owner", "code", name="customers_list_owner"),
            models.Index("company", "unit", "code", name="customers_list_unit"),
            models.Index("company", "name", name="customers_list_name"),
            models.Index("company", F("updated_at").desc(), name="customers_list_updated"),
            models.Index("owner", name="customers_by_owner"),
            models.Index("unit", name="customers_by_unit"),
            models.Index("uscc", condition=~Q(uscc=""), name="customers_uscc"),
            models.Index("phone", condition=~Q(phone=""), name="customers_phone"),
            models.Index("domain", condition=~Q(domain=""), name="customers_domain"),
        ]

    def __str__(self) -> str:
        return self.short_name or self.name

    @property
    def is_active(self) -> bool:
        """True when orders may be taken."""
        return self.status == CustomerStatus.ACTIVE

    @property
    def carrier(self) -> str:
        """The customer's designated carrier, "" when none."""
        found = getattr(self, "shipping", None)
        return found.carrier if found else ""

    @property
    def station(self) -> str:
        """The customer's forwarding station, "" when none."""
        found = getattr(self, "shipping", None)
        return found.station if found else ""


@audited("customers.Customer")
class TaxTitle(models.Model):
    """Invoice details (工商抬头); an empty title or number takes the customer's own."""

    customer = models.OneToOneField(
        "customers.Customer", models.CASCADE, related_name="tax_title", primary_key=True
    )
    invoice_kind = models.CharField(
        _("kind of invoice"), max_length=10, choices=InvoiceKind.choices,
        default=InvoiceKind.SPECIAL,
    )  # fmt: skip
    title = models.CharField(_("title on the invoice"), max_length=200, blank=True)
    tax_number = models.CharField(_("tax number"), max_length=40, blank=True)
    address = models.CharField(_("registered address"), max_length=300, blank=True)
    phone = models.CharField(_("registered phone"), max_length=40, blank=True)
    bank_name = models.CharField(_("bank"), max_length=120, blank=True)
    bank_account = models.CharField(_("bank account"), max_length=60, blank=True)
    email = models.EmailField(_("mail for invoices"), blank=True)

    class Meta:
        verbose_name = _("invoice details")

    def __str__(self) -> str:
        return self.title or str(self.customer_id)
