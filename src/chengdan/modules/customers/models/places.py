"""People and places of a customer, and how goods reach it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from chengdan.kernel.audit import audited
from chengdan.modules.customers.vocabulary import AddressKind
from chengdan.modules.people.ownership import ScopeFields

_SCOPE = ScopeFields("customer__owner_id", "customer__unit_id", "customer__company_id")


@audited("customers.Customer")
class Contact(models.Model):
    """A person at the customer; phone, mobile, mail and chat name are personal data."""

    scope_fields = _SCOPE

    customer = models.ForeignKey("customers.Customer", models.CASCADE, related_name="contacts")
    name = models.CharField(_("name"), max_length=80)
    job = models.CharField(_("job"), max_length=80, blank=True)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    mobile = models.CharField(_("mobile"), max_length=40, blank=True)
    email = models.EmailField(_("mail"), blank=True)
    chat_name = models.CharField(_("WeChat"), max_length=60, blank=True)
    is_primary = models.BooleanField(_("main contact"), default=False)
    is_active = models.BooleanField(_("in use"), default=True)
    note = models.CharField(_("note"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("contact")
        ordering = ["-is_primary", "id"]
        constraints = [
            models.UniqueConstraint(
                "customer",
                condition=Q(is_primary=True, is_active=True),
                name="customers_contact_one_primary",
            )
        ]
        indexes = [
            models.Index("mobile", condition=~Q(mobile=""), name="customers_contact_mobile"),
        ]

    def __str__(self) -> str:
        return self.name


@audited("customers.Customer")
class Address(models.Model):
    """A bill-to or ship-to address.

    Codes are those of China's divisions on the day of entry; names are kept beside them
    because divisions are renamed. Abroad only names and free text are filled.
    """

    scope_fields = _SCOPE

    customer = models.ForeignKey("customers.Customer", models.CASCADE, related_name="addresses")
    kind = models.CharField(_("kind"), max_length=10, choices=AddressKind.choices)
    label = models.CharField(_("label"), max_length=60, blank=True)
    is_default = models.BooleanField(_("default"), default=False)
    country = models.CharField(_("country code"), max_length=2, default="CN")
    province_code = models.CharField(max_length=12, blank=True)
    city_code = models.CharField(max_length=12, blank=True)
    area_code = models.CharField(max_length=12, blank=True)
    street_code = models.CharField(max_length=12, blank=True)
    province = models.CharField(_("province"), max_length=60, blank=True)
    city = models.CharField(_("city"), max_length=60, blank=True)
    area = models.CharField(_("district"), max_length=60, blank=True)
    street = models.CharField(_("street office or town"), max_length=60, blank=True)
    detail = models.CharField(_("street, number, building"), max_length=300)
    postcode = models.CharField(_("postcode"), max_length=20, blank=True)
    receiver = models.CharField(_("receiver"), max_length=80, blank=True)
    phone = models.CharField(_("receiver's phone"), max_length=40, blank=True)
    is_active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("address")
        ordering = ["kind", "-is_default", "id"]
        constraints = [
            models.UniqueConstraint(
                "customer",
                "kind",
                condition=Q(is_default=True, is_active=True),
                name="customers_address_one_default",
            )
        ]

    def __str__(self) -> str:
        return self.one_line

    @property
    def one_line(self) -> str:
        """The address without the receiver: from the province down in Chinese."""
        parts = [self.province, self.city, self.area, self.street, self.detail]
        if self.country == "CN":
            # A municipality is its own city: 北京市 is written once.
            kept = [part for index, part in enumerate(parts) if part not in parts[:index]]
            return "".join(kept)
        abroad = [self.detail, self.street, self.area, self.city, self.province, self.postcode]
        return ", ".join([part for part in abroad if part] + [self.country])


@audited("customers.Customer")
class ShippingData(models.Model):
    """How goods reach the customer, kept up every month (SHP-05, 客户储运信息维护表)."""

    scope_fields = _SCOPE

    customer = models.OneToOneField(
        "customers.Customer", models.CASCADE, related_name="shipping", primary_key=True
    )
    carrier = models.CharField(_("designated carrier"), max_length=120, blank=True)
    station = models.CharField(_("forwarding station"), max_length=120, blank=True)
    receiver = models.CharField(_("receiver"), max_length=80, blank=True)
    receiver_phone = models.CharField(_("receiver's phone"), max_length=40, blank=True)
    unloading = models.TextField(_("unloading notes"), blank=True)
    checked_on = models.DateField(_("checked on"), null=True, blank=True, db_index=True)
    checked_by = models.ForeignKey(
        "people.User", models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("checked by"),
    )  # fmt: skip

    class Meta:
        verbose_name = _("shipping data")

    def __str__(self) -> str:
        return self.carrier or self.station or str(self.customer_id)

    @property
    def is_empty(self) -> bool:
        """Whether nothing is known that somebody could check."""
        names = ("carrier", "station", "receiver", "receiver_phone", "unloading")
        return not any(getattr(self, name) for name in names)
